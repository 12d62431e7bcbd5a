"""The audit trail: events by filter, those of customers, single ones; as far as the viewer sees whom they are about.

Whoever sees every customer reads all events. For others the database leaves out those about customers whom they don't
see. Whether the viewer may read the trail at all is asked before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, and_, bindparam, exists, func, literal_column, or_, select

from gql.db.audit_rows import AuditEventRow
from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import AuditEvent, Customer
from gql.db.models.base import UTCDateTime
from gql.db.queries import below, keyset
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.audit import OF_NO_CUSTOMER, AuditCriteria
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap

_events: Any = AuditEvent.__table__
_customers: Any = Customer.__table__

_COLUMNS = (
    _events.c.id,
    _events.c.at,
    _events.c.actor_kind,
    _events.c.actor_id,
    _events.c.action,
    _events.c.subject_kind,
    _events.c.subject_id,
    _events.c.details,
    _events.c.request_id,
    _events.c.customer_id,
    _events.c.address,
    _events.c.denied,
)
_ROWS = select(*_COLUMNS, _customers.c.account_manager_id, _customers.c.office_id).outerjoin_from(
    _events, _customers, _customers.c.id == _events.c.customer_id
)


@dataclass(frozen=True, slots=True)
class AuditTotal:
    """Counts the events that match and that the viewer may read."""

    criteria: AuditCriteria


@dataclass(frozen=True, slots=True)
class TrailTotal:
    """Counts one customer's events."""

    customer_id: UUID


class _Shape(NamedTuple):
    """All of the criteria and the viewer that shows in the SQL; `buckets` is None for who sees everybody."""

    actor: bool
    subject: bool
    customer: bool
    actions: bool
    since: bool
    until: bool
    denied_only: bool
    buckets: tuple[BucketShape, ...] | None


def _shape(criteria: AuditCriteria, access: AccessMap) -> _Shape:
    return _Shape(
        criteria.actor_id is not None,
        criteria.subject_id is not None,
        criteria.customer_id is not None,
        criteria.actions is not None,
        criteria.since is not None,
        criteria.until is not None,
        criteria.denied_only,
        None if access.sees_everybody else shapes_of(access),
    )


def _matches(dialect: Dialect, shape: _Shape) -> list[ColumnElement[bool]]:
    """All but the actions."""
    c, found = _events.c, list[ColumnElement[bool]]()
    for wanted, column in ((shape.actor, c.actor_id), (shape.subject, c.subject_id), (shape.customer, c.customer_id)):
        if wanted:
            found.append(column == bindparam(f"of_{column.name}", type_=Uuid()))
    if shape.since:
        found.append(c.at >= bindparam("since", type_=UTCDateTime()))
    if shape.until:
        found.append(c.at < bindparam("until", type_=UTCDateTime()))
    if shape.denied_only:
        found.append(c.denied)
    if shape.buckets is not None:
        found.append(_is_readable(dialect, shape.buckets))
    return found


def _is_readable(dialect: Dialect, buckets: Sequence[BucketShape]) -> ColumnElement[bool]:
    c = _events.c
    of_nobodys_kind = (c.subject_kind == literal_column(f"'{kind}'", Text()) for kind in OF_NO_CUSTOMER)
    of_nobody = and_(c.customer_id.is_(None), or_(c.subject_id.is_(None), *of_nobodys_kind))
    of_visible = exists().where(_customers.c.id == c.customer_id, is_visible(dialect, buckets)).correlate(_events)
    return or_(of_nobody, of_visible)


def _bound(criteria: AuditCriteria, access: AccessMap) -> dict[str, Any]:
    given = {
        "of_actor_id": criteria.actor_id,
        "of_subject_id": criteria.subject_id,
        "of_customer_id": criteria.customer_id,
        "actions": None if criteria.actions is None else sorted(criteria.actions),
        "since": criteria.since,
        "until": criteria.until,
    }
    bound = {name: value for name, value in given.items() if value is not None}
    return bound if access.sees_everybody else {**bound, **parameters(access)}


def _to_row(row: AnyRow, access: AccessMap) -> AuditEventRow:
    columns: Sequence[Any] = row[:-2]
    manager_id, office_id = row[-2:]
    return AuditEventRow(*(*columns, None if office_id is None else access.to(row.customer_id, manager_id, office_id)))


@lru_cache(maxsize=256)
def _list(dialect: Dialect, shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    order, predicates = keyset.order_of(page), _matches(dialect, shape)

    def part(*of_action: ColumnElement[bool]) -> Select[Any]:
        return keyset.within(_ROWS.where(*predicates, *of_action), page, _events.c.at, _events.c.id)

    if not shape.actions:
        return part().order_by(*order(_events.c)).limit(bindparam("page_rows"))

    def of_one(is_action: ColumnElement[bool], outer: Any) -> Select[Any]:
        statement = part(is_action)
        if outer is None:
            return statement
        return statement.correlate(outer).order_by(*order(_events.c)).limit(bindparam("page_rows"))

    # The newest of each action, by its index, and of these the newest: many other events may lie between.
    heads = dialect.for_each(_events.c.action, "actions", of_one, order, "page_rows").subquery("heads")
    return select(*heads.c).order_by(*order(heads.c)).limit(bindparam("page_rows"))


async def list_events(
    database: Database, access: AccessMap, criteria: AuditCriteria, page: PageRequest
) -> Page[Edge[AuditEventRow]]:
    """One page of the events that match."""
    statement = _list(database.dialect, _shape(criteria, access), keyset.shape_of(page))
    rows = await database.rows(statement, keyset.parameters(page) | _bound(criteria, access))
    edges = [keyset.edge(_to_row(row, access), page.sort) for row in rows]
    return keyset.to_page(page, edges, AuditTotal(criteria))


@lru_cache(maxsize=64)
def _count(dialect: Dialect, shape: _Shape) -> Select[Any]:
    statement = select(func.count()).select_from(_events).where(*_matches(dialect, shape))
    return statement.where(dialect.is_one_of(_events.c.action, "actions")) if shape.actions else statement


async def count_events(database: Database, access: AccessMap, criteria: AuditCriteria) -> int:
    """How many events match."""
    statement = _count(database.dialect, _shape(criteria, access))
    [[count]] = await database.rows(statement, _bound(criteria, access))
    return int(count)


@lru_cache(maxsize=64)
def _trails(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _ROWS, _events.c.customer_id, page)


async def trails(
    database: Database, access: AccessMap, customer_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[AuditEventRow]]]:
    """The same page of each customer's events; the customers are visible ones. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[AuditEventRow]]:
        return row.customer_id, keyset.edge(_to_row(row, access), page.sort)

    statement = _trails(database.dialect, keyset.shape_of(page))
    return await below.read_pages(database, statement, customer_ids, page, edge=edge, total=TrailTotal)


@lru_cache(maxsize=4)
def _trail_counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, select(_events.c.customer_id), _events.c.customer_id)


async def count_trails(database: Database, totals: Sequence[TrailTotal]) -> list[int]:
    """How many events each customer has. One statement."""
    parents = [total.customer_id for total in totals]
    return await below.read_counts(database, _trail_counts(database.dialect), parents)


@lru_cache(maxsize=64)
def _by_id(dialect: Dialect, shape: _Shape) -> Select[Any]:
    return _ROWS.where(dialect.is_one_of(_events.c.id, "ids"), *_matches(dialect, shape))


async def events_by_id(database: Database, access: AccessMap, ids: Sequence[UUID]) -> list[AuditEventRow | None]:
    """Events by ID, in that order; None for any that isn't there for this viewer."""
    everything = AuditCriteria()
    statement = _by_id(database.dialect, _shape(everything, access))
    rows = await database.rows(statement, {"ids": list(ids), **_bound(everything, access)})
    found = {row.id: _to_row(row, access) for row in rows}
    return [found.get(key) for key in ids]
