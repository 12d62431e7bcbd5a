"""Lists of customers over all that the viewer sees: filtered, searched and sorted, a page at a time, and counted."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Group
from gql.db.queries import keyset
from gql.db.queries.customer_filters import (
    NO_FILTERS,
    FilterShape,
    are_in_group,
    filter_parameters,
    filter_shape,
    has_tag,
    in_filter_office,
    matches,
    may_match,
    memberships,
    parts,
    tags,
)
from gql.db.queries.customers import COLUMNS, customers, to_row
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, goes_by_office, in_bucket, merged, offices, parameters, shapes_of
from gql.domain.listing import CustomerCriteria
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

groups = Group.__table__

SMALL: Final = 5_000
"""Members of a group, or bearers of a tag, whom a list rather reads one by one than look each customer up among them,
in the list's order."""

MODEST: Final = 50_000
"""Customers who were created in a span of time: they lie together, and are soon read."""

_OF_ROWS: Final = frozenset(COLUMNS)
_SORT_SHOWS = {"created_at": CustomerField.CREATED_AT, "updated_at": CustomerField.UPDATED_AT}
"""Sorting by what is withheld would tell it: such rows are left out."""


@dataclass(frozen=True, slots=True)
class CustomersTotal:
    """Counts the customers whom the viewer sees and who match, in a list with this sort key."""

    criteria: CustomerCriteria
    sort: str


def usable(access: AccessMap, filters: FilterShape, sort: str) -> tuple[BucketShape, ...]:
    """The buckets in which the filters and the order are not withheld."""
    return tuple(
        shape
        for shape in shapes_of(access)
        if may_match(filters, shape) and _SORT_SHOWS.get(sort) not in shape.withheld
    )


async def list_customers(
    database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest
) -> Page[Edge[CustomerRow]]:
    """One page of the customers whom the viewer sees and who match, in the order of a column."""
    edges = await read(database, access, criteria, page)
    return keyset.to_page(page, edges, CustomersTotal(criteria, page.sort.name))


async def read(
    database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest
) -> list[Edge[CustomerRow]]:
    """The same as at most `page.size + 1` edges, in the order in which the page reads them."""
    filters = filter_shape(criteria)
    buckets = usable(access, filters, page.sort.name)
    if not buckets:
        return []
    shape = keyset.shape_of(page)
    if filters.group and await _is_small_group(database, criteria):
        statement = _members(database.dialect, buckets, filters, shape)
    elif filters.tag and await _is_rare_tag(database, criteria):
        statement = _tagged(database.dialect, buckets, filters, shape)
    elif await _is_narrow(database, filters, criteria, page.sort.name):
        statement = _narrow(database.dialect, buckets, filters, shape)
    else:
        statement = _list(database.dialect, buckets, filters, shape)
    bound = {**keyset.parameters(page), **filter_parameters(criteria), **parameters(access)}
    rows = await database.rows(statement, bound, by_values=filters != NO_FILTERS)
    width = len(COLUMNS)
    return [Edge(to_row(row[:width], access), keyset.position(row, page.sort), page.sort) for row in rows]


def _selected(page: keyset.PageShape) -> tuple[ColumnElement[Any], ...]:
    """The columns of a row, and the key of the order where it isn't one of them."""
    return COLUMNS if customers.c[page.sort] in _OF_ROWS else (*COLUMNS, customers.c[page.sort])


def _keys(page: keyset.PageShape, columns: Any) -> list[ColumnElement[Any]]:
    return [columns[name] for name in (page.sort, page.then, "id") if name is not None]


@lru_cache(maxsize=512)
def _list(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    def of(part: list[ColumnElement[bool]]) -> Any:
        def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            besides = filters._replace(office=False) if goes_by_office(bucket, filters.seeks) else filters
            statement = select(*_selected(page)).where(*predicates, *part, *matches(besides, bucket.withheld))
            return keyset.between(statement, page, _keys(page, customers.c))

        return build

    builds = [of(part) for part in parts(filters)]
    only = in_filter_office(offices.c.id, filters.subtree) if filters.office else None
    return merged(dialect, buckets, builds, keyset.order_of(page), "page_rows", filters.seeks, only)


async def _is_small_group(database: Database, criteria: CustomerCriteria) -> bool:
    """By the count that the group keeps. The database, which knows no group by itself, may be wrong a thousandfold."""
    counted = select(groups.c.member_count).where(groups.c.id == bindparam("id"))
    [[members]] = await database.rows(counted, {"id": criteria.group_id}) or [[0]]
    return bool(members <= SMALL)


async def _is_rare_tag(database: Database, criteria: CustomerCriteria) -> bool:
    """Nobody counts those who have a tag; so many are soon read in its index."""
    some = select(tags.c.customer_id).where(has_tag()).limit(SMALL + 1).subquery()
    [[bearers]] = await database.rows(select(func.count()).select_from(some), {"filter_tag": criteria.tag})
    return bool(bearers <= SMALL)


async def _is_narrow(database: Database, filters: FilterShape, criteria: CustomerCriteria, sort: str) -> bool:
    """Whether few have the tiers, or were created then, that are asked for, in an order that no index has with these.

    The database takes filter and order for independent. Where they go together (who was created last was changed last),
    it would walk through everybody in that order.
    """
    created = filters.created_from or filters.created_before
    if filters.tiers and sort != "name":
        wanted, most = or_(*(one[0] for one in parts(filters._replace(statuses=None)))), SMALL
    elif created and sort == "updated_at":
        only = NO_FILTERS._replace(created_from=filters.created_from, created_before=filters.created_before)
        wanted, most = and_(*matches(only, frozenset())), MODEST
    else:
        return False
    some = select(customers.c.id).where(wanted).limit(most + 1).subquery()
    counted = select(func.count()).select_from(some)
    [[found]] = await database.rows(counted, filter_parameters(criteria), by_values=True)
    return bool(found <= most)


@lru_cache(maxsize=256)
def _narrow(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    """The list of those who are few."""
    return _sorted_after(dialect, buckets, filters, page, customers)


@lru_cache(maxsize=256)
def _members(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    """The list within a small group."""
    are_members = and_(memberships.c.customer_id == customers.c.id, *are_in_group())
    return _among(dialect, buckets, filters._replace(group=False), page, memberships, are_members)


@lru_cache(maxsize=256)
def _tagged(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    """The list of those who have a rare tag."""
    bear_it = and_(tags.c.customer_id == customers.c.id, has_tag())
    return _among(dialect, buckets, filters._replace(tag=False), page, tags, bear_it)


def _among(
    dialect: Dialect,
    buckets: tuple[BucketShape, ...],
    besides: FilterShape,
    page: keyset.PageShape,
    few: FromClause,
    are_theirs: ColumnElement[bool],
) -> Select[Any]:
    """The customers of few rows."""
    return _sorted_after(dialect, buckets, besides, page, customers.join(few, are_theirs))


def _sorted_after(
    dialect: Dialect, buckets: tuple[BucketShape, ...], besides: FilterShape, page: keyset.PageShape, rows: FromClause
) -> Select[Any]:
    """Of few rows, whoever is seen and matches, and then the order."""
    seen = or_(false(), *(and_(true(), *in_bucket(dialect, b), *matches(besides, b.withheld)) for b in buckets))
    part = or_(*(and_(true(), *one) for one in parts(besides)))
    joined = select(*_selected(page)).select_from(rows)
    # Materialized, or the database would walk in the list's order, and look for the few members on its way.
    found = joined.where(seen, part).cte("few").prefix_with("MATERIALIZED")
    between = keyset.between(select(*found.c), page, _keys(page, found.c))
    return between.order_by(*keyset.order_of(page)(found.c)).limit(bindparam("page_rows"))


@lru_cache(maxsize=256)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape) -> Select[Any]:
    counts = [
        select(func.count().label("n"))
        .select_from(customers)
        .where(*in_bucket(dialect, bucket), *part, *matches(filters, bucket.withheld))
        for bucket in buckets
        for part in parts(filters)
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_customers(database: Database, access: AccessMap, total: CustomersTotal) -> int:
    """How many customers `list_customers` has in all."""
    criteria = total.criteria
    filters = filter_shape(criteria)
    buckets = usable(access, filters, total.sort)
    if not buckets:
        return 0
    statement = _count(database.dialect, buckets, filters)
    bound = {**filter_parameters(criteria), **parameters(access)}
    rows = await database.rows(statement, bound, by_values=filters != NO_FILTERS)
    return int(rows[0][0])
