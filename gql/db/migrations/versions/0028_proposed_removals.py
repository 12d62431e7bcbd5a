"""Members who no longer fit their group: when they were looked for, what is proposed and decided about them, and rules
by which they leave by themselves.

SQLite changes no constraints of a table that is there: notifications are made anew, and get the rows that they had.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_PROPOSALS = "proposed_removals"
_STATUSES = ("PROPOSED", "ACCEPTED", "KEPT", "OBSOLETE")
_KEYS = {
    "group_id": "groups",
    "membership_id": "memberships",
    "customer_id": "customers",
    "criterion_id": "failed_criteria",
    "decided_by_id": "admins",
}
_EVENTS = (
    "CUSTOMER_ASSIGNED",
    "CUSTOMER_LEFT",
    "CUSTOMER_MOVED",
    "BOOK_CHANGED",
    "JOB_ENDED",
    "ASSIGNMENT_SCHEDULED",
    "ASSIGNMENT_OFF",
    "ASSIGNMENT_REFUSED",
    "CALLBACK_REQUESTED",
    "COVER_GRANTED",
    "COVER_ENDED",
    "GLASS_BROKEN",
    "GROUP_DRIFTED",
)
"""Of which the last is new."""
_GROUP_KEY = "CONSTRAINT fk_notifications_group_id FOREIGN KEY(group_id) REFERENCES groups (id)"
_MOMENTS = {"found_at": False, "decided_at": True, "kept_until": True}
_CHECKS = {
    "decided": "(decided_at IS NULL) = (status = 'PROPOSED')",
    "decided_by_somebody": (
        "(decided_by_id IS NULL) = (status IN ('PROPOSED', 'OBSOLETE')) "
        "AND (reason IS NULL) = (status IN ('PROPOSED', 'OBSOLETE'))"
    ),
    "kept": "(kept_until IS NULL) = (status <> 'KEPT')",
}
_ENDS = (
    f"UPDATE {_PROPOSALS} SET status = 'OBSOLETE', decided_at = NEW.until "  # noqa: S608 - the names above
    "WHERE membership_id = NEW.id AND status = 'PROPOSED'"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "group_checks",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("checked_at", "began_at", "after_since")),
        *(sa.Column(name, sa.Uuid()) for name in ("after_id", "lease_by")),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("tell_since", "told_at")),
        sa.CheckConstraint("(after_since IS NULL) = (after_id IS NULL)", name=op.f("ck_group_checks_place")),
        sa.CheckConstraint("after_id IS NULL OR began_at IS NOT NULL", name=op.f("ck_group_checks_under_way")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_checks_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_checks")),
    )
    op.create_table(
        "failed_criteria",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("part", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_failed_criteria_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_criteria")),
        sa.UniqueConstraint("group_id", "digest", name=op.f("uq_failed_criteria_group_id_digest")),
    )
    _make_proposals()
    _follow_memberships()
    _make_rules()
    _change_notifications(is_upgrade=True)


def _make_rules() -> None:
    words = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("groups", sa.Column("removal_statuses", words, nullable=False, server_default=sa.text("'[]'")))
    op.add_column("groups", sa.Column("removes_graduated", sa.Boolean(), nullable=False, server_default=sa.false()))
    references = {"membership_id": "memberships", "customer_id": "customers"}
    op.create_table(
        "due_removals",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("group_id", *references)),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("asked_at", "try_at")),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_due_removals_{column}"))
            for column, table in references.items()
        ),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_due_removals")),
    )
    op.create_index("ix_due_removals_try_at", "due_removals", ["try_at"])
    op.create_index("ix_due_removals_group_id_try_at", "due_removals", ["group_id", "try_at"])


def _change_notifications(*, is_upgrade: bool) -> None:
    """They can be about a group; nobody is told of one without it."""
    if not is_upgrade:
        op.execute("DELETE FROM notifications WHERE event = 'GROUP_DRIFTED'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE notifications DROP CONSTRAINT ck_notifications_event")
        events = _is_one_of(_EVENTS if is_upgrade else _EVENTS[:-1])
        op.execute(f"ALTER TABLE notifications ADD CONSTRAINT ck_notifications_event CHECK ({events})")
        if is_upgrade:
            key = sa.ForeignKey("groups.id", name="fk_notifications_group_id")
            op.add_column("notifications", sa.Column("group_id", sa.Uuid(), key))
        else:
            op.drop_column("notifications", "group_id")
    else:
        _rebuild_notifications(is_upgrade=is_upgrade)


def _is_one_of(events: tuple[str, ...]) -> str:
    return f"event IN ({', '.join(repr(event) for event in events)})"


def _rebuild_notifications(*, is_upgrade: bool) -> None:
    bind = op.get_bind()
    of_table = "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'notifications' AND sql IS NOT NULL"
    rows = bind.execute(sa.text(of_table)).all()
    body = next(row.sql for row in rows if row.type == "table").split("(", 1)[1]
    column, key = "\n\tgroup_id CHAR(32), ", f", \n\t{_GROUP_KEY}"
    before, now = _is_one_of(_EVENTS[:-1]), _is_one_of(_EVENTS)
    if (before if is_upgrade else now) not in body:
        raise RuntimeError("notifications are not as they should be")
    if is_upgrade:
        body = column + body[: body.rindex(")")].rstrip().replace(before, now) + key + "\n)"
    else:
        body = body.replace(column, "").replace(key, "").replace(now, before)
    op.execute(f"CREATE TABLE notifications_new ({body}")
    kept = ", ".join(c["name"] for c in sa.inspect(bind).get_columns("notifications") if c["name"] != "group_id")
    op.execute(f"INSERT INTO notifications_new ({kept}) SELECT {kept} FROM notifications")  # noqa: S608 - columns
    op.drop_table("notifications")
    op.rename_table("notifications_new", "notifications")
    for row in rows:
        if row.type == "index":
            op.execute(row.sql)


def _make_proposals() -> None:
    op.create_table(
        _PROPOSALS,
        *(sa.Column(name, sa.Uuid(), nullable=name == "decided_by_id") for name in _KEYS),
        sa.Column(
            "status",
            sa.Enum(*_STATUSES, name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name, nullable in _MOMENTS.items()),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{_PROPOSALS}_{name}")) for name, rule in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{_PROPOSALS}_{column}"))
            for column, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_PROPOSALS}")),
    )
    undecided = sa.text("status = 'PROPOSED'")
    op.create_index(
        f"uq_{_PROPOSALS}_undecided",
        _PROPOSALS,
        ["membership_id"],
        unique=True,
        sqlite_where=undecided,
        postgresql_where=undecided,
    )
    for columns in (
        ["membership_id", "kept_until"],
        ["group_id", "found_at", "id"],
        ["group_id", "status", "found_at", "id"],
    ):
        op.create_index(f"ix_{_PROPOSALS}_{'_'.join(columns)}", _PROPOSALS, columns)


def _follow_memberships() -> None:
    """A trigger, so that what is undecided ends with the membership, by whatever way that ends."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {_PROPOSALS}_follow_membership() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_ENDS}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER memberships_{_PROPOSALS}_follow AFTER UPDATE OF until ON memberships "
            "FOR EACH ROW WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL) "
            f"EXECUTE FUNCTION {_PROPOSALS}_follow_membership()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER memberships_{_PROPOSALS}_follow AFTER UPDATE OF until ON memberships "
            f"WHEN OLD.until IS NULL AND NEW.until IS NOT NULL BEGIN {_ENDS}; END"
        )


def downgrade() -> None:
    """Take back."""
    _change_notifications(is_upgrade=False)
    op.drop_table("due_removals")
    for column in ("removal_statuses", "removes_graduated"):
        op.drop_column("groups", column)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER memberships_{_PROPOSALS}_follow ON memberships")
        op.execute(f"DROP FUNCTION {_PROPOSALS}_follow_membership()")
    else:
        op.execute(f"DROP TRIGGER memberships_{_PROPOSALS}_follow")
    for table in (_PROPOSALS, "failed_criteria", "group_checks"):
        op.drop_table(table)
