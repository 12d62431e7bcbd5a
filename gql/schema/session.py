"""One's own sessions, and ending them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.ids import Kind
from gql.domain.session_revocation import RevokeErrorCode
from gql.permissions import SignedIn
from gql.resolvers import session_revocation as resolvers
from gql.schema.access import open_to
from gql.schema.fields import Info, argument, column, global_id, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@open_to("whose session it is", "id createdAt lastUsedAt current")
@strawberry.type(description="A session of the viewer's own that lasts. Nothing is kept of the device or its address.")
class Session:
    """Rows are `SessionRow`."""

    id: strawberry.ID = global_id(Kind.SESSION)
    created_at: datetime = column("When they signed in.")
    last_used_at: datetime = column("When its tokens were last renewed: right to the life of an access token.")
    current: bool = column("Whether it is the one that this request belongs to.")


@strawberry.type(description="Why a session was not ended.")
class RevokeSessionUserError(UserError):
    """Rows are `Refusal`."""

    code: RevokeErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of ending a session.")
class RevokeSessionPayload:
    """Rows are `RevokeSessionPayload` of the resolvers."""

    revoked: bool = column("Whether the session has ended by this.")
    replayed: bool = replayed()
    user_errors: list[RevokeSessionUserError] = column("Why it has not.")


@strawberry.type(description="What came of ending all other sessions.")
class RevokeOtherSessionsPayload:
    """Rows are `RevokeOtherSessionsPayload` of the resolvers."""

    revoked_sessions: int = column("How many sessions have ended by this.")
    replayed: bool = replayed()
    user_errors: list[RevokeSessionUserError] = column("What is wrong with the idempotency key; empty without one.")


@strawberry.input(description="Which session to end.")
class RevokeSessionInput:
    """The argument."""

    session_id: strawberry.ID = strawberry.field(description="One of `viewer.sessions`.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What ending the other sessions takes: nothing, or a key.")
class RevokeOtherSessionsInput:
    """The argument."""

    idempotency_key: str | None = idempotency_key()


@strawberry.type
class SessionListMutations:
    """Root fields."""

    @root(
        RevokeSessionPayload,
        needs=SignedIn(),
        description="End one of the viewer's own sessions: its tokens are worth nothing from the next request on.",
    )
    async def revoke_session(self, info: Info, input: Annotated[RevokeSessionInput, argument("Which session.")]) -> Any:
        """End one."""
        return await resolvers.revoke(info.context, plain(input))

    @root(RevokeOtherSessionsPayload, needs=SignedIn(), description="End all of the viewer's sessions but this one.")
    async def revoke_other_sessions(
        self,
        info: Info,
        input: Annotated[
            RevokeOtherSessionsInput | None, argument("A key to repeat the request under.")
        ] = strawberry.UNSET,
    ) -> Any:
        """End the others."""
        return await resolvers.revoke_others(info.context, plain(input))
