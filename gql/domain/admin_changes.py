"""Who can be deactivated and come back: the rules of `deactivateAdmin` and `activateAdmin`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal


class AdminErrorCode(StrEnum):
    """Why a team member's account was not changed."""

    ADMIN_NOT_FOUND = "ADMIN_NOT_FOUND"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    HAS_BOOK = "HAS_BOOK"
    ROLE_BEYOND_OWN = "ROLE_BEYOND_OWN"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_ADMIN: Final = ("adminId",)

FORBIDDEN: Final = Refusal(AdminErrorCode.FORBIDDEN, "You may not change team members. Ask a super admin.", _ADMIN)
ADMIN_NOT_FOUND: Final = Refusal(
    AdminErrorCode.ADMIN_NOT_FOUND, "There is no such team member. Pick one from the list.", _ADMIN
)
OWN_ACCOUNT: Final = Refusal(
    AdminErrorCode.OWN_ACCOUNT, "You can't deactivate your own account. Ask another super admin.", _ADMIN
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


def deactivation_refusals(*, is_own: bool, book_size: int) -> Iterator[Refusal]:
    """Why this admin can't be deactivated now. Whoever does it stays: so somebody is left who may change admins."""
    if is_own:
        yield OWN_ACCOUNT
    if book_size:
        customers = "1 customer" if book_size == 1 else f"{book_size:,} customers"
        message = f"This team member is the account manager of {customers}. Assign somebody else to them first."
        yield Refusal(AdminErrorCode.HAS_BOOK, message, _ADMIN, {"book_size": book_size})


def activation_refusals(theirs: frozenset[str], own: frozenset[str]) -> Iterator[Refusal]:
    """Why this admin can't come back by somebody with those permissions: nobody makes an account that may do more."""
    if not theirs <= own:
        yield _ROLE_BEYOND_OWN
