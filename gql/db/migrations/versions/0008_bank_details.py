"""Customers' identifiers and bank accounts, sealed; their documents; and who may read them in full."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ROLES = sa.table("roles", sa.column("key", sa.Text()), sa.column("permissions", _JSON))
_REVEALERS = ("super_admin", "compliance_officer", "portfolio_manager")
_REVEAL = "customer.reveal"
_PRIMARY = sa.text("is_primary")
_LEFTOVER = sa.text("uploaded_at IS NULL OR removed_at IS NOT NULL")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customer_identifiers",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("BVN", "NIN", "PASSPORT", "TAX_ID"),
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        *_sealed(),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _refers("customer_identifiers", "customer_id", "customers"),
        _refers("customer_identifiers", "recorded_by_id", "admins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_identifiers")),
        sa.UniqueConstraint("customer_id", "kind", name=op.f("uq_customer_identifiers_customer_id_kind")),
        sa.UniqueConstraint("blind_index", "kind", name=op.f("uq_customer_identifiers_blind_index_kind")),
    )
    op.create_index("ix_customer_identifiers_key_id_id", "customer_identifiers", ["key_id", "id"])
    op.create_table(
        "bank_accounts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("account_name", sa.Text(), nullable=False),
        *_sealed(),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verified_by_id", sa.Uuid(), nullable=True),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_bank_accounts_currency")),
        _refers("bank_accounts", "customer_id", "customers"),
        _refers("bank_accounts", "added_by_id", "admins"),
        _refers("bank_accounts", "verified_by_id", "admins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_accounts")),
        sa.UniqueConstraint(
            "customer_id",
            "bank_code",
            "blind_index",
            name=op.f("uq_bank_accounts_customer_id_bank_code_blind_index"),
        ),
    )
    op.create_index("ix_bank_accounts_customer_id_added_at_id", "bank_accounts", ["customer_id", "added_at", "id"])
    op.create_index("ix_bank_accounts_blind_index", "bank_accounts", ["blind_index"])
    op.create_index("ix_bank_accounts_key_id_id", "bank_accounts", ["key_id", "id"])
    op.create_index(
        "uq_bank_accounts_primary",
        "bank_accounts",
        ["customer_id"],
        unique=True,
        sqlite_where=_PRIMARY,
        postgresql_where=_PRIMARY,
    )
    op.create_table(
        "documents",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *("IDENTITY", "ADDRESS", "INCOME", "BANK_STATEMENT", "AGREEMENT", "PHOTO", "OTHER"),
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("store_key", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _refers("documents", "customer_id", "customers"),
        _refers("documents", "created_by_id", "admins"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
    )
    op.create_index("ix_documents_customer_id_uploaded_at_id", "documents", ["customer_id", "uploaded_at", "id"])
    op.create_index(
        "ix_documents_leftover", "documents", ["created_at"], sqlite_where=_LEFTOVER, postgresql_where=_LEFTOVER
    )
    _permit(lambda permissions: sorted({*permissions, _REVEAL}))


def downgrade() -> None:
    """Take back."""
    _permit(lambda permissions: [one for one in permissions if one != _REVEAL])
    op.drop_table("documents")
    op.drop_table("bank_accounts")
    op.drop_table("customer_identifiers")


def _sealed() -> tuple[sa.Column[bytes] | sa.Column[str], ...]:
    return (
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("last_four", sa.Text(), nullable=False),
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _permit(changed: Callable[[list[str]], list[str]]) -> None:
    """Change the permissions of the built-in roles that may reveal; a lender's own roles stay as they are."""
    connection = op.get_bind()
    held = connection.execute(sa.select(_ROLES.c.key, _ROLES.c.permissions).where(_ROLES.c.key.in_(_REVEALERS)))
    for key, permissions in held.all():
        connection.execute(sa.update(_ROLES).where(_ROLES.c.key == key).values(permissions=changed(permissions)))
