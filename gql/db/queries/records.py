"""Records below customers, whose sight follows their customer's: pages of each customer's, counts, single ones by ID.

A noun says once what its rows are (`Records`); lists, counts and look-ups of all of them are the same from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select
from sqlalchemy.sql.elements import KeyedColumnElement

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Customer
from gql.db.queries import below, keyset
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

Record = TypeVar("Record")
_customers = Customer.__table__


def _nothing_bound() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True, eq=False)
class Records(Generic[Record]):
    """One noun's rows: a select with `id`, the customer's key and every sort key; `make` takes its columns in order.

    `bound` gives the values that the select itself takes, such as the day. `parent` is the key by which there are pages
    and counts, where that isn't the customer. `field` is the customer's by which their sight is withheld. Equal only to
    itself: a quick key.
    """

    rows: Select[Any]
    customer: KeyedColumnElement[Any]
    make: Callable[..., Record]
    bound: Callable[[], Mapping[str, Any]] = _nothing_bound
    parent: KeyedColumnElement[Any] | None = None
    field: CustomerField | None = None

    @property
    def below(self) -> KeyedColumnElement[Any]:
        """The parent's key."""
        return self.customer if self.parent is None else self.parent

    def shown(self, access: AccessMap) -> tuple[BucketShape, ...]:
        """The buckets in which these records are not withheld."""
        return tuple(shape for shape in shapes_of(access) if self.field not in shape.withheld)

    async def pages(
        self, database: Database, customer_ids: Sequence[UUID], page: PageRequest
    ) -> list[Page[Edge[Record]]]:
        """The same page of each customer's records. One statement."""
        name = self.below.key

        def edge(row: AnyRow) -> tuple[UUID, Edge[Record]]:
            return getattr(row, name), keyset.edge(self.make(*row), page.sort)

        return await below.read_pages(
            database,
            _pages(self, database.dialect, keyset.shape_of(page)),
            customer_ids,
            page,
            edge=edge,
            total=lambda customer_id: RecordsTotal(self, customer_id),
            parameters=self.bound(),
        )

    async def by_id(self, database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[Record | None]:
        """The records of visible customers, in the order of `ids`; None for any other, there or not.

        The database leaves out what isn't visible, so that this takes as long as what doesn't exist.
        """
        statement = _visible_by_id(self, database.dialect, self.shown(access))
        return await self._found(database, statement, ids, parameters(access))

    async def by_id_for_anybody(self, database: Database, ids: Sequence[UUID]) -> list[Record | None]:
        """The same, whoever looks: for who has just made the record, and may have lost sight of the customer by it."""
        return await self._found(database, _by_id(self, database.dialect), ids, {})

    async def _found(
        self, database: Database, statement: Select[Any], ids: Sequence[UUID], bound: Mapping[str, Any]
    ) -> list[Record | None]:
        rows = await database.rows(statement, {"ids": list(ids), **bound, **self.bound()})
        found = {row.id: self.make(*row) for row in rows}
        return [found.get(key) for key in ids]


@dataclass(frozen=True, slots=True)
class RecordsTotal:
    """Counts one customer's records of a noun."""

    records: Records[Any]
    customer_id: UUID


async def count_records(database: Database, totals: Sequence[RecordsTotal]) -> list[int]:
    """How many records each customer has. One statement a noun."""
    found: dict[RecordsTotal, int] = {}
    for records in {total.records for total in totals}:
        alike = [total for total in totals if total.records is records]
        parents = [total.customer_id for total in alike]
        statement = _counts(records, database.dialect)
        counts = await below.read_counts(database, statement, parents, records.bound())
        found.update(zip(alike, counts, strict=True))
    return [found[total] for total in totals]


def of_visible(
    dialect: Dialect, rows: Select[Any], customer: ColumnElement[Any], shapes: Sequence[BucketShape]
) -> Select[Any]:
    """The rows among the bound `ids` whose customers these buckets show; bind the buckets' values, too."""
    return rows.join(_customers, _customers.c.id == customer).where(
        dialect.is_one_of(rows.selected_columns["id"], "ids"), is_visible(dialect, shapes)
    )


@lru_cache(maxsize=256)
def _pages(records: Records[Any], dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, records.rows, records.below, page)


@lru_cache(maxsize=64)
def _counts(records: Records[Any], dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, records.rows, records.below)


@lru_cache(maxsize=256)
def _visible_by_id(records: Records[Any], dialect: Dialect, shapes: tuple[BucketShape, ...]) -> Select[Any]:
    return of_visible(dialect, records.rows, records.customer, shapes)


@lru_cache(maxsize=64)
def _by_id(records: Records[Any], dialect: Dialect) -> Select[Any]:
    return records.rows.where(dialect.is_one_of(records.rows.selected_columns["id"], "ids"))
