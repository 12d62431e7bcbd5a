"""The changes of customers' statuses."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import StatusChange
from gql.db.queries import below, keyset
from gql.db.rows import StatusRow
from gql.domain.paging import Edge, Page, PageRequest

_changes = StatusChange.__table__
_ALL = select(
    _changes.c.id,
    _changes.c.customer_id,
    _changes.c.action,
    _changes.c.status_before,
    _changes.c.status_after,
    _changes.c.reason,
    _changes.c.changed_by_id,
    _changes.c.changed_at,
)


@dataclass(frozen=True, slots=True)
class ChangesTotal:
    """Counts the changes of one customer's status."""

    customer_id: UUID


@lru_cache(maxsize=32)
def _pages(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _ALL, _changes.c.customer_id, page)


async def changes_of(
    database: Database, customer_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[StatusRow]]]:
    """The same page of each customer's changes, newest first. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[StatusRow]]:
        return row.customer_id, keyset.edge(StatusRow(*row), page.sort)

    statement = _pages(database.dialect, keyset.shape_of(page))
    return await below.read_pages(database, statement, customer_ids, page, edge=edge, total=ChangesTotal)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return _ALL.where(dialect.is_one_of(_changes.c.id, "ids"))


async def changes_by_id(database: Database, ids: Sequence[UUID]) -> list[StatusRow | None]:
    """Changes by ID, whoever looks: whether the viewer sees the customer's history is the caller's to ask."""
    found = {row.id: StatusRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _ALL, _changes.c.customer_id)


async def count_changes(database: Database, totals: Sequence[ChangesTotal]) -> list[int]:
    """How many changes each customer's status has had. One statement."""
    parents = [total.customer_id for total in totals]
    return await below.read_counts(database, _counts(database.dialect), parents)
