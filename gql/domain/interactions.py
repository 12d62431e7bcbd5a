"""Dealings with customers: what can be put on record of one, and when what was promised is due."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, invalid, not_allowed


class InteractionKind(StrEnum):
    """How the lender and a customer met. CALLBACK_REQUEST is the customer's own wish, from their app."""

    CALL = "CALL"
    VISIT = "VISIT"
    MESSAGE = "MESSAGE"
    COMPLAINT = "COMPLAINT"
    CALLBACK_REQUEST = "CALLBACK_REQUEST"


class InteractionDirection(StrEnum):
    """Who came to whom."""

    INBOUND = "INBOUND"
    OUTBOUND = "OUTBOUND"


LONGEST_SUMMARY: Final = 2_000
LONGEST_OUTCOME: Final = 500
LONGEST_NEXT_STEP: Final = 500
LONGEST_NOTE: Final = 500

CALL_BACK: Final = "Call the customer back."
"""The next step of a request to be called."""
ASKED_TO_BE_CALLED: Final = "Asked to be called."
"""The summary of one without a note."""

_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""By so much a client's clock may be ahead of ours."""
_FURTHEST_DUE: Final = timedelta(days=2 * 366)
_FURTHEST_CALLBACK: Final = timedelta(days=30)
_END_OF_WORK: Final = 16
"""By UTC, which is 17:00 in Lagos."""
_SATURDAY: Final = 5

FORBIDDEN_TO_CUSTOMERS: Final = Refusal(
    UserErrorCode.FORBIDDEN, "This is for the lender's staff. Ask for a callback by `requestCallback`."
)
ONLY_CUSTOMERS: Final = Refusal(
    UserErrorCode.FORBIDDEN, "This is for customers, in their app. Put it on record by `logInteraction`."
)
NOTHING_DUE: Final = not_allowed(
    "Nothing was to be done after this. Pick one of `dueInteractions`, or log what you did by `logInteraction`.",
    "interactionId",
)


def log_refusals(
    kind: InteractionKind, occurred_at: datetime, next_step: str | None, due_at: datetime | None, moment: datetime
) -> Iterator[Refusal]:
    """Why this can't be put on record at that moment."""
    if kind is InteractionKind.CALLBACK_REQUEST:
        yield invalid("Only customers ask for callbacks. Log a CALL, and when it is due by `dueAt`.", "kind")
    if occurred_at > moment + _CLOCKS_DIFFER:
        yield invalid("This is yet to come. Write when it was, and what is to come as `nextStep`.", "occurredAt")
    if due_at is not None and next_step is None:
        yield invalid("Say what is to be done by then, or leave `dueAt` out.", "nextStep")
    if next_step is not None and due_at is None:
        yield invalid("Say until when it is to be done, or leave `nextStep` out.", "dueAt")
    if due_at is not None and not moment - _CLOCKS_DIFFER <= due_at <= moment + _FURTHEST_DUE:
        yield invalid("Write a time that is still to come, within two years.", "dueAt")


def callback_refusals(preferred_time: datetime | None, moment: datetime) -> Iterator[Refusal]:
    """Why nobody can promise to call at that time."""
    if preferred_time is not None and not moment - _CLOCKS_DIFFER <= preferred_time <= moment + _FURTHEST_CALLBACK:
        yield invalid("Choose a time within the next 30 days, or leave it out.", "preferredTime")


def callback_due(preferred_time: datetime | None, moment: datetime) -> datetime:
    """Until when a customer who asks now is called: at the time they prefer, or by the end of the next working day.

    Working days are Monday to Friday; a lender's holidays are not known here.
    """
    if preferred_time is not None:
        return max(preferred_time, moment)
    day = moment + timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day.replace(hour=_END_OF_WORK, minute=0, second=0, microsecond=0)
