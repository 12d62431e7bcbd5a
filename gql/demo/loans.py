"""Loans with their instalments and the payments on them, consistent to the kobo and the cent."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.plan import Draw, Plan, Weighted, time_of_id_in
from gql.domain.enums import CustomerKind, CustomerStatus, LoanStatus
from gql.domain.repayment import PaymentMethod, Received, allocate

_LONG_OVERDUE = timedelta(days=180)
_SETTLING = timedelta(days=28)
_LATELY_LENT = timedelta(days=12, hours=7)
"""Of customer 1: the first instalment, a month after, is still to come, whatever the day."""


class _Product(NamedTuple):
    name: str
    currency: str
    least: int
    most: int
    """Principal in major units; drawn in steps of `least`."""
    months: tuple[int, ...]
    interest: float
    """Flat, per month, as a share of the principal."""


_FOR_PEOPLE = (
    _Product("Salary Advance", "NGN", 50_000, 600_000, (2, 3, 4, 6), 0.045),
    _Product("Market Trader Loan", "NGN", 40_000, 800_000, (3, 4, 6, 9), 0.05),
    _Product("School Fees Loan", "NGN", 75_000, 1_200_000, (3, 4, 9), 0.035),
    _Product("Agro Input Loan", "NGN", 100_000, 1_500_000, (6, 8), 0.03),
    _Product("Home Improvement Loan", "NGN", 250_000, 3_000_000, (6, 12, 18), 0.03),
)
_FOR_COMPANIES = (
    _Product("SME Working Capital", "NGN", 500_000, 12_000_000, (6, 9, 12), 0.035),
    _Product("Asset Finance", "NGN", 1_500_000, 30_000_000, (12, 18, 24), 0.0275),
    _Product("Invoice Finance", "NGN", 400_000, 8_000_000, (2, 3), 0.04),
)
_IN_DOLLARS = _Product("Dollar Trade Finance", "USD", 2_500, 60_000, (3, 4, 6), 0.0125)


class _Conduct(Enum):
    """How a loan is paid back."""

    ON_TIME = "each instalment when it is due"
    SETTLED = "all of it, if need be ahead of the schedule"
    BEHIND = "some instalments are missing"
    STOPPED = "nothing came after some time"


_CONDUCTS = Weighted(tuple(_Conduct), (83, 9, 6, 2))
"""Of each hundred loans of active customers."""
_NUMBERS_OF_LOANS = Weighted((1, 2, 3), (50, 33, 17))

_METHODS = Weighted(
    (PaymentMethod.BANK_TRANSFER, PaymentMethod.DIRECT_DEBIT, PaymentMethod.CARD, PaymentMethod.MOBILE_MONEY),
    (45, 30, 15, 10),
)
_BOUNCES = 0.02
"""Of each hundred loans, how often a payment came twice and the bank took one back."""
_BOUNCED = "The bank took it back: no cover"

_DAY, _NOON = 86_400, 43_200
_WEEK_OF_MINUTES = 7 * 1440 + 1
_EPOCH_DAY = date(1970, 1, 1).toordinal()


class LoanRow(NamedTuple):
    """A row of loans."""

    id: UUID
    number: str
    customer_id: UUID
    product: str
    status: LoanStatus
    currency: str
    principal_minor: int
    outstanding_minor: int
    disbursed_at: datetime


class InstalmentRow(NamedTuple):
    """A row of loan_instalments."""

    id: UUID
    loan_id: UUID
    sequence: int
    due_on: date
    due_minor: int
    paid_minor: int
    settled_on: date | None


class PaymentRow(NamedTuple):
    """A row of loan_payments."""

    id: UUID
    loan_id: UUID
    amount_minor: int
    received_at: datetime
    method: PaymentMethod
    reference: str
    reversed_at: datetime | None = None
    reversal_reason: str | None = None


@dataclass(slots=True)
class Borrowing:
    """What a customer borrowed: the rows, and what they say about the customer."""

    loans: list[LoanRow] = field(default_factory=list)
    instalments: list[InstalmentRow] = field(default_factory=list)
    payments: list[PaymentRow] = field(default_factory=list)
    in_arrears: bool = False
    oldest_unpaid_due_on: date | None = None

    @property
    def pays_on_time(self) -> bool:
        """Whether the customer has loans, and none of them in arrears or written off."""
        written_off = any(loan.status is LoanStatus.WRITTEN_OFF for loan in self.loans)
        return bool(self.loans) and not written_off and not self.in_arrears


def borrow(draw: Draw, plan: Plan, customer: DemoCustomer) -> Borrowing:
    """The loans of one customer, oldest first; often none."""
    made = Borrowing()
    begin, latest = customer.active_span(plan.now - timedelta(days=1))
    earliest = begin + timedelta(days=7)  # a week is left to decide
    if earliest >= latest:
        return made
    disbursals = sorted(draw.moment(earliest, latest) for _ in range(_how_many(draw, customer)))
    if customer.is_customer_1:
        disbursals[-1] = plan.now - _LATELY_LENT
    for ordinal, disbursed in enumerate(disbursals, start=1):
        _lend(draw, plan, customer, f"LN-{customer.row.number[3:]}-{ordinal}", disbursed, made)
    return made


def _how_many(draw: Draw, customer: DemoCustomer) -> int:
    if customer.is_customer_1:
        return 2
    match customer.row.status:
        case CustomerStatus.PENDING:
            return 0
        case CustomerStatus.ACTIVE:
            borrows = 0.64
        case CustomerStatus.BLACKLISTED:
            borrows = 0.9
        case _:
            borrows = 0.6
    return draw.weighted(_NUMBERS_OF_LOANS) if draw.chance(borrows) else 0


def _conduct(draw: Draw, customer: DemoCustomer) -> _Conduct:
    if customer.is_customer_1:
        return _Conduct.ON_TIME
    match customer.row.status:
        case CustomerStatus.INACTIVE | CustomerStatus.ARCHIVED:
            return _Conduct.SETTLED
        case CustomerStatus.SUSPENDED:
            return _Conduct.BEHIND if draw.chance(0.5) else _Conduct.ON_TIME
        case CustomerStatus.BLACKLISTED:
            return _Conduct.STOPPED
        case _:
            return draw.weighted(_CONDUCTS)


def _lend(draw: Draw, plan: Plan, customer: DemoCustomer, number: str, disbursed: datetime, made: Borrowing) -> None:
    product = _product(draw, customer)
    principal = product.least * draw.randint(1, product.most // product.least) * 100
    months = draw.pick(product.months)
    dues = _shares(principal + round(principal * product.interest * months), months)
    days = _due_days(disbursed, months)
    paid = _paid(draw, plan, _conduct(draw, customer), dues, days)
    outstanding = sum(dues) - sum(paid)
    status = LoanStatus.ACTIVE if outstanding else LoanStatus.CLOSED
    if outstanding and days[-1] < plan.today - _LONG_OVERDUE:
        status = LoanStatus.WRITTEN_OFF
    elif any(day < plan.today and part < due for part, due, day in zip(paid, dues, days, strict=True)):
        made.in_arrears = True
    loan = draw.id_at(disbursed)
    made.loans.append(
        LoanRow(
            loan,
            number,
            customer.row.id,
            product.name,
            status,
            product.currency,
            principal,
            outstanding,
            disbursed,
        )
    )
    settled = draw.moment(max(disbursed, plan.now - _SETTLING), plan.now)
    begin, present, end = _second(disbursed), _second(plan.now), _second(settled)
    with_disbursal = time_of_id_in(begin)
    payments: list[PaymentRow] = []
    for day, part in zip(days, paid, strict=True):
        if part:
            # Some days before it was due or a day late, or with the settlement where it isn't due yet.
            received = (day.toordinal() - _EPOCH_DAY) * _DAY + _NOON + (draw.below(_WEEK_OF_MINUTES) - 6 * 1440) * 60
            _pay(draw, loan, number, part, max(begin, received if received < present else end), begin, payments)
    came = sorted((payment.received_at, payment.id, payment.amount_minor) for payment in payments)
    allocated = allocate(dues, (Received(moment.date(), amount) for moment, _, amount in came))
    for sequence, (day, due, (part, on)) in enumerate(zip(days, dues, allocated, strict=True), start=1):
        made.instalments.append(InstalmentRow(draw.id_in(with_disbursal), loan, sequence, day, due, part, on))
        if part < due and (made.oldest_unpaid_due_on is None or day < made.oldest_unpaid_due_on):
            made.oldest_unpaid_due_on = day
    made.payments += payments
    if payments and draw.chance(_BOUNCES):
        made.payments.append(_bounced(draw, payments[-1], present))


def _product(draw: Draw, customer: DemoCustomer) -> _Product:
    company = customer.row.kind is CustomerKind.COMPANY
    if draw.chance(0.18 if company else 0.01):
        return _IN_DOLLARS
    return draw.pick(_FOR_COMPANIES if company else _FOR_PEOPLE)


def _shares(total: int, parts: int) -> list[int]:
    """The total in equal parts of whole major units; the last one takes what is left."""
    each = total // parts // 100 * 100
    return [each] * (parts - 1) + [total - each * (parts - 1)]


def _due_days(disbursed: datetime, months: int) -> list[date]:
    """The same day of each of the following months, the 28th at the latest."""
    first, day = disbursed.year * 12 + disbursed.month, min(disbursed.day, 28)
    return [date(month // 12, month % 12 + 1, day) for month in range(first, first + months)]


def _paid(draw: Draw, plan: Plan, conduct: _Conduct, dues: list[int], days: list[date]) -> list[int]:
    """What has come of each instalment: all of the first ones, perhaps a part of the next one."""
    elapsed = sum(day < plan.today for day in days)
    match conduct:
        case _Conduct.SETTLED:
            whole = len(dues)
        case _Conduct.ON_TIME:
            whole = elapsed
        case _Conduct.BEHIND:
            whole = max(0, elapsed - draw.randint(1, 3))
            if days[-1] < plan.today - _LONG_OVERDUE:
                whole = len(dues)  # late in its time, made good since
        case _Conduct.STOPPED:
            whole = draw.randint(0, elapsed // 2)
    paid = dues[:whole] + [0] * (len(dues) - whole)
    if whole < elapsed and draw.chance(0.4):
        paid[whole] = dues[whole] * draw.randint(2, 8) // 1000 * 100
    return paid


def _pay(
    draw: Draw, loan: UUID, number: str, amount: int, received: int, disbursed: int, payments: list[PaymentRow]
) -> None:
    """One payment of the amount, or now and then two that make it up. Times are seconds since 1970."""
    if amount > 100_000 and draw.chance(0.08):
        first = amount * draw.randint(3, 7) // 1000 * 100
        span = received - max(disbursed, received - 5 * _DAY)
        earlier = received - span + int(draw.random() * span) if span else received
        payments.append(_payment(draw, loan, number, first, earlier, len(payments) + 1))
        amount -= first
    payments.append(_payment(draw, loan, number, amount, received, len(payments) + 1))


def _payment(draw: Draw, loan: UUID, number: str, amount: int, second: int, ordinal: int) -> PaymentRow:
    key, received = draw.id_in(time_of_id_in(second)), datetime.fromtimestamp(second, UTC)
    return PaymentRow(key, loan, amount, received, draw.weighted(_METHODS), f"{number}/{ordinal}")


def _bounced(draw: Draw, payment: PaymentRow, present: int) -> PaymentRow:
    """A payment like the one that stands, which the bank took back."""
    second = _second(payment.received_at)
    taken_back = datetime.fromtimestamp(min(present, second + _DAY), UTC)
    reference = f"{payment.reference}/0"
    return payment._replace(
        id=draw.id_in(time_of_id_in(second)), reference=reference, reversed_at=taken_back, reversal_reason=_BOUNCED
    )


def wanted(draw: Draw, customer: DemoCustomer) -> tuple[str, int, str]:
    """A product such as the customer's, an amount of minor units, and its currency."""
    product = _product(draw, customer)
    return product.name, product.least * draw.randint(1, product.most // product.least) * 100, product.currency


def _second(moment: datetime) -> int:
    """Seconds since 1970; moments here are whole ones."""
    return int(moment.timestamp())
