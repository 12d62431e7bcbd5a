"""Customers whom the viewer sees and who match, as rows in the order of one key: the SQL of `customer_lists`."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, or_, select, true

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.queries import keyset
from gql.db.queries.customer_few import is_narrow, is_rare_tag, is_small_group
from gql.db.queries.customer_filters import (
    GROUP,
    MEMBER_OF,
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
from gql.db.queries.customer_walks import MANAGER_NAME, OFFICE_NAME, PARENTS, walk, with_names
from gql.db.queries.customers import BRIEF_COLUMNS, COLUMNS, customers, to_brief, to_row
from gql.db.visibility import (
    BucketShape,
    OrderBy,
    Seeks,
    first,
    first_of,
    goes_by_office,
    in_bucket,
    merged,
    offices,
    parameters,
    shapes_of,
)
from gql.domain.buckets import Holder
from gql.domain.listing import CustomerCriteria
from gql.domain.paging import Edge, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

_OF_BOOKS: Final = frozenset({"name", "created_at"})
"""Orders that indexes by account manager have; in others, a book is sorted as it is read."""
DUE: Final = "oldest_unpaid_due_on"
_SORT_SHOWS = {
    "created_at": CustomerField.CREATED_AT,
    "updated_at": CustomerField.UPDATED_AT,
    "email": CustomerField.EMAIL,
    "phone": CustomerField.PHONE,
    "days_past_due": CustomerField.ARREARS,
    "tier": CustomerField.BACK_OFFICE,
}
"""Sorting by what is withheld would tell it: such rows are left out."""


def usable(access: AccessMap, filters: FilterShape, sort: str) -> tuple[BucketShape, ...]:
    """The buckets in which the filters and the order are not withheld."""
    return tuple(
        shape
        for shape in shapes_of(access)
        if may_match(filters, shape) and _SORT_SHOWS.get(sort) not in shape.withheld
    )


async def read(database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest) -> list[Edge[Any]]:
    """At most `page.size + 1` edges of a page in the order of one key, in the order in which the page reads them.

    Their nodes are rows of customers, brief ones where the page may be brief and no filter is narrow.
    """
    filters = filter_shape(criteria)
    buckets = usable(access, filters, page.sort.name)
    if not buckets:
        return []
    shape = keyset.shape_of(page._replace(brief=False))
    if filters.member_of and await is_small_group(database, criteria.member_of):
        statement = _members(database.dialect, buckets, filters._replace(member_of=False), MEMBER_OF, shape)
    elif filters.group and await is_small_group(database, criteria.group_id):
        statement = _members(database.dialect, buckets, filters._replace(group=False), GROUP, shape)
    elif filters.tag and await is_rare_tag(database, criteria):
        statement = _tagged(database.dialect, buckets, filters, shape)
    elif await is_narrow(database, filters, criteria, page.sort.name):
        statement = _narrow(database.dialect, buckets, filters, shape)
    elif _is_walk(filters, shape):
        statement = _walk(database.dialect, buckets, filters, shape)
    else:
        shape = keyset.shape_of(page)
        statement = _list(database.dialect, buckets, filters, shape)
    bound = {**keyset.parameters(page), **filter_parameters(criteria), **parameters(access)}
    rows = await database.rows(statement, bound, by_values=filters != NO_FILTERS)
    width, made = len(_columns(shape)), to_brief if shape.brief else to_row
    return [Edge(made(row[:width], access), keyset.position(row, page.sort), page.sort) for row in rows]


def _seeks(filters: FilterShape, page: keyset.PageShape) -> Seeks:
    """How a list in this order gets at a bucket's offices."""
    if page.sort in PARENTS:
        return Seeks.AT_ONCE
    if page.sort == DUE:  # the order's own indexes have days past due
        seeks = filters._replace(past_due=None).seeks
        return Seeks.BY_OFFICE if seeks is Seeks.UNROLLED else seeks
    return filters.seeks


def _is_walk(filters: FilterShape, page: keyset.PageShape) -> bool:
    """Whether a list by others' names goes from one to the next. Where few of each one's customers may pass, and no
    index by them tells which, all who pass are rather sought at once, and sorted if they are few.
    """
    if page.sort == MANAGER_NAME:
        return filters._replace(office=False, subtree=False, has_manager=None) == NO_FILTERS
    whole = filters.search is not None and filters.search != {"name_prefix"}
    return page.sort == OFFICE_NAME and not (filters.manager or filters.numbers or whole)


def _key(page: keyset.PageShape) -> ColumnElement[Any]:
    parent = PARENTS.get(page.sort)
    return customers.c[page.sort] if parent is None else parent.name


def _selected(page: keyset.PageShape) -> tuple[ColumnElement[Any], ...]:
    """The columns of a row, and the key of the order where it isn't one of them."""
    key, columns = _key(page), _columns(page)
    return columns if key in set(columns) else (*columns, key.label(page.sort))


def _columns(page: keyset.PageShape) -> tuple[ColumnElement[Any], ...]:
    return BRIEF_COLUMNS if page.brief else COLUMNS


def _source(page: keyset.PageShape) -> FromClause:
    parent = PARENTS.get(page.sort)
    return customers if parent is None else with_names(parent)


def _keys(page: keyset.PageShape) -> list[ColumnElement[Any]]:
    return [_key(page), *(customers.c[name] for name in (page.then, "id") if name is not None)]


@lru_cache(maxsize=512)
def _list(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    seeks = _seeks(filters, page)

    def of(part: list[ColumnElement[bool]]) -> Any:
        def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            besides = filters._replace(office=False) if goes_by_office(bucket, seeks) else filters
            wanted = [*predicates, *part, *matches(besides, bucket.withheld)]
            columns = (*_selected(page), customers.c.tier) if filters.without_tier else _selected(page)
            statement = select(*columns).select_from(_source(page)).where(*wanted)
            is_few = bucket.holder is Holder.OPENED
            if is_few or ((bucket.is_book or filters.manager) and page.sort not in _OF_BOOKS):
                return _sorted_as_read(statement, page)
            return keyset.between(statement, page, _keys(page))

        return build

    builds = [of(part) for part in parts(filters)]
    return merged(dialect, buckets, builds, _order(filters, page), "page_rows", seeks, _only(filters))


def _order(filters: FilterShape, page: keyset.PageShape) -> OrderBy:
    """The page's order, in the words in which an index has it: what the database knows of equal tiers, it doesn't of
    tiers that are null.
    """
    order = keyset.order_of(page)
    if not filters.without_tier:
        return order
    return lambda columns: [columns["tier"].desc() if page.reverse else columns["tier"], *order(columns)]


def _sorted_as_read(rows: Select[Any], page: keyset.PageShape) -> Select[Any]:
    """The page of few rows, unordered. Materialized, or the database would walk in the list's order, and look for the
    few on its way: of a place in an order by several columns it weighs the first column only, which many may share.
    """
    found = rows.cte().prefix_with("MATERIALIZED")
    keys = [found.c[name] for name in (page.sort, page.then, "id") if name is not None]
    return keyset.between(select(*found.c), page, keys)


def _only(filters: FilterShape) -> ColumnElement[bool] | None:
    return in_filter_office(offices.c.id, filters.subtree) if filters.office else None


@lru_cache(maxsize=256)
def _walk(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    """The list by the names of others."""

    def of(bucket: BucketShape, part: list[ColumnElement[bool]]) -> Select[Any]:
        is_few = bucket.is_small
        besides = filters if is_few or page.sort != OFFICE_NAME else filters._replace(office=False)

        def build(source: FromClause, name: ColumnElement[Any], predicates: list[ColumnElement[bool]]) -> Select[Any]:
            wanted = [*predicates, *part, *matches(besides, bucket.withheld)]
            return select(*COLUMNS, name.label(page.sort)).select_from(source).where(*wanted)

        if not is_few:
            return walk(dialect, bucket, build, page, _only(filters))
        return _sorted_as_read(build(_source(page), _key(page), in_bucket(dialect, bucket)), page)

    order = keyset.order_of(page)
    rows = [of(bucket, part).subquery() for bucket in buckets for part in parts(filters)]
    return first_of([first(select(*each.c), order, "page_rows") for each in rows], order, "page_rows")


@lru_cache(maxsize=256)
def _narrow(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    """The list of those who are few."""
    return _sorted_after(dialect, buckets, filters, page, _source(page))


@lru_cache(maxsize=256)
def _members(
    dialect: Dialect, buckets: tuple[BucketShape, ...], besides: FilterShape, of: str, page: keyset.PageShape
) -> Select[Any]:
    """The list within a small group, bound by this name."""
    are_members = and_(memberships.c.customer_id == customers.c.id, *are_in_group(of))
    return _among(dialect, buckets, besides, page, memberships, are_members)


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
    return _sorted_after(dialect, buckets, besides, page, _source(page).join(few, are_theirs))


def _sorted_after(
    dialect: Dialect, buckets: tuple[BucketShape, ...], besides: FilterShape, page: keyset.PageShape, few: FromClause
) -> Select[Any]:
    """Of few rows, whoever is seen and matches, and then the order."""
    seen = or_(false(), *(and_(true(), *in_bucket(dialect, b), *matches(besides, b.withheld)) for b in buckets))
    part = or_(*(and_(true(), *one) for one in parts(besides)))
    found = select(*_selected(page)).select_from(few).where(seen, part)
    return first(_sorted_as_read(found, page), keyset.order_of(page), "page_rows")
