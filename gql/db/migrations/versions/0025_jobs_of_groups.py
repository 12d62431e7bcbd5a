"""Jobs that are about a group: what they are, whether they only try it, and what came of each line and membership.

What was `moved` is `changed` now: how many customers a job has done to what it is for. SQLite changes no constraints of
a table that is there: both tables are made anew, and get the rows that they had.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KINDS = ("REASSIGN_BOOK", "UNDO", "HAND_OVER")
_NEW_KINDS = (*_KINDS, "ADD_GROUP_MEMBERS", "IMPORT_GROUP_MEMBERS", "EXPORT_GROUP_MEMBERS")
_STATUSES = ("QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED")
_OUTCOMES = ("MOVED", "UNCHANGED", "REFUSED", "SKIPPED")
_UNDER_WAY = "(finished_at IS NULL) = (status IN ('QUEUED', 'RUNNING'))"
_NEW_UNDER_WAY = "(finished_at IS NULL) = (status IN ('WAITING', 'QUEUED', 'RUNNING'))"
_NEW = {
    "jobs": ("group_id CHAR(32)", "dry_run BOOLEAN DEFAULT 0 NOT NULL"),
    "job_items": ("line BIGINT", "membership_id CHAR(32)"),
}
_GROUP_KEY = "CONSTRAINT fk_jobs_group_id FOREIGN KEY(group_id) REFERENCES groups (id)"


def _is_one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


_CHECKS = {
    "jobs": (
        ("ck_jobs_kind", _is_one_of("kind", _KINDS), _is_one_of("kind", _NEW_KINDS)),
        ("ck_jobs_status", _is_one_of("status", _STATUSES), _is_one_of("status", ("WAITING", *_STATUSES))),
        ("ck_jobs_finished", _UNDER_WAY, _NEW_UNDER_WAY),
    ),
    "job_items": (
        (
            "ck_job_items_outcome",
            _is_one_of("outcome", _OUTCOMES),
            _is_one_of("outcome", ("MOVED", "ADDED", "REMOVED", *_OUTCOMES[1:])),
        ),
    ),
}
_WORDS = {
    "jobs": (("\tmoved BIGINT", "\tchanged BIGINT"), ("done = moved + ", "done = changed + ")),
    "job_items": (("customer_id CHAR(32) NOT NULL", "customer_id CHAR(32)"),),
}
"""What else of the definitions on SQLite is other: before, and now."""


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("jobs", "moved", new_column_name="changed")
        op.add_column("jobs", sa.Column("group_id", sa.Uuid(), sa.ForeignKey("groups.id", name="fk_jobs_group_id")))
        op.add_column("jobs", sa.Column("dry_run", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.alter_column("job_items", "customer_id", nullable=True)
        op.add_column("job_items", sa.Column("line", sa.BigInteger()))
        op.add_column("job_items", sa.Column("membership_id", sa.Uuid()))
        _check_on_postgresql(is_upgrade=True)
    else:
        _rebuild(is_upgrade=True)
    op.create_index("ix_jobs_group_id", "jobs", ["group_id"])


def downgrade() -> None:
    """Take back. Jobs that are about a group are forgotten."""
    op.drop_index("ix_jobs_group_id", "jobs")
    op.execute("DELETE FROM job_items WHERE job_id IN (SELECT id FROM jobs WHERE group_id IS NOT NULL)")
    op.execute(
        "UPDATE notifications SET job_id = NULL WHERE job_id IN (SELECT id FROM jobs WHERE group_id IS NOT NULL)"
    )
    op.execute("DELETE FROM jobs WHERE undo_of_id IN (SELECT id FROM jobs WHERE group_id IS NOT NULL)")
    op.execute("DELETE FROM jobs WHERE group_id IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        _check_on_postgresql(is_upgrade=False)
        for table, columns in _NEW.items():
            for column in columns:
                op.drop_column(table, column.split()[0])
        op.alter_column("job_items", "customer_id", nullable=False)
        op.alter_column("jobs", "changed", new_column_name="moved")
    else:
        _rebuild(is_upgrade=False)


def _check_on_postgresql(*, is_upgrade: bool) -> None:
    for table, checks in _CHECKS.items():
        for name, before, now in checks:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({now if is_upgrade else before})")


def _rebuild(*, is_upgrade: bool) -> None:
    """Make the tables anew on SQLite, by what the database says of them and what is other."""
    bind = op.get_bind()
    # A table that others refer to can't be dropped: notifications forget their jobs until these are back.
    op.execute("CREATE TEMPORARY TABLE kept AS SELECT id, job_id FROM notifications WHERE job_id IS NOT NULL")
    op.execute("UPDATE notifications SET job_id = NULL WHERE job_id IS NOT NULL")
    for table, new in _NEW.items():
        of_table = "SELECT type, sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL"
        rows = bind.execute(sa.text(of_table), {"name": table}).all()
        body = next(row.sql for row in rows if row.type == "table").split("(", 1)[1]
        added = "".join(f"\n\t{column}, " for column in new)
        key = f", \n\t{_GROUP_KEY}" if table == "jobs" else ""
        if is_upgrade:
            body = added + body[: body.rindex(")")].rstrip() + key + "\n)"
        else:
            body = body.replace(added, "").replace(key, "")
        for before, now in (*_WORDS[table], *((before, now) for _, before, now in _CHECKS[table])):
            old, other = (before, now) if is_upgrade else (now, before)
            if old not in body:
                raise RuntimeError(f"{table} is not as it should be: {old}")
            body = body.replace(old, other)
        body = body.replace('REFERENCES "jobs"', "REFERENCES jobs").replace("REFERENCES jobs ", "REFERENCES jobs_new ")
        op.execute(f"CREATE TABLE {table}_new ({body}")
        _copy(table, is_upgrade=is_upgrade)
        op.drop_table(table)
        op.rename_table(f"{table}_new", table)
        for row in rows:
            if row.type == "index":
                op.execute(row.sql)
    op.execute("UPDATE notifications SET job_id = kept.job_id FROM kept WHERE kept.id = notifications.id")
    op.execute("DROP TABLE kept")


def _copy(table: str, *, is_upgrade: bool) -> None:
    new = {column.split()[0] for column in _NEW[table]}
    names = [c["name"] for c in sa.inspect(op.get_bind()).get_columns(table) if c["name"] not in new]
    renamed = {"moved": "changed"} if is_upgrade else {"changed": "moved"}
    to = ", ".join(renamed.get(name, name) for name in names)
    op.execute(f"INSERT INTO {table}_new ({to}) SELECT {', '.join(names)} FROM {table}")  # noqa: S608 - names of columns
