"""Change where a customer stands with the lender."""

from dataclasses import dataclass

from gql.context import Context
from gql.db.rows import CustomerRow
from gql.domain import customer_status as rules
from gql.domain.customer_status import Effect, StatusAction
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.customer import present, present_if_stale
from gql.services.customer_status import ChangeStatus, change_status


@dataclass(frozen=True, slots=True)
class StatusPayload:
    """The customer as the viewer sees them now, and what else was done."""

    customer: CustomerRow | None = None
    changed: bool = False
    effects: tuple[Effect, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def change(context: Context, action: StatusAction, arguments: Arguments) -> StatusPayload:
    """Change a customer's status."""
    wish = ChangeStatus(
        action=action,
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        reason=required_reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return StatusPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await change_status(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        customer = await present_if_stale(context, wish.customer_id, refused)
        return StatusPayload(customer, user_errors=refused.refusals)
    return StatusPayload(await present(context, done.customer_id), done.changed, done.effects, done.replayed)
