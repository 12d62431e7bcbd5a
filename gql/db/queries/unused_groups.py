"""Groups that nobody uses: those that are suggested for archive."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, func, literal_column, or_, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models.base import UTCDateTime
from gql.db.queries import keyset
from gql.db.queries.groups import COLUMNS, groups
from gql.db.rows import GroupRow
from gql.domain.enums import GroupPurpose, GroupStatus
from gql.domain.paging import Edge, Page, PageRequest


@dataclass(frozen=True, slots=True)
class UnusedCriteria:
    """Which groups: not used since then, and kept for no longer than this moment; of that owner, for these purposes."""

    since: datetime
    moment: datetime
    owner_id: UUID | None = None
    purposes: frozenset[GroupPurpose] | None = None


@dataclass(frozen=True, slots=True)
class UnusedTotal:
    """Counts all that `list_unused` has."""

    criteria: UnusedCriteria


class _Shape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    owner: bool
    purposes: bool


def _shape(criteria: UnusedCriteria) -> _Shape:
    return _Shape(criteria.owner_id is not None, criteria.purposes is not None)


def are_unused() -> list[ColumnElement[bool]]:
    """The groups that are suggested; bind `unused_since` and `kept_up_to`."""
    return [
        groups.c.status != literal_column(f"'{GroupStatus.ARCHIVED}'", Text()),  # in the text, as the index has it
        groups.c.last_used_at <= bindparam("unused_since", type_=UTCDateTime()),
        or_(groups.c.kept_until.is_(None), groups.c.kept_until <= bindparam("kept_up_to", type_=UTCDateTime())),
    ]


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates = are_unused()
    if shape.owner:
        predicates.append(groups.c.owner_id == bindparam("owner", type_=Uuid()))
    if shape.purposes:
        predicates.append(dialect.is_one_of(groups.c.purpose, "purposes"))
    return predicates


def _bound(criteria: UnusedCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {"unused_since": criteria.since, "kept_up_to": criteria.moment}
    if criteria.owner_id is not None:
        bound["owner"] = criteria.owner_id
    if criteria.purposes is not None:
        bound["purposes"] = sorted(criteria.purposes)
    return bound


@lru_cache(maxsize=32)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    listed = select(*COLUMNS).where(*_matches(dialect, shape))
    statement = keyset.within(listed, page, groups.c.last_used_at, groups.c.id)
    return statement.order_by(*keyset.order_of(page)(groups.c)).limit(bindparam("page_rows"))


async def list_unused(database: Database, criteria: UnusedCriteria, page: PageRequest) -> Page[Edge[GroupRow]]:
    """One page of them, those first that nobody has used for the longest time. One statement."""
    statement = _list(database.dialect, _shape(criteria), keyset.shape_of(page))
    rows = await database.rows(statement, keyset.parameters(page) | _bound(criteria))
    return keyset.to_page(page, [keyset.edge(GroupRow(*row), page.sort) for row in rows], UnusedTotal(criteria))


@lru_cache(maxsize=8)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    counted: Select[Any] = select(func.count()).select_from(groups)
    return counted.where(*_matches(dialect, shape))


async def count_unused(database: Database, total: UnusedTotal) -> int:
    """How many `list_unused` has in all."""
    rows = await database.rows(_count(database.dialect, _shape(total.criteria)), _bound(total.criteria))
    return int(rows[0][0])
