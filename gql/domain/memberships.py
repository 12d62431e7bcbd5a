"""Who can join which group: the rules of `addGroupMember`, evaluated all together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from gql.domain.enums import CapacityMode, CustomerStatus, GroupStatus
from gql.domain.errors import Refusal


class AddMemberErrorCode(StrEnum):
    """Why a customer was not added to a group."""

    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    ALREADY_MEMBER = "ALREADY_MEMBER"
    CUSTOMER_SUSPENDED = "CUSTOMER_SUSPENDED"
    CUSTOMER_BLACKLISTED = "CUSTOMER_BLACKLISTED"
    CUSTOMER_ARCHIVED = "CUSTOMER_ARCHIVED"
    CUSTOMER_NOT_ACTIVE = "CUSTOMER_NOT_ACTIVE"
    GROUP_NOT_ACTIVE = "GROUP_NOT_ACTIVE"
    GROUP_SUSPENDED = "GROUP_SUSPENDED"
    GROUP_ARCHIVED = "GROUP_ARCHIVED"
    GROUP_FULL = "GROUP_FULL"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    RISK_CATEGORY_CONFLICT = "RISK_CATEGORY_CONFLICT"
    GROUP_CONFLICT = "GROUP_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


class WarningCode(StrEnum):
    """What is worth knowing about a change that was made all the same."""

    GROUP_NEARLY_FULL = "GROUP_NEARLY_FULL"
    GROUP_OVER_MAXIMUM = "GROUP_OVER_MAXIMUM"


_GROUP = ("groupId",)

GROUP_NOT_FOUND = Refusal(
    AddMemberErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
FORBIDDEN = Refusal(
    AddMemberErrorCode.FORBIDDEN,
    "You may not change the members of groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)

_BY_CUSTOMER_STATUS = {
    CustomerStatus.SUSPENDED: (
        AddMemberErrorCode.CUSTOMER_SUSPENDED,
        "Customers with suspended accounts cannot be added. Reinstate the customer first.",
    ),
    CustomerStatus.BLACKLISTED: (
        AddMemberErrorCode.CUSTOMER_BLACKLISTED,
        "Blacklisted customers cannot be added. A compliance officer can review the blacklisting.",
    ),
    CustomerStatus.ARCHIVED: (
        AddMemberErrorCode.CUSTOMER_ARCHIVED,
        "Archived customers cannot be added. Reinstate the customer first.",
    ),
    CustomerStatus.INACTIVE: (
        AddMemberErrorCode.CUSTOMER_NOT_ACTIVE,
        "Inactive customers cannot be added. Activate the customer first.",
    ),
    CustomerStatus.PENDING: (
        AddMemberErrorCode.CUSTOMER_NOT_ACTIVE,
        "Customers whose account is still pending cannot be added. Activate the customer first.",
    ),
}
_BY_GROUP_STATUS = {
    GroupStatus.INACTIVE: (
        AddMemberErrorCode.GROUP_NOT_ACTIVE,
        "This group is not active. Activate it before adding members.",
    ),
    GroupStatus.SUSPENDED: (
        AddMemberErrorCode.GROUP_SUSPENDED,
        "This group is suspended. Reinstate it before adding members.",
    ),
    GroupStatus.ARCHIVED: (
        AddMemberErrorCode.GROUP_ARCHIVED,
        "This group is archived. Pick an active group.",
    ),
}


def customer_not_found(identifier: str) -> Refusal:
    """The answer for a customer who isn't there, or not for this viewer; `identifier` is the input field used."""
    return Refusal(
        AddMemberErrorCode.CUSTOMER_NOT_FOUND,
        "No customer was found. Check for typing errors, or try another identifier.",
        (identifier,),
    )


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """What the rules ask about a group, read under its lock."""

    status: GroupStatus
    member_count: int
    maximum_members: int | None
    capacity_mode: CapacityMode = CapacityMode.HARD


@dataclass(frozen=True, slots=True)
class Conflict:
    """A group behind a wall of which the customer is a member: of a category that excludes the other group's, or one
    that itself excludes the other group.
    """

    group_id: UUID
    group_name: str
    by_category: bool = True


def customer_status_refusal(status: CustomerStatus, field: tuple[str, ...] | None = None) -> Refusal | None:
    """Why a customer of this status can't join any group."""
    code, message = _BY_CUSTOMER_STATUS.get(status, (None, ""))
    return None if code is None else Refusal(code, message, field)


def group_refusals(group: GroupFacts) -> Iterator[Refusal]:
    """Why this group takes nobody."""
    code, message = _BY_GROUP_STATUS.get(group.status, (None, ""))
    if code is not None:
        yield Refusal(code, message, _GROUP)
    is_limited = group.maximum_members is not None and group.capacity_mode is CapacityMode.HARD
    if is_limited and group.member_count >= (group.maximum_members or 0):
        yield Refusal(
            AddMemberErrorCode.GROUP_FULL,
            f"The group membership limit has been reached: {group.member_count} of {group.maximum_members} members. "
            "Remove a member or raise the limit first.",
            _GROUP,
            {"current_members": group.member_count, "maximum_members": group.maximum_members},
        )


def pair_refusals(
    *,
    identifier: str,
    already_member: bool,
    failed_criterion: str | None,
    names_criterion: bool,
    conflicts: Sequence[Conflict],
    names_conflicts: bool,
) -> Iterator[Refusal]:
    """Why this customer can't join this group, of all the customers and groups that otherwise could.

    `failed_criterion` describes the predicate in the way, which is told only where `names_criterion`: it says
    something of the customer that a limited view withholds. So do the conflicting groups and how many they are.
    """
    if already_member:
        yield Refusal(AddMemberErrorCode.ALREADY_MEMBER, "The customer already belongs to this group.", (identifier,))
    if failed_criterion is not None:
        told = f" It wants: {failed_criterion}." if names_criterion else ""
        yield Refusal(
            AddMemberErrorCode.NOT_ELIGIBLE,
            f"The customer does not meet this group's criteria.{told} Pick a customer who does, or another group.",
            (identifier,),
            {"criterion": failed_criterion} if names_criterion else {},
        )
    if conflicts and not names_conflicts:
        by_category = any(conflict.by_category for conflict in conflicts)
        code = AddMemberErrorCode.RISK_CATEGORY_CONFLICT if by_category else AddMemberErrorCode.GROUP_CONFLICT
        whose = "whose risk category excludes this group's" if by_category else "that excludes this one"
        message = f"The customer is a member of a group {whose}. Ask someone who sees the customer's groups."
        yield Refusal(code, message, (identifier,))
        return
    for conflict in conflicts:
        code = AddMemberErrorCode.RISK_CATEGORY_CONFLICT if conflict.by_category else AddMemberErrorCode.GROUP_CONFLICT
        whose = "whose risk category excludes this group's" if conflict.by_category else "which excludes this group"
        message = f"The customer is a member of “{conflict.group_name}”, {whose}. Remove the customer from there first."
        yield Refusal(code, message, (identifier,), {"conflicting_group_id": conflict.group_id})


_CODE = AddMemberErrorCode
REMEDIES: Final[Mapping[AddMemberErrorCode, str]] = {
    _CODE.CUSTOMER_NOT_FOUND: "Look for the customer by another identifier.",
    _CODE.GROUP_NOT_FOUND: "Pick a group from the list of groups.",
    _CODE.ALREADY_MEMBER: "Nothing is to do.",
    _CODE.CUSTOMER_SUSPENDED: "Reinstate the customer.",
    _CODE.CUSTOMER_BLACKLISTED: "Have a compliance officer review the blacklisting.",
    _CODE.CUSTOMER_ARCHIVED: "Reinstate the customer.",
    _CODE.CUSTOMER_NOT_ACTIVE: "Activate the customer.",
    _CODE.GROUP_NOT_ACTIVE: "Activate the group.",
    _CODE.GROUP_SUSPENDED: "Reinstate the group.",
    _CODE.GROUP_ARCHIVED: "Pick an active group.",
    _CODE.GROUP_FULL: "Remove a member, or raise the limit.",
    _CODE.NOT_ELIGIBLE: "Pick a customer who meets the criteria, or another group.",
    _CODE.RISK_CATEGORY_CONFLICT: "Remove the customer from the other group.",
    _CODE.GROUP_CONFLICT: "Remove the customer from the other group.",
    _CODE.FORBIDDEN: "Ask a group administrator, compliance officer or portfolio manager.",
}
"""What would take each reason away, of those that can stand in the way of an addition."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to know that didn't prevent the change."""

    code: WarningCode
    message: str


def warnings(member_count: int, maximum_members: int | None) -> list[Warned]:
    """What to know once the group has `member_count` members: it is nearly full from nine tenths on.

    Over its maximum it can only be where that doesn't keep anybody out.
    """
    if maximum_members is None or member_count * 10 < maximum_members * 9:
        return []
    if member_count > maximum_members:
        message = f"The group has {member_count} members now, more than the {maximum_members} that it should have."
        return [Warned(WarningCode.GROUP_OVER_MAXIMUM, message)]
    left = maximum_members - member_count
    message = "The group is full now." if left == 0 else f"The group has room for {left} more."
    return [Warned(WarningCode.GROUP_NEARLY_FULL, message)]
