"""Customers: rows by ID, pages below an account manager, and counts. `customer_lists` has the lists of all.

Every statement starts from the viewer's buckets; every row gets its access when it is made. There is no other way
to a customer's row for a request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.brief_rows import BriefCustomerRow
from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Customer
from gql.db.queries import below, keyset
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

customers = Customer.__table__

BRIEF_COLUMNS = (
    customers.c.id,
    customers.c.number,
    customers.c.name,
    customers.c.email,
    customers.c.phone,
    customers.c.status,
    customers.c.office_id,
    customers.c.account_manager_id,
)
_BRIEF_WIDTH = len(BRIEF_COLUMNS)
COLUMNS = (*BRIEF_COLUMNS, customers.c.kind, customers.c.version, customers.c.created_at, customers.c.updated_at)


@dataclass(frozen=True, slots=True)
class BookTotal:
    """Counts the customers of one manager's book whom the viewer sees."""

    admin_id: UUID


def to_row(row: Sequence[Any], access: AccessMap) -> CustomerRow:
    """A light row from the values of `COLUMNS`."""
    return CustomerRow(*(*row[:_BRIEF_WIDTH], access.to(row[0], row[7], row[6]), *row[_BRIEF_WIDTH:]))


def to_brief(row: Sequence[Any], access: AccessMap) -> BriefCustomerRow:
    """The same of `BRIEF_COLUMNS`."""
    return BriefCustomerRow(*(*row, access.to(row[0], row[7], row[6])))


@lru_cache(maxsize=64)
def _by_id(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(customers.c.id, "ids"), is_visible(dialect, buckets))


async def customers_by_id(database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[CustomerRow | None]:
    """The visible customers among `ids`, in that order; None for those who are not there for this viewer.

    The database leaves out who isn't visible, so that they take as long as those who don't exist.
    """
    statement = _by_id(database.dialect, shapes_of(access))
    rows = await database.rows(statement, {"ids": list(ids), **parameters(access)})
    found = {row.id: row for row in (to_row(r, access) for r in rows) if row.access.is_visible}
    return [found.get(key) for key in ids]


_BOOK = select(*COLUMNS)


@lru_cache(maxsize=256)
def _books(dialect: Dialect, buckets: tuple[BucketShape, ...], page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _BOOK, customers.c.account_manager_id, page, buckets)


async def books(
    database: Database, access: AccessMap, admin_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[CustomerRow]]]:
    """The same page of each manager's book, as far as the viewer sees its customers. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[CustomerRow]]:
        return row.account_manager_id, keyset.edge(to_row(row, access), page.sort)

    buckets = shapes_of(access)
    statement = _books(database.dialect, buckets, keyset.shape_of(page))
    bound = parameters(access)
    return await below.read_pages(database, statement, admin_ids, page, edge=edge, total=BookTotal, parameters=bound)


@lru_cache(maxsize=64)
def _book_counts(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return below.counts(dialect, _BOOK, customers.c.account_manager_id, buckets)


async def count_books(database: Database, access: AccessMap, totals: Sequence[BookTotal]) -> list[int]:
    """How many customers of each book the viewer sees. One statement."""
    buckets = shapes_of(access)
    parents = [total.admin_id for total in totals]
    statement = _book_counts(database.dialect, buckets)
    return await below.read_counts(database, statement, parents, parameters(access))


@lru_cache(maxsize=8)
def _book_sizes(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _BOOK, customers.c.account_manager_id)


async def book_sizes(database: Database, admin_ids: Sequence[UUID]) -> list[int]:
    """The true size of each book, whoever looks: a fact of the admin, not of the viewer."""
    return await below.read_counts(database, _book_sizes(database.dialect), admin_ids)
