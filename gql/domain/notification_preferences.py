"""What somebody wants to be told of, by mail and within the console or the app; and what nobody can do without."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.notifications import AnyEvent, NotificationEvent, OwnEvent
from gql.domain.user_errors import UserErrorCode, not_allowed


class Channel(StrEnum):
    """A way to be told."""

    EMAIL = "EMAIL"
    IN_APP = "IN_APP"


ALWAYS_MAILED: Final[frozenset[AnyEvent]] = frozenset(
    {
        NotificationEvent.COVER_GRANTED,
        NotificationEvent.COVER_ENDED,
        NotificationEvent.GLASS_BROKEN,
        OwnEvent.CONTACT_CHANGED,
    }
)
"""Who is told that somebody else sees their customers, or changed how they sign in, must not be able to miss it, nor
others to hide it from them."""


@dataclass(frozen=True, slots=True)
class Preference:
    """How somebody is told of an event."""

    event: AnyEvent
    email: bool = True
    in_app: bool = True

    @property
    def email_may_change(self) -> bool:
        """Whether mails of it can be done without."""
        return self.event not in ALWAYS_MAILED


def is_muted(muted: Collection[str], event: AnyEvent, channel: Channel) -> bool:
    """Whether somebody who keeps these words doesn't want to be told so."""
    if channel is Channel.EMAIL and event in ALWAYS_MAILED:
        return False
    return _word(event, channel) in muted


def preferences_of(muted: Collection[str], events: Iterable[AnyEvent]) -> list[Preference]:
    """Of each of these events, in their order."""
    return [
        Preference(
            event,
            email=not is_muted(muted, event, Channel.EMAIL),
            in_app=not is_muted(muted, event, Channel.IN_APP),
        )
        for event in events
    ]


def muted_after(muted: Collection[str], wanted: Iterable[Preference]) -> list[str]:
    """The words to keep once these preferences are set; of other events they stay."""
    kept = set(muted)
    for one in wanted:
        for channel, is_on in ((Channel.EMAIL, one.email), (Channel.IN_APP, one.in_app)):
            (kept.discard if is_on else kept.add)(_word(one.event, channel))
    return sorted(kept)


def _word(event: AnyEvent, channel: Channel) -> str:
    return f"{channel.value}:{event.value}"


ONLY_STAFF: Final = Refusal(
    UserErrorCode.FORBIDDEN, "Only team members have such preferences. Sign in to the back office.", ("preferences",)
)
ONLY_CUSTOMERS: Final = Refusal(
    UserErrorCode.FORBIDDEN, "Only customers have such preferences. Sign in to the app.", ("preferences",)
)


def preference_refusals(wanted: Iterable[Preference]) -> Iterator[Refusal]:
    """Why these can't be set: one for all mails that nobody can do without."""
    if any(not one.email and not one.email_may_change for one in wanted):
        yield not_allowed(
            "Some mails can't be switched off: they tell you who else sees your customers, or that somebody changed "
            "how you sign in. Leave `email` on where `emailMayChange` is false.",
            "preferences",
        )
