"""Sign in, stay signed in, sign out."""

from dataclasses import dataclass
from datetime import datetime

from gql.context import Context
from gql.domain.enums import SubjectKind
from gql.domain.errors import RateLimited, Refusal, Refused, Unauthenticated
from gql.domain.session_errors import SessionErrorCode
from gql.domain.viewer import Anonymous
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.resolvers.viewer import ViewerView, view_of
from gql.services.denials import account_tried
from gql.services.session_tokens import SignedIn
from gql.services.sessions import SignIn


@dataclass(frozen=True, slots=True)
class SessionPayload:
    """Tokens and the viewer, or why there are none."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_at: datetime | None = None
    viewer: ViewerView | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class SignOutPayload:
    """A session that has ended already stays so."""

    signed_out: bool
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def sign_in(context: Context, arguments: Arguments, audience: SubjectKind) -> SessionPayload:
    """Begin a session."""
    key = idempotency_key_of(arguments)
    wish = SignIn(arguments["email"], arguments["password"], audience, context.client_address, key)
    try:
        signed_in = await context.application.sessions.sign_in(wish, request_id=context.request_id)
    except (Refused, RateLimited) as no:
        context.denied_account = await account_tried(context.database, wish.email, audience)
        if isinstance(no, RateLimited):
            raise
        return SessionPayload(user_errors=no.refusals)
    return await session_payload(context, signed_in)


async def refresh_session(context: Context, arguments: Arguments) -> SessionPayload:
    """Exchange a refresh token for new tokens; an empty one stands for the browser's."""
    browser, refresh_token, key = context.browser, arguments["refresh_token"], idempotency_key_of(arguments)
    of_browser = browser is not None and not refresh_token
    token = (browser.refresh_token or "") if browser is not None and of_browser else refresh_token
    try:
        signed_in = await context.application.sessions.refresh(
            token, idempotency_key=key, request_id=context.request_id, address=context.client_address
        )
    except Refused as refused:
        is_over = any(refusal.code == SessionErrorCode.INVALID_REFRESH_TOKEN for refusal in refused.refusals)
        if browser is not None and of_browser and is_over:
            browser.end()
        return SessionPayload(user_errors=refused.refusals)
    return await session_payload(context, signed_in)


async def session_payload(context: Context, signed_in: SignedIn) -> SessionPayload:
    """The rest of the request is the new viewer's: child fields are guarded by what they may see."""
    context.become(signed_in.viewer)
    view = await view_of(context, signed_in.viewer)
    if context.browser is not None:
        context.browser.keep(signed_in)
        return SessionPayload(expires_at=signed_in.expires_at, viewer=view, replayed=signed_in.replayed)
    return SessionPayload(
        signed_in.access_token, signed_in.refresh_token, signed_in.expires_at, view, signed_in.replayed
    )


async def sign_out(context: Context, arguments: Arguments) -> SignOutPayload:
    """End the viewer's session, or tell again that it has ended. Raises Unauthenticated for others who have none."""
    key, viewer, sessions = idempotency_key_of(arguments), context.viewer, context.application.sessions
    if isinstance(viewer, Anonymous):
        ended = viewer.ended_session
        if ended is None or key is None or not await sessions.was_signed_out(ended, key):
            raise Unauthenticated(viewer.reason) if viewer.reason else Unauthenticated
        replayed = True
    else:
        try:
            replayed = await sessions.sign_out(
                viewer, idempotency_key=key, request_id=context.request_id, address=context.client_address
            )
        except Refused as refused:
            return SignOutPayload(signed_out=False, user_errors=refused.refusals)
        context.become(Anonymous("You have signed out.", viewer.session_id))
    if context.browser is not None:
        context.browser.end()
    return SignOutPayload(signed_out=True, replayed=replayed)
