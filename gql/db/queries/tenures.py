"""How loans were repaid while somebody was account manager: only the days on which they held the customer count.

A day is whose it is at its end, since what is due on it may be paid until then; a payment is whose customer it was at
the moment when it came. So the tenures of a customer, and the spans between them, add up to the customer's whole.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Alias, ColumnElement, Select, Subquery, or_, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.loan_rows import PerformanceRow, RepaymentRow
from gql.db.models import Assignment, Customer, Loan, LoanInstalment, LoanPayment
from gql.db.queries.repayment import figures, until_today
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField
from gql.domain.time import today

_assignments = Assignment.__table__
_customers = Customer.__table__
_loans = Loan.__table__
_due_on = LoanInstalment.__table__.c.due_on
_received_at = LoanPayment.__table__.c.received_at


def shown(access: AccessMap) -> tuple[BucketShape, ...]:
    """The buckets of customers of whom the viewer may read what they owe and how they repay."""
    needed = {CustomerField.REPAYMENT_PERFORMANCE, CustomerField.LOANS_SUMMARY}
    return tuple(shape for shape in shapes_of(access) if not needed & shape.withheld)


def held(dialect: Dialect, shapes: Sequence[BucketShape], *which: ColumnElement[bool]) -> Subquery:
    """Tenures of customers whom these buckets show, with the first day of each and the first that is not its own."""
    c = _assignments.c
    return (
        select(
            c.id,
            c.admin_id,
            c.customer_id,
            c.started_at,
            c.ended_at,
            dialect.day_of(c.started_at).label("first_day"),
            dialect.day_of(c.ended_at).label("end_day"),
        )
        .join_from(_assignments, _customers, _customers.c.id == c.customer_id)
        .where(*which, is_visible(dialect, shapes))
        .subquery("held")
    )


def due_within(tenure: Subquery | Alias) -> ColumnElement[bool]:
    """Whether an instalment was due on a day of the tenure."""
    c = tenure.c
    return (_due_on >= c.first_day) & or_(c.ended_at.is_(None), _due_on < c.end_day)


def came_within(tenure: Subquery | Alias) -> ColumnElement[bool]:
    """Whether a payment came within the tenure."""
    c = tenure.c
    return (_received_at >= c.started_at) & or_(c.ended_at.is_(None), _received_at < c.ended_at)


@lru_cache(maxsize=256)
def _performances(dialect: Dialect, shapes: tuple[BucketShape, ...]) -> Select[Any]:
    tenure = held(dialect, shapes, dialect.is_one_of(_assignments.c.id, "ids"))
    source = tenure.join(_loans, _loans.c.customer_id == tenure.c.customer_id)
    return figures(source, due_within(tenure), came_within(tenure), tenure.c.id)


@lru_cache(maxsize=256)
def _spans(dialect: Dialect, shapes: tuple[BucketShape, ...]) -> Select[Any]:
    tenure = held(dialect, shapes, dialect.is_one_of(_assignments.c.id, "ids"))
    return select(tenure.c.id, tenure.c.started_at, tenure.c.ended_at)


async def performances_of_tenures(
    database: Database, access: AccessMap, assignment_ids: Sequence[UUID]
) -> list[PerformanceRow | None]:
    """How each assignment's customer repaid while it lasted; None where the viewer may not know. Two statements."""
    shapes, bound = shown(access), {"ids": list(assignment_ids), **parameters(access)}
    found: dict[UUID, PerformanceRow] = {}
    for key, started_at, ended_at in await database.rows(_spans(database.dialect, shapes), bound):
        found[key] = PerformanceRow(started_at.date(), today() if ended_at is None else ended_at.date(), [])
    rows = await database.rows(_performances(database.dialect, shapes), bound | until_today()) if found else ()
    for row in rows:
        found[row[0]].currencies.append(RepaymentRow(*row[1:]))
    return [found.get(key) for key in assignment_ids]
