"""The audit trail: events, and the segments that seal them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.enums import SubjectKind


class AuditEvent(HasId, Base):
    """Who did what to whom, or tried to. Append-only: triggers refuse changes. Holds no secret.

    Written in the transaction of what it records; a denied attempt in one of its own. `customer_id` is the customer
    whom the event is about, also where its subject is a record of theirs: who doesn't see them doesn't see the event.
    """

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "at", "id"),
        Index(None, "actor_id", "at", "id"),
        Index(None, "actor_id", "action", "at"),
        Index(None, "subject_id", "at", "id"),
        Index(None, "customer_id", "at", "id"),
        Index(None, "action", "at", "id"),
        Index("ix_audit_events_denied", "at", "id", sqlite_where=text("denied = 1"), postgresql_where=text("denied")),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[SubjectKind] = mapped_column(enum_text(SubjectKind, "actor_kind"))
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    customer_id: Mapped[UUID | None]
    address: Mapped[str | None]
    """The client's."""
    denied: Mapped[bool] = mapped_column(server_default=false())


class AuditWaiting(Base):
    """An event that no segment has yet. A trigger adds it with the event, so that both are committed together."""

    __tablename__ = "audit_waiting"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditSegment(Base):
    """Events that were sealed together. Append-only as well; `gql/services/audit_chain.py` says what its bytes are."""

    __tablename__ = "audit_segments"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    events: Mapped[int]
    entries: Mapped[bytes]
    key_id: Mapped[str]
    hash: Mapped[bytes]
