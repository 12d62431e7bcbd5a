"""Loans below customers, what customers owe, and single loans. Access follows the customer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Select, bindparam, case, exists, func, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Loan, LoanInstalment
from gql.db.queries import below, keyset
from gql.db.rows import BalanceRow, LoanRow
from gql.domain.enums import LoanStatus
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.time import today

loans = Loan.__table__
instalments = LoanInstalment.__table__

_OVERDUE = (
    instalments.c.loan_id == loans.c.id,
    instalments.c.due_on < bindparam("today", type_=Date()),
    instalments.c.paid_minor < instalments.c.due_minor,
)
_OVERDUE_MINOR = (
    select(func.coalesce(func.sum(instalments.c.due_minor - instalments.c.paid_minor), 0).cast(BigInteger))
    .where(*_OVERDUE)
    .correlate(loans)
    .scalar_subquery()
)

COLUMNS = (
    loans.c.id,
    loans.c.number,
    loans.c.customer_id,
    loans.c.product,
    loans.c.status,
    loans.c.currency,
    loans.c.principal_minor,
    loans.c.outstanding_minor,
    loans.c.disbursed_at,
    _OVERDUE_MINOR.label("overdue_minor"),
)
_ALL = select(*COLUMNS)
_IN_ARREARS = _ALL.where(exists(select(instalments.c.id).where(*_OVERDUE).correlate(loans)))


@dataclass(frozen=True, slots=True)
class LoansOf:
    """The loans of a customer: all of them, or those in arrears where the viewer may see only these."""

    customer_id: UUID
    only_in_arrears: bool


def _rows(only_in_arrears: bool) -> Select[Any]:
    return _IN_ARREARS if only_in_arrears else _ALL


@lru_cache(maxsize=64)
def _pages(dialect: Dialect, only_in_arrears: bool, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _rows(only_in_arrears), loans.c.customer_id, page)


async def loans_of(
    database: Database, customer_ids: Sequence[UUID], only_in_arrears: bool, page: PageRequest
) -> list[Page[Edge[LoanRow]]]:
    """The same page of each customer's loans, newest first. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[LoanRow]]:
        return row.customer_id, keyset.edge(LoanRow(*row), page.sort)

    return await below.read_pages(
        database,
        _pages(database.dialect, only_in_arrears, keyset.shape_of(page)),
        customer_ids,
        page,
        edge=edge,
        total=lambda customer_id: LoansOf(customer_id, only_in_arrears),
        parameters={"today": today()},
    )


@lru_cache(maxsize=8)
def _counts(dialect: Dialect, only_in_arrears: bool) -> Select[Any]:
    return below.counts(dialect, _rows(only_in_arrears), loans.c.customer_id)


async def count_loans(database: Database, customer_ids: Sequence[UUID], only_in_arrears: bool) -> list[int]:
    """How many loans each customer has. One statement."""
    bound = {"today": today()} if only_in_arrears else {}
    return await below.read_counts(database, _counts(database.dialect, only_in_arrears), customer_ids, bound)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return _ALL.where(dialect.is_one_of(loans.c.id, "ids"))


async def loans_by_id(database: Database, ids: Sequence[UUID]) -> list[LoanRow | None]:
    """Loans by ID, whoever looks: whether the viewer sees the customer's loans is the caller's to ask."""
    rows = await database.rows(_by_id(database.dialect), {"ids": list(ids), "today": today()})
    found = {row.id: LoanRow(*row) for row in rows}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _balances(dialect: Dialect) -> Select[Any]:
    # Materialized, or what is overdue would be worked out again for each column that speaks of it.
    of_customers = (
        select(loans.c.customer_id, loans.c.currency, loans.c.status, loans.c.outstanding_minor, COLUMNS[-1])
        .where(dialect.is_one_of(loans.c.customer_id, "ids"))
        .cte("owed")
        .prefix_with("MATERIALIZED")
    )
    c = of_customers.c
    return (
        select(
            c.customer_id,
            c.currency,
            func.count(),
            func.sum(case((c.status == LoanStatus.ACTIVE, 1), else_=0)),
            func.sum(case((c.overdue_minor > 0, 1), else_=0)),
            func.sum(c.outstanding_minor).cast(BigInteger),
            func.sum(c.overdue_minor).cast(BigInteger),
        )
        .group_by(c.customer_id, c.currency)
        .order_by(c.currency)
    )


async def balances_of(database: Database, customer_ids: Sequence[UUID]) -> list[list[BalanceRow]]:
    """What each customer owes, one row a currency: currencies are never added together. One statement."""
    found: dict[UUID, list[BalanceRow]] = {key: [] for key in customer_ids}
    for row in await database.rows(_balances(database.dialect), {"ids": list(customer_ids), "today": today()}):
        found[row[0]].append(BalanceRow(*row[1:]))
    return [found[key] for key in customer_ids]
