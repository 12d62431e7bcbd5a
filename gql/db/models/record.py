"""What is kept of each change: messages to send, answers to repeat, facts of the installation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.enums import OutboxStatus

_WAITING = text("status = 'PENDING'")
_HOLDS_SECRET = text("secret IS NOT NULL")

EXPIRED = "Expired"
"""The `last_error` of a message that was not delivered while its secret was good: it is not sent any more."""


class OutboxMessage(HasId, Base):
    """A message that must leave the system, written in the transaction of the change that it tells of.

    `not_before` is when the next attempt is due; a claim moves it ahead, so that a message whose dispatcher died
    comes up again. `payload` is what the template needs, as it was at the time of the change.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_waiting", "not_before", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_outbox_messages_secret", "created_at", sqlite_where=_HOLDS_SECRET, postgresql_where=_HOLDS_SECRET),
        Index(None, "subject_id", "id"),
    )

    channel: Mapped[str]
    template: Mapped[str]
    recipient: Mapped[str]
    payload: Mapped[dict[str, Any]]
    secret: Mapped[str | None]
    """What only the recipient may know, such as the token of a link: forgotten with the delivery."""
    subject_id: Mapped[UUID]
    """What the message tells of; an assignment, for example."""
    status: Mapped[OutboxStatus] = mapped_column(enum_text(OutboxStatus, "status"))
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class IdempotencyKey(HasId, Base):
    """The answer of a mutation that was sent with an idempotency key, to be repeated."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("actor_id", "operation", "key"),
        Index(None, "created_at"),
    )

    actor_id: Mapped[UUID]
    operation: Mapped[str]
    key: Mapped[str]
    request_hash: Mapped[str]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class InstallationFact(Base):
    """A fact about this database, such as that it holds a demo."""

    __tablename__ = "installation_facts"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ReferenceVersion(Base):
    """A number that triggers raise with every change of offices and admins (`gql/db/references.py`)."""

    __tablename__ = "reference_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]


class RegisteredDocument(Base):
    """A GraphQL document that a client of the lender's own sends by its SHA-256, in hex."""

    __tablename__ = "registered_documents"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    name: Mapped[str]
    """Of its operations, for people."""
    registered_at: Mapped[datetime]
