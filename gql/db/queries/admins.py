"""Admins: lists, those of an office, who can be assigned, their roles, and rows by ID."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, exists, func, or_, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Admin, AdminRole, Office
from gql.db.models import Role as RoleModel
from gql.db.queries import below, keyset
from gql.db.queries.customer_filters import LAST_CHARACTER, prefixed
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.db.rows import AdminRow
from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.listing import AdminCriteria
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.roles import Role
from gql.domain.search import search_key

admins = Admin.__table__
admin_roles = AdminRole.__table__
offices = Office.__table__
roles = RoleModel.__table__

COLUMNS = (
    admins.c.id,
    admins.c.name,
    admins.c.email,
    admins.c.phone,
    admins.c.office_id,
    admins.c.status,
    admins.c.created_at,
    admins.c.updated_at,
)
_OF_OFFICE = select(*COLUMNS)


@dataclass(frozen=True, slots=True)
class AdminsTotal:
    """Counts the admins that match."""

    criteria: AdminCriteria


@dataclass(frozen=True, slots=True)
class StaffTotal:
    """Counts the admins of one office."""

    office_id: UUID


class _Shape(NamedTuple):
    office: bool
    statuses: bool
    search: bool
    assignable: bool


def _shape(criteria: AdminCriteria) -> _Shape:
    return _Shape(
        criteria.office_id is not None,
        criteria.statuses is not None,
        criteria.search is not None,
        criteria.assignable,
    )


def assignable() -> list[ColumnElement[bool]]:
    """`domain.assignments` says the same of one admin; a test holds the two together."""
    never = select(admin_roles.c.admin_id).where(
        admin_roles.c.admin_id == admins.c.id, admin_roles.c.role_id == roles.c.id, roles.c.never_holds_book
    )
    of_active_office = select(offices.c.id).where(
        offices.c.id == admins.c.office_id, offices.c.status == OfficeStatus.ACTIVE
    )
    return [admins.c.status == AdminStatus.ACTIVE, exists(of_active_office), ~exists(never)]


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    predicates: list[ColumnElement[bool]] = []
    if shape.office:
        predicates.append(admins.c.office_id == bindparam("office_id", type_=Uuid()))
    if shape.statuses:
        predicates.append(dialect.is_one_of(admins.c.status, "statuses"))
    if shape.search:
        email = admins.c.email.between(bindparam("email_from", type_=Text()), bindparam("email_to", type_=Text()))
        any_word = admins.c.search_name.contains(bindparam("search_word", type_=Text()), autoescape=False)
        predicates.append(or_(prefixed(admins.c.search_name), any_word, email))
    if shape.assignable:
        predicates += assignable()
    return predicates


def _parameters(criteria: AdminCriteria) -> dict[str, Any]:
    bound: dict[str, Any] = {}
    if criteria.office_id is not None:
        bound["office_id"] = criteria.office_id
    if criteria.statuses is not None:
        bound["statuses"] = sorted(criteria.statuses)
    if criteria.search is not None:
        key = search_key(criteria.search)  # words of letters and digits: nothing in it is a wildcard
        bound |= {"search_from": key, "search_to": key + LAST_CHARACTER, "search_word": f" {key}"}
        email = criteria.search.strip().lower()
        bound |= {"email_from": email, "email_to": email + LAST_CHARACTER}
    return bound


@lru_cache(maxsize=64)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    statement = keyset.within(select(*COLUMNS).where(*_matches(dialect, shape)), page, admins.c[page.sort], admins.c.id)
    return statement.order_by(*keyset.order_of(page)(admins.c)).limit(bindparam("page_rows"))


async def list_admins(database: Database, criteria: AdminCriteria, page: PageRequest) -> Page[Edge[AdminRow]]:
    """One page of the admins that match."""
    rows = await database.rows(
        _list(database.dialect, _shape(criteria), keyset.shape_of(page)),
        keyset.parameters(page) | _parameters(criteria),
    )
    edges = [keyset.edge(AdminRow(*row), page.sort) for row in rows]
    return keyset.to_page(page, edges, AdminsTotal(criteria))


@lru_cache(maxsize=16)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    return select(func.count()).select_from(admins).where(*_matches(dialect, shape))


async def count_admins(database: Database, criteria: AdminCriteria) -> int:
    """How many admins match."""
    rows = await database.rows(_count(database.dialect, _shape(criteria)), _parameters(criteria))
    return int(rows[0][0])


@lru_cache(maxsize=32)
def _staff(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _OF_OFFICE, admins.c.office_id, page)


async def staff(database: Database, office_ids: Sequence[UUID], page: PageRequest) -> list[Page[Edge[AdminRow]]]:
    """The same page of each office's admins. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[AdminRow]]:
        return row.office_id, keyset.edge(AdminRow(*row), page.sort)

    statement = _staff(database.dialect, keyset.shape_of(page))
    return await below.read_pages(database, statement, office_ids, page, edge=edge, total=StaffTotal)


@lru_cache(maxsize=8)
def _staff_counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _OF_OFFICE, admins.c.office_id)


async def count_staff(database: Database, totals: Sequence[StaffTotal]) -> list[int]:
    """How many admins each office has. One statement."""
    parents = [total.office_id for total in totals]
    return await below.read_counts(database, _staff_counts(database.dialect), parents)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(admins.c.id, "ids"))


async def admins_by_id(database: Database, ids: Sequence[UUID]) -> list[AdminRow | None]:
    """Admins by ID, in that order."""
    found = {row.id: AdminRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _roles(dialect: Dialect) -> Select[Any]:
    return (
        select(admin_roles.c.admin_id, *ROLE_COLUMNS)
        .join_from(admin_roles, roles, admin_roles.c.role_id == roles.c.id)
        .where(dialect.is_one_of(admin_roles.c.admin_id, "ids"))
    )


async def roles_of(database: Database, admin_ids: Sequence[UUID]) -> list[list[Role]]:
    """Each admin's roles, by name. One statement."""
    found: dict[UUID, list[Role]] = {key: [] for key in admin_ids}
    for row in await database.rows(_roles(database.dialect), {"ids": list(admin_ids)}):
        found[row.admin_id].append(role_of(row))
    return [by_name(found[key]) for key in admin_ids]


def by_name(of_admin: Iterable[Role]) -> list[Role]:
    """Roles in the order that clients see."""
    return sorted(of_admin, key=lambda role: role.name)
