"""Assignments that begin later by themselves: when they may, and until when they can be cancelled."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gql.domain.assignments import AssignErrorCode
from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, not_allowed, not_found


class ScheduleStatus(StrEnum):
    """What has become of a scheduled assignment. All but PENDING are for good."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"


CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""What a client's clock may be behind ours: whoever says "now" means now."""
LONGEST_AHEAD: Final = timedelta(days=366)
"""Who is eligible in more than a year nobody knows."""

_FIELD: Final = ("effectiveAt",)
_ID: Final = ("id",)

ALREADY_SCHEDULED: Final = Refusal(
    AssignErrorCode.ALREADY_SCHEDULED,
    "Another assignment of this customer is scheduled already. Cancel that one first, or leave it as it is.",
    _FIELD,
)
SCHEDULED_NOT_FOUND: Final = not_found("scheduled assignment", *_ID)
MAY_NOT_CANCEL: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not change this customer's account manager. Ask a portfolio manager of the customer's office.",
    _ID,
)
_OVER: Final = {
    ScheduleStatus.STARTED: not_allowed("This assignment has begun. Assign somebody else instead.", *_ID),
    ScheduleStatus.CANCELLED: not_allowed("This assignment was cancelled already. There is nothing to do.", *_ID),
    ScheduleStatus.REFUSED: not_allowed("This assignment was refused when it was due. There is nothing to do.", *_ID),
}


def moment_refusals(effective_at: datetime, present: datetime) -> Iterator[Refusal]:
    """Why nothing can begin then."""
    if effective_at < present - CLOCKS_DIFFER:
        message = "This moment has passed. Leave `effectiveAt` out to assign now, or pass a later moment."
        yield Refusal(AssignErrorCode.INVALID_EFFECTIVE_AT, message, _FIELD)
    elif effective_at > present + LONGEST_AHEAD:
        message = "This is more than a year ahead. Pass an earlier moment."
        yield Refusal(AssignErrorCode.INVALID_EFFECTIVE_AT, message, _FIELD)


def cancel_refusals(status: ScheduleStatus) -> Iterator[Refusal]:
    """Why there is nothing to cancel any more."""
    if status in _OVER:
        yield _OVER[status]
