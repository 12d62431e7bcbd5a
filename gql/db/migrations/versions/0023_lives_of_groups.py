"""What a group is beside its members, and by whom and why a membership was ended.

SQLite adds no constraints to a table that is there: both tables are made anew, by what the database says of them and
what is new, and get the rows that they had. They are of one transaction, as everywhere.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_WITHIN = "member_count <= maximum_members"
_WITHIN_NOW = f"capacity_mode = 'WARNING' OR {_WITHIN}"
_COLUMNS = {
    "groups": (
        "owner_id {uuid}",
        "minimum_members BIGINT",
        "capacity_mode VARCHAR(32) DEFAULT 'HARD' NOT NULL",
        "sensitivity VARCHAR(32) DEFAULT 'NORMAL' NOT NULL",
        "visible_to_customers BOOLEAN DEFAULT {false} NOT NULL",
        "review_interval_days BIGINT",
        "status_reason TEXT",
        "status_changed_at {moment}",
        "status_changed_by_id {uuid}",
    ),
    "memberships": ("removed_by_id {uuid}", "removal_reason TEXT"),
}
_CONSTRAINTS = {
    "groups": (
        "CONSTRAINT ck_groups_minimum_positive CHECK (minimum_members > 0)",
        "CONSTRAINT ck_groups_minimum_within_maximum CHECK (minimum_members <= maximum_members)",
        "CONSTRAINT ck_groups_review_interval_positive CHECK (review_interval_days > 0)",
        "CONSTRAINT ck_groups_capacity_mode CHECK (capacity_mode IN ('HARD', 'WARNING'))",
        "CONSTRAINT ck_groups_sensitivity CHECK (sensitivity IN ('NORMAL', 'SENSITIVE'))",
        "CONSTRAINT fk_groups_owner_id FOREIGN KEY(owner_id) REFERENCES admins (id)",
        "CONSTRAINT fk_groups_status_changed_by_id FOREIGN KEY(status_changed_by_id) REFERENCES admins (id)",
    ),
    "memberships": (
        "CONSTRAINT ck_memberships_removed_once_over CHECK (removed_by_id IS NULL OR until IS NOT NULL)",
        "CONSTRAINT fk_memberships_removed_by_id FOREIGN KEY(removed_by_id) REFERENCES admins (id)",
    ),
}
_TYPES = {
    "postgresql": {"uuid": "UUID", "moment": "TIMESTAMP WITH TIME ZONE", "false": "false"},
    "sqlite": {"uuid": "CHAR(32)", "moment": "DATETIME", "false": "0"},
}


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _COLUMNS.items():
            added = [f"ADD COLUMN {column.format(**_TYPES['postgresql'])}" for column in columns]
            added += [f"ADD {constraint}" for constraint in _CONSTRAINTS[table]]
            op.execute(f"ALTER TABLE {table} {', '.join(added)}")
        _limit_on_postgresql(_WITHIN_NOW)
    else:
        _rebuild(is_upgrade=True)
    over = sa.text("until IS NOT NULL")
    op.create_index(
        "ix_memberships_former",
        "memberships",
        ["group_id", "until", "id"],
        sqlite_where=over,
        postgresql_where=over,
    )
    op.create_index("ix_groups_owner_id", "groups", ["owner_id"])


def downgrade() -> None:
    """Take back. A group over the limit that only warned of it has no limit then."""
    op.drop_index("ix_groups_owner_id", "groups")
    op.drop_index("ix_memberships_former", "memberships")
    op.execute("UPDATE groups SET maximum_members = NULL WHERE member_count > maximum_members")
    if op.get_bind().dialect.name == "postgresql":
        _limit_on_postgresql(_WITHIN)
        for table, columns in _COLUMNS.items():
            dropped = [f"DROP COLUMN {column.split()[0]} CASCADE" for column in columns]
            op.execute(f"ALTER TABLE {table} {', '.join(dropped)}")
    else:
        _rebuild(is_upgrade=False)


def _limit_on_postgresql(condition: str) -> None:
    op.execute("ALTER TABLE groups DROP CONSTRAINT ck_groups_member_count_within_maximum")
    op.execute(f"ALTER TABLE groups ADD CONSTRAINT ck_groups_member_count_within_maximum CHECK ({condition})")


def _columns(table: str) -> str:
    """What a table's definition on SQLite begins with once it has the new columns."""
    return "".join(f"\n\t{column.format(**_TYPES['sqlite'])}, " for column in _COLUMNS[table])


def _constraints(table: str) -> str:
    """What it ends with then."""
    return "".join(f", \n\t{constraint}" for constraint in _CONSTRAINTS[table])


def _rebuild(*, is_upgrade: bool) -> None:
    """Make both tables anew, memberships referring to the new groups, and give them their names in the end."""
    bind = op.get_bind()
    of_both = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('groups', 'memberships')"
    indexes = [row.sql for row in bind.execute(sa.text(of_both)) if row.sql is not None]
    for table in _COLUMNS:
        of_table = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        body = str(bind.execute(of_table, {"name": table}).scalar_one()).split("(", 1)[1]
        if is_upgrade:
            end = body.rindex(")")
            body = _columns(table) + body[:end].rstrip() + _constraints(table) + "\n)"
            body = body.replace(f"CHECK ({_WITHIN})", f"CHECK ({_WITHIN_NOW})")
        else:
            body = body.replace(_columns(table), "").replace(_constraints(table), "")
            body = body.replace(f"CHECK ({_WITHIN_NOW})", f"CHECK ({_WITHIN})")
        body = body.replace('REFERENCES "groups"', "REFERENCES groups").replace(
            "REFERENCES groups ", "REFERENCES groups_new "
        )
        op.execute(f"CREATE TABLE {table}_new ({body}")
        new = {column.split()[0] for column in _COLUMNS[table]}
        kept = ", ".join(c["name"] for c in sa.inspect(bind).get_columns(table) if c["name"] not in new)
        op.execute(f"INSERT INTO {table}_new ({kept}) SELECT {kept} FROM {table}")  # noqa: S608 - names of columns
    for table in reversed(_COLUMNS):
        op.drop_table(table)
    for table in _COLUMNS:
        op.rename_table(f"{table}_new", table)
    for index in indexes:
        op.execute(index)
