"""End one's own sessions elsewhere."""

from dataclasses import dataclass

from gql.context import Context
from gql.domain.errors import Refusal, Refused, Unauthenticated
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.services.session_revocation import revoke_other_sessions, revoke_session


@dataclass(frozen=True, slots=True)
class RevokeSessionPayload:
    """Whether the session has ended by this, or why not."""

    revoked: bool
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class RevokeOtherSessionsPayload:
    """How many sessions have ended by this."""

    revoked_sessions: int
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def revoke(context: Context, arguments: Arguments) -> RevokeSessionPayload:
    """End one session of the viewer's."""
    viewer, key = _signed_in(context), parse_id_of(Kind.SESSION, arguments["session_id"])
    once = idempotency_key_of(arguments)
    try:
        revoked = await revoke_session(context.database, context.actor, viewer, key, once)
    except Refused as refused:
        return RevokeSessionPayload(revoked=False, user_errors=refused.refusals)
    if key == viewer.session_id:
        context.become(Anonymous("You have ended this session."))
        if context.browser is not None:
            context.browser.end()
    else:
        context.renew()
    return RevokeSessionPayload(revoked=True, replayed=revoked.replayed)


async def revoke_others(context: Context, arguments: Arguments) -> RevokeOtherSessionsPayload:
    """End all sessions of the viewer's but this one."""
    once = idempotency_key_of(arguments)
    try:
        ended = await revoke_other_sessions(context.database, context.actor, _signed_in(context), once)
    except Refused as refused:
        return RevokeOtherSessionsPayload(0, user_errors=refused.refusals)
    context.renew()
    return RevokeOtherSessionsPayload(ended.count, ended.replayed)


def _signed_in(context: Context) -> AdminViewer | CustomerViewer:
    if isinstance(context.viewer, Anonymous):
        raise Unauthenticated
    return context.viewer
