"""Scheduled assignments: by ID, the pending one of a customer, and the list over all that the viewer sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, bindparam, func, or_, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import ScheduledAssignment
from gql.db.queries import keyset
from gql.db.queries.records import Records
from gql.db.rows import ScheduledAssignmentRow
from gql.db.visibility import BucketShape, Build, Seeks, in_bucket, merged, parameters
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField
from gql.domain.scheduled_assignments import ScheduleStatus

_scheduled = ScheduledAssignment.__table__
_c = _scheduled.c

_COLUMNS: Final = (
    _c.id,
    _c.customer_id,
    _c.admin_id,
    _c.scheduled_by_id,
    _c.reason,
    _c.effective_at,
    _c.status,
    _c.refusal_codes,
    _c.created_at,
    _c.decided_at,
    _c.decided_by_id,
    _c.cancel_reason,
    _c.assignment_id,
)
SCHEDULED: Final = Records(
    select(*_COLUMNS), _c.customer_id, ScheduledAssignmentRow, field=CustomerField.SCHEDULED_ASSIGNMENT
)


@dataclass(frozen=True, slots=True)
class ScheduleCriteria:
    """Which of them; every given part must hold. An empty `statuses` matches none. `admin_id` is who shall follow."""

    statuses: frozenset[ScheduleStatus] | None = None
    admin_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ScheduleTotal:
    """Counts those that the viewer sees and that match."""

    criteria: ScheduleCriteria


class _Filters(NamedTuple):
    """All of the criteria that shows in the SQL."""

    statuses: tuple[ScheduleStatus, ...]
    admin: bool
    customer: bool

    @property
    def are_narrow(self) -> bool:
        """Whether they let few rows through, by an index of their own."""
        return self.admin or self.customer


def _filters(criteria: ScheduleCriteria) -> _Filters:
    wanted = ScheduleStatus if criteria.statuses is None else criteria.statuses
    statuses = tuple(status for status in ScheduleStatus if status in wanted)
    return _Filters(statuses, criteria.admin_id is not None, criteria.customer_id is not None)


def _bound(criteria: ScheduleCriteria, access: AccessMap) -> dict[str, Any]:
    filters = {"filter_admin": criteria.admin_id, "filter_customer": criteria.customer_id}
    return {name: value for name, value in filters.items() if value is not None} | dict(parameters(access))


def _matches(filters: _Filters) -> list[ColumnElement[bool]]:
    predicates = []
    if filters.admin:
        predicates.append(_c.admin_id == bindparam("filter_admin", type_=Uuid()))
    if filters.customer:
        predicates.append(_c.customer_id == bindparam("filter_customer", type_=Uuid()))
    return predicates


@lru_cache(maxsize=128)
def _list(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: _Filters, page: keyset.PageShape) -> Select[Any]:
    """Each status is a seek of its own, of each bucket and office: few of those that there are still wait."""
    matches = _matches(filters)

    def of_status(status: ScheduleStatus) -> Build:
        def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            # Offices that are sought one by one are told apart by this column.
            rows = SCHEDULED.rows.add_columns(_c.office_id).where(*predicates, *matches, _c.status == status)
            return keyset.within(rows, page, _c.effective_at, _c.id)

        return build

    builds = [of_status(status) for status in filters.statuses]
    seeks = Seeks.AT_ONCE if filters.are_narrow else Seeks.BY_OFFICE
    return merged(dialect, buckets, builds, keyset.order_of(page), "page_rows", seeks, of=_c)


async def list_scheduled(
    database: Database, access: AccessMap, criteria: ScheduleCriteria, page: PageRequest
) -> Page[Edge[ScheduledAssignmentRow]]:
    """One page of those that the viewer sees and that match. One statement."""
    total, filters, buckets = ScheduleTotal(criteria), _filters(criteria), SCHEDULED.shown(access)
    if not (buckets and filters.statuses):
        return keyset.to_page(page, [], total)
    statement = _list(database.dialect, buckets, filters, keyset.shape_of(page))
    bound = keyset.parameters(page) | _bound(criteria, access)
    rows = await database.rows(statement, bound, by_values=filters.are_narrow)
    return keyset.to_page(page, [keyset.edge(ScheduledAssignmentRow(*row[:-1]), page.sort) for row in rows], total)


@lru_cache(maxsize=64)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: _Filters) -> Select[Any]:
    is_wanted = or_(*(_c.status == status for status in filters.statuses))
    counts = [
        select(func.count().label("n"))
        .select_from(_scheduled)
        .where(*in_bucket(dialect, bucket, _c), *_matches(filters), is_wanted)
        for bucket in buckets
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_scheduled(database: Database, access: AccessMap, criteria: ScheduleCriteria) -> int:
    """How many `list_scheduled` has in all."""
    filters, buckets = _filters(criteria), SCHEDULED.shown(access)
    if not (buckets and filters.statuses):
        return 0
    statement, bound = _count(database.dialect, buckets, filters), _bound(criteria, access)
    rows = await database.rows(statement, bound, by_values=filters.are_narrow)
    return int(rows[0][0])


@lru_cache(maxsize=8)
def _pending(dialect: Dialect) -> Select[Any]:
    return SCHEDULED.rows.where(dialect.is_one_of(_c.customer_id, "ids"), _c.status == ScheduleStatus.PENDING)


async def pending_of(database: Database, customer_ids: Sequence[UUID]) -> list[ScheduledAssignmentRow | None]:
    """What is scheduled for each customer, whoever looks; None where nothing is. One statement."""
    rows = await database.rows(_pending(database.dialect), {"ids": list(customer_ids)})
    found = {row.customer_id: ScheduledAssignmentRow(*row) for row in rows}
    return [found.get(key) for key in customer_ids]
