"""Moving a customer to another office: the rules of `transferCustomer`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.enums import OfficeStatus
from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode, not_allowed, not_found


class AssignmentChoice(StrEnum):
    """What becomes of the account manager when a customer moves."""

    KEEP = "KEEP"
    END = "END"


_OFFICE: Final = "officeId"

FORBIDDEN: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not move this customer to another office. Ask a portfolio manager of the customer's office.",
    ("customerId",),
)
OUTSIDE_SCOPE: Final = not_allowed(
    "The account manager's office may not manage customers of that office. End the assignment.", "assignment"
)


def office_refusals(status: OfficeStatus | None) -> Iterator[Refusal]:
    """Why nobody can move to an office of this status; None is one that isn't there."""
    if status is None:
        yield not_found("office", _OFFICE)
    elif status is not OfficeStatus.ACTIVE:
        yield not_allowed("This office is not active. Pick one that is.", _OFFICE)
