"""Invite team members; come by an invitation."""

from dataclasses import dataclass

from gql.context import Context
from gql.db.rows import AdminRow
from gql.domain import invitations as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.resolvers.session import SessionPayload, session_payload
from gql.services.invitations import InviteAdmin
from gql.services.password_tokens import NewPassword


@dataclass(frozen=True, slots=True)
class InvitePayload:
    """Who was invited, or why nobody was."""

    admin: AdminRow | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def invite(context: Context, arguments: Arguments) -> InvitePayload:
    """Invite a team member."""
    wish = InviteAdmin(
        email=arguments["email"],
        name=arguments["name"],
        office_id=parse_id_of(Kind.OFFICE, arguments["office_id"]),
        role_keys=tuple(arguments["role_keys"]),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return InvitePayload(user_errors=(rules.FORBIDDEN,))
    try:
        invited = await context.application.invitations.invite(context.actor, context.admin, wish)
    except Refused as refused:
        return InvitePayload(user_errors=refused.refusals)
    context.renew()
    return InvitePayload(await context.loaders.one("admin", invited.admin_id), replayed=invited.replayed)


async def accept(context: Context, arguments: Arguments) -> SessionPayload:
    """Come by an invitation: set the password and sign in."""
    key = idempotency_key_of(arguments)
    wish = NewPassword(arguments["token"], arguments["password"], context.client_address, key)
    try:
        signed_in = await context.application.invitations.accept(wish, request_id=context.request_id)
    except Refused as refused:
        return SessionPayload(user_errors=refused.refusals)
    return await session_payload(context, signed_in)
