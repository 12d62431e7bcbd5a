"""Changes of customers' statuses, and flags of memberships."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ACTIONS = ("ACTIVATE", "DEACTIVATE", "SUSPEND", "BLACKLIST", "ARCHIVE", "REINSTATE")
_STATUSES = ("PENDING", "ACTIVE", "INACTIVE", "SUSPENDED", "BLACKLISTED", "ARCHIVED")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customer_status_changes",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        _one_of("action", _ACTIONS),
        _one_of("status_before", _STATUSES),
        _one_of("status_after", _STATUSES),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_status_changes_customer_id")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["admins.id"], name=op.f("fk_customer_status_changes_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_status_changes")),
    )
    op.create_index(
        "ix_customer_status_changes_customer_id_changed_at_id",
        "customer_status_changes",
        ["customer_id", "changed_at", "id"],
    )
    # SQLite adds a constraint to a table with a column only, and Alembic would send it by itself.
    op.execute(
        "ALTER TABLE memberships ADD COLUMN flag VARCHAR(32) "
        "CONSTRAINT ck_memberships_flag CHECK (flag IN ('CUSTOMER_BLACKLISTED'))"
    )


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE memberships DROP COLUMN flag")
    op.drop_table("customer_status_changes")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=False)
