"""What is scheduled begins when it is due, by whichever process gets to it first.

Each start is a transaction of its own, in which everything that was examined when it was scheduled is examined again,
as of now and for whoever scheduled it: their office, roles and status of this moment. So nothing begins that they could
not do by hand. What a process was killed over is pending still, and begins with the next look.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import Uuid, bindparam, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, Customer, ScheduledAssignment
from gql.db.models.base import UTCDateTime
from gql.domain import assignments as rules
from gql.domain.enums import AdminStatus, SubjectKind
from gql.domain.errors import Refusal
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.services.assignments import AssignAccountManager, AssignmentScope, examine, start
from gql.services.audit import Actor
from gql.services.notifications import tell
from gql.services.scheduled_assignments import facts_for_staff, record_scheduled, tell_it_is_off
from gql.services.viewers_now import viewer_now
from gql.settings import Settings

PAUSE_SECONDS: Final = 2.0
_BATCH: Final = 100
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ID: Final = UUID(int=0)

_c: Any = ScheduledAssignment.__table__.c
_place = tuple_(_c.effective_at, _c.id)
_after = tuple_(bindparam("after_at", type_=UTCDateTime()), bindparam("after_id", type_=Uuid()))
_DUE: Final = (
    select(_c.id, _c.customer_id, _c.effective_at)
    .where(_c.status == ScheduleStatus.PENDING, _c.effective_at <= bindparam("now", type_=UTCDateTime()))
    .where(_place > _after)
    .order_by(_c.effective_at, _c.id)
    .limit(_BATCH)
)
_log = structlog.stdlib.get_logger(__name__)


class ScheduledStarts:
    """Begins what is due in one database. `scope` is the settings', as for an assignment by hand."""

    def __init__(self, database: Database, scope: AssignmentScope, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._database = database
        self._scope = scope
        self._pause_seconds = pause_seconds

    async def run(self, stop: asyncio.Event) -> None:
        """Begin at once and after each pause, until `stop` is set. Goes on after any failure of the database."""
        while not stop.is_set():
            try:
                await self.start_due(stop)
            except Exception as error:  # what is due stays so, and begins after the pause
                _log.warning("assignment.not_looked_for", error=type(error).__qualname__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause_seconds)

    async def start_due(self, stop: asyncio.Event | None = None) -> int:
        """Decide on all that is due, the oldest first; answers how many. Ends early once `stop` is set.

        One that fails stops none of the others; it is tried again at the next look.
        """
        decided, after_at, after_id = 0, _LONG_AGO, _FIRST_ID
        while True:
            due = await self._database.rows(_DUE, {"now": now(), "after_at": after_at, "after_id": after_id})
            for row in due:
                if stop is not None and stop.is_set():
                    return decided
                after_at, after_id = row.effective_at, row.id
                decided += await self._try(row.id, row.customer_id)
            if len(due) < _BATCH:
                return decided

    async def _try(self, scheduled_id: UUID, customer_id: UUID) -> bool:
        try:
            async with self._database.begin() as session:
                return await self._decide(session, scheduled_id, customer_id)
        except Exception as error:
            _log.warning("assignment.not_started", scheduled=str(scheduled_id), error=type(error).__qualname__)
            return False

    async def _decide(self, session: AsyncSession, scheduled_id: UUID, customer_id: UUID) -> bool:
        """Begin or refuse one, unless another transaction has the customer now, or somebody was quicker."""
        held = self._database.dialect.skip_locked(select(Customer).where(Customer.id == customer_id))
        customer = await session.scalar(held)
        if customer is None:
            return False  # another process may be at it; else it is tried at the next look
        scheduled = await session.get_one(ScheduledAssignment, scheduled_id)
        if scheduled.status is not ScheduleStatus.PENDING:
            return False
        wish = AssignAccountManager(customer_id, scheduled.admin_id, scheduled.reason)
        both = select(Admin).where(Admin.id.in_((scheduled.admin_id, scheduled.scheduled_by_id))).order_by(Admin.id)
        admins = (await session.scalars(both.with_for_update(read=True))).all()
        scheduler = next(admin for admin in admins if admin.id == scheduled.scheduled_by_id)
        viewer = await viewer_now(session, scheduler.id)
        found = await examine(session, self._database.dialect, viewer, wish, self._scope)
        refusals = found.refusals if scheduler.status is AdminStatus.ACTIVE else (rules.FORBIDDEN,)
        if refusals or found.customer is None or found.manager is None:
            await _refuse(session, scheduled, customer, scheduler, refusals, is_seen=found.customer is not None)
            return True
        actor = Actor(SubjectKind.ADMIN, scheduler.id)
        assigned = await start(self._database, session, actor, found.customer, found.manager, wish.reason)
        await session.flush()  # the assignment is there before it is referred to
        _decided(scheduled, ScheduleStatus.STARTED).assignment_id = assigned.assignment_id
        details = {
            "before": {"status": ScheduleStatus.PENDING.value},
            "after": {"status": ScheduleStatus.STARTED.value, "assignment_id": str(assigned.assignment_id)},
        }
        record_scheduled(session, actor, scheduled, "customer.scheduled_assignment_started", details)
        return True


def _decided(scheduled: ScheduledAssignment, status: ScheduleStatus) -> ScheduledAssignment:
    scheduled.status, scheduled.decided_at = status, max(now(), scheduled.created_at)
    return scheduled


async def _refuse(
    session: AsyncSession,
    scheduled: ScheduledAssignment,
    customer: Customer,
    scheduler: Admin,
    refusals: Sequence[Refusal],
    *,
    is_seen: bool,
) -> None:
    """Have it not begin, for good, and tell those who count on it. Who doesn't see the customer isn't told of whom."""
    codes = [refusal.code.value for refusal in refusals]
    _decided(scheduled, ScheduleStatus.REFUSED).refusal_codes = codes
    details = {
        "before": {"status": ScheduleStatus.PENDING.value},
        "after": {"status": ScheduleStatus.REFUSED.value, "refusal_codes": codes},
    }
    system = Actor(SubjectKind.SYSTEM, None)
    record_scheduled(session, system, scheduled, "customer.scheduled_assignment_refused", details)
    manager = await session.get_one(Admin, scheduled.admin_id)
    if scheduler.status is AdminStatus.ACTIVE:
        facts = facts_for_staff(scheduled, customer, manager) | {"scheduled_by_name": scheduler.name}
        unseen = {} if is_seen else {"customer_name": None, "customer_number": None}
        tell(
            session,
            scheduler,
            template="assignment_refused_scheduler",
            customer_id=customer.id,
            subject_id=scheduled.id,
            payload=facts | unseen | {"reasons": [refusal.message for refusal in refusals]},
        )
    if manager.id != scheduler.id:
        tell_it_is_off(session, scheduled, customer, manager, {"cancelled_by_name": None, "reason": None})


async def run_scheduled_starts(settings: Settings, stop: asyncio.Event) -> None:
    """The same in a process of its own, until `stop` is set."""
    database = Database(settings.database_url, pool_size=1)
    try:
        await ScheduledStarts(database, settings.assignment_scope).run(stop)
    finally:
        await database.close()
