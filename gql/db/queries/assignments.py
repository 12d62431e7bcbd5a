"""Assignments, and how far the mails about them have come."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Assignment, OutboxMessage
from gql.db.queries.records import Records
from gql.db.rows import AssignmentRow, NotificationRow

assignments = Assignment.__table__
outbox = OutboxMessage.__table__

ASSIGNMENTS: Final = Records(
    select(
        assignments.c.id,
        assignments.c.customer_id,
        assignments.c.admin_id,
        assignments.c.assigned_by_id,
        assignments.c.reason,
        assignments.c.started_at,
        assignments.c.ended_at,
    ),
    assignments.c.customer_id,
    AssignmentRow,
)


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
