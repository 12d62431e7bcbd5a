"""Assign from a moment on: now, or later; and cancel what was to begin later.

Whatever becomes of a scheduled assignment, the customer's row is locked first: of a cancelling and a start one comes
first, and the other sees what it left.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Admin, Customer, ScheduledAssignment
from gql.domain import scheduled_assignments as rules
from gql.domain.assignments import FORBIDDEN, AssignErrorCode
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.roles import CustomerField, Permission
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.assigning import Manager, may_assign
from gql.services.assignments import AssignAccountManager, AssignmentScope, Examined, examine, start
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, customer_to_change, refuse
from gql.services.idempotency import Once
from gql.services.notifications import tell


@dataclass(frozen=True, slots=True)
class AssignFrom:
    """The wish, and from when on; a moment that was now when it was first sent counts as now."""

    wish: AssignAccountManager
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class AssignedFrom:
    """What came of it: the assignment that has begun, or the scheduled one.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    customer_id: UUID
    assignment_id: UUID | None
    scheduled_id: UUID | None
    changed: bool
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class CancelScheduled:
    """The wish: this one shall not begin."""

    scheduled_id: UUID
    reason: str
    idempotency_key: str | None = None


async def assign_from(
    database: Database, actor: Actor, viewer: AdminViewer, asked: AssignFrom, scope: AssignmentScope
) -> AssignedFrom:
    """Make an admin the one account manager of a customer from a moment on, which is now or later.

    What is scheduled obeys every rule today, and again when it is due (`gql.services.scheduled_starts`). Raises
    Refused, with every reason at once, and writes nothing then.
    """
    wish = asked.wish
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "assignAccountManager", wish.idempotency_key, AssignErrorCode)
        earlier = await once.earlier_answer(database.dialect, _request(asked))
        if earlier is not None:
            return _told_again(wish.customer_id, earlier)
        found, is_later = await examine_from(session, database.dialect, viewer, asked, scope)
        if found.refusals or found.customer is None or found.manager is None:
            raise Refused(*found.refusals)
        if is_later:
            scheduled = await _schedule(session, actor, viewer, found.customer, found.manager, asked)
            done = AssignedFrom(found.customer.id, None, scheduled.id, changed=False)
        else:
            assigned = await start(database, session, actor, found.customer, found.manager, wish.reason)
            done = AssignedFrom(found.customer.id, assigned.assignment_id, None, assigned.changed)
        await once.keep(_kept(done))
        return done


async def examine_from(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, asked: AssignFrom, scope: AssignmentScope
) -> tuple[Examined, bool]:
    """Customer and admin, locked, and every reason why not; and whether it is to begin later than now.

    What begins later is answered for by whoever scheduled it: they are held, too, and schedule nothing once they have
    left.
    """
    schedulers = {viewer.admin_id} if asked.effective_at > now() else set()
    found, present = await examine(session, dialect, viewer, asked.wish, scope, also_held=schedulers), now()
    refusals = [*found.refusals, *rules.moment_refusals(asked.effective_at, present)]
    is_later = asked.effective_at > present
    if is_later and (await session.get_one(Admin, viewer.admin_id)).status is not AdminStatus.ACTIVE:
        refusals.append(FORBIDDEN)
    if is_later and await _is_in_the_way(session, viewer, found):
        refusals.append(rules.ALREADY_SCHEDULED)
    return replace(found, refusals=tuple(refusals)), is_later


def _request(asked: AssignFrom) -> dict[str, Any]:
    wish = asked.wish
    facts = (wish.customer_id, wish.account_manager_id, wish.reason, wish.expected_version, asked.effective_at)
    return {"assign_from": [str(fact) for fact in facts]}


def _kept(done: AssignedFrom) -> dict[str, Any]:
    ids = {"assignment_id": done.assignment_id, "scheduled_id": done.scheduled_id}
    return {"changed": done.changed, **{name: key and str(key) for name, key in ids.items()}}


def _told_again(customer_id: UUID, kept: dict[str, Any]) -> AssignedFrom:
    assignment_id, scheduled_id = (
        None if kept[name] is None else UUID(kept[name]) for name in ("assignment_id", "scheduled_id")
    )
    return AssignedFrom(customer_id, assignment_id, scheduled_id, kept["changed"], replayed=True)


async def _is_in_the_way(session: AsyncSession, viewer: AdminViewer, found: Examined) -> bool:
    """Whether something is scheduled for the customer: told to who may schedule alone."""
    if found.customer is None or not may_assign(viewer, found.customer):
        return False
    is_pending = ScheduledAssignment.status == ScheduleStatus.PENDING
    of_customer = select(ScheduledAssignment.id).where(ScheduledAssignment.customer_id == found.customer.id, is_pending)
    return await session.scalar(of_customer) is not None


async def _schedule(
    session: AsyncSession, actor: Actor, viewer: AdminViewer, customer: Customer, manager: Manager, asked: AssignFrom
) -> ScheduledAssignment:
    scheduled = ScheduledAssignment(
        id=new_id(),
        customer_id=customer.id,
        office_id=customer.office_id,
        account_manager_id=customer.account_manager_id,
        admin_id=manager.admin.id,
        scheduled_by_id=viewer.admin_id,
        reason=asked.wish.reason,
        effective_at=asked.effective_at,
        status=ScheduleStatus.PENDING,
        refusal_codes=[],
        created_at=now(),
    )
    session.add(scheduled)
    facts = {
        "account_manager_id": str(manager.admin.id),
        "effective_at": asked.effective_at.isoformat(),
        "status": ScheduleStatus.PENDING.value,
    }
    details = {"after": facts, "reason": asked.wish.reason}
    record_scheduled(session, actor, scheduled, "customer.assignment_scheduled", details)
    scheduler = await session.get_one(Admin, viewer.admin_id)
    _tell_who_follows(session, scheduled, customer, manager.admin, scheduler)
    return scheduled


async def cancel_scheduled(database: Database, actor: Actor, viewer: AdminViewer, wish: CancelScheduled) -> Recorded:
    """Have a scheduled assignment not begin; who was to follow is told.

    Of an archived customer, too. Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "cancelScheduledAssignment", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), wish.scheduled_id, replayed=True)
        is_wanted = ScheduledAssignment.id == wish.scheduled_id
        customer = await customer_to_change(
            session,
            viewer,
            select(ScheduledAssignment.customer_id).where(is_wanted).scalar_subquery(),
            Permission.CUSTOMER_ASSIGN,
            forbidden=rules.MAY_NOT_CANCEL,
            missing=rules.SCHEDULED_NOT_FOUND,
            sees=lambda access: access.shows(CustomerField.SCHEDULED_ASSIGNMENT),
        )
        scheduled = (await session.scalars(select(ScheduledAssignment).where(is_wanted).with_for_update())).one()
        refuse(rules.cancel_refusals(scheduled.status))
        await call_off(session, actor, scheduled, customer, viewer.admin_id, wish.reason)
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, scheduled.id)


async def call_off(
    session: AsyncSession, actor: Actor, scheduled: ScheduledAssignment, customer: Customer, by_id: UUID, reason: str
) -> None:
    """Cancel what is pending of a locked customer, on record, and tell who was to follow and who had scheduled it."""
    scheduled.status, scheduled.decided_at = ScheduleStatus.CANCELLED, max(now(), scheduled.created_at)
    scheduled.decided_by_id, scheduled.cancel_reason = by_id, reason
    details = {
        "before": {"status": ScheduleStatus.PENDING.value},
        "after": {"status": ScheduleStatus.CANCELLED.value},
        "reason": reason,
    }
    record_scheduled(session, actor, scheduled, "customer.scheduled_assignment_cancelled", details)
    canceller, manager = await session.get_one(Admin, by_id), await session.get_one(Admin, scheduled.admin_id)
    tell_it_is_off(session, scheduled, customer, manager, {"cancelled_by_name": canceller.name, "reason": reason})
    scheduler = await session.get_one(Admin, scheduled.scheduled_by_id)
    if scheduler.status is AdminStatus.ACTIVE and scheduler.id not in (by_id, manager.id):
        facts = facts_for_staff(scheduled, customer, manager) | {"scheduled_by_name": scheduler.name}
        # Whether they still see the customer is found out when they look.
        unnamed = {"customer_name": None, "customer_number": None, "cancelled_by_name": canceller.name}
        about: dict[str, Any] = {"customer_id": customer.id, "subject_id": scheduled.id, "payload": facts | unnamed}
        tell(session, scheduler, template="assignment_off_scheduler", **about)


def hand_on(
    session: AsyncSession,
    actor: Actor,
    scheduled: ScheduledAssignment,
    customer: Customer,
    manager: Admin,
    scheduler: Admin,
    reason: str,
) -> None:
    """What is pending of a locked customer is for this admin from now on, and `scheduler` answers for it.

    It begins with what that one may do then. Who is to follow now and was not before is told.
    """
    is_new = scheduled.admin_id != manager.id
    before = {"account_manager_id": str(scheduled.admin_id), "scheduled_by_id": str(scheduled.scheduled_by_id)}
    scheduled.admin_id, scheduled.scheduled_by_id = manager.id, scheduler.id
    after = {"account_manager_id": str(manager.id), "scheduled_by_id": str(scheduler.id)}
    details = {"before": before, "after": after, "reason": reason}
    record_scheduled(session, actor, scheduled, "customer.scheduled_assignment_handed_on", details)
    if is_new:
        _tell_who_follows(session, scheduled, customer, manager, scheduler)


def record_scheduled(
    session: AsyncSession, actor: Actor, scheduled: ScheduledAssignment, action: str, details: dict[str, Any]
) -> None:
    """Put on record what became of it."""
    audit.record(
        session,
        actor,
        action,
        subject_kind="customer",
        subject_id=scheduled.customer_id,
        details={"scheduled_assignment_id": str(scheduled.id), **details},
    )


def facts_for_staff(scheduled: ScheduledAssignment, customer: Customer, manager: Admin) -> dict[str, Any]:
    """What all mails about it say."""
    return {
        "customer_name": customer.name,
        "customer_number": customer.number,
        "manager_name": manager.name,
        "due": f"{scheduled.effective_at:%d %B %Y, %H:%M} UTC",
    }


def _tell_who_follows(
    session: AsyncSession, scheduled: ScheduledAssignment, customer: Customer, manager: Admin, scheduler: Admin
) -> None:
    tell(
        session,
        manager,
        template="assignment_scheduled_manager",
        customer_id=customer.id,
        subject_id=scheduled.id,
        payload=facts_for_staff(scheduled, customer, manager)
        | {"scheduled_by_name": scheduler.name, "reason": scheduled.reason},
    )


def tell_it_is_off(
    session: AsyncSession, scheduled: ScheduledAssignment, customer: Customer, manager: Admin, why: dict[str, Any]
) -> None:
    """Tell who was to follow that they won't, unless they have left. `why` is by whom, and the reason given."""
    if manager.status is AdminStatus.ACTIVE:
        tell(
            session,
            manager,
            template="assignment_off_manager",
            customer_id=customer.id,
            subject_id=scheduled.id,
            payload=facts_for_staff(scheduled, customer, manager) | why,
        )
