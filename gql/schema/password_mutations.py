"""A forgotten password, and a new one by a link."""

from typing import Annotated, Any

import strawberry

from gql.domain.enums import SubjectKind
from gql.domain.password_errors import PasswordErrorCode
from gql.permissions import Anyone
from gql.resolvers import password as resolvers
from gql.schema.enums import Audience
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a password was not set.")
class PasswordUserError(UserError):
    """Rows are `Refusal`."""

    code: PasswordErrorCode = column("The reason, for programs.")


@strawberry.type(description="The request was taken, whether or not there is such an account.")
class RequestPasswordResetPayload:
    """Rows are `RequestPasswordResetPayload` of the resolvers."""

    accepted: bool = column("True, unless the idempotency key is refused: nobody learns here which accounts exist.")
    replayed: bool = replayed()
    user_errors: list[PasswordUserError] = column("What is wrong with the idempotency key; empty without one.")


@strawberry.type(description="What came of setting a new password.")
class ResetPasswordPayload:
    """Rows are `ResetPasswordPayload` of the resolvers."""

    changed: bool = column("Whether the password is the new one. All sessions of the account have ended then.")
    replayed: bool = replayed()
    user_errors: list[PasswordUserError] = column("Why it is not; all reasons at once.")


@strawberry.input(description="Whose password was forgotten.")
class RequestPasswordResetInput:
    """The argument."""

    email: str = strawberry.field(description="The account's email.")
    audience: Audience = strawberry.field(default=Audience.ADMIN, description="Which door the account is for.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The new password, and the token that allows to set it.")
class ResetPasswordInput:
    """The argument."""

    token: str = strawberry.field(description="What stands after `#token=` in the mail's link.")
    new_password: str = strawberry.field(description="12 to 256 characters, and none of those that are guessed first.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class PasswordMutations:
    """Root fields."""

    @root(
        RequestPasswordResetPayload,
        needs=Anyone(),
        description=(
            "Mail the account a link to set a new password, if there is one that may sign in: the answer is the same. "
            "The link lasts an hour and ends earlier ones. RATE_LIMITED when it is asked for too often."
        ),
    )
    async def request_password_reset(
        self, info: Info, input: Annotated[RequestPasswordResetInput, argument("Whose password.")]
    ) -> Any:
        """Request."""
        return await resolvers.request_reset(info.context, plain(input), SubjectKind(input.audience.value))

    @root(
        ResetPasswordPayload,
        needs=Anyone(),
        description="Set a new password by the link of a mail, which works once. Ends all sessions of the account.",
    )
    async def reset_password(
        self, info: Info, input: Annotated[ResetPasswordInput, argument("The new password.")]
    ) -> Any:
        """Reset."""
        return await resolvers.reset(info.context, plain(input))
