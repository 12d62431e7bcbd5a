"""Pairs of groups that no customer may be in at once."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_SIDES = ("group_id", "other_group_id")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "group_exclusions",
        *(sa.Column(side, sa.Uuid(), nullable=False) for side in _SIDES),
        sa.CheckConstraint("group_id < other_group_id", name=op.f("ck_group_exclusions_ordered")),
        *(sa.ForeignKeyConstraint([side], ["groups.id"], name=op.f(f"fk_group_exclusions_{side}")) for side in _SIDES),
        sa.PrimaryKeyConstraint(*_SIDES, name=op.f("pk_group_exclusions")),
    )
    op.create_index("ix_group_exclusions_other_group_id", "group_exclusions", ["other_group_id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("group_exclusions")
