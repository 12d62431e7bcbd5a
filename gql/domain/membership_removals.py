"""Who can be taken out of which group: the rules of `removeGroupMember`."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal


class RemoveMemberErrorCode(StrEnum):
    """Why a customer was not removed from a group."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_GROUP: Final = ("groupId",)
GROUP_NOT_FOUND: Final = Refusal(
    RemoveMemberErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
FORBIDDEN: Final = Refusal(
    RemoveMemberErrorCode.FORBIDDEN,
    "You may not change the members of groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)


def customer_not_found(identifier: str) -> Refusal:
    """The answer for a customer who isn't there, or not for this viewer; `identifier` is the input field used."""
    return Refusal(
        RemoveMemberErrorCode.CUSTOMER_NOT_FOUND,
        "No customer was found. Check for typing errors, or try another identifier.",
        (identifier,),
    )


def member_refusals(identifier: str, *, is_member: bool) -> Iterator[Refusal]:
    """Why nobody can be removed who is found: they are not, or no more, in the group."""
    if not is_member:
        message = "The customer is not a member of this group. Look at its present list of members."
        yield Refusal(RemoveMemberErrorCode.NOT_A_MEMBER, message, (identifier,))
