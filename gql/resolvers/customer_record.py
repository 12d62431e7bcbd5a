"""Register customers, and change their records."""

from dataclasses import dataclass

from gql.context import Context
from gql.db.rows import CustomerRow
from gql.domain import customer_record as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.resolvers.customer import present, present_if_stale
from gql.services.customer_records import CreateCustomer, UpdateCustomer, create_customer, update_customer


@dataclass(frozen=True, slots=True)
class CustomerPayload:
    """The customer as the viewer sees them now."""

    customer: CustomerRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def create(context: Context, arguments: Arguments) -> CustomerPayload:
    """Register a customer."""
    wish = CreateCustomer(
        kind=arguments["kind"],
        name=arguments["name"],
        email=arguments["email"],
        phone=arguments["phone"],
        office_id=parse_id_of(Kind.OFFICE, arguments["office_id"]),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CustomerPayload(user_errors=(rules.MAY_NOT_CREATE,))
    region = context.application.settings.default_region
    try:
        done = await create_customer(context.database, context.actor, context.admin, wish, region)
    except Refused as refused:
        return CustomerPayload(user_errors=refused.refusals)
    return CustomerPayload(await present(context, done.customer_id), done.changed, done.replayed)


async def update(context: Context, arguments: Arguments) -> CustomerPayload:
    """Change a customer's record."""
    wish = UpdateCustomer(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        expected_version=arguments["expected_version"],
        kind=arguments.get("kind"),
        name=arguments.get("name"),
        email=arguments.get("email"),
        phone=arguments.get("phone"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CustomerPayload(user_errors=(rules.MAY_NOT_CHANGE,))
    region = context.application.settings.default_region
    try:
        done = await update_customer(context.database, context.actor, context.admin, wish, region)
    except Refused as refused:
        customer = await present_if_stale(context, wish.customer_id, refused)
        return CustomerPayload(customer, user_errors=refused.refusals)
    return CustomerPayload(await present(context, done.customer_id), done.changed, done.replayed)
