"""Offices: lists, children, counts and rows by ID. Every admin may read all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Office
from gql.db.queries import below, keyset
from gql.db.queries.customer_filters import LAST_CHARACTER, prefixed
from gql.db.rows import OfficeRow
from gql.domain.listing import OfficeCriteria
from gql.domain.paging import Edge, Page, PageRequest

offices = Office.__table__

COLUMNS = (offices.c.id, offices.c.name, offices.c.parent_id, offices.c.status, offices.c.created_at)
_CHILDREN = select(*COLUMNS)


@dataclass(frozen=True, slots=True)
class OfficesTotal:
    """Counts the offices that match."""

    criteria: OfficeCriteria


@dataclass(frozen=True, slots=True)
class ChildrenTotal:
    """Counts the offices right below one."""

    office_id: UUID


class _Shape(NamedTuple):
    parent: bool
    statuses: bool
    search: bool


def _shape(criteria: OfficeCriteria) -> _Shape:
    return _Shape(criteria.parent_id is not None, criteria.statuses is not None, criteria.search_prefix is not None)


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates: list[ColumnElement[bool]] = []
    if shape.parent:
        predicates.append(offices.c.parent_id == bindparam("parent_id", type_=Uuid()))
    if shape.statuses:
        predicates.append(dialect.is_one_of(offices.c.status, "statuses"))
    if shape.search:
        predicates.append(prefixed(offices.c.search_name))
    return predicates


def _parameters(criteria: OfficeCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    if criteria.parent_id is not None:
        bound["parent_id"] = criteria.parent_id
    if criteria.statuses is not None:
        bound["statuses"] = sorted(criteria.statuses)
    if criteria.search_prefix is not None:
        bound["search_from"] = criteria.search_prefix
        bound["search_to"] = criteria.search_prefix + LAST_CHARACTER
    return bound


@lru_cache(maxsize=64)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    statement = keyset.within(
        select(*COLUMNS).where(*_matches(dialect, shape)), page, offices.c[page.sort], offices.c.id
    )
    return statement.order_by(*keyset.order_of(page)(offices.c)).limit(bindparam("page_rows"))


async def list_offices(database: Database, criteria: OfficeCriteria, page: PageRequest) -> Page[Edge[OfficeRow]]:
    """One page of the offices that match."""
    rows = await database.rows(
        _list(database.dialect, _shape(criteria), keyset.shape_of(page)),
        keyset.parameters(page) | _parameters(criteria),
    )
    edges = [keyset.edge(OfficeRow(*row), page.sort) for row in rows]
    return keyset.to_page(page, edges, OfficesTotal(criteria))


@lru_cache(maxsize=16)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    return select(func.count()).select_from(offices).where(*_matches(dialect, shape))


async def count_offices(database: Database, criteria: OfficeCriteria) -> int:
    """How many offices match."""
    rows = await database.rows(_count(database.dialect, _shape(criteria)), _parameters(criteria))
    return int(rows[0][0])


@lru_cache(maxsize=32)
def _children(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _CHILDREN, offices.c.parent_id, page)


async def children(database: Database, office_ids: Sequence[UUID], page: PageRequest) -> list[Page[Edge[OfficeRow]]]:
    """The same page of the offices right below each. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[OfficeRow]]:
        return row.parent_id, keyset.edge(OfficeRow(*row), page.sort)

    statement = _children(database.dialect, keyset.shape_of(page))
    return await below.read_pages(database, statement, office_ids, page, edge=edge, total=ChildrenTotal)


@lru_cache(maxsize=8)
def _child_counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _CHILDREN, offices.c.parent_id)


async def count_children(database: Database, totals: Sequence[ChildrenTotal]) -> list[int]:
    """How many offices are right below each. One statement."""
    parents = [total.office_id for total in totals]
    return await below.read_counts(database, _child_counts(database.dialect), parents)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(offices.c.id, "ids"))


async def offices_by_id(database: Database, ids: Sequence[UUID]) -> list[OfficeRow | None]:
    """Offices by ID, in that order."""
    found = {row.id: OfficeRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]
