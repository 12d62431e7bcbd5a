"""Who joined a group and has left it since, by when they joined: for statistics of a period."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_INDEX = "ix_memberships_former_since"
_OVER = sa.text("until IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.create_index(_INDEX, "memberships", ["group_id", "since"], sqlite_where=_OVER, postgresql_where=_OVER)


def downgrade() -> None:
    """Take back."""
    op.drop_index(_INDEX, "memberships")
