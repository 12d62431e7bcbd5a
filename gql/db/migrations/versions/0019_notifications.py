"""What team members are told within the console."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

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
)
_KEYS = {"admin_id": "admins", "customer_id": "customers", "job_id": "jobs"}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "notifications",
        *(sa.Column(name, sa.Uuid(), nullable=name != "admin_id") for name in _KEYS),
        sa.Column(
            "event",
            sa.Enum(*_EVENTS, name="event", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_notifications_{column}"))
            for column, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_admin_id_created_at_id", "notifications", ["admin_id", "created_at", "id"])
    op.create_index("ix_notifications_created_at", "notifications", ["created_at"])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_notifications_unread", "notifications", ["admin_id"], sqlite_where=unread, postgresql_where=unread
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("notifications")
