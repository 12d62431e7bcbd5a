"""A forgotten password, and a new one by a link."""

from dataclasses import dataclass

from gql.context import Context
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.services.password_resets import NewPassword


@dataclass(frozen=True, slots=True)
class RequestPasswordResetPayload:
    """The same whoever asked."""

    accepted: bool
    user_errors: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ResetPasswordPayload:
    """Whether there is a new password, or why not."""

    changed: bool
    user_errors: tuple[Refusal, ...] = ()


async def request_reset(context: Context, email: str, audience: SubjectKind) -> RequestPasswordResetPayload:
    """Mail a link to the account, if there is one."""
    await context.application.password_resets.request(
        email, audience, client_address=context.client_address, request_id=context.request_id
    )
    return RequestPasswordResetPayload(accepted=True)


async def reset(context: Context, token: str, new_password: str) -> ResetPasswordPayload:
    """Set a new password by a link's token."""
    wish = NewPassword(token, new_password, context.client_address)
    try:
        await context.application.password_resets.reset(wish, request_id=context.request_id)
    except Refused as refused:
        return ResetPasswordPayload(changed=False, user_errors=refused.refusals)
    context.renew()
    return ResetPasswordPayload(changed=True)
