"""Credentials, sessions, tokens that are good once, and how often things were tried."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.enums import PasswordTokenPurpose

_ONE_SUBJECT = "(admin_id IS NULL) <> (customer_id IS NULL)"


class Credential(HasId, Base):
    """The password (argon2id) of an admin or of a customer."""

    __tablename__ = "credentials"
    __table_args__ = (CheckConstraint(_ONE_SUBJECT, name="one_subject"),)

    admin_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"), unique=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), unique=True)
    password_hash: Mapped[str]
    changed_at: Mapped[datetime]


class Session(HasId, Base):
    """One sign-in, until it is revoked or unused for too long. Its refresh tokens are one family."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint(_ONE_SUBJECT, name="one_subject"),
        Index(None, "admin_id", "created_at"),
        Index(None, "customer_id", "created_at"),
        Index(None, "expires_at"),
    )

    admin_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """When it was last refreshed; NULL before the first time."""
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]


class RefreshToken(HasId, Base):
    """A refresh token, by its SHA-256. A used one that comes again revokes the session."""

    __tablename__ = "refresh_tokens"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    issued_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(index=True)


class PasswordToken(HasId, Base):
    """What a link in a mail proves, by its SHA-256: whoever has it may set the account's password, once.

    One without an account is of no use; none is ever committed.
    """

    __tablename__ = "password_tokens"
    __table_args__ = (CheckConstraint("admin_id IS NULL OR customer_id IS NULL", name="one_subject"),)

    purpose: Mapped[PasswordTokenPurpose] = mapped_column(enum_text(PasswordTokenPurpose, "purpose"))
    admin_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"), index=True)
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    """When it was used, or a newer one took its place."""


class Throttle(Base):
    """The last tries under one key (a keyed hash), each as the moment in ISO 8601, the oldest first.

    After `expires_at` none of them counts any more, and the row may go.
    """

    __tablename__ = "throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[list[str]]
    expires_at: Mapped[datetime] = mapped_column(index=True)
