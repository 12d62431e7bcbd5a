"""Files of groups' members that jobs make."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENTS = ("ready_at", "expires_at", "link_until", "downloaded_at", "removed_at")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "member_exports",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column(
            "format",
            sa.Enum("CSV", "XLSX", name="format", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("public_keys", _JSON, nullable=False),
        sa.Column("by_passphrase", sa.Boolean(), nullable=False),
        sa.Column("sealed_passphrase", sa.LargeBinary(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("store_key", sa.Text(), nullable=True),
        sa.Column("downloads", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in _MOMENTS),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (expires_at IS NULL)", name=op.f("ck_member_exports_expires_once_ready")
        ),
        sa.CheckConstraint(
            "ready_at IS NULL OR sealed_passphrase IS NULL", name=op.f("ck_member_exports_forgotten_once_ready")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_member_exports_job_id")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_member_exports")),
    )
    kept = sa.text("removed_at IS NULL")
    op.create_index("ix_member_exports_kept", "member_exports", ["job_id"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    """Take back."""
    op.drop_table("member_exports")
