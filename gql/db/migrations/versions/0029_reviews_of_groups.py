"""Reviews of groups that are due and signed, when each was last used, and what is told of both.

A group that is to be reviewed is so for the first time an interval after this. SQLite changes no constraints of a table
that is there: notifications are made anew, and get the rows that they had; groups, to which much refers, get columns
whose constraints come along.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_IS_REVIEWED = "(next_review_at IS NULL) = (review_interval_days IS NULL OR status IN ('INACTIVE', 'ARCHIVED'))"
_COLUMNS = (
    f"next_review_at {{moment}} CONSTRAINT ck_groups_reviewed_in_use CHECK ({_IS_REVIEWED})",
    "reviewed_by_id {uuid}",
    (
        "reviewed_at {moment} CONSTRAINT ck_groups_reviewed_by_somebody "
        "CHECK ((reviewed_at IS NULL) = (reviewed_by_id IS NULL))"
    ),
    (
        "review_told VARCHAR(32) DEFAULT 'NOT_DUE' NOT NULL CONSTRAINT ck_groups_review_told "
        "CHECK (review_told IN ('NOT_DUE', 'DUE', 'OVERDUE'))"
    ),
    "last_used_at {moment} DEFAULT '1970-01-01 00:00:00.000000' NOT NULL",
    "kept_reason TEXT",
    "kept_by_id {uuid}",
    "kept_until {moment} CONSTRAINT ck_groups_kept_for_a_reason CHECK ((kept_until IS NULL) = (kept_reason IS NULL))",
)
_TYPES = {
    "postgresql": {"uuid": "UUID", "moment": "TIMESTAMP WITH TIME ZONE"},
    "sqlite": {"uuid": "CHAR(32)", "moment": "DATETIME"},
}
_DUE = {
    "postgresql": "CURRENT_TIMESTAMP + kept_intervals.days * INTERVAL '1 day'",
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now', '+' || kept_intervals.days || ' days')",
}
_USED = {
    "postgresql": "greatest(groups.updated_at, (SELECT max(greatest(since, until)) {of_group}))",
    "sqlite": "max(groups.updated_at, coalesce((SELECT max(max(since, coalesce(until, since))) {of_group}), ''))",
}
_OF_GROUP = "FROM memberships WHERE memberships.group_id = groups.id"
_REVIEWED, _NOT_ARCHIVED = "next_review_at IS NOT NULL", "status <> 'ARCHIVED'"
_INDEXES = {
    "ix_groups_next_review": (("next_review_at", "id"), _REVIEWED),
    "ix_groups_owner_next_review": (("owner_id", "next_review_at", "id"), _REVIEWED),
    "ix_groups_untold": (("next_review_at", "id"), f"{_REVIEWED} AND review_told <> 'OVERDUE'"),
    "ix_groups_last_used": (("last_used_at", "id"), _NOT_ARCHIVED),
    "ix_groups_owner_last_used": (("owner_id", "last_used_at", "id"), _NOT_ARCHIVED),
}
_EVENTS = (
    "'CUSTOMER_ASSIGNED', 'CUSTOMER_LEFT', 'CUSTOMER_MOVED', 'BOOK_CHANGED', 'JOB_ENDED', 'ASSIGNMENT_SCHEDULED', "
    "'ASSIGNMENT_OFF', 'ASSIGNMENT_REFUSED', 'CALLBACK_REQUESTED', 'COVER_GRANTED', 'COVER_ENDED', 'GLASS_BROKEN', "
    "'GROUP_DRIFTED'"
)
_NEW_EVENTS = "'GROUP_REVIEW_DUE', 'GROUP_REVIEW_OVERDUE', 'GROUPS_UNUSED'"


def upgrade() -> None:
    """Apply."""
    _add_columns(op.get_bind().dialect.name)
    for name, (columns, only) in _INDEXES.items():
        op.create_index(name, "groups", columns, sqlite_where=sa.text(only), postgresql_where=sa.text(only))
    op.create_table(
        "group_reviews",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("group_id", "signed_by_id")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("signed_at", "due_at")),
        sa.Column("note", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("member_count", "joined", "removed")),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_reviews_group_id")),
        sa.ForeignKeyConstraint(["signed_by_id"], ["admins.id"], name=op.f("fk_group_reviews_signed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_reviews")),
    )
    op.create_index("ix_group_reviews_group_id_signed_at_id", "group_reviews", ["group_id", "signed_at", "id"])
    op.create_table(
        "unused_group_digests",
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_unused_group_digests_admin_id")),
        sa.PrimaryKeyConstraint("admin_id", name=op.f("pk_unused_group_digests")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _check_on_postgresql(f"{_EVENTS}, {_NEW_EVENTS}")
    else:
        _rebuild_notifications(is_upgrade=True)


def downgrade() -> None:
    """Take back. What was told of groups is forgotten."""
    op.execute(f"DELETE FROM notifications WHERE event IN ({_NEW_EVENTS})")  # noqa: S608 - the names above
    if op.get_bind().dialect.name == "postgresql":
        _check_on_postgresql(_EVENTS)
    else:
        _rebuild_notifications(is_upgrade=False)
    op.drop_table("unused_group_digests")
    op.drop_table("group_reviews")
    for name in _INDEXES:
        op.drop_index(name, "groups")
    for column in reversed(_COLUMNS):
        op.drop_column("groups", column.split()[0])


def _add_columns(backend: str) -> None:
    """With what they say of the groups that there are; of these no interval stands in the way meanwhile."""
    op.execute(
        "CREATE TEMPORARY TABLE kept_intervals AS SELECT id, review_interval_days AS days FROM groups "
        "WHERE review_interval_days IS NOT NULL"
    )
    op.execute("UPDATE groups SET review_interval_days = NULL")
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE groups ADD COLUMN {column.format(**_TYPES[backend])}")
    due = f"CASE WHEN status IN ('ACTIVE', 'SUSPENDED') THEN {_DUE[backend]} END"
    op.execute(
        f"UPDATE groups SET review_interval_days = kept_intervals.days, next_review_at = {due} "  # noqa: S608 - as above
        "FROM kept_intervals WHERE kept_intervals.id = groups.id"
    )
    op.execute("DROP TABLE kept_intervals")
    op.execute(f"UPDATE groups SET last_used_at = {_USED[backend].format(of_group=_OF_GROUP)}")  # noqa: S608 - as above


def _check_on_postgresql(events: str) -> None:
    op.execute("ALTER TABLE notifications DROP CONSTRAINT ck_notifications_event")
    op.execute(f"ALTER TABLE notifications ADD CONSTRAINT ck_notifications_event CHECK (event IN ({events}))")


def _rebuild_notifications(*, is_upgrade: bool) -> None:
    """Make the table anew on SQLite, by what the database says of it and what is other."""
    bind = op.get_bind()
    of_table = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'notifications' AND sql IS NOT NULL"
    rows = bind.execute(sa.text(of_table)).all()
    body = next(row.sql for row in rows if row.type == "table").split("(", 1)[1]
    before, now = (_EVENTS, f"{_EVENTS}, {_NEW_EVENTS}") if is_upgrade else (f"{_EVENTS}, {_NEW_EVENTS}", _EVENTS)
    if before not in body:
        raise RuntimeError("notifications are not as they should be")
    body = body.replace(before, now)
    kept = ", ".join(one["name"] for one in sa.inspect(bind).get_columns("notifications"))
    op.execute(f"CREATE TABLE notifications_new ({body}")
    op.execute(f"INSERT INTO notifications_new ({kept}) SELECT {kept} FROM notifications")  # noqa: S608 - its columns
    op.drop_table("notifications")
    op.rename_table("notifications_new", "notifications")
    for row in rows:
        if row.type == "index":
            op.execute(row.sql)
