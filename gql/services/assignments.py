"""Assign a customer's account manager."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, AdminRole, Assignment, Customer, Office, Role
from gql.db.queries.office_tree import office_and_above
from gql.domain import assignments as rules
from gql.domain.assignments import AssignErrorCode, Candidate
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.policies import may_change
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import visible_customer
from gql.services.idempotency import Once
from gql.services.outbox import enqueue_mail

ACCOUNT_MANAGER_CHANGED: Final = "account_manager_changed"
"""The topic of events: a customer, and the assignment that has begun, or ended where nobody followed."""

_LEAST_SPAN: Final = timedelta(microseconds=1)

AssignmentScope = Literal["any", "office", "ancestors", "assigner"]


@dataclass(frozen=True, slots=True)
class AssignAccountManager:
    """The wish: this admin, for this customer. `expected_version` is the version that the wisher saw."""

    customer_id: UUID
    account_manager_id: UUID
    reason: str | None = None
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """What came of it. `changed` is False where the admin was the account manager already.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    customer_id: UUID
    assignment_id: UUID
    changed: bool
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Manager:
    """An admin with the office, as mails and rules need them."""

    admin: Admin
    office: Office
    never_holds_book: bool


async def assign_account_manager(
    database: Database, actor: Actor, viewer: AdminViewer, wish: AssignAccountManager, scope: AssignmentScope
) -> Assigned:
    """Make an admin the one account manager of a customer, from now on.

    Closes the open assignment and opens the next at the same moment, so that the history is a chain without gaps;
    audit event and mails are of the same transaction. The customer's row is locked first: of concurrent assignments
    each sees what the one before it left. Raises Refused, with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "assignAccountManager", wish.idempotency_key, AssignErrorCode)
        request = wish
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            return Assigned(wish.customer_id, UUID(earlier["assignment_id"]), earlier["changed"], replayed=True)
        customer = await visible_customer(session, viewer, wish.customer_id)
        manager = await _manager(session, wish.account_manager_id)
        allowed = None
        if customer is not None and manager is not None:
            allowed = await allowed_offices(session, viewer, customer.office_id, manager.office.id, scope)
        refusals = [*_customer_refusals(viewer, customer, wish), *_manager_refusals(viewer, manager, allowed)]
        if refusals or customer is None or manager is None:
            raise Refused(*refusals)
        assigned = await _assign(session, actor, customer, manager, wish.reason)
        if assigned.changed:
            await database.events.publish(session, Event(ACCOUNT_MANAGER_CHANGED, customer.id, assigned.assignment_id))
        await once.keep({"assignment_id": str(assigned.assignment_id), "changed": assigned.changed})
        return assigned


async def _manager(session: AsyncSession, admin_id: UUID) -> _Manager | None:
    """The admin, locked against being deactivated, moved or given other roles meanwhile.

    Office and roles are read once the lock is held: a statement that waits for it has read them before.
    """
    admin = await session.get(Admin, admin_id, with_for_update={"read": True})
    if admin is None:
        return None
    never = exists(
        select(AdminRole.admin_id)
        .join(Role, Role.id == AdminRole.role_id)
        .where(AdminRole.admin_id == admin_id, Role.never_holds_book)
    )
    found = await session.execute(
        select(Office, never).where(Office.id == admin.office_id).with_for_update(read=True, of=Office)
    )
    office, never_holds_book = found.one()
    return _Manager(admin, office, never_holds_book)


async def allowed_offices(
    session: AsyncSession, viewer: AdminViewer, office_id: UUID, manager_office_id: UUID, scope: AssignmentScope
) -> frozenset[UUID] | None:
    """The offices from which the account manager of an office's customer may come; None where every one will do.

    With the scope "assigner" it depends on the viewer alone, and is the manager's office or none.
    """
    if scope == "any":
        return None
    if scope == "office":
        return frozenset({office_id})
    if scope == "ancestors":
        return frozenset((await session.scalars(office_and_above(office_id))).all())
    in_sight = viewer.access.unassigned.of(manager_office_id).is_full
    return frozenset({manager_office_id}) if in_sight else frozenset()


def _customer_refusals(viewer: AdminViewer, customer: Customer | None, wish: AssignAccountManager) -> Iterator[Refusal]:
    if customer is None:
        yield rules.CUSTOMER_NOT_FOUND
    if customer is None or not _may_assign(viewer, customer):
        if Permission.CUSTOMER_ASSIGN not in viewer.permissions or customer is not None:
            yield rules.FORBIDDEN
        return
    yield from rules.customer_refusals(customer.status, customer.version, wish.expected_version)


def _may_assign(viewer: AdminViewer, customer: Customer) -> bool:
    access = viewer.access.to(customer.account_manager_id, customer.office_id)
    return may_change(viewer.permissions, access, Permission.CUSTOMER_ASSIGN)


def _manager_refusals(
    viewer: AdminViewer, manager: _Manager | None, allowed: frozenset[UUID] | None
) -> Iterator[Refusal]:
    if Permission.CUSTOMER_ASSIGN not in viewer.permissions:
        return  # an admin's status and roles are not for everyone
    if manager is None:
        yield rules.ADMIN_NOT_FOUND
        return
    candidate = Candidate(manager.admin.status, manager.office.id, manager.office.status, manager.never_holds_book)
    yield from rules.candidate_refusals(candidate, allowed)


async def _assign(
    session: AsyncSession, actor: Actor, customer: Customer, manager: _Manager, reason: str | None
) -> Assigned:
    current = await _open_assignment(session, customer)
    if current is not None and current.admin_id == manager.admin.id:
        return Assigned(customer.id, current.id, changed=False)
    # After an assignment that ended by itself comes none that began before that.
    moment = max(now(), customer.updated_at) if current is None else await _close(session, current, now())
    assignment = Assignment(
        id=new_id(),
        customer_id=customer.id,
        admin_id=manager.admin.id,
        assigned_by_id=actor.id,
        reason=reason,
        started_at=moment,
    )
    session.add(assignment)
    previous_id = customer.account_manager_id
    customer.account_manager_id = manager.admin.id
    customer.version += 1
    customer.updated_at = moment
    audit.record(
        session,
        actor,
        "customer.account_manager_assigned",
        subject_kind="customer",
        subject_id=customer.id,
        details={
            "before": {"account_manager_id": str(previous_id) if previous_id else None},
            "after": {"account_manager_id": str(manager.admin.id)},
            "assignment_id": str(assignment.id),
            "reason": reason,
        },
    )
    previous = None if previous_id is None else await session.get_one(Admin, previous_id)
    assigned_by = await session.get_one(Admin, actor.id)
    _enqueue_mails(session, assignment, customer, manager, previous, assigned_by)
    return Assigned(customer.id, assignment.id, changed=True)


async def end_assignment(session: AsyncSession, customer: Customer) -> Assignment | None:
    """Leave a locked customer, who is being changed, without an account manager.

    Answers the assignment that ended, if there was one: at the moment of the change.
    """
    current = await _open_assignment(session, customer)
    customer.account_manager_id = None
    if current is not None:
        customer.updated_at = await _close(session, current, customer.updated_at)
    return current


async def _open_assignment(session: AsyncSession, customer: Customer) -> Assignment | None:
    is_open = (Assignment.customer_id == customer.id, Assignment.ended_at.is_(None))
    return await session.scalar(select(Assignment).where(*is_open))


async def _close(session: AsyncSession, assignment: Assignment, moment: datetime) -> datetime:
    """End the open span before the next one begins: the index of open spans takes one a customer.

    Answers when it ended: a clock set back breaks no chain, nor its order.
    """
    ended_at = max(moment, assignment.started_at + _LEAST_SPAN)
    await session.execute(update(Assignment).where(Assignment.id == assignment.id).values(ended_at=ended_at))
    return ended_at


def _enqueue_mails(
    session: AsyncSession,
    assignment: Assignment,
    customer: Customer,
    manager: _Manager,
    previous: Admin | None,
    assigned_by: Admin,
) -> None:
    """Tell the customer, the new manager, and the old one unless they have left."""
    previous_name = None if previous is None else previous.name
    for_staff = {
        "customer_name": customer.name,
        "customer_number": customer.number,
        "manager_name": manager.admin.name,
        "previous_manager_name": previous_name,
        "assigned_by_name": assigned_by.name,
        "reason": assignment.reason,
    }
    enqueue_mail(
        session,
        template="account_manager_assigned_customer",
        recipient=customer.email,
        subject_id=assignment.id,
        payload={
            "customer_name": customer.name,
            "manager_name": manager.admin.name,
            "manager_email": manager.admin.email,
            "manager_phone": manager.admin.phone,
            "manager_office": manager.office.name,
            "previous_manager_name": previous_name,
        },
    )
    enqueue_mail(
        session,
        template="account_manager_assigned_manager",
        recipient=manager.admin.email,
        subject_id=assignment.id,
        payload=for_staff,
    )
    if previous is not None and previous.status is AdminStatus.ACTIVE:
        enqueue_mail(
            session,
            template="account_manager_ended_manager",
            recipient=previous.email,
            subject_id=assignment.id,
            payload=for_staff,
        )
