"""Reviews of groups: which are due, those that were signed, and what has changed since the last one."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, func, or_, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.group_review_rows import GroupReviewRow
from gql.db.models import GroupReview, Membership
from gql.db.models.base import UTCDateTime
from gql.db.queries import below, keyset
from gql.db.queries.groups import COLUMNS, groups
from gql.db.queries.memberships import FORMER, MEMBERS
from gql.db.queries.records import Records
from gql.db.rows import GroupRow
from gql.db.visibility import BucketShape, parameters, shapes_of
from gql.domain.enums import GroupPurpose
from gql.domain.group_reviews import Span
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

_c = GroupReview.__table__.c
_memberships = Membership.__table__.c

GROUP_REVIEWS: Final = Records(
    select(
        _c.id, _c.group_id, _c.signed_by_id, _c.signed_at, _c.due_at, _c.note, _c.member_count, _c.joined, _c.removed
    ),
    _c.group_id,
    GroupReviewRow,
)
"""Those of each group, for whoever reads groups' members."""


@dataclass(frozen=True, slots=True)
class DueCriteria:
    """Which reviews: those due within any of these spans, of that owner and for these purposes where given."""

    spans: tuple[Span, ...]
    owner_id: UUID | None = None
    purposes: frozenset[GroupPurpose] | None = None


@dataclass(frozen=True, slots=True)
class DueReviewsTotal:
    """Counts all that `list_due` has."""

    criteria: DueCriteria


class _Shape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    bounds: tuple[tuple[bool, bool], ...]
    owner: bool
    purposes: bool


def _shape(criteria: DueCriteria) -> _Shape:
    bounds = tuple((span.after is not None, span.up_to is not None) for span in criteria.spans)
    return _Shape(bounds, criteria.owner_id is not None, criteria.purposes is not None)


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates = [groups.c.next_review_at.is_not(None), or_(*map(_within, range(len(shape.bounds)), shape.bounds))]
    if shape.owner:
        predicates.append(groups.c.owner_id == bindparam("owner", type_=Uuid()))
    if shape.purposes:
        predicates.append(dialect.is_one_of(groups.c.purpose, "purposes"))
    return predicates


def _within(number: int, bounds: tuple[bool, bool]) -> ColumnElement[bool]:
    after, up_to = (bindparam(f"{name}_{number}", type_=UTCDateTime()) for name in ("due_after", "due_up_to"))
    predicates = [groups.c.next_review_at > after] * bounds[0] + [groups.c.next_review_at <= up_to] * bounds[1]
    return and_(groups.c.next_review_at.is_not(None), *predicates)


def _bound(criteria: DueCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    for number, span in enumerate(criteria.spans):
        for name, value in (("due_after", span.after), ("due_up_to", span.up_to)):
            if value is not None:
                bound[f"{name}_{number}"] = value
    if criteria.owner_id is not None:
        bound["owner"] = criteria.owner_id
    if criteria.purposes is not None:
        bound["purposes"] = sorted(criteria.purposes)
    return bound


@lru_cache(maxsize=64)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    listed = select(*COLUMNS).where(*_matches(dialect, shape))
    statement = keyset.within(listed, page, groups.c.next_review_at, groups.c.id)
    return statement.order_by(*keyset.order_of(page)(groups.c)).limit(bindparam("page_rows"))


async def list_due(database: Database, criteria: DueCriteria, page: PageRequest) -> Page[Edge[GroupRow]]:
    """One page of groups, those first whose review is due first. One statement."""
    total = DueReviewsTotal(criteria)
    if not criteria.spans:
        return keyset.to_page(page, [], total)
    statement = _list(database.dialect, _shape(criteria), keyset.shape_of(page))
    rows = await database.rows(statement, keyset.parameters(page) | _bound(criteria))
    return keyset.to_page(page, [keyset.edge(GroupRow(*row), page.sort) for row in rows], total)


@lru_cache(maxsize=32)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    counted: Select[Any] = select(func.count()).select_from(groups)
    return counted.where(*_matches(dialect, shape))


async def count_due(database: Database, total: DueReviewsTotal) -> int:
    """How many `list_due` has in all."""
    if not total.criteria.spans:
        return 0
    rows = await database.rows(_count(database.dialect, _shape(total.criteria)), _bound(total.criteria))
    return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class ChangesTotal:
    """Counts the members of a group who came, or the memberships that ended, since a moment; None: ever.

    Of customers whom the viewer sees.
    """

    group_id: UUID
    since: datetime | None
    ended: bool


@lru_cache(maxsize=64)
def _changes(dialect: Dialect, buckets: tuple[BucketShape, ...], *, ended: bool, since: bool) -> Select[Any]:
    rows, key = (FORMER, _memberships.until) if ended else (MEMBERS, _memberships.since)
    if since:
        rows = rows.where(key > bindparam("changed_since", type_=UTCDateTime()))
    return below.counts(dialect, rows, _memberships.group_id, buckets)


async def count_changes(database: Database, access: AccessMap, total: ChangesTotal) -> int:
    """How many they are. One statement."""
    is_bounded = total.since is not None
    statement = _changes(database.dialect, shapes_of(access), ended=total.ended, since=is_bounded)
    bound = {**parameters(access), **({"changed_since": total.since} if is_bounded else {})}
    [count] = await below.read_counts(database, statement, [total.group_id], bound)
    return count
