"""Assign an account manager or end that; and be told of it."""

from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass
from uuid import UUID

from gql.context import Context
from gql.db.rows import AssignmentRow, CustomerRow
from gql.domain import assignments as rules
from gql.domain.errors import Forbidden, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.roles import CustomerField
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, moment_of, reason_of, required_reason_of
from gql.resolvers.assignment_payload import AssignPayload
from gql.resolvers.customer import present, present_if_stale
from gql.resolvers.scheduled_assignment import assign_at
from gql.services.assignment_plans import AssignmentPlan, plan_assignment, plan_unassignment
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, AssignAccountManager, assign_account_manager
from gql.services.unassignments import UnassignAccountManager, unassign_account_manager


async def assign(context: Context, arguments: Arguments) -> AssignPayload:
    """Make an admin the account manager of a customer, now or from a later moment on."""
    wish = AssignAccountManager(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        account_manager_id=parse_id_of(Kind.ADMIN, arguments["account_manager_id"]),
        reason=reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    effective_at = moment_of(arguments, "effective_at")
    if isinstance(context.viewer, CustomerViewer):
        return AssignPayload(user_errors=(rules.FORBIDDEN,))
    scope = context.application.settings.assignment_scope
    if arguments.get("dry_run"):
        plan = plan_assignment(context.database, context.admin, wish, effective_at, scope)
        return await _planned(context, wish.customer_id, plan)
    if effective_at is not None:
        return await assign_at(context, wish, effective_at)
    try:
        assigned = await assign_account_manager(context.database, context.actor, context.admin, wish, scope)
    except Refused as refused:
        return AssignPayload(await present_if_stale(context, wish.customer_id, refused), user_errors=refused.refusals)
    context.renew()
    return AssignPayload(
        customer=await context.loaders.one("customer", assigned.customer_id),
        assignment=await context.loaders.one("assignment_made", assigned.assignment_id),
        changed=assigned.changed,
        replayed=assigned.replayed,
    )


async def unassign(context: Context, arguments: Arguments) -> AssignPayload:
    """Leave a customer without an account manager."""
    wish = UnassignAccountManager(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        expected_version=arguments["expected_version"],
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return AssignPayload(user_errors=(rules.MAY_NOT_UNASSIGN,))
    if arguments.get("dry_run"):
        return await _planned(context, wish.customer_id, plan_unassignment(context.database, context.admin, wish))
    try:
        done = await unassign_account_manager(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return AssignPayload(await present_if_stale(context, wish.customer_id, refused), user_errors=refused.refusals)
    customer = await present(context, done.customer_id)
    # Told to who has lost sight, too: it is what they have done. `assignAccountManager` does the same.
    ended = None if done.record_id is None else await context.loaders.one("assignment_made", done.record_id)
    return AssignPayload(customer, ended, changed=done.changed, replayed=done.replayed)


async def _planned(context: Context, customer_id: UUID, plan: Awaitable[AssignmentPlan]) -> AssignPayload:
    """What a dry run says."""
    try:
        return AssignPayload(plan=await plan)
    except Refused as refused:
        return AssignPayload(await present_if_stale(context, customer_id, refused), user_errors=refused.refusals)


@dataclass(frozen=True, slots=True)
class AccountManagerChange:
    """A customer as the viewer sees them after it, and the assignment that has begun, or else ended."""

    customer: CustomerRow
    assignment: AssignmentRow | None


async def account_manager_changes(context: Context, customer_id: str) -> AsyncGenerator[AccountManagerChange, None]:
    """The changes of a customer's account manager from now on, for as long as the viewer sees the customer.

    Session and sight are looked at anew before each one. Raises Forbidden for a customer whom the viewer doesn't see,
    there or not; the changes raise Unauthenticated when the session has ended.
    """
    key = parse_id_of(Kind.CUSTOMER, customer_id)
    subscription = await context.database.events.subscribe(ACCOUNT_MANAGER_CHANGED, key)  # before looking: no gap
    if await context.loaders.one("customer", key) is None:
        raise Forbidden("There is no such customer for you.")

    async def changes() -> AsyncGenerator[AccountManagerChange, None]:
        while True:
            event = await subscription.next()
            await context.check_again()
            [customer] = await context.loaders.batch("customer", None, [key])
            if customer is None:
                return
            [assignment] = await context.loaders.batch("assignment", None, [event.detail_id])
            shown = assignment if CustomerField.ASSIGNMENT_HISTORY not in customer.access.withheld else None
            yield AccountManagerChange(customer, shown)

    return changes()
