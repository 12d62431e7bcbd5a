"""Loans, their instalments and payments. Money is an integer of minor units."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
from gql.domain.enums import LoanStatus
from gql.domain.repayment import PaymentMethod


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
    """One part of the schedule: `due_minor` on `due_on`, of which `paid_minor` has come.

    `paid_minor`, and the day on which all of it had come, follow from the loan's payments that stand, and are kept with
    each (`gql.domain.repayment.allocate`).
    """

    __tablename__ = "loan_instalments"
    __table_args__ = (
        UniqueConstraint("loan_id", "sequence"),
        CheckConstraint("due_minor > 0", name="due_positive"),
        CheckConstraint("paid_minor BETWEEN 0 AND due_minor", name="paid_within_due"),
        CheckConstraint("settled_on IS NULL OR paid_minor = due_minor", name="settled_when_paid"),
        Index("ix_loan_instalments_unpaid", "loan_id", "due_on", sqlite_where=_UNPAID, postgresql_where=_UNPAID),
    )

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"))
    sequence: Mapped[int]
    due_on: Mapped[date]
    due_minor: Mapped[int]
    paid_minor: Mapped[int] = mapped_column(default=0)
    settled_on: Mapped[date | None]


_STANDS = text("reversed_at IS NULL AND reference IS NOT NULL")


class LoanPayment(HasId, Base):
    """Money that came back. One that is reversed stays, and counts for nothing."""

    __tablename__ = "loan_payments"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(reversed_at IS NULL) = (reversal_reason IS NULL)", name="reversal_reason"),
        Index(None, "loan_id", "received_at", "id"),
        Index(
            "ix_loan_payments_reference",
            "loan_id",
            "reference",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    loan_id: Mapped[UUID] = mapped_column(ForeignKey("loans.id"))
    amount_minor: Mapped[int]
    received_at: Mapped[datetime]
    method: Mapped[PaymentMethod] = mapped_column(enum_text(PaymentMethod, "method"), server_default=text("'OTHER'"))
    reference: Mapped[str | None]
    recorded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reversal_reason: Mapped[str | None]
