"""A customer's own loans, each with the payment that is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ScalarSelect, select

from gql.db.engine import Database
from gql.db.queries import loans as of_staff
from gql.db.queries.loans import instalments, loans
from gql.db.queries.records import Records
from gql.domain.enums import LoanStatus


class PaymentRow(NamedTuple):
    """What a customer has to pay next, on one loan: an instalment, or what is left of one."""

    loan_number: str
    due_on: date
    amount_minor: int
    currency: str


@dataclass(slots=True)
class OwnLoanRow:
    """A loan, for who owes it. `overdue_minor` is as of the read's day."""

    id: UUID
    customer_id: UUID
    number: str
    product: str
    status: LoanStatus
    currency: str
    principal_minor: int
    outstanding_minor: int
    disbursed_at: datetime
    overdue_minor: int
    next_due_on: date | None
    next_due_minor: int | None

    @property
    def next_payment(self) -> PaymentRow | None:
        """None where all is paid."""
        if self.next_due_on is None or self.next_due_minor is None:
            return None
        return PaymentRow(self.number, self.next_due_on, self.next_due_minor, self.currency)


def _of_next(column: Any) -> ScalarSelect[Any]:
    """A column of the first instalment that is not all paid."""
    unpaid = (instalments.c.loan_id == loans.c.id, instalments.c.paid_minor < instalments.c.due_minor)
    first = (instalments.c.due_on, instalments.c.sequence)
    return select(column).where(*unpaid).order_by(*first).limit(1).correlate(loans).scalar_subquery()


_OF_STAFF: Final = {column.name: column for column in of_staff.COLUMNS}
_SHARED: Final = (
    "id",
    "customer_id",
    "number",
    "product",
    "status",
    "currency",
    "principal_minor",
    "outstanding_minor",
    "disbursed_at",
    "overdue_minor",
)
OWN_LOANS: Final = Records(
    select(
        *(_OF_STAFF[name] for name in _SHARED),
        _of_next(instalments.c.due_on).label("next_due_on"),
        _of_next(instalments.c.due_minor - instalments.c.paid_minor).label("next_due_minor"),
    ),
    loans.c.customer_id,
    OwnLoanRow,
    of_staff.LOANS.bound,
)


async def next_payments_of(database: Database, customer_ids: Sequence[UUID]) -> list[PaymentRow | None]:
    """What each customer has to pay next on any loan. One statement."""
    statement = OWN_LOANS.rows.where(database.dialect.is_one_of(loans.c.customer_id, "ids"))
    found: dict[UUID, list[PaymentRow]] = {}
    for row in await database.rows(statement, {"ids": list(customer_ids), **OWN_LOANS.bound()}):
        payment = OwnLoanRow(*row).next_payment
        if payment is not None:
            found.setdefault(row.customer_id, []).append(payment)
    return [
        min(found.get(key, ()), key=lambda payment: (payment.due_on, payment.loan_number), default=None)
        for key in customer_ids
    ]
