"""Access for a while: an account manager's book by a delegate, or one customer by breaking the glass; and its rules.

A cover is dated and counts by itself: it is looked at with every request, so that it begins, ends and is ended without
anybody doing more.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from gql.domain.errors import Refusal
from gql.domain.paging import Sort
from gql.domain.roles import Permission, Role
from gql.domain.user_errors import UserErrorCode, invalid, not_allowed, not_found

BY_STARTS_AT: Final = Sort("starts_at", datetime, descending=True)

MOST_BOOKS: Final = 8
"""Books that one delegate covers at a time: each is a seek of its own in every list that the delegate reads."""
MOST_OPENED: Final = 20
"""Customers whom one admin has open at a time."""
_LATEST_START: Final = timedelta(days=365)
_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class CoverKind(StrEnum):
    """What is covered."""

    LEAVE = "LEAVE"
    BREAK_GLASS = "BREAK_GLASS"


class CoverStatus(StrEnum):
    """Whether a cover counts now."""

    SCHEDULED = "SCHEDULED"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Covers:
    """The covers that an admin has at a moment: (account manager, cover) and (customer, cover), in order."""

    books: tuple[tuple[UUID, UUID], ...] = ()
    opened: tuple[tuple[UUID, UUID], ...] = ()


NO_COVERS: Final = Covers()


def may_cover(roles: Collection[Role]) -> bool:
    """Whether covers of books count for who has these roles: they see customers, and could have a book."""
    reads = any(Permission.CUSTOMER_READ in role.permissions for role in roles)
    return reads and not any(role.never_holds_book for role in roles)


def may_break_glass(roles: Iterable[Role]) -> bool:
    """Whether who has these roles may open customers; whom they have opened counts no more without."""
    held = frozenset[Permission]().union(*(role.permissions for role in roles))
    return held >= {Permission.CUSTOMER_READ, Permission.CUSTOMER_BREAK_GLASS}


def status_at(moment: datetime, starts_at: datetime, ends_at: datetime, ended_at: datetime | None) -> CoverStatus:
    """Where a cover stands: it counts from its start on, and no more at its end."""
    if ended_at is not None:
        return CoverStatus.ENDED
    if moment < starts_at:
        return CoverStatus.SCHEDULED
    return CoverStatus.ACTIVE if moment < ends_at else CoverStatus.EXPIRED


FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not have this book covered. The account manager can, or a portfolio manager who sees all of it in full.",
    ("managerId",),
)
OWN_DELEGATE: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You can't give yourself somebody's book. Ask a colleague to do it.", ("delegateId",)
)
MAY_NOT_BREAK_GLASS: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not open customers for yourself. Ask the account manager, or a portfolio manager.",
    ("customerId",),
)
MAY_NOT_END: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not end this cover. The account manager, the delegate, or who granted it can.",
    ("coverId",),
)
COVER_NOT_FOUND: Final = not_found("cover", "coverId")
MANAGER_NOT_FOUND: Final = not_found("account manager", "managerId")
DELEGATE_NOT_FOUND: Final = not_found("team member", "delegateId")
SEEN_ALREADY: Final = not_allowed("You see this customer in full already. Go on without breaking the glass.")
_SAME_PERSON: Final = invalid("Nobody covers their own book. Name somebody else.", "delegateId")
_NOT_ELIGIBLE: Final = not_allowed(
    "This team member can't cover a book: the account is not active, the office is not, or a role rules it out. "
    "Pick one who could be account manager.",
    "delegateId",
)
_MANAGER_INACTIVE: Final = not_allowed("The account manager's account is not active: there is no book.", "managerId")
_COVERED_ALREADY: Final = not_allowed(
    "This team member covers that book within these dates already. End that cover first.", "delegateId"
)


@dataclass(frozen=True, slots=True)
class Delegate:
    """What the rules ask about who covers."""

    is_active: bool
    office_is_active: bool
    reads_customers: bool
    never_holds_book: bool

    @property
    def is_eligible(self) -> bool:
        """Whether they could be account manager, and see customers at all."""
        return self.is_active and self.office_is_active and self.reads_customers and not self.never_holds_book


def date_refusals(starts_at: datetime, ends_at: datetime, moment: datetime, most_days: int) -> Iterator[Refusal]:
    """Why a book can't be covered from then to then."""
    if starts_at < moment - _CLOCKS_DIFFER:
        yield invalid("`startsAt` has passed. Leave it out to begin now.", "startsAt")
    if starts_at > moment + _LATEST_START:
        yield invalid(f"`startsAt` is more than {_LATEST_START.days} days ahead.", "startsAt")
    if ends_at <= max(starts_at, moment):
        yield invalid("`endsAt` must come after the start, and after now.", "endsAt")
    elif ends_at - starts_at > timedelta(days=most_days):
        yield invalid(f"A book is covered for {most_days} days at most. Name an earlier `endsAt`.", "endsAt")


def minutes_refusals(minutes: int, most: int) -> Iterator[Refusal]:
    """Why a customer can't be opened for so long."""
    if not 1 <= minutes <= most:
        yield invalid(f"`minutes` is between 1 and {most}.", "minutes")


def people_refusals(*, same: bool, manager_is_active: bool, delegate: Delegate) -> Iterator[Refusal]:
    """Why this team member can't cover that one's book."""
    if same:
        yield _SAME_PERSON
    elif not delegate.is_eligible:
        yield _NOT_ELIGIBLE
    if not manager_is_active:
        yield _MANAGER_INACTIVE


def overlap_refusals(*, others: int, of_same_book: bool) -> Iterator[Refusal]:
    """Why a delegate with so many other covers within these dates can't have one more."""
    if of_same_book:
        yield _COVERED_ALREADY
    elif others >= MOST_BOOKS:
        yield Refusal(
            UserErrorCode.LIMIT_REACHED,
            f"This team member covers {MOST_BOOKS} books within these dates already. Pick somebody else.",
            ("delegateId",),
        )


def opened_refusals(opened: int) -> Iterator[Refusal]:
    """Why an admin who has so many customers open can't open one more."""
    if opened >= MOST_OPENED:
        yield Refusal(
            UserErrorCode.LIMIT_REACHED,
            f"You have {MOST_OPENED} customers open. End one of these covers first.",
            ("customerId",),
        )
