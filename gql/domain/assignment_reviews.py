"""Who looks after whom wants a look now and then: why, and who signs that it is right as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal
from gql.domain.offices import up_from
from gql.domain.paging import Sort
from gql.domain.user_errors import UserErrorCode, not_allowed

USUAL_DAYS: Final = 180
MOST_DAYS: Final = 3_650
LONGEST_NOTE: Final = 500

BY_REVIEWED_AT: Final = Sort("manager_reviewed_at", datetime)


class ReviewReason(StrEnum):
    """Why somebody should look who looks after a customer."""

    NO_MANAGER = "NO_MANAGER"
    INACTIVE_MANAGER = "INACTIVE_MANAGER"
    OUTSIDE_OFFICE = "OUTSIDE_OFFICE"
    UNREVIEWED = "UNREVIEWED"


class Post(NamedTuple):
    """An account manager with customers of an office."""

    manager_id: UUID
    office_id: UUID


@dataclass(frozen=True, slots=True)
class Oddities:
    """The posts that aren't as they should be."""

    inactive: frozenset[Post]
    outside: frozenset[Post]


def is_outside(office_id: UUID, managers_office_id: UUID, parents: Mapping[UUID, UUID | None]) -> bool:
    """Whether an account manager works neither in the customer's office nor in one above it.

    `changeAdminOffice` asks the same of a whole book.
    """
    return managers_office_id not in set(up_from(office_id, parents))


def reasons_of(
    manager_id: UUID | None, office_id: UUID, reviewed_at: datetime, oddities: Oddities, unreviewed_since: datetime
) -> Iterator[ReviewReason]:
    """All reasons there are for a customer, in the order of the enum."""
    if manager_id is None:
        yield ReviewReason.NO_MANAGER
        return
    post = Post(manager_id, office_id)
    if post in oddities.inactive:
        yield ReviewReason.INACTIVE_MANAGER
    if post in oddities.outside:
        yield ReviewReason.OUTSIDE_OFFICE
    if reviewed_at < unreviewed_since:
        yield ReviewReason.UNREVIEWED


MAY_NOT_CONFIRM: Final = Refusal(
    UserErrorCode.FORBIDDEN, "You may not decide who looks after customers. Ask a portfolio manager.", ("customerId",)
)
_NOBODYS: Final = not_allowed("Nobody looks after this customer. Assign an account manager.", "customerId")
_OWN_BOOK: Final = not_allowed("This is a customer of your own. Ask a colleague to confirm it.", "customerId")
_INACTIVE: Final = not_allowed("The account manager's account is not active. Assign somebody else.", "customerId")


def confirm_refusals(manager_status: AdminStatus | None, *, is_own: bool) -> Iterator[Refusal]:
    """Why this can't be signed now, by the account manager's status; None where there is none."""
    if manager_status is None:
        yield _NOBODYS
    elif is_own:
        yield _OWN_BOOK
    elif manager_status is not AdminStatus.ACTIVE:
        yield _INACTIVE
