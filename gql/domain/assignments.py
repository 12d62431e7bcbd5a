"""Who can be made account manager of whom, and who can end it: `assignAccountManager`, `unassignAccountManager`."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from gql.domain.enums import AdminStatus, CustomerStatus, OfficeStatus
from gql.domain.errors import Refusal
from gql.domain.refusals import archived, no_such_customer, stale
from gql.domain.user_errors import UserErrorCode, not_allowed


class AssignErrorCode(StrEnum):
    """Why an assignment was refused."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    ADMIN_NOT_FOUND = "ADMIN_NOT_FOUND"
    ADMIN_INACTIVE = "ADMIN_INACTIVE"
    ADMIN_NOT_ELIGIBLE = "ADMIN_NOT_ELIGIBLE"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    OUTSIDE_SCOPE = "OUTSIDE_SCOPE"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    INVALID_EFFECTIVE_AT = "INVALID_EFFECTIVE_AT"
    ALREADY_SCHEDULED = "ALREADY_SCHEDULED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_CUSTOMER = ("customerId",)
_MANAGER = ("accountManagerId",)
_MAY_NOT = "You may not change this customer's account manager. Ask a portfolio manager of the customer's office."

CUSTOMER_NOT_FOUND = no_such_customer(AssignErrorCode)
FORBIDDEN = Refusal(AssignErrorCode.FORBIDDEN, _MAY_NOT, _CUSTOMER)
MAY_NOT_UNASSIGN = Refusal(UserErrorCode.FORBIDDEN, _MAY_NOT, _CUSTOMER)
NOBODYS = not_allowed("This customer has no account manager.", *_CUSTOMER)
"""For menus alone: who ends what has ended is not refused, but changes nothing."""
ADMIN_NOT_FOUND = Refusal(
    AssignErrorCode.ADMIN_NOT_FOUND, "There is no such team member. Pick one from the office's list.", _MANAGER
)
CUSTOMER_ARCHIVED = archived(AssignErrorCode, "assigning an account manager")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the rules ask about whoever shall become account manager."""

    status: AdminStatus
    office_id: UUID
    office_status: OfficeStatus
    never_holds_book: bool


def candidate_refusals(candidate: Candidate, allowed_offices: frozenset[UUID] | None) -> Iterator[Refusal]:
    """Why this admin can't hold the customer; `allowed_offices` None allows every office."""
    if candidate.status is not AdminStatus.ACTIVE:
        yield Refusal(AssignErrorCode.ADMIN_INACTIVE, "This team member is not active. Pick one who is.", _MANAGER)
    if candidate.never_holds_book:
        yield Refusal(
            AssignErrorCode.ADMIN_NOT_ELIGIBLE,
            "This team member has a role that never manages customers. Pick someone else.",
            _MANAGER,
        )
    if candidate.office_status is not OfficeStatus.ACTIVE:
        yield Refusal(
            AssignErrorCode.OFFICE_INACTIVE,
            "This team member's office is not active. Pick someone of an active office.",
            _MANAGER,
        )
    if allowed_offices is not None and candidate.office_id not in allowed_offices:
        yield Refusal(
            AssignErrorCode.OUTSIDE_SCOPE,
            "This team member's office may not take this customer. Pick someone of an office that may.",
            _MANAGER,
        )


def customer_refusals(status: CustomerStatus, version: int, expected_version: int | None) -> Iterator[Refusal]:
    """Why this customer can't get an account manager now."""
    if status is CustomerStatus.ARCHIVED:
        yield CUSTOMER_ARCHIVED
    if expected_version is not None and expected_version != version:
        yield stale(AssignErrorCode)
