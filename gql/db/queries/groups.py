"""Groups: lists, counts and rows by ID. Whoever may read groups may read all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Group, GroupExclusion, RiskCategory, RiskCategoryExclusion
from gql.db.queries import keyset
from gql.db.queries.customer_filters import LAST_CHARACTER, prefixed
from gql.db.rows import GroupRow, RiskCategoryRow
from gql.domain.listing import GroupCriteria
from gql.domain.paging import Edge, Page, PageRequest

groups = Group.__table__
risk_categories = RiskCategory.__table__
walls = RiskCategoryExclusion.__table__
pairs = GroupExclusion.__table__

BRIEF_COLUMNS = (
    groups.c.id,
    groups.c.name,
    groups.c.status,
    groups.c.purpose,
    groups.c.member_count,
    groups.c.maximum_members,
)
COLUMNS = (
    groups.c.id,
    groups.c.name,
    groups.c.status,
    groups.c.purpose,
    groups.c.description,
    groups.c.criteria_text,
    groups.c.minimum_members,
    groups.c.maximum_members,
    groups.c.capacity_mode,
    groups.c.member_count,
    groups.c.risk_category_id,
    groups.c.owner_id,
    groups.c.sensitivity,
    groups.c.visible_to_customers,
    groups.c.review_interval_days,
    groups.c.criteria,
    groups.c.removal_statuses,
    groups.c.removes_graduated,
    groups.c.status_reason,
    groups.c.status_changed_at,
    groups.c.status_changed_by_id,
    groups.c.version,
    groups.c.created_at,
    groups.c.updated_at,
    groups.c.next_review_at,
    groups.c.reviewed_at,
    groups.c.reviewed_by_id,
    groups.c.last_used_at,
    groups.c.kept_until,
    groups.c.kept_reason,
    groups.c.kept_by_id,
)


@dataclass(frozen=True, slots=True)
class GroupListTotal:
    """Counts the groups that match."""

    criteria: GroupCriteria


class _Shape(NamedTuple):
    statuses: bool
    purposes: bool
    owner: bool
    search: bool


def _shape(criteria: GroupCriteria) -> _Shape:
    of_all = (criteria.statuses, criteria.purposes, criteria.owner_id, criteria.search_prefix)
    return _Shape(*(one is not None for one in of_all))


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates: list[ColumnElement[bool]] = []
    if shape.statuses:
        predicates.append(dialect.is_one_of(groups.c.status, "statuses"))
    if shape.purposes:
        predicates.append(dialect.is_one_of(groups.c.purpose, "purposes"))
    if shape.owner:
        predicates.append(groups.c.owner_id == bindparam("owner", type_=Uuid()))
    if shape.search:
        predicates.append(prefixed(groups.c.search_name))
    return predicates


def _parameters(criteria: GroupCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    if criteria.statuses is not None:
        bound["statuses"] = sorted(criteria.statuses)
    if criteria.purposes is not None:
        bound["purposes"] = sorted(criteria.purposes)
    if criteria.owner_id is not None:
        bound["owner"] = criteria.owner_id
    if criteria.search_prefix is not None:
        bound["search_from"] = criteria.search_prefix
        bound["search_to"] = criteria.search_prefix + LAST_CHARACTER
    return bound


@lru_cache(maxsize=64)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    keys = [groups.c[name] for name in (page.sort, page.then, "id") if name is not None]
    statement = keyset.between(select(*COLUMNS).where(*_matches(dialect, shape)), page, keys)
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


_CATEGORY = (risk_categories.c.id, risk_categories.c.name, risk_categories.c.description)


async def list_risk_categories(database: Database) -> list[RiskCategoryRow]:
    """All of them, by name: a lender has a few."""
    rows = await database.rows(select(*_CATEGORY).order_by(risk_categories.c.name))
    return [RiskCategoryRow(*row) for row in rows]


@lru_cache(maxsize=8)
def _categories(dialect: Dialect) -> Select[Any]:
    return select(*_CATEGORY).where(dialect.is_one_of(risk_categories.c.id, "ids"))


async def risk_categories_by_id(database: Database, ids: Sequence[UUID]) -> list[RiskCategoryRow | None]:
    """Risk categories by ID, in that order."""
    rows = await database.rows(_categories(database.dialect), {"ids": list(ids)})
    found = {row.id: RiskCategoryRow(*row) for row in rows}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _walls(dialect: Dialect) -> Select[Any]:
    """Each wall from both of its sides."""
    sides = [
        select(own.label("own_id"), *_CATEGORY).join_from(walls, risk_categories, risk_categories.c.id == other)
        for own, other in (
            (walls.c.category_id, walls.c.other_category_id),
            (walls.c.other_category_id, walls.c.category_id),
        )
    ]
    both = union_all(*sides).subquery()
    return select(*both.c).where(dialect.is_one_of(both.c.own_id, "ids")).order_by(both.c.name)


async def excluded_categories(database: Database, ids: Sequence[UUID]) -> list[list[RiskCategoryRow]]:
    """Of each category those that exclude it, by name. One statement."""
    found: dict[UUID, list[RiskCategoryRow]] = {}
    for row in await database.rows(_walls(database.dialect), {"ids": list(ids)}):
        found.setdefault(row.own_id, []).append(RiskCategoryRow(*row[1:]))
    return [found.get(key, []) for key in ids]


@lru_cache(maxsize=8)
def _exclusions(dialect: Dialect) -> Select[Any]:
    """Each pair of groups from both of its sides."""
    sides = [
        select(own.label("own_id"), *COLUMNS).join_from(pairs, groups, groups.c.id == other)
        for own, other in (
            (pairs.c.group_id, pairs.c.other_group_id),
            (pairs.c.other_group_id, pairs.c.group_id),
        )
    ]
    both = union_all(*sides).subquery()
    return select(*both.c).where(dialect.is_one_of(both.c.own_id, "ids")).order_by(both.c.name, both.c.id)


async def excluded_groups(database: Database, ids: Sequence[UUID]) -> list[list[GroupRow]]:
    """Of each group those that are walled off from it, by name. One statement."""
    found: dict[UUID, list[GroupRow]] = {}
    for row in await database.rows(_exclusions(database.dialect), {"ids": list(ids)}):
        found.setdefault(row.own_id, []).append(GroupRow(*row[1:]))
    return [found.get(key, []) for key in ids]


@lru_cache(maxsize=8)
def _category_names(dialect: Dialect) -> Select[Any]:
    return select(risk_categories.c.id, risk_categories.c.name).where(dialect.is_one_of(risk_categories.c.id, "ids"))


async def risk_category_names(database: Database, ids: Sequence[UUID]) -> list[str | None]:
    """Names of risk categories by ID."""
    found = {row.id: row.name for row in await database.rows(_category_names(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]
