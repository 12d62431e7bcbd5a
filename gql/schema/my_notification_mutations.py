"""Customers are told of what concerns them as they want, and at once."""

from typing import Annotated, Any

import strawberry

from gql.domain.notifications import OwnEvent
from gql.permissions import SignedIn, SignedInCustomer
from gql.resolvers import notification as told
from gql.resolvers import notification_preference as resolvers
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.me import Me
from gql.schema.my_notification import ON_BY_MAIL, ON_IN_APP, MyNotification
from gql.schema.roots import root, stream
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of setting one's own preferences.")
class SetMyNotificationPreferencesPayload:
    """Rows are `PreferencesPayload`."""

    me: Me | None = column("The customer, with all preferences as they are now; null where nothing was done.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="How to be told of an event from now on.")
class MyNotificationPreferenceInput:
    """The argument."""

    event: OwnEvent = strawberry.field(description="What happens.")
    email: bool = strawberry.field(description=ON_BY_MAIL)
    in_app: bool = strawberry.field(description=ON_IN_APP)


@strawberry.input(description="How the customer wants to be told.")
class SetMyNotificationPreferencesInput:
    """The argument."""

    preferences: list[MyNotificationPreferenceInput] = strawberry.field(
        description="Each event at most once; those that aren't named stay as they are."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class MyNotificationMutations:
    """Root fields."""

    @root(
        SetMyNotificationPreferencesPayload,
        needs=SignedIn(),
        description=(
            "A customer says by which ways they want to be told of events. Mails about sign-ins, passwords and a new "
            "contact always come."
        ),
    )
    async def set_my_notification_preferences(
        self, info: Info, input: Annotated[SetMyNotificationPreferencesInput, argument("Which events, and how.")]
    ) -> Any:
        """Set."""
        return await resolvers.set_of_customer(info.context, plain(input))


@strawberry.type
class MyNotificationSubscriptions:
    """Root fields."""

    @stream(
        MyNotification,
        needs=SignedInCustomer(),
        description=(
            "Each notification of the customer's own from now on. Ends with UNAUTHENTICATED when the session ends."
        ),
    )
    async def my_notification_received(self, info: Info) -> Any:
        """The stream."""
        return await told.received_by_customer(info.context)
