"""A forgotten password, and a new one by a link."""

from dataclasses import dataclass

from gql.context import Context
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.services.password_tokens import NewPassword


@dataclass(frozen=True, slots=True)
class RequestPasswordResetPayload:
    """The same whoever asked."""

    accepted: bool
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ResetPasswordPayload:
    """Whether there is a new password, or why not."""

    changed: bool
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def request_reset(context: Context, arguments: Arguments, audience: SubjectKind) -> RequestPasswordResetPayload:
    """Mail a link to the account, if there is one."""
    try:
        replayed = await context.application.password_resets.request(
            arguments["email"],
            audience,
            client_address=context.client_address,
            idempotency_key=idempotency_key_of(arguments),
            request_id=context.request_id,
        )
    except Refused as refused:
        return RequestPasswordResetPayload(accepted=False, user_errors=refused.refusals)
    return RequestPasswordResetPayload(accepted=True, replayed=replayed)


async def reset(context: Context, arguments: Arguments) -> ResetPasswordPayload:
    """Set a new password by a link's token."""
    key = idempotency_key_of(arguments)
    wish = NewPassword(arguments["token"], arguments["new_password"], context.client_address, key)
    try:
        replayed = await context.application.password_resets.reset(wish, request_id=context.request_id)
    except Refused as refused:
        return ResetPasswordPayload(changed=False, user_errors=refused.refusals)
    context.renew()
    return ResetPasswordPayload(changed=True, replayed=replayed)
