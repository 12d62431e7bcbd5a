"""What assigning a customer, or ending that, would do: the dry runs, by the rules of the real thing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer
from gql.db.queries.active_admins import active_accesses
from gql.domain.errors import Refused
from gql.domain.sight import MOST_CHANGES, Shift, SightChange, sight_changes
from gql.domain.viewer import AdminViewer
from gql.services.assignments import AssignAccountManager, AssignmentScope, examine
from gql.services.scheduled_assignments import AssignFrom, examine_from
from gql.services.unassignments import UnassignAccountManager, customer_to_unassign


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """What would come of it, as things are now. `changes` is False where all is so already."""

    changes: bool
    sight_changes: list[SightChange]
    changed_viewers: int
    """How many admins would see the customer otherwise; `sight_changes` has the first of them by their IDs."""


async def plan_assignment(
    database: Database,
    viewer: AdminViewer,
    wish: AssignAccountManager,
    effective_at: datetime | None,
    scope: AssignmentScope,
) -> AssignmentPlan:
    """Ask every rule as assigning does, and write nothing. Who sees what then is told as of now, whenever it begins.

    Raises Refused (AssignErrorCode), with every reason at once.
    """
    async with database.begin() as session:
        if effective_at is None:
            found = await examine(session, database.dialect, viewer, wish, scope)
        else:
            found, _ = await examine_from(session, database.dialect, viewer, AssignFrom(wish, effective_at), scope)
        if found.refusals or found.customer is None or found.manager is None:
            raise Refused(*found.refusals)
        return await _plan(session, found.customer, found.manager.admin.id)


async def plan_unassignment(database: Database, viewer: AdminViewer, wish: UnassignAccountManager) -> AssignmentPlan:
    """The same of leaving a customer without an account manager. Raises Refused (UserErrorCode)."""
    async with database.begin() as session:
        return await _plan(session, await customer_to_unassign(session, viewer, wish), None)


async def _plan(session: AsyncSession, customer: Customer, manager_id: UUID | None) -> AssignmentPlan:
    before = customer.account_manager_id
    shift = Shift(customer.office_id, before, manager_id)
    changes = list(sight_changes({shift: 1}, await active_accesses(session)))
    return AssignmentPlan(before != manager_id, changes[:MOST_CHANGES], len(changes))
