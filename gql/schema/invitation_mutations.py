"""Invite team members; come by an invitation."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.invitations import InviteErrorCode
from gql.permissions import Anyone, SignedIn
from gql.resolvers import invitation as resolvers
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.password_mutations import PasswordUserError
from gql.schema.roots import root
from gql.schema.session_mutations import access_token, expires_at, refresh_token, who_signed_in
from gql.schema.user_errors import UserError
from gql.schema.viewer import Viewer


@strawberry.type(description="Why nobody was invited.")
class InviteAdminUserError(UserError):
    """Rows are `Refusal`."""

    code: InviteErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of inviting a team member.")
class InviteAdminPayload:
    """Rows are `InvitePayload`."""

    admin: Admin | None = column("The team member, INVITED.")
    replayed: bool = replayed()
    user_errors: list[InviteAdminUserError] = column("Why nobody was invited; all reasons at once.")


@strawberry.type(description="Tokens, or why there are none.")
class AcceptInvitationPayload:
    """Rows are `SessionPayload`."""

    access_token: str | None = access_token()
    refresh_token: str | None = refresh_token()
    expires_at: datetime | None = expires_at()
    viewer: Viewer | None = who_signed_in()
    replayed: bool = replayed()
    user_errors: list[PasswordUserError] = column("Why the invitation was not accepted; all reasons at once.")


@strawberry.input(description="Who is invited, to where, as what.")
class InviteAdminInput:
    """The argument."""

    email: str = strawberry.field(description="The work email: the link goes there, and they sign in with it.")
    name: str = strawberry.field(description="First and last name.")
    office_id: strawberry.ID = strawberry.field(description="Where they will work: an active office.")
    role_keys: list[str] = strawberry.field(
        description="The keys of their roles, at least one; none may permit more than the viewer's own."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The invitation, and the password to sign in with from now on.")
class AcceptInvitationInput:
    """The argument."""

    token: str = strawberry.field(description="What stands after `#token=` in the mail's link.")
    password: str = strawberry.field(description="12 to 256 characters, and none of those that are guessed first.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class InvitationMutations:
    """Root fields."""

    @root(
        InviteAdminPayload,
        needs=SignedIn(),
        description=(
            "Make the account of a new team member and mail them a link, good for 72 hours, to set its password. Who "
            "was invited and has not come gets a new link, which ends the older one. Takes `admin.write`."
        ),
    )
    async def invite_admin(
        self, info: Info, input: Annotated[InviteAdminInput, argument("Who, to where, as what.")]
    ) -> Any:
        """Invite."""
        return await resolvers.invite(info.context, plain(input))

    @root(
        AcceptInvitationPayload,
        needs=Anyone(),
        description="Set the password of the account that one was invited to, and sign in. The link works once.",
    )
    async def accept_invitation(
        self, info: Info, input: Annotated[AcceptInvitationInput, argument("The invitation.")]
    ) -> Any:
        """Accept."""
        return await resolvers.accept(info.context, plain(input))
