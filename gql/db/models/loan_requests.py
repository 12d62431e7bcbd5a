"""Loan requests."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.loan_requests import RequestStatus

_NOBODYS = text("account_manager_id IS NULL")


class LoanRequest(HasId, Base):
    """What a customer asks to be lent, and what became of it.

    `office_id` and `account_manager_id` repeat the customer's, so that the queue is decided and ordered by indexes of
    its own, one per visibility bucket; a trigger on customers keeps them, whoever changes the customer.
    """

    __tablename__ = "loan_requests"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("(reviewer_id IS NULL) = (review_started_at IS NULL)", name="reviewed_by_somebody"),
        CheckConstraint("(decided_at IS NULL) = (status IN ('SUBMITTED', 'UNDER_REVIEW'))", name="decided"),
        Index(None, "customer_id", "submitted_at", "id"),
        Index(None, "status", "submitted_at", "id"),
        Index(None, "office_id", "status", "submitted_at", "id"),
        Index("ix_loan_requests_book", "account_manager_id", "status", "submitted_at", "id"),
        Index(
            "ix_loan_requests_nobodys",
            "office_id",
            "status",
            "submitted_at",
            "id",
            sqlite_where=_NOBODYS,
            postgresql_where=_NOBODYS,
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id"))
    account_manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    product: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    purpose: Mapped[str]
    status: Mapped[RequestStatus] = mapped_column(enum_text(RequestStatus, "status"))
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    submitted_at: Mapped[datetime]
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    review_started_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    loan_id: Mapped[UUID | None] = mapped_column(ForeignKey("loans.id"), unique=True)
