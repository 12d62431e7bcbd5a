"""Jobs by ID and as a list, and the customers of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, func, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.job_rows import JobItemRow, JobRow
from gql.db.models import Customer, Job, JobItem
from gql.db.queries import below, keyset
from gql.domain.jobs import ItemOutcome
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import HIDDEN, AccessMap

jobs = Job.__table__
_items = JobItem.__table__
_customers = Customer.__table__
_undo = jobs.alias("undo")

_JOBS: Final = select(
    jobs.c.id,
    jobs.c.kind,
    jobs.c.status,
    jobs.c.requested_by_id,
    jobs.c.reason,
    jobs.c.total,
    jobs.c.done,
    jobs.c.changed,
    jobs.c.unchanged,
    jobs.c.refused,
    jobs.c.skipped,
    jobs.c.failure,
    jobs.c.created_at,
    jobs.c.started_at,
    jobs.c.finished_at,
    jobs.c.undo_of_id,
    jobs.c.group_id,
    jobs.c.dry_run,
    _undo.c.id.label("undone_by_id"),
).outerjoin_from(jobs, _undo, _undo.c.undo_of_id == jobs.c.id)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return _JOBS.where(dialect.is_one_of(jobs.c.id, "ids"))


async def jobs_by_id(database: Database, ids: Sequence[UUID]) -> list[JobRow | None]:
    """Jobs by ID, in that order. One statement."""
    found = {row.id: JobRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]


@dataclass(frozen=True, slots=True)
class JobsTotal:
    """Counts an admin's jobs; everybody's for None."""

    requested_by_id: UUID | None


def _are_theirs(requested_by_id: UUID | None) -> list[ColumnElement[bool]]:
    return [] if requested_by_id is None else [jobs.c.requested_by_id == bindparam("requested_by", type_=Uuid())]


async def list_jobs(database: Database, requested_by_id: UUID | None, page: PageRequest) -> Page[Edge[JobRow]]:
    """A page of an admin's jobs, or of everybody's for None."""
    shape = keyset.shape_of(page)
    statement = keyset.within(_JOBS.where(*_are_theirs(requested_by_id)), shape, jobs.c.created_at, jobs.c.id)
    statement = statement.order_by(*keyset.order_of(shape)(jobs.c)).limit(bindparam("page_rows"))
    rows = await database.rows(statement, keyset.parameters(page) | _bound(requested_by_id))
    return keyset.to_page(page, [keyset.edge(JobRow(*row), page.sort) for row in rows], JobsTotal(requested_by_id))


def _bound(requested_by_id: UUID | None) -> dict[str, Any]:
    return {} if requested_by_id is None else {"requested_by": requested_by_id}


async def count_jobs(database: Database, total: JobsTotal) -> int:
    """How many jobs `list_jobs` has in all."""
    counted = select(func.count()).select_from(jobs).where(*_are_theirs(total.requested_by_id))
    return int((await database.rows(counted, _bound(total.requested_by_id)))[0][0])


_ITEMS: Final = select(
    _items.c.job_id.label("id"),
    _items.c.job_id,
    _items.c.position,
    _items.c.customer_id,
    _items.c.to_admin_id,
    _items.c.outcome,
    _items.c.codes,
    _items.c.assignment_id,
    _items.c.previous_admin_id,
    _items.c.line,
    _items.c.membership_id,
    _customers.c.account_manager_id,
    _customers.c.office_id,
).outerjoin_from(_items, _customers, _customers.c.id == _items.c.customer_id)


_WIDTH: Final = len(_ITEMS.selected_columns) - 2
"""Columns of a JobItemRow: those of the customer say what the viewer sees."""


@dataclass(frozen=True, slots=True)
class ItemsRequest:
    """A page of a job's customers, all or those of one outcome."""

    page: PageRequest
    outcome: ItemOutcome | None = None


@dataclass(frozen=True, slots=True)
class ItemsTotal:
    """Counts a job's customers, all or those of one outcome."""

    job_id: UUID
    outcome: ItemOutcome | None


def _rows(outcome: ItemOutcome | None) -> Select[Any]:
    return _ITEMS if outcome is None else _ITEMS.where(_items.c.outcome == outcome)


@lru_cache(maxsize=64)
def _pages(dialect: Dialect, outcome: ItemOutcome | None, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _rows(outcome), _items.c.job_id, page)


async def items_of(
    database: Database, access: AccessMap, job_ids: Sequence[UUID], request: ItemsRequest
) -> list[Page[Edge[JobItemRow]]]:
    """The same page of each job's customers, with what the viewer sees of each. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[JobItemRow]]:
        named = row.customer_id is not None
        seen = access.to(row.customer_id, row.account_manager_id, row.office_id) if named else HIDDEN
        facts: list[Any] = [*row[:_WIDTH], seen]
        return row.job_id, keyset.edge(JobItemRow(*facts), request.page.sort)

    return await below.read_pages(
        database,
        _pages(database.dialect, request.outcome, keyset.shape_of(request.page)),
        job_ids,
        request.page,
        edge=edge,
        total=lambda job_id: ItemsTotal(job_id, request.outcome),
    )


async def count_items(database: Database, totals: Sequence[ItemsTotal]) -> list[int]:
    """How many customers each job has. One statement an outcome."""
    found: dict[ItemsTotal, int] = {}
    for outcome in {total.outcome for total in totals}:
        alike = [total for total in totals if total.outcome is outcome]
        statement = below.counts(database.dialect, _rows(outcome), _items.c.job_id)
        counts = await below.read_counts(database, statement, [total.job_id for total in alike])
        found.update(zip(alike, counts, strict=True))
    return [found[total] for total in totals]


def in_part(row: JobRow) -> JobRow:
    """The job for who may read no more of it than that it made an assignment."""
    return replace(row, in_full=False)
