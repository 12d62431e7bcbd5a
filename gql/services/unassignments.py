"""End a customer's assignment: nobody follows."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Assignment, Customer, Office
from gql.domain import assignments as rules
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import VERSION_CONFLICT, UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, end_assignment
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, customer_to_change, refuse
from gql.services.idempotency import Once
from gql.services.notifications import tell, tell_customer


@dataclass(frozen=True, slots=True)
class UnassignAccountManager:
    """The wish. `expected_version` is the version that the wisher saw, and with it whose customer it was."""

    customer_id: UUID
    expected_version: int
    reason: str
    idempotency_key: str | None = None


async def unassign_account_manager(
    database: Database, actor: Actor, viewer: AdminViewer, wish: UnassignAccountManager
) -> Recorded:
    """Leave a customer without an account manager, from now on; the record is the assignment that ended.

    A customer who has none stays as they are. Whoever saw another state than the present one is refused, there being
    something to do or not: they may have meant somebody else's assignment. An archived customer's ends, too, or their
    account manager could never leave the lender. Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "unassignAccountManager", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            kept = earlier["assignment_id"]
            ended_id = None if kept is None else UUID(kept)
            return Recorded(wish.customer_id, ended_id, ended_id is not None, replayed=True)
        customer = await customer_to_unassign(session, viewer, wish)
        ended = None
        if customer.account_manager_id is not None:
            ended = await _unassign(session, actor, customer, customer.account_manager_id, wish.reason)
            await database.events.publish(session, Event(ACCOUNT_MANAGER_CHANGED, customer.id, ended.id))
        await once.keep({"assignment_id": None if ended is None else str(ended.id)})
        return Recorded(customer.id, None if ended is None else ended.id, ended is not None)


async def customer_to_unassign(session: AsyncSession, viewer: AdminViewer, wish: UnassignAccountManager) -> Customer:
    """The customer, locked, whose assignment this viewer may end. Raises Refused (UserErrorCode)."""
    customer = await customer_to_change(
        session, viewer, wish.customer_id, Permission.CUSTOMER_ASSIGN, forbidden=rules.MAY_NOT_UNASSIGN
    )
    refuse(() if customer.version == wish.expected_version else (VERSION_CONFLICT,))
    return customer


async def _unassign(
    session: AsyncSession, actor: Actor, customer: Customer, manager_id: UUID, reason: str
) -> Assignment:
    manager = await session.get_one(Admin, manager_id, with_for_update={"read": True})
    customer.version += 1
    customer.updated_at = max(now(), customer.updated_at)
    ended = await end_assignment(session, customer)
    if ended is None:
        raise RuntimeError(f"customer {customer.id} has an account manager and no open assignment")
    audit.record(
        session,
        actor,
        "customer.account_manager_unassigned",
        subject_kind="customer",
        subject_id=customer.id,
        details={
            "before": {"account_manager_id": str(manager.id)},
            "after": {"account_manager_id": None},
            "assignment_id": str(ended.id),
            "reason": reason,
        },
    )
    ended_by = await session.get_one(Admin, actor.id)
    await _enqueue_mails(session, ended, customer, manager, ended_by, reason)
    return ended


async def _enqueue_mails(
    session: AsyncSession, ended: Assignment, customer: Customer, manager: Admin, ended_by: Admin, reason: str
) -> None:
    """Tell the customer unless their record was put away, and who was the account manager unless they have left."""
    if customer.status is not CustomerStatus.ARCHIVED:
        office = await session.get_one(Office, customer.office_id)
        tell_customer(
            session,
            customer,
            template="account_manager_unassigned_customer",
            subject_id=ended.id,
            payload={"customer_name": customer.name, "manager_name": manager.name, "office": office.name},
        )
    if manager.status is AdminStatus.ACTIVE:
        tell(
            session,
            manager,
            template="account_manager_unassigned_manager",
            subject_id=ended.id,
            customer_id=customer.id,
            payload={
                "customer_name": customer.name,
                "customer_number": customer.number,
                "manager_name": manager.name,
                "ended_by_name": ended_by.name,
                "reason": reason,
            },
        )
