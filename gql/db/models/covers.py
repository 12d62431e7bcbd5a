"""Covers: access for a while."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.covers import CoverKind

_OPEN = text("ended_at IS NULL")


class Cover(HasId, Base):
    """A delegate's access to an account manager's book, or to one customer by breaking the glass.

    Counts from `starts_at` until before `ends_at`, or until it is ended. Of a customer, `manager_id` is the account
    manager of the moment, who was told; NULL where there was none.
    """

    __tablename__ = "covers"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("(kind = 'BREAK_GLASS') = (customer_id IS NOT NULL)", name="of_a_customer"),
        CheckConstraint("customer_id IS NOT NULL OR manager_id IS NOT NULL", name="of_a_book"),
        CheckConstraint("kind <> 'LEAVE' OR delegate_id <> manager_id", name="by_another"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_with_reason"),
        Index("ix_covers_open", "delegate_id", "ends_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "delegate_id", "starts_at", "id"),
        Index(None, "manager_id", "starts_at", "id"),
    )

    kind: Mapped[CoverKind] = mapped_column(enum_text(CoverKind, "kind"))
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    granted_by_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    end_reason: Mapped[str | None]
    created_at: Mapped[datetime]
