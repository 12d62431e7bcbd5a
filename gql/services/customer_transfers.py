"""Move a customer to another office."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Customer, Office
from gql.domain import customer_transfer as rules
from gql.domain.customer_transfer import AssignmentChoice
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, AssignmentScope, allowed_offices, end_assignment
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer, refuse
from gql.services.idempotency import Once
from gql.services.notifications import tell, tell_customer


@dataclass(frozen=True, slots=True)
class TransferCustomer:
    """The wish. `expected_version` is the version that the wisher saw."""

    customer_id: UUID
    office_id: UUID
    assignment: AssignmentChoice
    reason: str
    expected_version: int | None = None
    idempotency_key: str | None = None


async def transfer_customer(
    database: Database, actor: Actor, viewer: AdminViewer, wish: TransferCustomer, scope: AssignmentScope
) -> Recorded:
    """Move a customer, and keep the account manager or end the assignment, as the wish says.

    Where the customer is of that office already nothing is done, whatever the choice. Raises Refused (UserErrorCode),
    with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "transferCustomer", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        customer = await changeable_customer(
            session,
            viewer,
            wish.customer_id,
            Permission.CUSTOMER_ASSIGN,
            forbidden=rules.FORBIDDEN,
            expected_version=wish.expected_version,
        )
        changed = customer.office_id != wish.office_id
        if changed:
            office = await session.get(Office, wish.office_id, with_for_update={"read": True})
            manager = await _manager(session, customer)
            refuse(rules.office_refusals(None if office is None else office.status))
            refuse(await _scope_refusals(session, viewer, manager, wish, scope))
            await _transfer(database, session, actor, customer, manager, wish)
        await once.keep({"changed": changed})
        return Recorded(customer.id, None, changed)


async def _manager(session: AsyncSession, customer: Customer) -> Admin | None:
    key = customer.account_manager_id
    return None if key is None else await session.get_one(Admin, key, with_for_update={"read": True})


async def _scope_refusals(
    session: AsyncSession, viewer: AdminViewer, manager: Admin | None, wish: TransferCustomer, scope: AssignmentScope
) -> list[Refusal]:
    """Why the account manager can't be kept: the installation's setting says who may manage customers of an office."""
    if manager is None or wish.assignment is AssignmentChoice.END:
        return []
    allowed = await allowed_offices(session, viewer, wish.office_id, manager.office_id, scope)
    return [] if allowed is None or manager.office_id in allowed else [rules.OUTSIDE_SCOPE]


async def _transfer(
    database: Database,
    session: AsyncSession,
    actor: Actor,
    customer: Customer,
    manager: Admin | None,
    wish: TransferCustomer,
) -> None:
    before, after = await session.get_one(Office, customer.office_id), await session.get_one(Office, wish.office_id)
    ends = manager is not None and wish.assignment is AssignmentChoice.END
    customer.office_id = after.id
    customer.version += 1
    customer.updated_at = max(now(), customer.updated_at)
    ended = await end_assignment(session, customer) if ends else None
    if ended is not None:
        await database.events.publish(session, Event(ACCOUNT_MANAGER_CHANGED, customer.id, ended.id))
    audit.record(
        session,
        actor,
        "customer.transferred",
        subject_kind="customer",
        subject_id=customer.id,
        details={
            "before": {"office_id": str(before.id), "account_manager_id": str(manager.id) if manager else None},
            "after": {
                "office_id": str(after.id),
                "account_manager_id": str(manager.id) if manager and not ends else None,
            },
            "reason": wish.reason,
        },
    )
    mover = await session.get_one(Admin, actor.id)
    facts = {
        "customer_name": customer.name,
        "customer_number": customer.number,
        "office": after.name,
        "previous_office": before.name,
        "manager_name": None if manager is None else manager.name,
        "is_kept": not ends,
    }
    tell_customer(
        session,
        customer,
        template="customer_transferred_customer",
        subject_id=customer.id,
        payload=facts,
    )
    if manager is not None and manager.status is AdminStatus.ACTIVE:
        tell(
            session,
            manager,
            template="customer_transferred_manager",
            subject_id=customer.id,
            customer_id=customer.id,
            payload=facts | {"moved_by_name": mover.name, "reason": wish.reason},
        )
