"""Assignments that begin later."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.scheduled_assignments import ScheduleStatus

_PENDING = text("status = 'PENDING'")


class ScheduledAssignment(HasId, Base):
    """That an admin shall be a customer's account manager from a moment on, and what became of it.

    `office_id` and `account_manager_id` repeat the customer's present ones, as with loan requests, so that the list is
    decided and ordered by indexes of its own; a trigger on customers keeps them. `admin_id` is who shall follow.
    """

    __tablename__ = "scheduled_assignments"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (status = 'PENDING')", name="decided"),
        CheckConstraint("(assignment_id IS NULL) = (status <> 'STARTED')", name="started"),
        CheckConstraint(
            "(decided_by_id IS NULL) = (status <> 'CANCELLED') AND (cancel_reason IS NULL) = (status <> 'CANCELLED')",
            name="cancelled_by_somebody",
        ),
        Index(
            "uq_scheduled_assignments_pending",
            "customer_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        Index(None, "customer_id", "status", "effective_at", "id"),
        Index(None, "status", "effective_at", "id"),
        Index(None, "office_id", "status", "effective_at", "id"),
        Index("ix_scheduled_assignments_book", "account_manager_id", "status", "effective_at", "id"),
        Index(None, "admin_id", "status", "effective_at", "id"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id"))
    account_manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    scheduled_by_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str | None]
    effective_at: Mapped[datetime]
    status: Mapped[ScheduleStatus] = mapped_column(enum_text(ScheduleStatus, "status"))
    refusal_codes: Mapped[list[str]]
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    cancel_reason: Mapped[str | None]
    assignment_id: Mapped[UUID | None] = mapped_column(ForeignKey("assignments.id"))
