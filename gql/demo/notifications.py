"""What the account managers who can sign in were told in the last months, and customer1."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.plan import Draw, Plan, Row
from gql.demo.staff import MANAGER_1, MANAGER_2, Staff
from gql.domain.notifications import NotificationEvent, OwnEvent

_TOLD: Final = timedelta(days=150)
_READ: Final = timedelta(days=14)
"""What is older was read by everybody."""


def notification_rows(draw: Draw, plan: Plan, staff: Staff, customer: DemoCustomer) -> Iterator[Row]:
    """Rows of notifications: who came into whose book, and left it."""
    readers = {staff.by_email[email].id for email in (MANAGER_1, MANAGER_2)}
    for assignment in customer.assignments:
        of = {"customer_id": customer.row.id, "job_id": None, "group_id": None, "admin_id": assignment.admin_id}
        spans = (
            (NotificationEvent.CUSTOMER_ASSIGNED, assignment.started_at),
            (NotificationEvent.CUSTOMER_LEFT, assignment.ended_at),
        )
        for event, at in spans:
            if at is not None and assignment.admin_id in readers and at > plan.now - _TOLD:
                yield _row(draw, plan, event, at) | of


def own_rows(draw: Draw, plan: Plan, customer_id: UUID) -> Iterator[Row]:
    """Rows of own_notifications: the customer who can sign in has had their phone changed, and then their email."""
    for days in (40, 9):
        at = plan.now - timedelta(days=days)
        yield _row(draw, plan, OwnEvent.CONTACT_CHANGED, at) | {"customer_id": customer_id}


def _row(draw: Draw, plan: Plan, event: NotificationEvent | OwnEvent, at: datetime) -> Row:
    read_at = draw.moment(at, min(at + _READ, plan.now)) if at < plan.now - _READ else None
    return {"id": draw.id_at(at), "event": event, "created_at": at, "read_at": read_at}
