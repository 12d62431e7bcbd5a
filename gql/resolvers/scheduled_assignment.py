"""Scheduled assignments: made, listed, cancelled."""

from datetime import datetime

from gql.context import Context
from gql.db.queries import scheduled_assignments as reads
from gql.db.queries.scheduled_assignments import ScheduleCriteria
from gql.db.rows import ScheduledAssignmentRow
from gql.domain import scheduled_assignments as rules
from gql.domain.assignments import AssignErrorCode
from gql.domain.errors import Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_EFFECTIVE_AT
from gql.domain.paging import Edge, Page
from gql.domain.roles import CustomerField
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import (
    Arguments,
    idempotency_key_of,
    optional_id,
    optional_set,
    page_of,
    required_reason_of,
)
from gql.resolvers.assignment_payload import AssignPayload
from gql.resolvers.customer import present, present_if_stale
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.assignments import AssignAccountManager
from gql.services.scheduled_assignments import AssignFrom, CancelScheduled, assign_from, cancel_scheduled


def refusal_codes(row: ScheduledAssignmentRow) -> list[AssignErrorCode]:
    """Why it was not to be when it was due."""
    return [AssignErrorCode(code) for code in row.refusal_codes]


async def assign_at(context: Context, wish: AssignAccountManager, effective_at: datetime) -> AssignPayload:
    """Make an admin the account manager of a customer from a moment on."""
    asked, scope = AssignFrom(wish, effective_at), context.application.settings.assignment_scope
    try:
        done = await assign_from(context.database, context.actor, context.admin, asked, scope)
    except Refused as refused:
        is_taken = any(refusal.code is AssignErrorCode.ALREADY_SCHEDULED for refusal in refused.refusals)
        return AssignPayload(
            customer=await present_if_stale(context, wish.customer_id, refused),
            scheduled=await _pending(context, wish) if is_taken else None,
            user_errors=refused.refusals,
        )
    customer, loaders = await present(context, done.customer_id), context.loaders
    made, later = done.assignment_id, done.scheduled_id
    return AssignPayload(
        customer=customer,
        assignment=None if made is None else await loaders.one("assignment_made", made),
        scheduled=None if later is None else await loaders.one("scheduled_assignment", later),
        changed=done.changed,
        replayed=done.replayed,
    )


async def _pending(context: Context, wish: AssignAccountManager) -> ScheduledAssignmentRow | None:
    """What is scheduled for the customer, as far as the viewer sees that."""
    customer = await present(context, wish.customer_id)
    if customer is None or not customer.access.shows(CustomerField.SCHEDULED_ASSIGNMENT):
        return None
    found: ScheduledAssignmentRow | None = await context.loaders.one("scheduled_of_customer", customer.id)
    return found


async def scheduled_assignments(
    context: Context, criteria: Arguments, direction: str, paging: Arguments
) -> Page[Edge[ScheduledAssignmentRow]]:
    """A page of those that the viewer sees."""
    wanted = ScheduleCriteria(
        statuses=optional_set(criteria, "status"),
        admin_id=optional_id(Kind.ADMIN, criteria, "account_manager_id"),
        customer_id=optional_id(Kind.CUSTOMER, criteria, "customer_id"),
    )
    page = page_of(BY_EFFECTIVE_AT, paging, {"direction": direction})
    found = await reads.list_scheduled(context.database, context.access, wanted, page)
    await context.note_customers_read(edge.node.customer_id for edge in found.edges)
    return found


async def cancel(context: Context, arguments: Arguments) -> ChangePayload:
    """Have one not begin. Where it is too late for that, the answer has its present state."""
    wish = CancelScheduled(
        scheduled_id=parse_id_of(Kind.SCHEDULED_ASSIGNMENT, arguments["id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.MAY_NOT_CANCEL,))
    change = cancel_scheduled(context.database, context.actor, context.admin, wish)
    payload = await answer(context, change, loader="scheduled_assignment")
    if not any(refusal.code is UserErrorCode.NOT_ALLOWED for refusal in payload.user_errors):
        return payload
    context.renew()
    record = await context.loaders.one("scheduled_assignment", wish.scheduled_id)
    customer = None if record is None else await context.loaders.one("customer", record.customer_id)
    return ChangePayload(customer, record, user_errors=payload.user_errors)
