"""A version that rises with every change of offices and admins: what a process has cached of them is good for one."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("offices", "admins")
_NAME = "people_and_places"


def upgrade() -> None:
    """Triggers, so that whoever writes raises it, by whatever way."""
    versions = op.create_table(
        "reference_versions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_reference_versions"),
    )
    op.bulk_insert(versions, [{"name": _NAME, "version": 1}])
    raises = f"UPDATE reference_versions SET version = version + 1 WHERE name = '{_NAME}'"  # noqa: S608 - our constant
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION raise_reference_version() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {raises}; RETURN NULL; END $$"
        )
        for table in _TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_raise_reference_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION raise_reference_version()"
            )
    else:
        for table in _TABLES:
            for change in ("insert", "update", "delete"):
                op.execute(
                    f"CREATE TRIGGER {table}_{change}_raises_reference_version AFTER {change.upper()} ON {table} "
                    f"BEGIN {raises}; END"
                )


def downgrade() -> None:
    """Nothing of it is left."""
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"DROP TRIGGER {table}_raise_reference_version ON {table}")
        op.execute("DROP FUNCTION raise_reference_version()")
    else:
        for table in _TABLES:
            for change in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {table}_{change}_raises_reference_version")
    op.drop_table("reference_versions")
