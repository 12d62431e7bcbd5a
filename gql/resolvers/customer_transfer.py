"""Move customers to other offices."""

from gql.context import Context
from gql.domain import customer_transfer as rules
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.customer_transfers import TransferCustomer, transfer_customer


async def transfer(context: Context, arguments: Arguments) -> ChangePayload:
    """Move a customer."""
    wish = TransferCustomer(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        office_id=parse_id_of(Kind.OFFICE, arguments["office_id"]),
        assignment=arguments["assignment"],
        reason=required_reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(rules.FORBIDDEN,))
    scope = context.application.settings.assignment_scope
    change = transfer_customer(context.database, context.actor, context.admin, wish, scope)
    return await answer(context, change, customer_id=wish.customer_id)
