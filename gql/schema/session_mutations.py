"""Sign in, stay signed in, sign out."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.enums import SubjectKind
from gql.domain.session_errors import SessionErrorCode
from gql.permissions import Anyone
from gql.resolvers import session as resolvers
from gql.schema.enums import Audience
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError
from gql.schema.viewer import Viewer


@strawberry.type(description="Why a sign-in or a refresh did nothing.")
class SessionUserError(UserError):
    """Rows are `Refusal`."""

    code: SessionErrorCode = column("The reason, for programs.")


def access_token() -> Any:
    """The field of payloads that begin or go on with a session."""
    return column("Send it as `Authorization: Bearer …`. Lasts minutes. Null for a browser's client.")


def refresh_token() -> Any:
    """The field of the same payloads."""
    return column("Good for one `refreshSession`, which gives the next. Keep it safe. Null for a browser's client.")


def expires_at() -> Any:
    """The field of the same payloads."""
    return column("When the access token ends.")


def who_signed_in() -> Any:
    """The field of the same payloads."""
    return column("Who has signed in.")


def _user_errors() -> Any:
    return column("Why there are no tokens; empty where there are.")


@strawberry.type(description="Tokens, or why there are none.")
class SignInPayload:
    """Rows are `SessionPayload`."""

    access_token: str | None = access_token()
    refresh_token: str | None = refresh_token()
    expires_at: datetime | None = expires_at()
    viewer: Viewer | None = who_signed_in()
    replayed: bool = replayed()
    user_errors: list[SessionUserError] = _user_errors()


@strawberry.type(description="New tokens, or why there are none.")
class RefreshSessionPayload:
    """Rows are `SessionPayload`."""

    access_token: str | None = access_token()
    refresh_token: str | None = refresh_token()
    expires_at: datetime | None = expires_at()
    viewer: Viewer | None = who_signed_in()
    replayed: bool = replayed()
    user_errors: list[SessionUserError] = _user_errors()


@strawberry.type(description="The session has ended.")
class SignOutPayload:
    """Rows are `SignOutPayload` of the resolvers."""

    signed_out: bool = column("True, unless the idempotency key is refused.")
    replayed: bool = replayed()
    user_errors: list[SessionUserError] = column("What is wrong with the idempotency key; empty without one.")


@strawberry.input(description="Who signs in.")
class SignInInput:
    """The argument."""

    email: str = strawberry.field(description="The account's email.")
    password: str = strawberry.field(description="The password, as it was typed.")
    audience: Audience = strawberry.field(default=Audience.ADMIN, description="Which door to sign in through.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which session to prolong.")
class RefreshSessionInput:
    """The argument."""

    refresh_token: str = strawberry.field(
        description="The newest refresh token of the session. Empty for a browser's client: that of its cookie."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What signing out takes: nothing, or a key.")
class SignOutInput:
    """The argument."""

    idempotency_key: str | None = idempotency_key()


@strawberry.type
class SessionMutations:
    """Root fields."""

    @root(SignInPayload, needs=Anyone(), description="Begin a session.")
    async def sign_in(self, info: Info, input: Annotated[SignInInput, argument("Who signs in.")]) -> Any:
        """Sign in."""
        return await resolvers.sign_in(info.context, plain(input), SubjectKind(input.audience.value))

    @root(
        RefreshSessionPayload,
        needs=Anyone(),
        description=(
            "Exchange a refresh token for new tokens. A token that comes a second time ends the session, but under its "
            "`idempotencyKey` it gets the same refresh token again, as long as that wasn't used."
        ),
    )
    async def refresh_session(
        self, info: Info, input: Annotated[RefreshSessionInput, argument("Which session.")]
    ) -> Any:
        """Refresh."""
        return await resolvers.refresh_session(info.context, plain(input))

    @root(
        SignOutPayload,
        needs=Anyone(),  # the resolver lets pass who has just signed out, and says so again
        description="End the viewer's session: its tokens are worth nothing then. UNAUTHENTICATED where there is none.",
    )
    async def sign_out(
        self,
        info: Info,
        input: Annotated[SignOutInput | None, argument("A key to repeat the request under.")] = strawberry.UNSET,
    ) -> Any:
        """Sign out."""
        return await resolvers.sign_out(info.context, plain(input))
