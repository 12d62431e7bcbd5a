"""Exports of groups' members: what is known of them. Their bytes, encrypted, are in a store (`gql/vault/stores.py`)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, JsonValue, enum_text
from gql.domain.member_exports import ExportFormat

_KEPT = text("removed_at IS NULL")


class MemberExport(Base):
    """The file that a job makes. It is there from `ready_at` until `expires_at`, or until it is removed.

    `store_key` is where its bytes are, or are being put: written before they are, so that none are ever forgotten. A
    passphrase is sealed, and forgotten once the file is made.
    """

    __tablename__ = "member_exports"
    __table_args__ = (
        CheckConstraint("(ready_at IS NULL) = (expires_at IS NULL)", name="expires_once_ready"),
        CheckConstraint("ready_at IS NULL OR sealed_passphrase IS NULL", name="forgotten_once_ready"),
        Index("ix_member_exports_kept", "job_id", sqlite_where=_KEPT, postgresql_where=_KEPT),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id"), primary_key=True)
    format: Mapped[ExportFormat] = mapped_column(enum_text(ExportFormat, "format"))
    public_keys: Mapped[list[str]] = mapped_column(JsonValue)
    by_passphrase: Mapped[bool]
    sealed_passphrase: Mapped[bytes | None]
    rows: Mapped[int | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    store_key: Mapped[str | None]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    link_until: Mapped[datetime | None]
    """The end of the one link that is good now: using it takes it away."""
    downloads: Mapped[int] = mapped_column(default=0)
    downloaded_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
