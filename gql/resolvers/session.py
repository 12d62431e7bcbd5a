"""Sign in, stay signed in, sign out."""

from dataclasses import dataclass
from datetime import datetime

from gql.context import Context
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.viewer import Anonymous
from gql.resolvers.viewer import ViewerView, view_of
from gql.services.sessions import SignedIn


@dataclass(frozen=True, slots=True)
class SessionPayload:
    """Tokens and the viewer, or why there are none."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    viewer: ViewerView | None = None
    user_errors: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class SignOutPayload:
    """Nothing can go wrong: a session that has ended already stays so."""

    signed_out: bool
    user_errors: tuple[Refusal, ...] = ()


async def sign_in(context: Context, email: str, password: str, audience: SubjectKind) -> SessionPayload:
    """Begin a session."""
    sessions = context.application.sessions
    try:
        signed_in = await sessions.sign_in(
            email, password, audience, client_address=context.client_address, request_id=context.request_id
        )
    except Refused as refused:
        return SessionPayload(user_errors=refused.refusals)
    return await session_payload(context, signed_in)


async def refresh_session(context: Context, refresh_token: str) -> SessionPayload:
    """Exchange a refresh token for new tokens; an empty one stands for the browser's."""
    browser = context.browser
    of_browser = browser is not None and not refresh_token
    token = (browser.refresh_token or "") if browser is not None and of_browser else refresh_token
    try:
        signed_in = await context.application.sessions.refresh(token, request_id=context.request_id)
    except Refused as refused:
        if browser is not None and of_browser:
            browser.end()
        return SessionPayload(user_errors=refused.refusals)
    return await session_payload(context, signed_in)


async def session_payload(context: Context, signed_in: SignedIn) -> SessionPayload:
    """The rest of the request is the new viewer's: child fields are guarded by what they may see."""
    context.become(signed_in.viewer)
    view = await view_of(context, signed_in.viewer)
    if context.browser is not None:
        context.browser.keep(signed_in)
        return SessionPayload(expires_at=signed_in.expires_at, viewer=view)
    return SessionPayload(signed_in.access_token, signed_in.refresh_token, signed_in.expires_at, view)


async def sign_out(context: Context) -> SignOutPayload:
    """End the viewer's session."""
    if not isinstance(context.viewer, Anonymous):
        await context.application.sessions.sign_out(context.viewer, request_id=context.request_id)
        context.become(Anonymous("You have signed out."))
        if context.browser is not None:
            context.browser.end()
    return SignOutPayload(signed_out=True)
