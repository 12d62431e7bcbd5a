"""What somebody wants to be told, as the words that are kept."""

from gql.domain.notification_preferences import (
    ALWAYS_MAILED,
    Channel,
    Preference,
    is_muted,
    muted_after,
    preferences_of,
)
from gql.domain.notifications import OF_OWN_TEMPLATE, OF_TEMPLATE, NotificationEvent, OwnEvent


def test_words_and_preferences_say_the_same() -> None:
    """For each event and way alone; what isn't named stays as it was."""
    for event in set(NotificationEvent) - {NotificationEvent.JOB_ENDED}:
        for wanted in (Preference(event, in_app=False), Preference(event, email=False), Preference(event)):
            kept = muted_after(["IN_APP:JOB_ENDED"], [wanted])
            told = {one.event: one for one in preferences_of(kept, NotificationEvent)}
            assert told[event].in_app is wanted.in_app
            assert told[event].email is (wanted.email or event in ALWAYS_MAILED)
            assert not told[NotificationEvent.JOB_ENDED].in_app


def test_what_nobody_can_do_without_is_mailed_whatever_is_kept() -> None:
    """Also where a word stands on the row that no mutation would write."""
    for event in (*NotificationEvent, *OwnEvent):
        assert is_muted([f"EMAIL:{event.value}"], event, Channel.EMAIL) is (event not in ALWAYS_MAILED)


def test_each_event_is_that_of_some_mail() -> None:
    assert set(OF_TEMPLATE.values()) == set(NotificationEvent)
    assert set(OF_OWN_TEMPLATE.values()) == set(OwnEvent)
