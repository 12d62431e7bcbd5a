"""Assignments: a customer's history, single ones, and how far the mails about them have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Assignment, OutboxMessage
from gql.db.queries import below, keyset
from gql.db.rows import AssignmentRow, NotificationRow
from gql.domain.paging import Edge, Page, PageRequest

assignments = Assignment.__table__
outbox = OutboxMessage.__table__

COLUMNS = (
    assignments.c.id,
    assignments.c.customer_id,
    assignments.c.admin_id,
    assignments.c.assigned_by_id,
    assignments.c.reason,
    assignments.c.started_at,
    assignments.c.ended_at,
)
_HISTORY = select(*COLUMNS)


@dataclass(frozen=True, slots=True)
class HistoryTotal:
    """Counts the assignments that one customer has had."""

    customer_id: UUID


@lru_cache(maxsize=32)
def _history(dialect: Dialect, page: keyset.PageShape) -> Select[Any]:
    return below.pages(dialect, _HISTORY, assignments.c.customer_id, page)


async def history_of(
    database: Database, customer_ids: Sequence[UUID], page: PageRequest
) -> list[Page[Edge[AssignmentRow]]]:
    """The same page of each customer's assignments, newest first. One statement."""

    def edge(row: AnyRow) -> tuple[UUID, Edge[AssignmentRow]]:
        return row.customer_id, keyset.edge(AssignmentRow(*row), page.sort)

    statement = _history(database.dialect, keyset.shape_of(page))
    return await below.read_pages(database, statement, customer_ids, page, edge=edge, total=HistoryTotal)


@lru_cache(maxsize=8)
def _history_counts(dialect: Dialect) -> Select[Any]:
    return below.counts(dialect, _HISTORY, assignments.c.customer_id)


async def count_history(database: Database, totals: Sequence[HistoryTotal]) -> list[int]:
    """How many assignments each customer has had. One statement."""
    parents = [total.customer_id for total in totals]
    return await below.read_counts(database, _history_counts(database.dialect), parents)


@lru_cache(maxsize=8)
def _by_id(dialect: Dialect) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(assignments.c.id, "ids"))


async def assignments_by_id(database: Database, ids: Sequence[UUID]) -> list[AssignmentRow | None]:
    """Assignments by ID, whoever looks: whether the viewer sees the customer's history is the caller's to ask."""
    found = {row.id: AssignmentRow(*row) for row in await database.rows(_by_id(database.dialect), {"ids": list(ids)})}
    return [found.get(key) for key in ids]


@lru_cache(maxsize=8)
def _notifications(dialect: Dialect) -> Select[Any]:
    c = outbox.c
    return (
        select(c.subject_id, c.template, c.status, c.attempts, c.created_at, c.delivered_at)
        .where(dialect.is_one_of(c.subject_id, "ids"))
        .order_by(c.id)
    )


async def notifications_of(database: Database, assignment_ids: Sequence[UUID]) -> list[list[NotificationRow]]:
    """The mails about each assignment, in the order in which they were written. One statement."""
    found: dict[UUID, list[NotificationRow]] = {key: [] for key in assignment_ids}
    for row in await database.rows(_notifications(database.dialect), {"ids": list(assignment_ids)}):
        found[row[0]].append(NotificationRow(*row[1:]))
    return [found[key] for key in assignment_ids]
