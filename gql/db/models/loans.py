"""Loans, their instalments and payments. Money is an integer of minor units."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
from gql.domain.enums import LoanStatus


class Loan(HasId, Base):
    """Money lent. `outstanding_minor` is what its instalments still want, kept with each payment."""

    __tablename__ = "loans"
    __table_args__ = (
        CheckConstraint("principal_minor > 0", name="principal_positive"),
        CheckConstraint("outstanding_minor >= 0", name="outstanding_not_negative"),
        CheckConstraint("length(currency) = 3", name="currency"),
        Index(None, "customer_id", "disbursed_at", "id"),
    )

    number: Mapped[str] = mapped_column(SortText, unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    product: Mapped[str]
    status: Mapped[LoanStatus] = mapped_column(enum_text(LoanStatus, "status"))
    currency: Mapped[str]
    principal_minor: Mapped[int]
    outstanding_minor: Mapped[int]
    disbursed_at: Mapped[datetime]


_UNPAID = text("paid_minor < due_minor")


class LoanInstalment(HasId, Base):
    """One part of the schedule: `due_minor` on `due_on`, of which `paid_minor` has come."""

    __tablename__ = "loan_instalments"
    __table_args__ = (
        UniqueConstraint("loan_id", "sequence"),
        CheckConstraint("due_minor > 0", name="due_positive"),
        CheckConstraint("paid_minor BETWEEN 0 AND due_minor", name="paid_within_due"),
        Index("ix_loan_instalments_unpaid", "loan_id", "due_on", sqlite_where=_UNPAID, postgresql_where=_UNPAID),
    )

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"))
    sequence: Mapped[int]
    due_on: Mapped[date]
    due_minor: Mapped[int]
    paid_minor: Mapped[int] = mapped_column(default=0)


class LoanPayment(HasId, Base):
    """Money that came back."""

    __tablename__ = "loan_payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index(None, "loan_id", "received_at", "id"),
    )

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"))
    amount_minor: Mapped[int]
    received_at: Mapped[datetime]
