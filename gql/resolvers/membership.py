"""Add a customer to a group, and remove one."""

from dataclasses import dataclass
from typing import cast
from uuid import UUID

from gql.context import Context
from gql.db.queries.memberships import open_membership_edge
from gql.db.rows import GroupRow, MembershipEdge, MembershipRow
from gql.domain import membership_removals as removals
from gql.domain import memberships as rules
from gql.domain.contact import normal_email
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.groups import GroupWarning
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_SINCE
from gql.domain.memberships import Warned
from gql.domain.roles import CustomerField
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import LONGEST_SEARCH, Arguments, idempotency_key_of, reason_of, required_reason_of, text
from gql.resolvers.customer import put_lookup_on_record
from gql.resolvers.group import readable_group
from gql.services.membership_removals import RemoveGroupMember, remove_group_member
from gql.services.memberships import Addable, AddGroupMember, Identifier, add_group_member, can_add_member

_IDENTIFIERS: dict[str, Identifier] = {"customer_id": "customerId", "email": "email", "number": "number"}


@dataclass(frozen=True, slots=True)
class AddMemberPayload:
    """The group with its new count, and the membership, also as the edge that the members listing has for it."""

    group: GroupRow | None = None
    membership: MembershipRow | None = None
    membership_edge: MembershipEdge | None = None
    warnings: tuple[Warned, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def add_member(context: Context, arguments: Arguments) -> AddMemberPayload:
    """Put a customer, named by one identifier, into a group."""
    identifier, customer = _customer_of(arguments)
    wish = AddGroupMember(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        identifier=identifier,
        customer=customer,
        reason=reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return AddMemberPayload(user_errors=(rules.FORBIDDEN,))
    if identifier == "email":
        await put_lookup_on_record(context, CustomerField.EMAIL)
    try:
        added = await add_group_member(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return AddMemberPayload(user_errors=refused.refusals)
    context.renew()
    edge = await open_membership_edge(context.database, context.access, added.membership_id, BY_SINCE)
    context.note_reads([] if edge is None else [edge.node])
    return AddMemberPayload(
        group=await readable_group(context, added.group_id),
        membership=await context.loaders.one("membership", added.membership_id),
        membership_edge=edge,
        warnings=tuple(added.warnings),
        replayed=added.replayed,
    )


async def can_add(context: Context, group_id: str, customer_id: str) -> Addable:
    """What stands in the way of a customer and a group."""
    group, customer = parse_id_of(Kind.GROUP, group_id), parse_id_of(Kind.CUSTOMER, customer_id)
    return await can_add_member(context.database, context.admin, group, customer)


@dataclass(frozen=True, slots=True)
class RemoveMemberPayload:
    """The group with its new count, and the membership that is over."""

    group: GroupRow | None = None
    membership: MembershipRow | None = None
    warnings: tuple[GroupWarning, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def remove_member(context: Context, arguments: Arguments) -> RemoveMemberPayload:
    """Take a customer, named by one identifier, out of a group."""
    identifier, customer = _customer_of(arguments)
    wish = RemoveGroupMember(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        identifier=identifier,
        customer=customer,
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return RemoveMemberPayload(user_errors=(removals.FORBIDDEN,))
    if identifier == "email":
        await put_lookup_on_record(context, CustomerField.EMAIL)
    try:
        removed = await remove_group_member(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return RemoveMemberPayload(user_errors=refused.refusals)
    context.renew()
    return RemoveMemberPayload(
        group=await readable_group(context, removed.group_id),
        membership=await context.loaders.one("membership", removed.membership_id),
        warnings=tuple(removed.warnings),
        replayed=removed.replayed,
    )


def _customer_of(arguments: Arguments) -> tuple[Identifier, UUID | str]:
    """The one identifier that was given."""
    names = [name for name in _IDENTIFIERS if arguments.get(name) is not None]
    if len(names) != 1:
        raise BadUserInput("Name the customer by exactly one of `customerId`, `email` and `number`.")
    name = names[0]
    if name == "customer_id":
        return "customerId", parse_id_of(Kind.CUSTOMER, arguments[name])
    value = cast("str", text(arguments[name], name, LONGEST_SEARCH))
    return _IDENTIFIERS[name], normal_email(value) if name == "email" else value.strip().upper()
