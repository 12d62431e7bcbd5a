"""Jobs that change the members of a group: begun."""

from gql.context import Context
from gql.domain import member_jobs as rules
from gql.domain.errors import BadUserInput, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, optional_id, required_reason_of
from gql.resolvers.customer import criteria_of
from gql.resolvers.job import JobPayload, begun, listed_customers
from gql.services.member_jobs import AddGroupMembers, add_group_members

_SOURCES = ("customer_filter", "customer_ids", "from_group_id")


async def add_members(context: Context, arguments: Arguments) -> JobPayload:
    """Begin a job that adds many customers to a group, or finds out what would come of it."""
    if sum(arguments.get(name) is not None for name in _SOURCES) != 1:
        raise BadUserInput("Say which customers: pass one of `customerFilter`, `customerIds` and `fromGroupId`.")
    given = arguments.get("customer_filter")
    wish = AddGroupMembers(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        reason=required_reason_of(arguments),
        criteria=None if given is None else criteria_of(given),
        customer_ids=listed_customers(arguments),
        from_group_id=optional_id(Kind.GROUP, arguments, "from_group_id"),
        dry_run=bool(arguments.get("dry_run")),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await add_group_members(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return JobPayload(user_errors=refused.refusals)
    return await begun(context, done)
