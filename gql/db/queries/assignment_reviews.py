"""The customers of whom somebody should look who looks after them, in the viewer's sight; and signed reviews.

What is odd about an account manager is so for all customers of an office alike, and so is told by posts, which are
found without reading the books. Parts are disjoint: nobody's, of an odd post, and else unreviewed for too long.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Text, Uuid, bindparam, cast, func, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, AssignmentConfirmation, Customer, Office
from gql.db.models.base import UTCDateTime
from gql.db.queries import keyset
from gql.db.queries.office_tree import office_parents
from gql.db.rows import ConfirmationRow, ReviewRow
from gql.db.visibility import BucketShape, Seeks, in_bucket, merged, parameters, shapes_of
from gql.domain.assignment_reviews import Oddities, Post, ReviewReason, is_outside, reasons_of
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

_c = Customer.__table__.c
_confirmations = AssignmentConfirmation.__table__
_COLUMNS: Final = (_c.id, _c.account_manager_id, _c.office_id, _c.manager_reviewed_at)
MOST_CONFIRMATIONS: Final = 25


@dataclass(frozen=True, slots=True)
class ReviewCriteria:
    """Which customers: for any of the reasons, and of that office and account manager where given."""

    reasons: frozenset[ReviewReason]
    unreviewed_since: datetime
    office_id: UUID | None = None
    account_manager_id: UUID | None = None
    oddities: Oddities = field(default=Oddities(frozenset(), frozenset()))

    @property
    def odd(self) -> frozenset[Post]:
        """The posts that are asked for."""
        inactive = self.oddities.inactive if ReviewReason.INACTIVE_MANAGER in self.reasons else frozenset()
        outside = self.oddities.outside if ReviewReason.OUTSIDE_OFFICE in self.reasons else frozenset()
        return inactive | outside


@dataclass(frozen=True, slots=True)
class ReviewsTotal:
    """Counts all that `list_reviews` has."""

    criteria: ReviewCriteria


class _Shape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    nobodys: bool
    odd: bool
    unreviewed: bool
    office: bool
    manager: bool


def _shape(criteria: ReviewCriteria) -> _Shape:
    return _Shape(
        nobodys=ReviewReason.NO_MANAGER in criteria.reasons,
        odd=bool(criteria.odd),
        unreviewed=ReviewReason.UNREVIEWED in criteria.reasons,
        office=criteria.office_id is not None,
        manager=criteria.account_manager_id is not None,
    )


def _bound(criteria: ReviewCriteria) -> dict[str, Any]:
    odd = sorted(criteria.odd)
    values: dict[str, Any] = {
        "unreviewed_since": criteria.unreviewed_since,
        "review_office": criteria.office_id,
        "review_manager": criteria.account_manager_id,
    }
    if odd:
        values |= {"odd_managers": sorted({one.manager_id for one in odd}), "odd_posts": [_key(one) for one in odd]}
    return values


def _key(post: Post) -> str:
    return post.manager_id.hex + post.office_id.hex


def _post() -> ColumnElement[str]:
    """A customer's post as `_key` has it, on either database."""
    return func.replace(cast(_c.account_manager_id, Text).concat(cast(_c.office_id, Text)), "-", "", type_=Text())


def _parts(dialect: Dialect, shape: _Shape) -> list[list[ColumnElement[bool]]]:
    """Disjoint predicates, one for each kind of reason."""
    always: list[ColumnElement[bool]] = [_c.status != CustomerStatus.ARCHIVED]
    if shape.office:
        always.append(_c.office_id == bindparam("review_office", type_=Uuid()))
    if shape.manager:
        always.append(_c.account_manager_id == bindparam("review_manager", type_=Uuid()))
    is_odd = dialect.is_one_of(_post(), "odd_posts")
    is_managed = _c.account_manager_id.is_not(None)
    parts: list[list[ColumnElement[bool]]] = []
    if shape.nobodys:
        parts.append([*always, _c.account_manager_id.is_(None)])
    if shape.odd:
        parts.append([*always, is_managed, dialect.is_one_of(_c.account_manager_id, "odd_managers"), is_odd])
    if shape.unreviewed:
        late = _c.manager_reviewed_at < bindparam("unreviewed_since", type_=UTCDateTime())
        parts.append([*always, is_managed, late, *([~is_odd] if shape.odd else [])])
    return parts


def _usable(access: AccessMap) -> tuple[BucketShape, ...]:
    """The buckets whose customers' assignments the viewer sees."""
    return tuple(shape for shape in shapes_of(access) if CustomerField.ASSIGNMENT_HISTORY not in shape.withheld)


@lru_cache(maxsize=256)
def _list(dialect: Dialect, buckets: tuple[BucketShape, ...], shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    def build(part: list[ColumnElement[bool]]) -> Callable[[BucketShape, list[ColumnElement[bool]]], Select[Any]]:
        def of_bucket(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            statement = select(*_COLUMNS).where(*part, *predicates)
            return keyset.within(statement, page, _c.manager_reviewed_at, _c.id)

        return of_bucket

    seeks = Seeks.AT_ONCE if shape.office or shape.manager else Seeks.BY_OFFICE_EVERYWHERE
    builds = [build(part) for part in _parts(dialect, shape)]
    return merged(dialect, buckets, builds, keyset.order_of(page), "page_rows", seeks)


async def list_reviews(
    database: Database, access: AccessMap, criteria: ReviewCriteria, page: PageRequest
) -> Page[Edge[ReviewRow]]:
    """One page, those first of whom nobody has decided for the longest time. One statement."""
    buckets, total, shape = _usable(access), ReviewsTotal(criteria), _shape(criteria)
    if not buckets or not any(shape[:3]):
        return keyset.to_page(page, [], total)
    statement = _list(database.dialect, buckets, shape, keyset.shape_of(page))
    bound = {**keyset.parameters(page), **_bound(criteria), **parameters(access)}
    edges = []
    for row in await database.rows(statement, bound):
        facts = (row.account_manager_id, row.office_id, row.manager_reviewed_at)
        reasons = tuple(reasons_of(*facts, criteria.oddities, criteria.unreviewed_since))
        edges.append(keyset.edge(ReviewRow(row.id, row.manager_reviewed_at, reasons), page.sort))
    return keyset.to_page(page, edges, total)


@lru_cache(maxsize=256)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], shape: _Shape) -> Select[Any]:
    counts = [
        select(func.count().label("n")).select_from(Customer).where(*in_bucket(dialect, bucket), *part)
        for bucket in buckets
        for part in _parts(dialect, shape)
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_reviews(database: Database, access: AccessMap, total: ReviewsTotal) -> int:
    """How many `list_reviews` has in all."""
    buckets, shape = _usable(access), _shape(total.criteria)
    if not buckets or not any(shape[:3]):
        return 0
    rows = await database.rows(
        _count(database.dialect, buckets, shape), {**_bound(total.criteria), **parameters(access)}
    )
    return int(rows[0][0])


def _posts() -> Select[Any]:
    """Each account manager with each office of their customers: from one to the next by an index."""

    def next_manager(office_id: Any, after: Any = None) -> Any:
        c = Customer.__table__.alias().c
        found = select(c.account_manager_id).where(c.office_id == office_id, c.account_manager_id.is_not(None))
        found = found if after is None else found.where(c.account_manager_id > after)
        return found.order_by(c.account_manager_id).limit(1).scalar_subquery()

    of_office = Office.__table__.c
    posts = select(of_office.id.label("office_id"), next_manager(of_office.id).label("manager_id")).cte(
        "posts", recursive=True
    )
    following = select(posts.c.office_id, next_manager(posts.c.office_id, posts.c.manager_id))
    posts = posts.union_all(following.where(posts.c.manager_id.is_not(None)))
    of_admin = Admin.__table__.c
    return select(posts.c.manager_id, posts.c.office_id, of_admin.office_id.label("works_in"), of_admin.status).join(
        Admin.__table__, of_admin.id == posts.c.manager_id
    )


_POSTS: Final = _posts()


async def oddities_of(database: Database) -> Oddities:
    """The posts of account managers who aren't active, and of those who work elsewhere. Two statements."""
    parents = await office_parents(database)
    inactive, outside = set(), set()
    for row in await database.rows(_POSTS):
        post = Post(row.manager_id, row.office_id)
        if row.status != AdminStatus.ACTIVE:
            inactive.add(post)
        if is_outside(row.office_id, row.works_in, parents):
            outside.add(post)
    return Oddities(frozenset(inactive), frozenset(outside))


@lru_cache(maxsize=8)
def _confirmed(dialect: Dialect) -> Select[Any]:
    c = _confirmations.c
    place = func.row_number().over(partition_by=c.assignment_id, order_by=(c.confirmed_at.desc(), c.id.desc()))
    columns = select(c.assignment_id, c.confirmed_by_id, c.confirmed_at, c.note, place.label("place"))
    ranked = columns.where(dialect.is_one_of(c.assignment_id, "ids")).subquery()
    return select(*ranked.c).where(ranked.c.place <= MOST_CONFIRMATIONS).order_by(ranked.c.place)


async def confirmations_of(database: Database, assignment_ids: Sequence[UUID]) -> list[list[ConfirmationRow]]:
    """The signed reviews of each assignment, the latest first. One statement."""
    found: dict[UUID, list[ConfirmationRow]] = {key: [] for key in assignment_ids}
    for row in await database.rows(_confirmed(database.dialect), {"ids": list(assignment_ids)}):
        found[row.assignment_id].append(ConfirmationRow(row.confirmed_by_id, row.confirmed_at, row.note))
    return [found[key] for key in assignment_ids]
