"""Many customers into one group: why no such job is begun. Of single customers, the job's items tell."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.memberships import REMEDIES, AddMemberErrorCode, GroupFacts, group_refusals

_GROUP: Final = ("groupId",)


class MemberJobErrorCode(StrEnum):
    """Why no job was begun that adds customers to a group."""

    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    GROUP_NOT_ACTIVE = "GROUP_NOT_ACTIVE"
    GROUP_SUSPENDED = "GROUP_SUSPENDED"
    GROUP_ARCHIVED = "GROUP_ARCHIVED"
    GROUP_FULL = "GROUP_FULL"
    SAME_GROUP = "SAME_GROUP"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    NO_CUSTOMERS = "NO_CUSTOMERS"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


class LineCode(StrEnum):
    """Why a line of a file is refused before any rule is asked."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    INVALID_LINE = "INVALID_LINE"
    DUPLICATE_LINE = "DUPLICATE_LINE"


GROUP_NOT_FOUND: Final = Refusal(
    MemberJobErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
SOURCE_NOT_FOUND: Final = Refusal(
    MemberJobErrorCode.GROUP_NOT_FOUND,
    "There is no such group whose members you see. Pick one from the list of groups.",
    ("fromGroupId",),
)
SAME_GROUP: Final = Refusal(
    MemberJobErrorCode.SAME_GROUP, "These are its members already. Pick another group.", ("fromGroupId",)
)
FORBIDDEN: Final = Refusal(
    MemberJobErrorCode.FORBIDDEN,
    "You may not change the members of groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)


def no_customers(field: str) -> Refusal:
    """Nobody is meant by this field of the input."""
    message = "None of the customers whom you see is meant by this. Look at the list with the same filter."
    return Refusal(MemberJobErrorCode.NO_CUSTOMERS, message, (field,))


def group_job_refusals(group: GroupFacts) -> Iterator[Refusal]:
    """Why nobody at all could join the group now."""
    for refusal in group_refusals(group):
        yield Refusal(MemberJobErrorCode(refusal.code.value), refusal.message, refusal.field, refusal.facts)


def listed_refusals(missing: int) -> Iterable[Refusal]:
    """Of customers who were named one by one, so many aren't there for the viewer."""
    if missing:
        message = f"Of these customers {missing:,} aren't there for you. Look at the present list."
        yield Refusal(MemberJobErrorCode.CUSTOMER_NOT_FOUND, message, ("customerIds",))


_OF_LINES: Final[Mapping[str, str]] = {
    LineCode.INVALID_LINE: "Name a customer in the line, by one of the columns of the heading.",
    LineCode.DUPLICATE_LINE: "Nothing is to do: an earlier line names the customer.",
}


def remedy_of(code: str) -> str:
    """What would take the reason away for which a customer didn't join; nothing of other codes."""
    if code in AddMemberErrorCode.__members__:
        return REMEDIES.get(AddMemberErrorCode(code), "")
    return _OF_LINES.get(code, "")
