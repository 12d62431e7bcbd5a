"""Dealings with customers: put on record, closed, and listed as far as they are due."""

from gql.context import Context
from gql.db.interaction_rows import InteractionRow
from gql.db.queries.interactions import DueCriteria, list_due
from gql.domain import interactions as rules
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_DUE_AT
from gql.domain.paging import Edge, Page
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import (
    Arguments,
    idempotency_key_of,
    moment_of,
    optional_id,
    page_of,
    required_text,
    text,
)
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.interactions import (
    CompleteInteraction,
    LogInteraction,
    complete_interaction,
    log_interaction,
)

_LOADER = "interaction"


async def log(context: Context, arguments: Arguments) -> ChangePayload:
    """Put an interaction on record."""
    wish = LogInteraction(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        kind=arguments["kind"],
        direction=arguments["direction"],
        summary=required_text(arguments, "summary", rules.LONGEST_SUMMARY),
        outcome=text(arguments.get("outcome"), "outcome", rules.LONGEST_OUTCOME),
        occurred_at=moment_of(arguments, "occurred_at"),
        next_step=text(arguments.get("next_step"), "nextStep", rules.LONGEST_NEXT_STEP),
        due_at=moment_of(arguments, "due_at"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.FORBIDDEN_TO_CUSTOMERS,))
    return await answer(context, log_interaction(context.database, context.actor, context.admin, wish), loader=_LOADER)


async def complete(context: Context, arguments: Arguments) -> ChangePayload:
    """Close what was due."""
    wish = CompleteInteraction(
        interaction_id=parse_id_of(Kind.INTERACTION, arguments["interaction_id"]),
        outcome=required_text(arguments, "outcome", rules.LONGEST_OUTCOME),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.FORBIDDEN_TO_CUSTOMERS,))
    change = complete_interaction(context.database, context.actor, context.admin, wish)
    return await answer(context, change, loader=_LOADER)


async def due(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[InteractionRow]]:
    """A page of what is due, of customers whose interactions the viewer sees; the soonest first."""
    manager_id = optional_id(Kind.ADMIN, criteria, "account_manager_id")
    if criteria.get("mine"):
        if manager_id is not None:
            raise BadUserInput("Pass `mine` or `accountManagerId`, not both.")
        manager_id = context.admin.admin_id
    wanted = DueCriteria(
        account_manager_id=manager_id,
        office_id=optional_id(Kind.OFFICE, criteria, "office_id"),
        due_before=moment_of(criteria, "due_before"),
    )
    found = await list_due(context.database, context.access, wanted, page_of(BY_DUE_AT, paging))
    await context.note_customers_read(edge.node.customer_id for edge in found.edges)
    return found
