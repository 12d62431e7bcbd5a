"""Groups: lists, counts and rows by ID. Whoever may read groups may read all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Group, RiskCategory
from gql.db.queries import keyset
from gql.db.queries.customer_filters import LAST_CHARACTER, prefixed
from gql.db.rows import GroupRow
from gql.domain.listing import GroupCriteria
from gql.domain.paging import Edge, Page, PageRequest

groups = Group.__table__
risk_categories = RiskCategory.__table__

COLUMNS = (
    groups.c.id,
    groups.c.name,
    groups.c.status,
    groups.c.purpose,
    groups.c.description,
    groups.c.criteria_text,
    groups.c.maximum_members,
    groups.c.member_count,
    groups.c.risk_category_id,
    groups.c.version,
    groups.c.created_at,
    groups.c.updated_at,
)


@dataclass(frozen=True, slots=True)
class GroupListTotal:
    """Counts the groups that match."""

    criteria: GroupCriteria


class _Shape(NamedTuple):
    statuses: bool
    purposes: bool
    search: bool


def _shape(criteria: GroupCriteria) -> _Shape:
    return _Shape(criteria.statuses is not None, criteria.purposes is not None, criteria.search_prefix is not None)


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates: list[ColumnElement[bool]] = []
    if shape.statuses:
        predicates.append(dialect.is_one_of(groups.c.status, "statuses"))
    if shape.purposes:
        predicates.append(dialect.is_one_of(groups.c.purpose, "purposes"))
    if shape.search:
        predicates.append(prefixed(groups.c.search_name))
    return predicates


def _parameters(criteria: GroupCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    if criteria.statuses is not None:
        bound["statuses"] = sorted(criteria.statuses)
    if criteria.purposes is not None:
        bound["purposes"] = sorted(criteria.purposes)
    if criteria.search_prefix is not None:
        bound["search_from"] = criteria.search_prefix
        bound["search_to"] = criteria.search_prefix + LAST_CHARACTER
    return bound


@lru_cache(maxsize=64)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    statement = keyset.within(select(*COLUMNS).where(*_matches(dialect, shape)), page, groups.c[page.sort], groups.c.id)
    return statement.order_by(*keyset.order_of(page)(groups.c)).limit(bindparam("page_rows"))


async def list_groups(database: Database, criteria: GroupCriteria, page: PageRequest) -> Page[Edge[GroupRow]]:
    """One page of the groups that match."""
    rows = await database.rows(
        _list(database.dialect, _shape(criteria), keyset.shape_of(page)),
        keyset.parameters(page) | _parameters(criteria),
    )
    edges = [keyset.edge(GroupRow(*row), page.sort) for row in rows]
    return keyset.to_page(page, edges, GroupListTotal(criteria))


@lru_cache(maxsize=16)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    return select(func.count()).select_from(groups).where(*_matches(dialect, shape))


async def count_groups(database: Database, criteria: GroupCriteria) -> int:
    """How many groups match."""
    rows = await database.rows(_count(database.dialect, _shape(criteria)), _parameters(criteria))
    return int(rows[0][0])


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(groups.c.id, "ids"))


async def groups_by_id(database: Database, ids: Sequence[UUID]) -> list[GroupRow | None]:
    """Groups by ID, in that order."""
    found = {row.id: GroupRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _category_names(dialect: Dialect) -> Select[Any]:
    return select(risk_categories.c.id, risk_categories.c.name).where(dialect.is_one_of(risk_categories.c.id, "ids"))


async def risk_category_names(database: Database, ids: Sequence[UUID]) -> list[str | None]:
    """Names of risk categories by ID."""
    found = {row.id: row.name for row in await database.rows(_category_names(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]
