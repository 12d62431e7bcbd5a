"""Assign a customer's account manager."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Assignment, Customer
from gql.db.queries.office_tree import office_and_above
from gql.domain.assignments import AssignErrorCode
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.viewer import AdminViewer
from gql.services.assigning import (
    LEAST_SPAN,
    Manager,
    Move,
    customer_refusals,
    manager_refusals,
    managers_of,
    open_assignments,
    tell_of_move,
    write_moves,
)
from gql.services.audit import Actor
from gql.services.customer_records import visible_customer
from gql.services.idempotency import Once
from gql.services.notifications import tell

ACCOUNT_MANAGER_CHANGED: Final = "account_manager_changed"
"""The topic of events: a customer, and the assignment that has begun, or ended where nobody followed."""

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
class Examined:
    """Customer and admin of a wish, locked, and every reason why the one can't become the other's now.

    Both are there where there is no reason.
    """

    customer: Customer | None
    manager: Manager | None
    refusals: tuple[Refusal, ...]


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
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Assigned(wish.customer_id, UUID(earlier["assignment_id"]), earlier["changed"], replayed=True)
        found = await examine(session, database.dialect, viewer, wish, scope)
        if found.refusals or found.customer is None or found.manager is None:
            raise Refused(*found.refusals)
        assigned = await start(database, session, actor, found.customer, found.manager, wish.reason)
        await once.keep({"assignment_id": str(assigned.assignment_id), "changed": assigned.changed})
        return assigned


async def examine(
    session: AsyncSession,
    dialect: Dialect,
    viewer: AdminViewer,
    wish: AssignAccountManager,
    scope: AssignmentScope,
    *,
    also_held: Collection[UUID] = (),
) -> Examined:
    """Lock whom a wish is about, and ask every rule that there is. `also_held` are admins to be locked with them."""
    customer = await visible_customer(session, viewer, wish.customer_id)
    held = await managers_of(session, dialect, {wish.account_manager_id, *also_held})
    manager = held.get(wish.account_manager_id)
    allowed = None
    if customer is not None and manager is not None:
        allowed = await allowed_offices(session, viewer, customer.office_id, manager.office.id, scope)
    refusals = (
        *customer_refusals(viewer, customer, wish.expected_version),
        *manager_refusals(viewer, manager, allowed),
    )
    return Examined(customer, manager, refusals)


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


async def start(
    database: Database, session: AsyncSession, actor: Actor, customer: Customer, manager: Manager, reason: str | None
) -> Assigned:
    """Make an assignment that was examined in this transaction. Mails, audit event and news go with the commit."""
    current = (await open_assignments(session, database.dialect, [customer.id])).get(customer.id)
    if current is not None and current.admin_id == manager.admin.id:
        return Assigned(customer.id, current.id, changed=False)
    previous_id = customer.account_manager_id
    previous = None if previous_id is None else await session.get_one(Admin, previous_id)
    move = Move(customer, current, previous, manager)
    [assignment_id] = await write_moves(session, database.dialect, actor, [move], reason)
    assigned_by = await session.get_one(Admin, actor.id)
    tell_of_move(session, move, assignment_id)
    _tell_managers(session, assignment_id, move, manager, assigned_by, reason)
    await database.events.publish(session, Event(ACCOUNT_MANAGER_CHANGED, customer.id, assignment_id))
    return Assigned(customer.id, assignment_id, changed=True)


async def end_assignment(session: AsyncSession, customer: Customer) -> Assignment | None:
    """Leave a locked customer, who is being changed, without an account manager.

    Answers the assignment that ended, if there was one: at the moment of the change.
    """
    is_open = (Assignment.customer_id == customer.id, Assignment.ended_at.is_(None))
    current = await session.scalar(select(Assignment).where(*is_open))
    customer.account_manager_id = None
    if current is not None:
        customer.updated_at = await _close(session, current, customer.updated_at)
        customer.manager_reviewed_at = customer.updated_at
    return current


async def _close(session: AsyncSession, assignment: Assignment, moment: datetime) -> datetime:
    """End the open span before the next one begins: the index of open spans takes one a customer.

    Answers when it ended: a clock set back breaks no chain, nor its order.
    """
    ended_at = max(moment, assignment.started_at + LEAST_SPAN)
    await session.execute(update(Assignment).where(Assignment.id == assignment.id).values(ended_at=ended_at))
    return ended_at


def _tell_managers(
    session: AsyncSession,
    assignment_id: UUID,
    move: Move,
    manager: Manager,
    assigned_by: Admin,
    reason: str | None,
) -> None:
    """Tell the new manager, and the old one unless they have left."""
    customer, previous = move.customer, move.previous
    for_staff = {
        "customer_name": customer.name,
        "customer_number": customer.number,
        "manager_name": manager.admin.name,
        "previous_manager_name": None if previous is None else previous.name,
        "assigned_by_name": assigned_by.name,
        "reason": reason,
    }
    tell(
        session,
        manager.admin,
        template="account_manager_assigned_manager",
        subject_id=assignment_id,
        payload=for_staff,
        customer_id=customer.id,
    )
    if previous is not None and previous.status is AdminStatus.ACTIVE:
        tell(
            session,
            previous,
            template="account_manager_ended_manager",
            subject_id=assignment_id,
            payload=for_staff,
            customer_id=customer.id,
        )
