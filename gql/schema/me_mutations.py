"""What customers do themselves, in the web and mobile app."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.permissions import SignedIn
from gql.resolvers import me as resolvers
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.me import Me, MyCallback
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of changing one's own contact.")
class UpdateMyContactPayload:
    """Rows are `OwnPayload`."""

    me: Me | None = column("The customer as they are now; null where nothing was done.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of asking to be called.")
class RequestCallbackPayload:
    """Rows are `OwnPayload`."""

    callback: MyCallback | None = column("The open request: this one, or where `changed` is false an earlier one.")
    changed: bool = column("False where the customer has asked already and was not called yet.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="A new email, a new phone, or both. What is left out stays as it is.")
class UpdateMyContactInput:
    """The argument."""

    current_password: str = strawberry.field(
        description="The present password: a session alone is not enough to change by what one is known."
    )
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Email address, by which the customer then signs in."
    )
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Phone number; stored in E.164.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What it is about, and when it suits.")
class RequestCallbackInput:
    """The argument."""

    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="What it is about, for whoever calls. At most 500 characters."
    )
    preferred_time: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="When it suits, within 30 days; by the end of the next working day where left out.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class MeMutations:
    """Root fields."""

    @root(
        UpdateMyContactPayload,
        needs=SignedIn(),
        description=(
            "A customer changes their own email or phone. The old address is told. With a new email all other "
            "sessions end, and links for a new password, too. RATE_LIMITED after too many tries."
        ),
    )
    async def update_my_contact(
        self, info: Info, input: Annotated[UpdateMyContactInput, argument("What is new.")]
    ) -> Any:
        """Change."""
        return await resolvers.update_contact(info.context, plain(input))

    @root(
        RequestCallbackPayload,
        needs=SignedIn(),
        description=(
            "A customer asks to be called. The account manager is told by mail, and has it among what is due; without "
            "one, the office has. One request is open at a time."
        ),
    )
    async def request_callback(
        self, info: Info, input: Annotated[RequestCallbackInput, argument("What it is about, and when.")]
    ) -> Any:
        """Ask."""
        return await resolvers.request_callback(info.context, plain(input))
