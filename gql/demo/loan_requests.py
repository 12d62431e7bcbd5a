"""What customers asked to be lent: what came of it lately, and what waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.loans import Borrowing, LoanRow, wanted
from gql.demo.plan import Draw, Plan
from gql.demo.staff import Staff
from gql.domain.enums import CustomerStatus
from gql.domain.loan_requests import RequestStatus

_LATELY = timedelta(days=180)
_EACH = 9
"""One in so many customers has a request besides those that loans came of."""
_BESIDES = (RequestStatus.SUBMITTED, RequestStatus.DECLINED, RequestStatus.UNDER_REVIEW, RequestStatus.WITHDRAWN)
_OPEN = (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW)
_WAITING = timedelta(days=12)
_PURPOSES = ("Stock for the season", "School fees", "Rent for the year", "A generator", "Medical costs", "A van")
_REASONS = {
    RequestStatus.APPROVED: ("Salary covers the instalments", "Good record with us", "Collateral checked"),
    RequestStatus.DECLINED: ("Instalments above a third of the income", "Too many open loans elsewhere"),
    RequestStatus.WITHDRAWN: ("The customer found the money elsewhere", "The customer will ask again next year"),
}


class LoanRequestRow(NamedTuple):
    """A row of loan_requests."""

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


def requests(
    draw: Draw, plan: Plan, staff: Staff, customer: DemoCustomer, borrowing: Borrowing, index: int
) -> Iterator[LoanRequestRow]:
    """Of one customer: those that the loans of the last half year came of, and for one customer in nine another."""
    for loan in borrowing.loans:
        if loan.disbursed_at > plan.now - _LATELY:
            yield _of_loan(draw, staff, customer, loan)
    begin, end = customer.active_span(plan.now)
    if index % _EACH == 0 and customer.row.status is CustomerStatus.ACTIVE and end - begin > _WAITING:
        status = _BESIDES[index // _EACH % len(_BESIDES)]
        since = max(begin, end - _WAITING if status in _OPEN else begin)
        yield _besides(draw, staff, customer, status, draw.moment(since, end - timedelta(days=4)), end)


def _of_loan(draw: Draw, staff: Staff, customer: DemoCustomer, loan: LoanRow) -> LoanRequestRow:
    submitted = loan.disbursed_at - timedelta(hours=draw.randint(60, 150))
    what = (loan.product, loan.principal_minor, loan.currency)
    status = RequestStatus.APPROVED
    return _request(draw, staff, customer, status, what, submitted, loan.disbursed_at, loan.id)


def _besides(
    draw: Draw, staff: Staff, customer: DemoCustomer, status: RequestStatus, submitted: datetime, end: datetime
) -> LoanRequestRow:
    return _request(draw, staff, customer, status, wanted(draw, customer), submitted, end, None)


def _request(
    draw: Draw,
    staff: Staff,
    customer: DemoCustomer,
    status: RequestStatus,
    what: tuple[str, int, str],
    submitted: datetime,
    end: datetime,
    loan_id: UUID | None,
) -> LoanRequestRow:
    """Reviewed within two days, decided within two more and before `end`."""
    row = customer.row
    by = row.account_manager_id if draw.chance(0.5) else None
    reviewed = submitted + timedelta(hours=draw.randint(1, 28))
    decided = min(end, reviewed + timedelta(hours=draw.randint(1, 28)))
    is_reviewed, is_open = status is not RequestStatus.SUBMITTED, status in _OPEN
    decider = staff.assigner(draw, customer.office).id
    return LoanRequestRow(
        draw.id_at(submitted),
        row.id,
        row.office_id,
        row.account_manager_id,
        *what,
        draw.pick(_PURPOSES),
        status,
        None if by == decider else by,
        submitted,
        decider if is_reviewed else None,
        reviewed if is_reviewed else None,
        None if is_open else decider,
        None if is_open else decided,
        None if is_open else draw.pick(_REASONS[status]),
        loan_id,
    )
