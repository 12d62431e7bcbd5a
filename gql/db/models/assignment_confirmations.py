"""Signed reviews of who looks after whom."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId


class AssignmentConfirmation(HasId, Base):
    """Somebody has looked at an assignment and found it right. Append-only.

    `customers.manager_reviewed_at` repeats the last one's moment, or that of the assignment, whichever is later.
    """

    __tablename__ = "assignment_confirmations"
    __table_args__ = (Index(None, "assignment_id", "confirmed_at", "id"),)

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("assignments.id"))
    confirmed_by_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    confirmed_at: Mapped[datetime]
    note: Mapped[str | None]
