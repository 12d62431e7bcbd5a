"""Who can be invited by whom: the rules of `inviteAdmin`."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from gql.domain.enums import OfficeStatus
from gql.domain.errors import Refusal
from gql.domain.names import LONGEST_NAME, is_name
from gql.domain.roles import Permission


class InviteErrorCode(StrEnum):
    """Why an invitation was refused."""

    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_NAME = "INVALID_NAME"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    OFFICE_NOT_FOUND = "OFFICE_NOT_FOUND"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    NO_ROLE = "NO_ROLE"
    ROLE_NOT_FOUND = "ROLE_NOT_FOUND"
    ROLE_BEYOND_OWN = "ROLE_BEYOND_OWN"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_ROLES = ("roleKeys",)

FORBIDDEN = Refusal(InviteErrorCode.FORBIDDEN, "You may not invite team members. Ask a super admin.")
EMAIL_TAKEN = Refusal(
    InviteErrorCode.EMAIL_TAKEN, "A team member with this email has an account already. Use another email.", ("email",)
)


def person_refusals(address: str | None, name: str) -> Iterator[Refusal]:
    """Why nobody can be invited by that email and name."""
    if address is None:
        yield Refusal(InviteErrorCode.INVALID_EMAIL, "This is not an email address. Correct it.", ("email",))
    if not is_name(name):
        yield Refusal(InviteErrorCode.INVALID_NAME, f"Write a name of 1 to {LONGEST_NAME} characters.", ("name",))


def office_refusals(status: OfficeStatus | None) -> Iterator[Refusal]:
    """Why nobody can be invited into an office of this status; None is one that isn't there."""
    if status is None:
        yield Refusal(InviteErrorCode.OFFICE_NOT_FOUND, "There is no such office. Pick one of the list.", ("officeId",))
    elif status is not OfficeStatus.ACTIVE:
        yield Refusal(InviteErrorCode.OFFICE_INACTIVE, "This office is not active. Pick one that is.", ("officeId",))


def role_refusals(
    wanted: Iterable[str], permissions: dict[str, frozenset[str]], own: frozenset[Permission]
) -> Iterator[Refusal]:
    """Why these roles can't be given by somebody with those permissions; `permissions` are those of each role.

    Nobody makes an account that may do more than they may themselves.
    """
    keys = list(wanted)
    if not keys:
        yield Refusal(InviteErrorCode.NO_ROLE, "Name at least one role.", _ROLES)
    if not permissions.keys() >= set(keys):
        message = f"There is no such role. The roles are: {', '.join(sorted(permissions))}."
        yield Refusal(InviteErrorCode.ROLE_NOT_FOUND, message, _ROLES)
    if any(not permissions.get(key, frozenset()) <= own for key in keys):
        message = "A role permits more than your own roles do. Ask a super admin, or pick another role."
        yield Refusal(InviteErrorCode.ROLE_BEYOND_OWN, message, _ROLES)
