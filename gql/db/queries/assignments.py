"""Assignments, who was account manager at a moment, and how far the mails about them have come."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Assignment, OutboxMessage
from gql.db.queries import admins
from gql.db.queries.records import Records
from gql.db.rows import AdminRow, AssignmentRow, NotificationRow

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
        assignments.c.job_id,
    ),
    assignments.c.customer_id,
    AssignmentRow,
)


@lru_cache(maxsize=8)
def _managers_as_of(dialect: Dialect) -> Select[Any]:
    c, of_admin = assignments.c, Admin.__table__.c
    moment = bindparam("moment", type_=c.started_at.type)
    return (
        select(c.customer_id, *admins.COLUMNS)
        .join_from(assignments, Admin.__table__, of_admin.id == c.admin_id)
        .where(
            dialect.is_one_of(c.customer_id, "ids"),
            c.started_at <= moment,
            or_(c.ended_at.is_(None), c.ended_at > moment),
        )
    )


async def managers_as_of(database: Database, customer_ids: Sequence[UUID], moment: datetime) -> list[AdminRow | None]:
    """Who was each customer's account manager at a moment; None where nobody was. One statement.

    A span holds from its start on and until its end, which is the next one's start: spans don't overlap.
    """
    bound = {"ids": list(customer_ids), "moment": moment}
    rows = await database.rows(_managers_as_of(database.dialect), bound)
    found = {row[0]: AdminRow(*row[1:]) for row in rows}
    return [found.get(key) for key in customer_ids]


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
