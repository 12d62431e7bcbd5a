"""Jobs: what is done to many customers, row by row, and taken back as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import gcd
from typing import Final
from uuid import UUID

from gql.domain.assignments import AssignErrorCode
from gql.domain.errors import Refusal
from gql.domain.paging import Sort
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode, not_allowed, not_found

MOST_LISTED: Final = 1_000
"""Customers who can be named one by one: more are picked by a filter."""
MOST_TARGETS: Final = 50
MOST_WEIGHT: Final = 1_000
_GOLDEN: Final = 0.6180339887498949

BY_POSITION: Final = Sort("position", int)


class JobKind(StrEnum):
    """What a job does."""

    REASSIGN_BOOK = "REASSIGN_BOOK"
    UNDO = "UNDO"
    HAND_OVER = "HAND_OVER"
    ADD_GROUP_MEMBERS = "ADD_GROUP_MEMBERS"
    IMPORT_GROUP_MEMBERS = "IMPORT_GROUP_MEMBERS"
    EXPORT_GROUP_MEMBERS = "EXPORT_GROUP_MEMBERS"


class JobStatus(StrEnum):
    """How far a job has come. It ends as DONE, FAILED or CANCELLED, and stays so."""

    WAITING = "WAITING"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


INTERNAL_FAILURE: Final = "INTERNAL_SERVER_ERROR"
"""Why a job FAILED whose batch could not be written, again and again."""
UNDER_WAY: Final = (JobStatus.WAITING, JobStatus.QUEUED, JobStatus.RUNNING)


class ItemOutcome(StrEnum):
    """What came of one customer of a job."""

    MOVED = "MOVED"
    ADDED = "ADDED"
    REMOVED = "REMOVED"
    UNCHANGED = "UNCHANGED"
    REFUSED = "REFUSED"
    SKIPPED = "SKIPPED"


CHANGES: Final = frozenset((ItemOutcome.MOVED, ItemOutcome.ADDED, ItemOutcome.REMOVED))
"""Of these a job counts its customers as `changed`: it has done to them what it is for."""
TOUCHED_SINCE: Final = "TOUCHED_SINCE"
"""Why a customer is SKIPPED: since the job was asked for, somebody else decided on what it was to change."""


def change_of(kind: JobKind, *, of_group: bool) -> ItemOutcome | None:
    """What such a job does to a customer; None where nothing is done to them."""
    if kind is JobKind.EXPORT_GROUP_MEMBERS:
        return None
    if not of_group:
        return ItemOutcome.MOVED
    return ItemOutcome.REMOVED if kind is JobKind.UNDO else ItemOutcome.ADDED


class ReassignErrorCode(StrEnum):
    """Why no job was begun. Of single customers, the job's items tell."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    NOT_IN_BOOK = "NOT_IN_BOOK"
    NO_CUSTOMERS = "NO_CUSTOMERS"
    COUNT_MISMATCH = "COUNT_MISMATCH"
    ADMIN_NOT_FOUND = "ADMIN_NOT_FOUND"
    ADMIN_INACTIVE = "ADMIN_INACTIVE"
    ADMIN_NOT_ELIGIBLE = "ADMIN_NOT_ELIGIBLE"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


FORBIDDEN: Final = Refusal(
    ReassignErrorCode.FORBIDDEN, "You may not change account managers. Ask a portfolio manager.", ("to",)
)
NO_CUSTOMERS: Final = Refusal(
    ReassignErrorCode.NO_CUSTOMERS,
    "None of the customers whom you see in full is meant by this. Look at the list with the same filter.",
    ("customerFilter",),
)
JOB_NOT_FOUND: Final = not_found("job", "jobId")
MAY_NOT_STEER: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You may not do what this job does. Ask who began it.", ("jobId",)
)
IS_OVER: Final = not_allowed("This job has ended: there is nothing left to stop.", "jobId")
NOT_OVER: Final = not_allowed("This job is still under way. Cancel it first, or wait until it has ended.", "jobId")
WAS_UNDONE: Final = not_allowed("This job was taken back already. Look at the job that does so.", "jobId")
IS_UNDO: Final = not_allowed("This job takes back another one, and isn't taken back itself.", "jobId")
NOTHING_CHANGED: Final = not_allowed("This job has changed nobody: there is nothing to take back.", "jobId")
NO_REPORT: Final = not_allowed("This job has no customers of its own to report of. Fetch its file instead.", "jobId")
LEAVER_GONE: Final = not_allowed(
    "Who handed this book over is not active: nobody can be given back to them. Activate the account first, or "
    "reassign the customers anew.",
    "jobId",
)
WINDOW_OVER: Final = not_allowed(
    "The time in which this job could be taken back is over. Reassign the customers anew.", "jobId"
)


@dataclass(frozen=True, slots=True)
class Share:
    """Who shall get how many: by weight of all, or so many exactly; one of them."""

    admin_id: UUID
    weight: int | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Of a deal: who gets how many."""

    admin_id: UUID
    customers: int


@dataclass(frozen=True, slots=True)
class Deal:
    """Who gets which of `customers` places, 0 and up.

    Places are dealt in turns rather than in blocks, so that nobody gets only the oldest customers: by a stride round
    all places that is prime to their number and thus meets each of them once. The same deal is the same each time.
    """

    customers: int
    hands: tuple[Hand, ...]

    @property
    def stride(self) -> int:
        """How far it is from one turn's place to the next one's."""
        stride = max(1, int(self.customers * _GOLDEN))
        while gcd(stride, max(1, self.customers)) != 1:
            stride += 1
        return stride

    @property
    def bounds(self) -> list[tuple[int, UUID]]:
        """For each hand the turn that is the first not its own any more, in rising order."""
        ends, end = [], 0
        for hand in self.hands:
            end += hand.customers
            ends.append((end, hand.admin_id))
        return ends

    def turn(self, place: int) -> int:
        """Which turn it is that a place is dealt in."""
        return place * self.stride % self.customers

    def admin_at(self, place: int) -> UUID:
        """Who gets the place."""
        turn = self.turn(place)
        return next(admin_id for end, admin_id in self.bounds if turn < end)


def deal(shares: Sequence[Share], customers: int) -> Deal:
    """Deal so many customers by the shares, which are all weights or all counts.

    Weights by the largest remainder, the first of equal ones first, so that the sum is exact. Counts as they are: see
    `count_refusals`.
    """
    counts = [share.count for share in shares if share.count is not None]
    if counts:
        return Deal(customers, tuple(Hand(share.admin_id, share.count or 0) for share in shares))
    weights = [share.weight or 0 for share in shares]
    whole = [customers * weight // sum(weights) for weight in weights]
    by_remainder = sorted(range(len(shares)), key=lambda n: (-(customers * weights[n] % sum(weights)), n))
    for place in by_remainder[: customers - sum(whole)]:
        whole[place] += 1
    return Deal(customers, tuple(Hand(share.admin_id, n) for share, n in zip(shares, whole, strict=True)))


def count_refusals(shares: Sequence[Share], customers: int) -> Iterator[Refusal]:
    """Why these customers can't be dealt: the counts must be as many as they are."""
    counts = [share.count for share in shares if share.count is not None]
    if counts and sum(counts) != customers:
        yield Refusal(
            ReassignErrorCode.COUNT_MISMATCH,
            f"The counts are {sum(counts):,} together, and the customers {customers:,}. Make them the same, or pass "
            "weights.",
            ("to",),
            {"counted": sum(counts), "selected": customers},
        )


def listed_refusals(field: str, missing: int, elsewhere: int) -> Iterator[Refusal]:
    """Of customers who were named one by one: so many aren't there for the viewer, and so many are of another book."""
    if missing:
        message = f"Of these customers {missing:,} aren't there for you. Look at the present list."
        yield Refusal(ReassignErrorCode.CUSTOMER_NOT_FOUND, message, (field,))
    if elsewhere:
        message = f"Of these customers {elsewhere:,} are of another book than `fromAdminId`'s. Leave them out."
        yield Refusal(ReassignErrorCode.NOT_IN_BOOK, message, (field,))


def target_refusals(refusals: Iterator[Refusal], path: tuple[str, ...]) -> Iterator[Refusal]:
    """Why an admin who is named at this path can get no customers: what `assignAccountManager` would say of them.

    OUTSIDE_SCOPE depends on the customer, and is an item's.
    """
    for refusal in refusals:
        if refusal.code != AssignErrorCode.OUTSIDE_SCOPE:
            yield Refusal(ReassignErrorCode(refusal.code.value), refusal.message, path)


def undo_refusals(
    kind: JobKind,
    status: JobStatus,
    finished_at: datetime | None,
    changed: int,
    window: timedelta,
    *,
    undone: bool,
    dry_run: bool = False,
    leaver_is_gone: bool = False,
) -> Iterator[Refusal]:
    """Why a job can't be taken back now. `leaver_is_gone`: of a hand-over, that who had the book is not active."""
    if kind is JobKind.UNDO:
        yield IS_UNDO
    elif dry_run or kind is JobKind.EXPORT_GROUP_MEMBERS:
        yield NOTHING_CHANGED
    elif status in UNDER_WAY or finished_at is None:
        yield NOT_OVER
    elif undone:
        yield WAS_UNDONE
    elif not changed:
        yield NOTHING_CHANGED
    elif now() > finished_at + window:
        yield WINDOW_OVER
    elif leaver_is_gone:
        yield LEAVER_GONE
