"""Light rows of schedules, payments and loan requests."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gql.domain.loan_requests import RequestStatus
from gql.domain.repayment import PaymentMethod


@dataclass(slots=True)
class InstalmentRow:
    """One part of a loan's schedule. Only where the loan may be seen."""

    id: UUID
    loan_id: UUID
    customer_id: UUID
    currency: str
    sequence: int
    due_on: date
    due_minor: int
    paid_minor: int
    settled_on: date | None


@dataclass(slots=True)
class PaymentRow:
    """A payment on a loan, reversed ones too. Only where the loan may be seen."""

    id: UUID
    loan_id: UUID
    customer_id: UUID
    currency: str
    amount_minor: int
    received_at: datetime
    method: PaymentMethod
    reference: str | None
    recorded_by_id: UUID | None
    reversed_at: datetime | None
    reversed_by_id: UUID | None
    reversal_reason: str | None


@dataclass(slots=True)
class NextDueRow:
    """What is to be paid next, of one loan or of all in a currency."""

    currency: str
    due_on: date
    amount_minor: int


@dataclass(slots=True)
class RiskRow:
    """What of a customer's loans in one currency is at risk. Amounts are of loans being repaid."""

    currency: str
    overdue_since: date | None
    outstanding_minor: int
    at_risk_minor: tuple[int, ...]
    """From each of `AT_RISK_DAYS` past due on."""


@dataclass(slots=True)
class RepaymentRow:
    """How a customer's loans in one currency were repaid in a period."""

    currency: str
    expected_minor: int
    collected_minor: int
    instalments_due: int
    instalments_on_time: int


@dataclass(slots=True)
class PerformanceRow:
    """How a customer's loans were repaid from a day to today, one entry a currency."""

    since: date
    until: date
    currencies: list[RepaymentRow]


@dataclass(slots=True)
class HandoverRow:
    """The customers whose account manager somebody became on one day, and how they repaid before and since."""

    day: date
    customers: int
    before: PerformanceRow
    after: PerformanceRow


@dataclass(slots=True)
class BookStatisticsRow:
    """Figures of a book. All but `size` are of customers of whom the viewer may read them."""

    size: int
    counted: int
    portfolio: list[RiskRow]
    performance: PerformanceRow
    handovers: list[HandoverRow]


@dataclass(slots=True)
class LoanRequestRow:
    """A loan request. Only where the customer's may be seen; office and account manager are the customer's."""

    id: UUID
    customer_id: UUID
    office_id: UUID
    account_manager_id: UUID | None
    product: str
    amount_minor: int
    currency: str
    purpose: str
    status: RequestStatus
    submitted_by_id: UUID | None
    submitted_at: datetime
    reviewer_id: UUID | None
    review_started_at: datetime | None
    decided_by_id: UUID | None
    decided_at: datetime | None
    decision_reason: str | None
    loan_id: UUID | None
