"""Reviews of who looks after whom: what is to be looked at, and signed."""

from datetime import timedelta

from gql.context import Context
from gql.db.queries.assignment_reviews import ReviewCriteria, list_reviews, oddities_of
from gql.db.rows import ReviewRow
from gql.domain import assignment_reviews as rules
from gql.domain.assignment_reviews import BY_REVIEWED_AT, MOST_DAYS, USUAL_DAYS, ReviewReason
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.paging import Edge, Page
from gql.domain.time import now
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, optional_id, optional_set, page_of, text
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.assignment_confirmations import ConfirmAssignment, confirm_assignment


async def reviews(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[ReviewRow]]:
    """A page of the customers whose account manager somebody should look at."""
    given = criteria.get("unreviewed_for_days")
    days = USUAL_DAYS if given is None else given
    if not 1 <= days <= MOST_DAYS:
        raise BadUserInput(f"`unreviewedForDays` is between 1 and {MOST_DAYS:,}.")
    reasons = optional_set(criteria, "reasons")
    wanted = ReviewCriteria(
        reasons=frozenset(ReviewReason) if reasons is None else reasons,
        unreviewed_since=now() - timedelta(days=days),
        office_id=optional_id(Kind.OFFICE, criteria, "office_id"),
        account_manager_id=optional_id(Kind.ADMIN, criteria, "account_manager_id"),
        oddities=await oddities_of(context.database),
    )
    found = await list_reviews(context.database, context.access, wanted, page_of(BY_REVIEWED_AT, paging))
    await context.note_customers_read(edge.node.id for edge in found.edges)
    return found


async def confirm(context: Context, arguments: Arguments) -> ChangePayload:
    """Sign that who looks after a customer is right."""
    wish = ConfirmAssignment(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        expected_version=arguments["expected_version"],
        note=text(arguments.get("note"), "note", rules.LONGEST_NOTE),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.MAY_NOT_CONFIRM,))
    change = confirm_assignment(context.database, context.actor, context.admin, wish)
    return await answer(context, change, loader="assignment", customer_id=wish.customer_id)
