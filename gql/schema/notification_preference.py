"""What the viewer wants to be told of."""

from typing import Annotated, Any

import strawberry

from gql.domain.notifications import NotificationEvent
from gql.permissions import SignedIn, SignedInAdmin
from gql.resolvers import notification_preference as resolvers
from gql.schema.access import open_to
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed
from gql.schema.my_notification import ON_BY_MAIL, ON_IN_APP
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors


@open_to("whose preference it is")
@strawberry.type(description="How the viewer is told of an event.")
class NotificationPreference:
    """Rows are `Preference`."""

    event: NotificationEvent = column("What happens.")
    email: bool = column(ON_BY_MAIL)
    in_app: bool = column(ON_IN_APP)
    email_may_change: bool = computed(
        lambda row: row.email_may_change, description="False for mails that nobody can do without."
    )


@strawberry.type(description="What came of setting preferences.")
class SetNotificationPreferencesPayload:
    """Rows are `PreferencesPayload`."""

    preferences: list[NotificationPreference] | None = column("All as they are now; null where nothing was done.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="How to be told of an event from now on.")
class NotificationPreferenceInput:
    """The argument."""

    event: NotificationEvent = strawberry.field(description="What happens.")
    email: bool = strawberry.field(description=ON_BY_MAIL)
    in_app: bool = strawberry.field(description=ON_IN_APP)


@strawberry.input(description="How the viewer wants to be told.")
class SetNotificationPreferencesInput:
    """The argument."""

    preferences: list[NotificationPreferenceInput] = strawberry.field(
        description="Each event at most once; those that aren't named stay as they are."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class NotificationPreferenceQueries:
    """Root fields."""

    @root(
        list[NotificationPreference],
        needs=SignedInAdmin(),
        description="How the viewer is told of each event; by both ways, until they say otherwise.",
    )
    async def notification_preferences(self, info: Info) -> Any:
        """All of them."""
        return await resolvers.preferences(info.context)


@strawberry.type
class NotificationPreferenceMutations:
    """Root fields."""

    @root(
        SetNotificationPreferencesPayload,
        needs=SignedIn(),
        description="Say by which ways one wants to be told of events. Mails about sign-ins and passwords always come.",
    )
    async def set_notification_preferences(
        self, info: Info, input: Annotated[SetNotificationPreferencesInput, argument("Which events, and how.")]
    ) -> Any:
        """Set."""
        return await resolvers.set_own(info.context, plain(input))
