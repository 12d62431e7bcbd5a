"""Memberships: a group's members as far as the viewer sees them, a customer's groups, and single ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.brief_rows import BriefGroupRow
from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Customer, Group, Membership
from gql.db.queries import below, customers, groups, keyset
from gql.db.queries.records import of_visible
from gql.db.rows import GroupRow, MembershipEdge, MembershipRow
from gql.db.visibility import BucketShape, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest, Position, Sort
from gql.domain.policies import AccessMap

memberships = Membership.__table__

COLUMNS = (
    memberships.c.id,
    memberships.c.group_id,
    memberships.c.customer_id,
    memberships.c.since,
    memberships.c.until,
    memberships.c.added_by_id,
    memberships.c.reason,
    memberships.c.flag,
    memberships.c.removed_by_id,
    memberships.c.removal_reason,
)
_WIDTH = len(COLUMNS)
_BARE_COLUMNS = (memberships.c.id, memberships.c.group_id, memberships.c.customer_id, memberships.c.since)
_BARE_WIDTH = len(_BARE_COLUMNS)

# Both nouns' keys are in the membership already; the rest of their columns follow it.
MEMBERS = (
    select(*COLUMNS, *(c.label(f"customer_{c.key}") for c in customers.COLUMNS[1:]))
    .join_from(memberships, Customer.__table__, memberships.c.customer_id == Customer.__table__.c.id)
    .where(memberships.c.until.is_(None))
)
_CUSTOMER_IN_BRIEF = tuple(c.label(f"customer_{c.key}") for c in customers.BRIEF_COLUMNS[1:])
_MEMBERS_IN_BRIEF = MEMBERS.with_only_columns(*COLUMNS, *_CUSTOMER_IN_BRIEF)
_BARE_MEMBERS = MEMBERS.with_only_columns(*_BARE_COLUMNS, *_CUSTOMER_IN_BRIEF)
_GROUPS = (
    select(*COLUMNS, *(c.label(f"group_{c.key}") for c in groups.COLUMNS[1:]))
    .join_from(memberships, Group.__table__, memberships.c.group_id == Group.__table__.c.id)
    .where(memberships.c.until.is_(None))
)
_GROUP_IN_BRIEF = tuple(c.label(f"group_{c.key}") for c in groups.BRIEF_COLUMNS[1:])
_GROUPS_IN_BRIEF = _GROUPS.with_only_columns(*COLUMNS, *_GROUP_IN_BRIEF)
_BARE_GROUPS = _GROUPS.with_only_columns(*_BARE_COLUMNS, *_GROUP_IN_BRIEF)


FORMER = (
    select(*COLUMNS)
    .join_from(memberships, Customer.__table__, memberships.c.customer_id == Customer.__table__.c.id)
    .where(memberships.c.until.is_not(None))
)


@dataclass(frozen=True, slots=True)
class MembersTotal:
    """Counts the members of one group whom the viewer sees."""

    group_id: UUID


@dataclass(frozen=True, slots=True)
class FormerTotal:
    """Counts the memberships of one group that are over, of customers whom the viewer sees."""

    group_id: UUID


@dataclass(frozen=True, slots=True)
class GroupsTotal:
    """Counts the groups that one customer is in."""

    customer_id: UUID


def _edge(row: AnyRow, node: Any, sort: Sort) -> MembershipEdge:
    membership = MembershipRow(*row[:_WIDTH])
    return MembershipEdge(node, Position(membership.since, membership.id), sort, membership)


def _bare(row: AnyRow, node: Any, sort: Sort) -> Edge[Any]:
    return Edge(node, Position(row.since, row.id), sort)


@lru_cache(maxsize=256)
def _member_pages(dialect: Dialect, buckets: tuple[BucketShape, ...], page: keyset.PageShape) -> Select[Any]:
    brief = _BARE_MEMBERS if page.bare else _MEMBERS_IN_BRIEF
    members = brief if page.brief else MEMBERS
    return below.pages(dialect, members, memberships.c.group_id, page, buckets)


async def members(
    database: Database, access: AccessMap, group_ids: Sequence[UUID], page: PageRequest
) -> list[Page[MembershipEdge]]:
    """The same page of each group's members, as far as the viewer sees them, by when they joined. One statement."""
    statement = _member_pages(database.dialect, shapes_of(access), keyset.shape_of(page))
    edge, bound = member_edge(access, page), parameters(access)
    return await below.read_pages(database, statement, group_ids, page, edge=edge, total=MembersTotal, parameters=bound)


def member_edge(access: AccessMap, page: PageRequest) -> Callable[[AnyRow], tuple[UUID, Edge[Any]]]:
    """Makes of a row of MEMBERS, or of what a brief page has of it, the group's key and the edge of its list."""
    to_row = customers.to_brief if page.brief else customers.to_row

    def bare(row: AnyRow) -> tuple[UUID, Edge[Any]]:
        return row.group_id, _bare(row, to_row((row.customer_id, *row[_BARE_WIDTH:]), access), page.sort)

    def edge(row: AnyRow) -> tuple[UUID, MembershipEdge]:
        return row.group_id, _edge(row, to_row((row.customer_id, *row[_WIDTH:]), access), page.sort)

    return bare if page.bare else edge


@lru_cache(maxsize=64)
def _member_counts(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return below.counts(dialect, MEMBERS, memberships.c.group_id, buckets)


async def count_members(database: Database, access: AccessMap, totals: Sequence[MembersTotal]) -> list[int]:
    """How many members of each group the viewer sees. One statement."""
    buckets = shapes_of(access)
    parents = [total.group_id for total in totals]
    statement = _member_counts(database.dialect, buckets)
    return await below.read_counts(database, statement, parents, parameters(access))


@lru_cache(maxsize=256)
def _former_pages(dialect: Dialect, buckets: tuple[BucketShape, ...], page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, FORMER, memberships.c.group_id, page, buckets)


async def former_members(
    database: Database, access: AccessMap, group_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[MembershipRow]]]:
    """The same page of each group's memberships that are over, of customers whom the viewer sees. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[MembershipRow]]:
        return row.group_id, keyset.edge(MembershipRow(*row[:_WIDTH]), page.sort)

    statement = _former_pages(database.dialect, shapes_of(access), keyset.shape_of(page))
    bound = parameters(access)
    return await below.read_pages(database, statement, group_ids, page, edge=edge, total=FormerTotal, parameters=bound)


@lru_cache(maxsize=64)
def _former_counts(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return below.counts(dialect, FORMER, memberships.c.group_id, buckets)


async def count_former(database: Database, access: AccessMap, totals: Sequence[FormerTotal]) -> list[int]:
    """How many memberships of each group are over, of customers whom the viewer sees. One statement."""
    parents = [total.group_id for total in totals]
    statement = _former_counts(database.dialect, shapes_of(access))
    return await below.read_counts(database, statement, parents, parameters(access))


@lru_cache(maxsize=64)
def _group_pages(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    brief = _BARE_GROUPS if page.bare else _GROUPS_IN_BRIEF
    return below.pages(dialect, brief if page.brief else _GROUPS, memberships.c.customer_id, page)


async def groups_of(database: Database, customer_ids: Sequence[UUID], page: PageRequest) -> list[Page[MembershipEdge]]:
    """The same page of the groups of each customer, who must be one whose groups the viewer may see."""

    of_group: Any = BriefGroupRow if page.brief else GroupRow

    def edge(row: AnyRow) -> tuple[UUID, MembershipEdge]:
        return row.customer_id, _edge(row, of_group(row.group_id, *row[_WIDTH:]), page.sort)

    def bare(row: AnyRow) -> tuple[UUID, Edge[Any]]:
        return row.customer_id, _bare(row, of_group(row.group_id, *row[_BARE_WIDTH:]), page.sort)

    statement, made = _group_pages(database.dialect, keyset.shape_of(page)), bare if page.bare else edge
    return await below.read_pages(database, statement, customer_ids, page, edge=made, total=GroupsTotal)


@lru_cache(maxsize=8)
def _group_counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _GROUPS, memberships.c.customer_id)


async def count_groups_of(database: Database, totals: Sequence[GroupsTotal]) -> list[int]:
    """How many groups each customer is in. One statement."""
    parents = [total.customer_id for total in totals]
    return await below.read_counts(database, _group_counts(database.dialect), parents)


@lru_cache(maxsize=64)
def _by_id(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return of_visible(dialect, select(*COLUMNS), memberships.c.customer_id, buckets)


async def memberships_by_id(database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[MembershipRow | None]:
    """The memberships of visible customers, in the order of `ids`; None for any other, there or not."""
    rows = await database.rows(_by_id(database.dialect, shapes_of(access)), {"ids": list(ids), **parameters(access)})
    found = {row.id: MembershipRow(*row) for row in rows}
    return [found.get(key) for key in ids]


async def open_membership_edge(
    database: Database, access: AccessMap, membership_id: UUID, sort: Sort
) -> MembershipEdge | None:
    """One membership as the edge that the group's list has for it; None where the viewer doesn't see the customer."""
    rows = await database.rows(MEMBERS.where(memberships.c.id == membership_id))
    for row in rows:
        customer = customers.to_row((row.customer_id, *row[_WIDTH:]), access)
        if customer.access.is_visible:
            return _edge(row, customer, sort)
    return None
