"""Trust: how often signing in was tried, and indexes for clearing away what has ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_INDEXED = (("sessions", "expires_at"), ("refresh_tokens", "used_at"))


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "throttles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tries", _JSON, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_throttles"),
    )
    op.create_index("ix_throttles_expires_at", "throttles", ["expires_at"])
    for table, column in _INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Undo."""
    for table, column in _INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_table("throttles")
