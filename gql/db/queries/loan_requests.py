"""Loan requests: below their customers, by ID, of loans, and the queue over all that the viewer sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, bindparam, func, or_, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.loan_rows import LoanRequestRow
from gql.db.models import Customer, LoanRequest
from gql.db.queries import keyset
from gql.db.queries.records import Records
from gql.db.visibility import BucketShape, Build, Seeks, in_bucket, is_visible, merged, parameters
from gql.domain.loan_requests import RequestStatus
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

_requests = LoanRequest.__table__
_customers = Customer.__table__

LOAN_REQUESTS: Final = Records(
    select(
        _requests.c.id,
        _requests.c.customer_id,
        _requests.c.office_id,
        _requests.c.account_manager_id,
        _requests.c.product,
        _requests.c.amount_minor,
        _requests.c.currency,
        _requests.c.purpose,
        _requests.c.status,
        _requests.c.submitted_by_id,
        _requests.c.submitted_at,
        _requests.c.reviewer_id,
        _requests.c.review_started_at,
        _requests.c.decided_by_id,
        _requests.c.decided_at,
        _requests.c.decision_reason,
        _requests.c.loan_id,
    ),
    _requests.c.customer_id,
    LoanRequestRow,
    field=CustomerField.LOAN_REQUESTS,
)


@dataclass(frozen=True, slots=True)
class RequestCriteria:
    """Which requests; every given part must hold. An empty `statuses` matches none."""

    statuses: frozenset[RequestStatus] | None = None
    account_manager_id: UUID | None = None
    office_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class QueueTotal:
    """Counts the requests that the viewer sees and that match."""

    criteria: RequestCriteria


class _Filters(NamedTuple):
    """All of the criteria that shows in the SQL."""

    statuses: tuple[RequestStatus, ...]
    manager: bool
    office: bool


def _filters(criteria: RequestCriteria) -> _Filters:
    wanted = RequestStatus if criteria.statuses is None else criteria.statuses
    statuses = tuple(status for status in RequestStatus if status in wanted)
    return _Filters(statuses, criteria.account_manager_id is not None, criteria.office_id is not None)


def _bound(criteria: RequestCriteria, access: AccessMap) -> dict[str, Any]:
    filters = {"filter_manager": criteria.account_manager_id, "filter_office": criteria.office_id}
    return {name: value for name, value in filters.items() if value is not None} | dict(parameters(access))


def _matches(filters: _Filters) -> list[ColumnElement[bool]]:
    predicates = []
    if filters.manager:
        predicates.append(_requests.c.account_manager_id == bindparam("filter_manager", type_=Uuid()))
    if filters.office:
        predicates.append(_requests.c.office_id == bindparam("filter_office", type_=Uuid()))
    return predicates


@lru_cache(maxsize=256)
def _queue(
    dialect: Dialect, buckets: tuple[BucketShape, ...], filters: _Filters, page: keyset.PageShape
) -> Select[Any]:
    """Each status is a seek of its own, of each bucket and office: few of the requests that there are still wait."""
    matches = _matches(filters)

    def of_status(status: RequestStatus) -> Build:
        def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            rows = LOAN_REQUESTS.rows.where(*predicates, *matches, _requests.c.status == status)
            return keyset.within(rows, page, _requests.c[page.sort], _requests.c.id)

        return build

    builds = [of_status(status) for status in filters.statuses]
    seeks = Seeks.AT_ONCE if matches else Seeks.BY_OFFICE  # one book or one office is one seek
    return merged(dialect, buckets, builds, keyset.order_of(page), "page_rows", seeks, of=_requests.c)


async def list_requests(
    database: Database, access: AccessMap, criteria: RequestCriteria, page: PageRequest
) -> Page[Edge[LoanRequestRow]]:
    """One page of the requests that the viewer sees and that match. One statement."""
    total, filters, buckets = QueueTotal(criteria), _filters(criteria), LOAN_REQUESTS.shown(access)
    if not (buckets and filters.statuses):
        return keyset.to_page(page, [], total)
    statement = _queue(database.dialect, buckets, filters, keyset.shape_of(page))
    bound = keyset.parameters(page) | _bound(criteria, access)
    rows = await database.rows(statement, bound, by_values=filters.manager or filters.office)
    return keyset.to_page(page, [keyset.edge(LoanRequestRow(*row), page.sort) for row in rows], total)


@lru_cache(maxsize=128)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: _Filters) -> Select[Any]:
    is_wanted = or_(*(_requests.c.status == status for status in filters.statuses))
    counts = [
        select(func.count().label("n"))
        .select_from(_requests)
        .where(*in_bucket(dialect, bucket, _requests.c), *_matches(filters), is_wanted)
        for bucket in buckets
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_requests(database: Database, access: AccessMap, criteria: RequestCriteria) -> int:
    """How many requests `list_requests` has in all."""
    filters, buckets = _filters(criteria), LOAN_REQUESTS.shown(access)
    if not (buckets and filters.statuses):
        return 0
    bound = _bound(criteria, access)
    by_values = filters.manager or filters.office
    rows = await database.rows(_count(database.dialect, buckets, filters), bound, by_values=by_values)
    return int(rows[0][0])


@lru_cache(maxsize=64)
def _of_loans(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    rows = LOAN_REQUESTS.rows.join(_customers, _customers.c.id == _requests.c.customer_id)
    return rows.where(dialect.is_one_of(_requests.c.loan_id, "ids"), is_visible(dialect, buckets))


async def requests_of_loans(
    database: Database, access: AccessMap, loan_ids: Sequence[UUID]
) -> list[LoanRequestRow | None]:
    """The requests that the loans came of; None where there is none, or none that the viewer sees."""
    statement = _of_loans(database.dialect, LOAN_REQUESTS.shown(access))
    rows = await database.rows(statement, {"ids": list(loan_ids), **parameters(access)})
    found = {row.loan_id: LoanRequestRow(*row) for row in rows}
    return [found.get(key) for key in loan_ids]
