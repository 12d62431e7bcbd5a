"""What team members don't want to be told, and by which way."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply: everybody is told everything."""
    words = sa.JSON().with_variant(JSONB(), "postgresql")
    op.add_column("admins", sa.Column("muted", words, nullable=False, server_default=sa.text("'[]'")))


def downgrade() -> None:
    """Take back."""
    op.drop_column("admins", "muted")
