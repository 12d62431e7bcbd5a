"""Schedules and payments below loans, and how loans are repaid: `gql.domain.repayment` in SQL."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.loan_rows import InstalmentRow, NextDueRow, PaymentRow, PerformanceRow, RepaymentRow, RiskRow
from gql.db.models import Loan, LoanInstalment, LoanPayment
from gql.db.models.base import UTCDateTime
from gql.db.queries.records import Records
from gql.domain.enums import LoanStatus
from gql.domain.repayment import AT_RISK_DAYS
from gql.domain.time import today

_loans = Loan.__table__
_instalments = LoanInstalment.__table__
_payments = LoanPayment.__table__

_TODAY: Final = bindparam("today", type_=Date())
_REST: Final = _instalments.c.due_minor - _instalments.c.paid_minor
_NOTHING_AT_RISK: Final = (0,) * len(AT_RISK_DAYS)
_UNPAID: Final = _instalments.c.paid_minor < _instalments.c.due_minor

INSTALMENTS: Final = Records(
    select(
        _instalments.c.id,
        _instalments.c.loan_id,
        _loans.c.customer_id,
        _loans.c.currency,
        _instalments.c.sequence,
        _instalments.c.due_on,
        _instalments.c.due_minor,
        _instalments.c.paid_minor,
        _instalments.c.settled_on,
    ).join(_loans, _loans.c.id == _instalments.c.loan_id),
    _loans.c.customer_id,
    InstalmentRow,
    parent=_instalments.c.loan_id,
)
PAYMENTS: Final = Records(
    select(
        _payments.c.id,
        _payments.c.loan_id,
        _loans.c.customer_id,
        _loans.c.currency,
        _payments.c.amount_minor,
        _payments.c.received_at,
        _payments.c.method,
        _payments.c.reference,
        _payments.c.recorded_by_id,
        _payments.c.reversed_at,
        _payments.c.reversed_by_id,
        _payments.c.reversal_reason,
    ).join(_loans, _loans.c.id == _payments.c.loan_id),
    _loans.c.customer_id,
    PaymentRow,
    parent=_payments.c.loan_id,
)


def _sum(amount: ColumnElement[Any]) -> ColumnElement[int]:
    return func.coalesce(func.sum(amount), 0).cast(BigInteger)


def _next_due(is_wanted: ColumnElement[bool], *keys: ColumnElement[Any]) -> Select[Any]:
    """Of each key, the day on which something is due next, and all that is due then."""
    days = (
        select(
            *keys,
            _instalments.c.due_on,
            _sum(_REST).label("amount_minor"),
            func.row_number().over(partition_by=keys, order_by=_instalments.c.due_on).label("rank"),
        )
        .join_from(_loans, _instalments, _instalments.c.loan_id == _loans.c.id)
        .where(is_wanted, _loans.c.status == LoanStatus.ACTIVE, _instalments.c.due_on >= _TODAY, _UNPAID)
        .group_by(*keys, _instalments.c.due_on)
        .subquery()
    )
    return select(*(column for column in days.c if column.key != "rank")).where(days.c.rank == 1)


@lru_cache(maxsize=8)
def _next_due_of_loans(dialect: Dialect) -> Select[Any]:
    return _next_due(dialect.is_one_of(_loans.c.id, "ids"), _loans.c.id, _loans.c.currency)


async def next_due_of_loans(database: Database, loan_ids: Sequence[UUID]) -> list[NextDueRow | None]:
    """What is to be paid next on each loan; None where nothing is, or where the loan isn't being repaid."""
    statement = _next_due_of_loans(database.dialect)
    rows = await database.rows(statement, {"ids": list(loan_ids), "today": today()})
    found = {row[0]: NextDueRow(*row[1:]) for row in rows}
    return [found.get(key) for key in loan_ids]


@lru_cache(maxsize=8)
def _next_due_of_customers(dialect: Dialect) -> Select[Any]:
    return _next_due(dialect.is_one_of(_loans.c.customer_id, "ids"), _loans.c.customer_id, _loans.c.currency)


OfCurrency = tuple[UUID, str]
"""A customer and a currency."""


async def next_due_of_balances(database: Database, keys: Sequence[OfCurrency]) -> list[NextDueRow | None]:
    """The same of all of a customer's loans in a currency."""
    statement = _next_due_of_customers(database.dialect)
    rows = await database.rows(statement, {"ids": _customers_of(keys), "today": today()})
    found = {(row[0], row[1]): NextDueRow(*row[1:]) for row in rows}
    return [found.get(key) for key in keys]


def _customers_of(keys: Sequence[OfCurrency]) -> list[UUID]:
    return list({customer_id for customer_id, _ in keys})


def risks(
    source: FromClause,
    is_wanted: ColumnElement[bool],
    *keys: ColumnElement[Any],
    may_be_late: ColumnElement[bool] | None = None,
    counted: bool = False,
) -> Select[Any]:
    """By keys and currency: since when the oldest is overdue, what is still to come, and what is at risk of it.

    `source` has loans and the keys. Bind `days`. `may_be_late` is false only of loans that are known to have nothing
    overdue, for which nothing is read then. `counted` adds how many customers there are, how many of them have a loan
    that is not repaid, and how many active loans there are and how many of these have something overdue.
    """
    is_overdue = (_instalments.c.loan_id == _loans.c.id, _instalments.c.due_on < _TODAY, _UNPAID)
    oldest = select(func.min(_instalments.c.due_on)).where(*is_overdue).correlate(_loans).scalar_subquery()
    # A fence: within the sums it would be looked for again in each column that speaks of it.
    owed = (
        select(
            *(key.label(f"of_{place}") for place, key in enumerate(keys)),
            _loans.c.currency,
            case((_loans.c.status == LoanStatus.ACTIVE, _loans.c.outstanding_minor), else_=0).label("minor"),
            (oldest if may_be_late is None else case((may_be_late, oldest))).label("since"),
            _loans.c.customer_id,
            _loans.c.status,
        )
        .select_from(source)
        .where(is_wanted)
        .offset(literal_column("0"))
        .subquery("owed")
    )
    at_risk = (
        _sum(case((owed.c.since <= bindparam(f"past_{days}", type_=Date()), owed.c.minor), else_=0))
        for days in AT_RISK_DAYS
    )
    of = list(owed.c)[: len(keys) + 1]
    counts = _counts(owed) if counted else ()
    return select(*of, func.min(owed.c.since), _sum(owed.c.minor), *at_risk, *counts).group_by(*of).order_by(*of)


def _counts(owed: Subquery) -> Iterator[ColumnElement[int]]:
    c = owed.c
    is_active = c.status == LoanStatus.ACTIVE
    yield func.count(c.customer_id.distinct())
    yield func.count(c.customer_id.distinct()).filter(c.status != LoanStatus.CLOSED)
    yield func.count().filter(is_active)
    yield func.count().filter(is_active, c.since.is_not(None))


def days() -> dict[str, Any]:
    """What `risks` binds: today, and the days on which what is at risk today was due."""
    day = today()
    return {"today": day} | {f"past_{each}": day - timedelta(days=each) for each in AT_RISK_DAYS}


def risk_row(row: AnyRow) -> RiskRow:
    """A row of `risks` with one key, without it."""
    return RiskRow(row[1], row[2], row[3], tuple(row[4:]))


@lru_cache(maxsize=8)
def _risks(dialect: Dialect) -> Select[Any]:
    return risks(_loans, dialect.is_one_of(_loans.c.customer_id, "ids"), _loans.c.customer_id)


async def risks_of_balances(database: Database, keys: Sequence[OfCurrency]) -> list[RiskRow]:
    """What is at risk of each customer's loans in a currency. One statement."""
    rows = await database.rows(_risks(database.dialect), days() | {"ids": _customers_of(keys)})
    found = {(row[0], row[1]): risk_row(row) for row in rows}
    return [found.get(key) or RiskRow(key[1], None, 0, _NOTHING_AT_RISK) for key in keys]


def figures(
    source: FromClause, is_due_in: ColumnElement[bool], came_in: ColumnElement[bool], *by: ColumnElement[Any]
) -> Select[Any]:
    """By keys and currency: expected, collected, instalments due and those paid on time. Bind `until_today`.

    `source` has loans and the keys; the predicates, of instalments and of payments, are the period.
    """
    keys = [*(key.label(f"of_{place}") for place, key in enumerate(by)), _loans.c.currency]
    due_on, nothing = _instalments.c.due_on, literal(0, BigInteger())
    due = (
        select(
            *keys,
            _sum(_instalments.c.due_minor).label("expected"),
            nothing.label("collected"),
            _sum(case((due_on < _TODAY, 1), else_=0)).label("due"),
            _sum(case(((due_on < _TODAY) & (_instalments.c.settled_on <= due_on), 1), else_=0)).label("on_time"),
        )
        .select_from(source.join(_instalments, _instalments.c.loan_id == _loans.c.id))
        .where(due_on <= _TODAY, is_due_in)
        .group_by(*by, _loans.c.currency)
    )
    came = (
        select(*keys, nothing, _sum(_payments.c.amount_minor), nothing, nothing)
        .select_from(source.join(_payments, _payments.c.loan_id == _loans.c.id))
        .where(_payments.c.received_at < bindparam("end", type_=UTCDateTime()), came_in)
        .where(_payments.c.reversed_at.is_(None))
        .group_by(*by, _loans.c.currency)
    )
    both = union_all(due, came).subquery()
    of = list(both.c)[: len(keys)]
    summed = (both.c.expected, both.c.collected, both.c.due, both.c.on_time)
    return select(*of, *(_sum(figure) for figure in summed)).group_by(*of).order_by(both.c.currency)


def until_today() -> dict[str, Any]:
    """What `figures` binds: the end of a period that lasts until the end of today."""
    day = today()
    return {"today": day, "end": start_of(day + timedelta(days=1))}


@lru_cache(maxsize=8)
def _performances(dialect: Dialect) -> Select[Any]:
    is_customers = dialect.is_one_of(_loans.c.customer_id, "ids")
    is_due_in = _instalments.c.due_on >= bindparam("since", type_=Date())
    came_in = _payments.c.received_at >= bindparam("begin", type_=UTCDateTime())
    return figures(_loans, is_customers & is_due_in, is_customers & came_in, _loans.c.customer_id)


def start_of(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time.min, UTC)


async def performances_of(database: Database, customer_ids: Sequence[UUID], since: date) -> list[PerformanceRow]:
    """How each customer's loans were repaid since a day, by currency: they are never added together. One statement."""
    bound = until_today() | {"ids": list(customer_ids), "since": since, "begin": start_of(since)}
    found = {key: PerformanceRow(since, today(), []) for key in customer_ids}
    for row in await database.rows(_performances(database.dialect), bound):
        found[row[0]].currencies.append(RepaymentRow(*row[1:]))
    return [found[key] for key in customer_ids]
