"""Sign that who looks after a customer is right as it is."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AssignmentConfirmation, Customer
from gql.domain import assignment_reviews as rules
from gql.domain import user_errors
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.assigning import open_assignments
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, customer_to_change, refuse
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class ConfirmAssignment:
    """The wish. `expected_version` is the version that the wisher saw, and with it whose customer it was."""

    customer_id: UUID
    expected_version: int
    note: str | None = None
    idempotency_key: str | None = None


async def confirm_assignment(
    database: Database, actor: Actor, viewer: AdminViewer, wish: ConfirmAssignment
) -> Recorded:
    """Put on record that the viewer has looked at it: the record is the assignment, the customer's version stays.

    By who could assign somebody else, and not by the account manager. Raises Refused (UserErrorCode), with every
    reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "confirmAssignment", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["assignment_id"]), replayed=True)
        customer = await customer_to_change(
            session, viewer, wish.customer_id, Permission.CUSTOMER_ASSIGN, forbidden=rules.MAY_NOT_CONFIRM
        )
        manager = None
        if customer.account_manager_id is not None:
            manager = await session.get_one(Admin, customer.account_manager_id, with_for_update={"read": True})
        is_own = customer.account_manager_id == viewer.admin_id
        refuse(
            (
                *user_errors.change_refusals(customer.status, customer.version, wish.expected_version),
                *rules.confirm_refusals(None if manager is None else manager.status, is_own=is_own),
            )
        )
        assignment_id = await _confirm(session, database, actor, viewer, customer, wish.note)
        await once.keep({"assignment_id": str(assignment_id)})
        return Recorded(customer.id, assignment_id)


async def _confirm(
    session: AsyncSession, database: Database, actor: Actor, viewer: AdminViewer, customer: Customer, note: str | None
) -> UUID:
    current = (await open_assignments(session, database.dialect, [customer.id]))[customer.id]
    moment = max(now(), customer.manager_reviewed_at)
    session.add(
        AssignmentConfirmation(
            id=new_id(),
            assignment_id=current.id,
            confirmed_by_id=viewer.admin_id,
            confirmed_at=moment,
            note=note,
        )
    )
    customer.manager_reviewed_at = moment
    audit.record(
        session,
        actor,
        "customer.assignment_confirmed",
        subject_kind="customer",
        subject_id=customer.id,
        details={"assignment_id": str(current.id), "account_manager_id": str(current.admin_id)},
    )
    return current.id
