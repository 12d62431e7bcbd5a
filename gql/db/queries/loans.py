"""Loans below customers, and what customers owe. Access follows the customer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Date, Select, bindparam, case, exists, func, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Loan, LoanInstalment
from gql.db.queries.records import Records
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
_OVERDUE_SINCE = select(func.min(instalments.c.due_on)).where(*_OVERDUE).correlate(loans).scalar_subquery()
_OVERDUE_MINOR = (
    select(func.coalesce(func.sum(instalments.c.due_minor - instalments.c.paid_minor), 0).cast(BigInteger))
    .where(*_OVERDUE)
    .correlate(loans)
    .scalar_subquery()
    .label("overdue_minor")
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
    _OVERDUE_SINCE.label("overdue_since"),
    _OVERDUE_MINOR,
)
_ALL = select(*COLUMNS)
_IN_ARREARS = _ALL.where(exists(select(instalments.c.id).where(*_OVERDUE).correlate(loans)))


def _as_of_today() -> dict[str, Any]:
    return {"today": today()}


LOANS: Final = Records(_ALL, loans.c.customer_id, LoanRow, _as_of_today)
LOANS_IN_ARREARS: Final = Records(_IN_ARREARS, loans.c.customer_id, LoanRow, _as_of_today)


@dataclass(frozen=True, slots=True)
class LoansOf:
    """The loans of a customer: all of them, or those in arrears where the viewer may see only these."""

    customer_id: UUID
    only_in_arrears: bool

    @property
    def records(self) -> Records[LoanRow]:
        """Which they are."""
        return LOANS_IN_ARREARS if self.only_in_arrears else LOANS


async def loans_of(database: Database, parents: Sequence[LoansOf], page: PageRequest) -> list[Page[Edge[LoanRow]]]:
    """The same page of each customer's loans, newest first. One statement for all loans, one for those in arrears."""
    found: dict[LoansOf, Page[Edge[LoanRow]]] = {}
    for records in {parent.records for parent in parents}:
        alike = [parent for parent in parents if parent.records is records]
        pages = await records.pages(database, [parent.customer_id for parent in alike], page)
        found.update(zip(alike, pages, strict=True))
    return [found[parent] for parent in parents]


@lru_cache(maxsize=8)
def _balances(dialect: Dialect) -> Select[Any]:
    # Materialized, or what is overdue would be worked out again for each column that speaks of it.
    of_customers = (
        select(loans.c.customer_id, loans.c.currency, loans.c.status, loans.c.outstanding_minor, _OVERDUE_MINOR)
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
        found[row[0]].append(BalanceRow(*row))
    return [found[key] for key in customer_ids]
