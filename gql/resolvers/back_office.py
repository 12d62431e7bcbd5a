"""What the back office writes down of a customer: notes, tags and the tier."""

from gql.context import Context
from gql.domain import user_errors
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.back_office import AddNote, SetTags, SetTier, add_note, set_tags, set_tier

_NOT_YOURS = ChangePayload(user_errors=(user_errors.FORBIDDEN,))


async def note(context: Context, arguments: Arguments) -> ChangePayload:
    """Write a note."""
    wish = AddNote(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        text=arguments["text"],
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    return await answer(context, add_note(context.database, context.actor, context.admin, wish), loader="customer_note")


async def tags(context: Context, arguments: Arguments) -> ChangePayload:
    """Replace the tags."""
    wish = SetTags(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        tags=tuple(arguments["tags"]),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    change = set_tags(context.database, context.actor, context.admin, wish)
    return await answer(context, change, customer_id=wish.customer_id)


async def tier(context: Context, arguments: Arguments) -> ChangePayload:
    """Set the tier."""
    if "tier" not in arguments:
        raise BadUserInput("`tier` is missing. Name one, or write null for none.")
    wish = SetTier(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        tier=arguments["tier"],
        reason=required_reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    change = set_tier(context.database, context.actor, context.admin, wish)
    return await answer(context, change, customer_id=wish.customer_id)
