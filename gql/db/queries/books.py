"""Figures of books: how many customers, what they owe, how they repay, and how they did before each handover and since.

Sums of money are of customers of whom the viewer may read them, and say of how many; only the size is a fact of the
admin. What was due and what came counts for whoever held the customer then (`gql.db.queries.tenures`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Select, bindparam, func, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.loan_rows import BookStatisticsRow, HandoverRow, PerformanceRow, RepaymentRow, RiskRow
from gql.db.models import Assignment, Customer, Loan, LoanInstalment, LoanPayment
from gql.db.models.base import UTCDateTime
from gql.db.queries.customers import book_sizes
from gql.db.queries.repayment import days, figures, risk_row, risks, start_of, until_today
from gql.db.queries.tenures import came_within, due_within, held, shown
from gql.db.visibility import BucketShape, is_visible, parameters
from gql.domain.policies import AccessMap
from gql.domain.repayment import TREND_DAYS
from gql.domain.time import today

MOST_HANDOVERS: Final = 12

_assignments = Assignment.__table__.c
_customers = Customer.__table__
_loans = Loan.__table__
_due_on = LoanInstalment.__table__.c.due_on
_received_at = LoanPayment.__table__.c.received_at
_BEGIN: Final = bindparam("begin", type_=UTCDateTime())

Shapes = tuple[BucketShape, ...]


@lru_cache(maxsize=256)
def _counted(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    manager = _customers.c.account_manager_id
    is_counted = (dialect.is_one_of(manager, "ids"), is_visible(dialect, shapes))
    return select(manager, func.count()).where(*is_counted).group_by(manager)


@lru_cache(maxsize=256)
def _portfolios(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    manager = _customers.c.account_manager_id
    source = _customers.join(_loans, _loans.c.customer_id == _customers.c.id)
    return risks(source, dialect.is_one_of(manager, "ids") & is_visible(dialect, shapes), manager)


@lru_cache(maxsize=256)
def _performances(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    lasted = _assignments.ended_at.is_(None) | (_assignments.ended_at > _BEGIN)
    tenure = held(dialect, shapes, dialect.is_one_of(_assignments.admin_id, "ids"), lasted)
    source = tenure.join(_loans, _loans.c.customer_id == tenure.c.customer_id)
    due_in = due_within(tenure) & (_due_on >= bindparam("since", type_=Date()))
    return figures(source, due_in, came_within(tenure) & (_received_at >= _BEGIN), tenure.c.admin_id)


@lru_cache(maxsize=256)
def _handovers(dialect: Dialect, shapes: Shapes) -> Select[Any]:
    tenure = held(dialect, shapes, dialect.is_one_of(_assignments.admin_id, "ids"), _assignments.started_at >= _BEGIN)
    of = (tenure.c.admin_id, tenure.c.first_day)
    per_day = select(
        *of,
        func.count().label("customers"),
        func.row_number().over(partition_by=tenure.c.admin_id, order_by=tenure.c.first_day.desc()).label("rank"),
    ).group_by(*of)
    days_of = per_day.subquery()
    wanted = select(days_of.c.admin_id, days_of.c.first_day, days_of.c.customers)
    return wanted.where(days_of.c.rank <= MOST_HANDOVERS).order_by(days_of.c.first_day.desc())


@lru_cache(maxsize=512)
def _trend(dialect: Dialect, shapes: Shapes, after: bool) -> Select[Any]:
    """By admin and day of handover: the days before it, or those from it on."""
    tenure = held(dialect, shapes, dialect.is_one_of(_assignments.admin_id, "ids"), _assignments.started_at >= _BEGIN)
    source = tenure.join(_loans, _loans.c.customer_id == tenure.c.customer_id)
    first, last = (0, TREND_DAYS - 1) if after else (-TREND_DAYS, -1)
    due_in, came_in = (
        dialect.days_between(tenure.c.first_day, day).between(first, last)
        for day in (_due_on, dialect.day_of(_received_at))
    )
    return figures(source, due_in, came_in, tenure.c.admin_id, tenure.c.first_day)


async def book_statistics(
    database: Database, access: AccessMap, admin_ids: Sequence[UUID], since: date
) -> list[BookStatisticsRow]:
    """Figures of each admin's book since a day. Seven statements, however many admins there are."""
    shapes = shown(access)
    bound = {"ids": list(admin_ids), "begin": start_of(since), **parameters(access)}

    async def read(statement: Select[Any], more: Mapping[str, Any] | None = None) -> Sequence[AnyRow]:
        return await database.rows(statement, bound | dict(more or {}))

    dialect = database.dialect
    sizes = await book_sizes(database, admin_ids)
    counted = {row[0]: row[1] for row in await read(_counted(dialect, shapes))}
    portfolios: dict[UUID, list[RiskRow]] = defaultdict(list)
    for row in await read(_portfolios(dialect, shapes), days()):
        portfolios[row[0]].append(risk_row(row))
    performances: dict[UUID, list[RepaymentRow]] = defaultdict(list)
    for row in await read(_performances(dialect, shapes), until_today() | {"since": since}):
        performances[row[0]].append(RepaymentRow(*row[1:]))
    handovers = await read(_handovers(dialect, shapes))
    trends = [_by_day(await read(_trend(dialect, shapes, after), until_today())) for after in (False, True)]
    rows: dict[UUID, list[HandoverRow]] = defaultdict(list)
    for admin_id, day, customers in handovers:
        rows[admin_id].append(_handover(day, customers, *(trend[admin_id, day] for trend in trends)))
    return [
        BookStatisticsRow(
            size,
            counted.get(key, 0),
            portfolios[key],
            PerformanceRow(since, today(), performances[key]),
            rows[key],
        )
        for key, size in zip(admin_ids, sizes, strict=True)
    ]


def _by_day(rows: Iterable[AnyRow]) -> Mapping[tuple[UUID, date], list[RepaymentRow]]:
    found: dict[tuple[UUID, date], list[RepaymentRow]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(RepaymentRow(*row[2:]))
    return found


def _handover(day: date, customers: int, before: list[RepaymentRow], after: list[RepaymentRow]) -> HandoverRow:
    first, last = day - timedelta(days=TREND_DAYS), day + timedelta(days=TREND_DAYS - 1)
    return HandoverRow(
        day,
        customers,
        PerformanceRow(first, day - timedelta(days=1), before),
        PerformanceRow(day, min(last, today()), after),
    )
