"""Reviews of groups: when one is due and how late it is, and why one can't be signed now.

A group in use that has an interval is reviewed each so many days: counted from the last signature, or from when it was
activated or given the interval, whichever came last. Another interval counts from where the one before did.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from gql.domain.enums import GroupStatus
from gql.domain.errors import Refusal
from gql.domain.groups import GROUP_ARCHIVED, GroupErrorCode
from gql.domain.paging import Sort

GRACE: Final = timedelta(days=7)
"""From the day on which a review is due: for so long it isn't overdue."""
IN_USE: Final = frozenset({GroupStatus.ACTIVE, GroupStatus.SUSPENDED})
"""A group that is suspended keeps its members, and comes back as it was."""
LONGEST_NOTE: Final = 2_000
BY_NEXT_REVIEW: Final = Sort("next_review_at", datetime)
BY_SIGNED_AT: Final = Sort("signed_at", datetime, descending=True)


class GroupReviewStatus(StrEnum):
    """How late a review is, the later the further down."""

    NOT_DUE = "NOT_DUE"
    DUE = "DUE"
    OVERDUE = "OVERDUE"


_LATENESS: Final = {status: number for number, status in enumerate(GroupReviewStatus)}
WANTED: Final = frozenset({GroupReviewStatus.DUE, GroupReviewStatus.OVERDUE})
"""What there is to do."""


def status_at(moment: datetime, due_at: datetime) -> GroupReviewStatus:
    """Where a review stands that is, or was, due then."""
    if moment < due_at:
        return GroupReviewStatus.NOT_DUE
    return GroupReviewStatus.DUE if moment < due_at + GRACE else GroupReviewStatus.OVERDUE


class Span(NamedTuple):
    """Moments after the one and up to the other; None where there is no bound."""

    after: datetime | None
    up_to: datetime | None


def due_spans(statuses: Collection[GroupReviewStatus], moment: datetime) -> list[Span]:
    """When the reviews are due that have one of these statuses at the moment, the earliest first and none adjoining."""
    bounds = (None, moment - GRACE, moment, None)
    found: list[Span] = []
    for status, after, up_to in zip(reversed(GroupReviewStatus), bounds, bounds[1:], strict=False):
        if status not in statuses:
            continue
        if found and found[-1].up_to == after:
            found[-1] = Span(found[-1].after, up_to)
        else:
            found.append(Span(after, up_to))
    return found


def next_review(
    status: GroupStatus, days: int | None, moment: datetime, *, due_at: datetime | None, days_before: int | None
) -> datetime | None:
    """When a group is to be reviewed that has this status and interval from the moment on.

    `due_at` and `days_before` are what held until then: a group that was not reviewed begins to be now.
    """
    if days is None or status not in IN_USE:
        return None
    if due_at is None or days_before is None:
        return moment + timedelta(days=days)
    return due_at + timedelta(days=days - days_before)


def told_after(told: GroupReviewStatus, due_at: datetime | None, moment: datetime) -> GroupReviewStatus:
    """What counts as told once the review is due at another time: what isn't so any more is told again when it is."""
    present = GroupReviewStatus.NOT_DUE if due_at is None else status_at(moment, due_at)
    return min(told, present, key=_LATENESS.__getitem__)


def to_tell(told: GroupReviewStatus, due_at: datetime | None, moment: datetime) -> GroupReviewStatus | None:
    """What is to be told now, if anything: once that it is due and once that it is overdue, or only the latter."""
    present = GroupReviewStatus.NOT_DUE if due_at is None else status_at(moment, due_at)
    return present if _LATENESS[present] > _LATENESS[told] else None


_GROUP: Final = ("groupId",)
NOT_IN_USE: Final = Refusal(
    GroupErrorCode.GROUP_NOT_ACTIVE, "This group was not activated yet, and is not reviewed. Activate it first.", _GROUP
)
NOT_REVIEWED: Final = Refusal(
    GroupErrorCode.NOT_REVIEWED, "This group is not reviewed. Say first after how many days it is to be.", _GROUP
)


def sign_refusals(
    status: GroupStatus, days: int | None, due_at: datetime | None, moment: datetime, *, signed_by: str | None = None
) -> Iterator[Refusal]:
    """Why a review of a group with this status, interval and due date can't be signed at the moment.

    Nor before it is due: a signature says that somebody looked when it was time, and of two who sign at once the
    second hears so: `signed_by` names who signed last.
    """
    if status is GroupStatus.ARCHIVED:
        yield GROUP_ARCHIVED
    elif status not in IN_USE:
        yield NOT_IN_USE
    if days is None:
        yield NOT_REVIEWED
    if due_at is not None and moment < due_at:
        by = "" if signed_by is None else f", after {signed_by} signed the last one"
        message = f"The review is not due before {in_words(due_at)}{by}. Sign it from then on."
        yield Refusal(GroupErrorCode.REVIEW_NOT_DUE, message, _GROUP, {"due_at": due_at})


def in_words(moment: datetime) -> str:
    """A moment as people read it."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
