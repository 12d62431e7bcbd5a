"""Files of customers' records: what is known of them. Their bytes are in a store (`gql/vault/stores.py`)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.customer_documents import DocumentKind

_LEFTOVER = text("uploaded_at IS NULL OR removed_at IS NOT NULL")


class Document(HasId, Base):
    """A file of a customer's. It is there once its bytes came (`uploaded_at`), and until it is removed.

    `store_key` is where its bytes are, or are being put: written before they are, so that none are ever forgotten.
    """

    __tablename__ = "documents"
    __table_args__ = (
        Index(None, "customer_id", "uploaded_at", "id"),
        Index("ix_documents_leftover", "created_at", sqlite_where=_LEFTOVER, postgresql_where=_LEFTOVER),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[DocumentKind] = mapped_column(enum_text(DocumentKind, "kind"))
    name: Mapped[str]
    content_type: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    store_key: Mapped[str | None]
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    created_at: Mapped[datetime]
    uploaded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
