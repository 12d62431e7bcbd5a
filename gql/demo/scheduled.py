"""Some customers who go to somebody else in the weeks to come, and one whose going was called off."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from gql.demo.customers import DemoCustomer
from gql.demo.plan import Draw, Plan
from gql.demo.staff import Staff
from gql.domain.enums import CustomerStatus
from gql.domain.scheduled_assignments import ScheduleStatus

_SHARE = 0.01
_WEEKS_AHEAD = (4, 12)


class ScheduledRow(NamedTuple):
    """A row of scheduled_assignments."""

    id: UUID
    customer_id: UUID
    office_id: UUID
    account_manager_id: UUID | None
    admin_id: UUID
    scheduled_by_id: UUID
    reason: str
    effective_at: datetime
    status: ScheduleStatus
    refusal_codes: list[str]
    created_at: datetime
    decided_at: datetime | None
    decided_by_id: UUID | None
    cancel_reason: str | None
    assignment_id: UUID | None


def scheduled(draw: Draw, plan: Plan, staff: Staff, customer: DemoCustomer) -> Iterator[ScheduledRow]:
    """That of one customer, if any: of a few who have an account manager with a colleague in the office."""
    row, colleagues = customer.row, staff.managers.get(customer.office.key, [])
    others = [admin for admin in colleagues if admin.id != row.account_manager_id]
    is_usual = row.account_manager_id is not None and row.status is CustomerStatus.ACTIVE and not customer.is_customer_1
    if not is_usual or not others or not draw.chance(_SHARE):
        return
    created = draw.moment(max(row.updated_at, plan.now - timedelta(days=7)), plan.now)
    by, is_off = staff.assigner(draw, customer.office).id, draw.chance(0.3)
    yield ScheduledRow(
        draw.id_at(created),
        row.id,
        row.office_id,
        row.account_manager_id,
        draw.pick(others).id,
        by,
        "Change of region",
        plan.now + timedelta(weeks=draw.randint(*_WEEKS_AHEAD)),
        ScheduleStatus.CANCELLED if is_off else ScheduleStatus.PENDING,
        [],
        created,
        plan.now if is_off else None,
        by if is_off else None,
        "The customer asked to stay" if is_off else None,
        None,
    )
