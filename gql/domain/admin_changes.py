"""What can be changed of team members' accounts: status, office and roles."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.errors import Refusal


class AdminErrorCode(StrEnum):
    """Why a team member's account was not changed."""

    ADMIN_NOT_FOUND = "ADMIN_NOT_FOUND"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    HAS_BOOK = "HAS_BOOK"
    HAS_SCHEDULED = "HAS_SCHEDULED"
    BOOK_OUTSIDE_OFFICE = "BOOK_OUTSIDE_OFFICE"
    OFFICE_NOT_FOUND = "OFFICE_NOT_FOUND"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    NO_ROLE = "NO_ROLE"
    ROLE_NOT_FOUND = "ROLE_NOT_FOUND"
    ROLE_BEYOND_OWN = "ROLE_BEYOND_OWN"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_ADMIN: Final = ("adminId",)
_OFFICE: Final = ("officeId",)
_ROLES: Final = ("roleKeys",)

FORBIDDEN: Final = Refusal(AdminErrorCode.FORBIDDEN, "You may not change team members. Ask a super admin.", _ADMIN)
ADMIN_NOT_FOUND: Final = Refusal(
    AdminErrorCode.ADMIN_NOT_FOUND, "There is no such team member. Pick one from the list.", _ADMIN
)
OWN_ACCOUNT: Final = Refusal(
    AdminErrorCode.OWN_ACCOUNT, "You can't change your own account. Ask another super admin.", _ADMIN
)
_ROLE_BEYOND_OWN: Final = Refusal(
    AdminErrorCode.ROLE_BEYOND_OWN,
    "This team member's roles permit more than your own roles do. Ask a super admin.",
    _ADMIN,
)


def after_activation(status: AdminStatus, *, has_password: bool) -> AdminStatus:
    """The status that an admin comes back to: who never set a password waits for an invitation again."""
    if status is not AdminStatus.INACTIVE:
        return status
    return AdminStatus.ACTIVE if has_password else AdminStatus.INVITED


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What the rules ask about a role."""

    permissions: frozenset[str]
    never_holds_book: bool


def deactivation_refusals(*, is_own: bool, book_size: int, scheduled: int) -> Iterator[Refusal]:
    """Why this admin can't be deactivated now. Whoever does it stays: so somebody is left who may change admins.

    `scheduled` assignments to them, or by them, would be refused when they are due, with nobody there to see to it.
    """
    if is_own:
        yield OWN_ACCOUNT
    if book_size:
        yield _has_book(book_size, _ADMIN)
    if scheduled:
        count = "1 assignment is" if scheduled == 1 else f"{scheduled:,} assignments are"
        message = f"{count} scheduled to or by this team member. Cancel them, or leave by handOverAndDeactivate."
        yield Refusal(AdminErrorCode.HAS_SCHEDULED, message, _ADMIN, {"scheduled": scheduled})


def rights_refusals(theirs: frozenset[str], own: frozenset[str], *, is_own: bool = False) -> Iterator[Refusal]:
    """Why whoever has the permissions `own` can't decide on an account with those: one that may do more, or their own.

    Nobody gives rights, or a place to use them, that they don't have themselves.
    """
    if is_own:
        yield OWN_ACCOUNT
    if not theirs <= own:
        yield _ROLE_BEYOND_OWN


def office_refusals(status: OfficeStatus | None, outside: int) -> Iterator[Refusal]:
    """Why nobody can move to an office of this status (None is one that isn't there), or should say first that they
    know: `outside` customers of their book are neither the office's nor of one beneath it.
    """
    if status is None:
        yield Refusal(AdminErrorCode.OFFICE_NOT_FOUND, "There is no such office. Pick one of the list.", _OFFICE)
    elif status is not OfficeStatus.ACTIVE:
        yield Refusal(AdminErrorCode.OFFICE_INACTIVE, "This office is not active. Pick one that is.", _OFFICE)
    elif outside:
        message = (
            f"{_customers(outside)} of this team member's book would be outside the new office. "
            "Assign somebody else to them, or send the change again with acknowledgeWarnings."
        )
        yield Refusal(AdminErrorCode.BOOK_OUTSIDE_OFFICE, message, _OFFICE, {"customers_outside": outside})


def role_refusals(
    wanted: Collection[str], roles: Mapping[str, RoleFacts], own: frozenset[str], book_size: int
) -> Iterator[Refusal]:
    """Why an admin with a book of this size can't have these roles, by somebody with the permissions `own`."""
    if not wanted:
        yield Refusal(AdminErrorCode.NO_ROLE, "Name at least one role.", _ROLES)
    if not roles.keys() >= set(wanted):
        message = f"There is no such role. The roles are: {', '.join(sorted(roles))}."
        yield Refusal(AdminErrorCode.ROLE_NOT_FOUND, message, _ROLES)
    known = [roles[key] for key in wanted if key in roles]
    if any(not role.permissions <= own for role in known):
        message = "A role permits more than your own roles do. Ask a super admin, or pick another role."
        yield Refusal(AdminErrorCode.ROLE_BEYOND_OWN, message, _ROLES)
    if book_size and any(role.never_holds_book for role in known):
        yield _has_book(book_size, _ROLES)


def _has_book(size: int, field: tuple[str, ...]) -> Refusal:
    message = f"This team member is the account manager of {_customers(size)}. Assign somebody else to them first."
    return Refusal(AdminErrorCode.HAS_BOOK, message, field, {"book_size": size})


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
