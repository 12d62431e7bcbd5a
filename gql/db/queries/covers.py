"""Covers: those of a book or by a delegate, and single ones, as far as the viewer sees whom they are about.

Whether the viewer reads others' covers at all is asked before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, or_, select
from sqlalchemy.sql.elements import KeyedColumnElement

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Cover, Customer
from gql.db.queries import below, keyset
from gql.db.rows import CoverRow
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

_covers: Any = Cover.__table__
_customers: Any = Customer.__table__
_c = _covers.c

_ROWS = select(
    _c.id,
    _c.kind,
    _c.delegate_id,
    _c.manager_id,
    _c.customer_id,
    _c.granted_by_id,
    _c.reason,
    _c.starts_at,
    _c.ends_at,
    _c.ended_at,
    _c.ended_by_id,
    _c.end_reason,
    _c.created_at,
    _customers.c.account_manager_id,
    _customers.c.office_id,
).outerjoin_from(_covers, _customers, _customers.c.id == _c.customer_id)


@dataclass(frozen=True, slots=True)
class HeldTotal:
    """Counts the covers that one admin has or had, as far as the viewer sees them."""

    admin_id: UUID


@dataclass(frozen=True, slots=True)
class GivenTotal:
    """Counts the covers of one admin's book and customers, as far as the viewer sees them."""

    admin_id: UUID


def _to_row(row: AnyRow, access: AccessMap) -> CoverRow:
    columns: Sequence[Any] = row[:-2]
    manager_id, office_id = row[-2:]
    seen = None if office_id is None else access.to(row.customer_id, manager_id, office_id)
    return CoverRow(*(*columns, seen))


@lru_cache(maxsize=64)
def _rows(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    viewer = bindparam("viewer_id", type_=Uuid())
    is_partys: ColumnElement[bool] = or_(_c.delegate_id == viewer, _c.manager_id == viewer, _c.granted_by_id == viewer)
    return _ROWS.where(or_(_c.customer_id.is_(None), is_partys, is_visible(dialect, buckets)))


@lru_cache(maxsize=128)
def _pages(
    dialect: Dialect, buckets: tuple[BucketShape, ...], parent: KeyedColumnElement[Any], page: keyset.PageShape
) -> Select[Any]:
    return below.pages(dialect, _rows(dialect, buckets), parent, page)


@lru_cache(maxsize=64)
def _counts(dialect: Dialect, buckets: tuple[BucketShape, ...], parent: KeyedColumnElement[Any]) -> Select[Any]:
    return below.counts(dialect, _rows(dialect, buckets), parent)


async def covers_held(
    database: Database, access: AccessMap, admin_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[CoverRow]]]:
    """The same page of the covers that each admin has or had. One statement."""
    return await _read(database, access, admin_ids, page, _c.delegate_id, HeldTotal)


async def covers_given(
    database: Database, access: AccessMap, admin_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[CoverRow]]]:
    """The same page of the covers of each admin's book and customers. One statement."""
    return await _read(database, access, admin_ids, page, _c.manager_id, GivenTotal)


async def _read(
    database: Database,
    access: AccessMap,
    admin_ids: Sequence[UUID],
    page: PageRequest,
    parent: KeyedColumnElement[Any],
    total: Callable[[UUID], HeldTotal | GivenTotal],
) -> list[Page[Edge[CoverRow]]]:
    name = parent.key

    def edge(row: AnyRow) -> tuple[UUID, Edge[CoverRow]]:
        return getattr(row, name), keyset.edge(_to_row(row, access), page.sort)

    statement = _pages(database.dialect, shapes_of(access), parent, keyset.shape_of(page))
    bound = parameters(access)
    return await below.read_pages(database, statement, admin_ids, page, edge=edge, total=total, parameters=bound)


async def count_held(database: Database, access: AccessMap, totals: Sequence[HeldTotal]) -> list[int]:
    """How many each list of `covers_held` has. One statement."""
    return await _count(database, access, [total.admin_id for total in totals], _c.delegate_id)


async def count_given(database: Database, access: AccessMap, totals: Sequence[GivenTotal]) -> list[int]:
    """How many each list of `covers_given` has. One statement."""
    return await _count(database, access, [total.admin_id for total in totals], _c.manager_id)


async def _count(
    database: Database, access: AccessMap, parents: Sequence[UUID], parent: KeyedColumnElement[Any]
) -> list[int]:
    statement = _counts(database.dialect, shapes_of(access), parent)
    return await below.read_counts(database, statement, parents, parameters(access))


@lru_cache(maxsize=64)
def _by_id(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return _rows(dialect, buckets).where(dialect.is_one_of(_c.id, "ids"))


async def covers_by_id(database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[CoverRow | None]:
    """Covers by ID, in that order; None where it is neither theirs nor about anybody they see."""
    statement = _by_id(database.dialect, shapes_of(access))
    rows = await database.rows(statement, {"ids": list(ids), **parameters(access)})
    found = {row.id: _to_row(row, access) for row in rows}
    return [found.get(key) for key in ids]
