"""Customers' identifiers and bank accounts. The numbers are sealed (`gql/vault/sealing.py`): no read opens them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.identifiers import IdentifierKind

_PRIMARY = text("is_primary")


class Identifier(HasId, Base):
    """A number that identifies a customer to the state or the banks. No two customers have the same."""

    __tablename__ = "customer_identifiers"
    __table_args__ = (
        UniqueConstraint("customer_id", "kind"),
        UniqueConstraint("blind_index", "kind"),
        Index(None, "key_id", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[IdentifierKind] = mapped_column(enum_text(IdentifierKind, "kind"))
    sealed: Mapped[bytes]
    key_id: Mapped[str]
    """Of the key that sealed it and made the blind index."""
    blind_index: Mapped[bytes]
    last_four: Mapped[str]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    recorded_at: Mapped[datetime]


class BankAccount(HasId, Base):
    """An account that a customer is paid to or pays from. At most one of a customer's is the primary one."""

    __tablename__ = "bank_accounts"
    __table_args__ = (
        CheckConstraint("length(currency) = 3", name="currency"),
        UniqueConstraint("customer_id", "bank_code", "blind_index"),
        Index(None, "customer_id", "added_at", "id"),
        Index(None, "blind_index"),
        Index(None, "key_id", "id"),
        Index("uq_bank_accounts_primary", "customer_id", unique=True, sqlite_where=_PRIMARY, postgresql_where=_PRIMARY),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    bank_name: Mapped[str]
    bank_code: Mapped[str]
    account_name: Mapped[str]
    sealed: Mapped[bytes]
    key_id: Mapped[str]
    blind_index: Mapped[bytes]
    last_four: Mapped[str]
    currency: Mapped[str]
    is_primary: Mapped[bool]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    added_at: Mapped[datetime]
    verified_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    verified_at: Mapped[datetime | None]
