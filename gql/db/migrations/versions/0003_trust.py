"""Trust: counts of tries, links that set passwords, and indexes for clearing away what has ended."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_HOLDS_SECRET = sa.text("secret IS NOT NULL")
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
    op.create_table(
        "password_tokens",
        sa.Column(
            "purpose",
            sa.Enum("RESET", "INVITATION", name="purpose", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("admin_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("admin_id IS NULL OR customer_id IS NULL", name=op.f("ck_password_tokens_one_subject")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_password_tokens_admin_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_password_tokens_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_tokens_token_hash")),
    )
    for column in ("admin_id", "customer_id", "expires_at"):
        op.create_index(f"ix_password_tokens_{column}", "password_tokens", [column])
    op.add_column("sessions", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox_messages", sa.Column("secret", sa.Text(), nullable=True))
    op.create_index(
        "ix_outbox_messages_secret",
        "outbox_messages",
        ["created_at"],
        sqlite_where=_HOLDS_SECRET,
        postgresql_where=_HOLDS_SECRET,
    )
    for table, column in _INDEXED:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade() -> None:
    """Undo."""
    for table, column in _INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_index("ix_outbox_messages_secret", "outbox_messages")
    op.drop_column("outbox_messages", "secret")
    op.drop_column("sessions", "last_used_at")
    op.drop_table("password_tokens")
    op.drop_table("throttles")
