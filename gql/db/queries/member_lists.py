"""A group's members, as they joined, or filtered, searched and sorted as customers are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.queries import below, keyset, memberships
from gql.db.queries.customer_filters import FilterShape, filter_parameters, filter_shape, matches, parts
from gql.db.queries.customer_lists import CustomersTotal, list_customers
from gql.db.queries.customer_reads import usable
from gql.db.queries.memberships import MEMBERS, member_edge
from gql.db.rows import CustomerRow, MembershipEdge, MembershipRow
from gql.db.visibility import BucketShape, parameters
from gql.domain.listing import BY_SINCE, CustomerCriteria
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

_c = memberships.memberships.c


@dataclass(frozen=True, slots=True)
class MembersRequest:
    """A page of a group's members, of those who match; by when they joined, or by an order of customers."""

    page: PageRequest
    criteria: CustomerCriteria | None = None

    @property
    def is_by_since(self) -> bool:
        """Whether the order is that of joining."""
        return self.page.sort.name == BY_SINCE.name


async def members(
    database: Database, access: AccessMap, group_ids: Sequence[UUID], request: MembersRequest
) -> list[Page[MembershipEdge]]:
    """The same page of each group's members, as far as the viewer sees them, and what the filter asks of them.

    One statement in the order of joining; in another order one list of customers for each group.
    """
    if request.is_by_since and request.criteria is None:
        return await memberships.members(database, access, group_ids, request.page)
    page = request.page._replace(brief=False, bare=False)
    if request.is_by_since and request.criteria is not None:
        return await _matching(database, access, group_ids, page, request.criteria)
    criteria = request.criteria or CustomerCriteria()
    return [await _sorted(database, access, key, page, replace(criteria, member_of=key)) for key in group_ids]


@lru_cache(maxsize=256)
def _matching_pages(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape, page: keyset.PageShape
) -> Select[Any]:
    is_of_a_part = or_(false(), *(and_(true(), *one) for one in parts(filters)))

    def wanted(bucket: BucketShape) -> list[ColumnElement[bool]]:
        return [is_of_a_part, *matches(filters, bucket.withheld)]

    return below.pages(dialect, MEMBERS, _c.group_id, page, buckets, wanted)


async def _matching(
    database: Database,
    access: AccessMap,
    group_ids: Sequence[UUID],
    page: PageRequest,
    criteria: CustomerCriteria,
) -> list[Page[MembershipEdge]]:
    def total(group_id: UUID) -> CustomersTotal:
        return CustomersTotal(replace(criteria, member_of=group_id), page.sort.name)

    filters = filter_shape(criteria)
    buckets = usable(access, filters, page.sort.name)
    if not buckets:
        return [keyset.to_page(page, [], total(key)) for key in group_ids]
    statement = _matching_pages(database.dialect, buckets, filters, keyset.shape_of(page))
    bound = {**parameters(access), **filter_parameters(criteria)}
    edge = member_edge(access, page)
    return await below.read_pages(database, statement, group_ids, page, edge=edge, total=total, parameters=bound)


async def _sorted(
    database: Database, access: AccessMap, group_id: UUID, page: PageRequest, criteria: CustomerCriteria
) -> Page[MembershipEdge]:
    """The list of customers, each with the facts of the membership. Who left between the two reads is left out."""
    found = await list_customers(database, access, criteria, page)
    spans = await _spans(database, group_id, [edge.node.id for edge in found.edges])
    edges = [_with_span(edge, spans[edge.node.id]) for edge in found.edges if edge.node.id in spans]
    return Page(edges, found.sort, found.has_next_page, found.has_previous_page, found.total)


def _with_span(edge: Edge[CustomerRow], span: MembershipRow) -> MembershipEdge:
    return MembershipEdge(edge.node, edge.position, edge.sort, span)


async def _spans(database: Database, group_id: UUID, customer_ids: Sequence[UUID]) -> dict[UUID, MembershipRow]:
    are_theirs = (database.dialect.is_one_of(_c.customer_id, "ids"), _c.group_id == group_id, _c.until.is_(None))
    rows = await database.rows(select(*memberships.COLUMNS).where(*are_theirs), {"ids": [*customer_ids]})
    return {row.customer_id: MembershipRow(*row) for row in rows}
