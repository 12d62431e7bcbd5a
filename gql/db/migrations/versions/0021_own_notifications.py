"""What customers are told in the app, and what they don't want to be told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_EVENTS = ("MANAGER_ASSIGNED", "MANAGER_LEFT", "OFFICE_CHANGED", "CONTACT_CHANGED")


def upgrade() -> None:
    """Apply: everybody is told everything."""
    words = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("customers", sa.Column("muted", words, nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "own_notifications",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(*_EVENTS, name="event", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_own_notifications_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_notifications")),
    )
    op.create_index(
        "ix_own_notifications_customer_id_created_at_id", "own_notifications", ["customer_id", "created_at", "id"]
    )
    op.create_index("ix_own_notifications_created_at", "own_notifications", ["created_at"])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_own_notifications_unread",
        "own_notifications",
        ["customer_id"],
        sqlite_where=unread,
        postgresql_where=unread,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("own_notifications")
    op.drop_column("customers", "muted")
