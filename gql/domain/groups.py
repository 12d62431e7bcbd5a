"""What a group can be: its name, its limits, and the changes of its status. Who can join is `memberships`' matter."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity, GroupStatus
from gql.domain.errors import Refusal
from gql.domain.texts import is_line, is_prose

LONGEST_NAME: Final = 100
MOST_MEMBERS: Final = 10_000_000
LONGEST_INTERVAL_DAYS: Final = 366
DEFAULT_INTERVAL_DAYS: Final = 30
"""Groups are looked at monthly, where they are looked at (the requirement's best practices)."""


class GroupAction(StrEnum):
    """What can be done to a group's status."""

    ACTIVATE = "ACTIVATE"
    SUSPEND = "SUSPEND"
    ARCHIVE = "ARCHIVE"
    REINSTATE = "REINSTATE"


class GroupErrorCode(StrEnum):
    """Why a group was not made or changed."""

    GROUP_NOT_FOUND = "GROUP_NOT_FOUND"
    GROUP_ARCHIVED = "GROUP_ARCHIVED"
    STATUS_NOT_ALLOWED = "STATUS_NOT_ALLOWED"
    INVALID = "INVALID"
    NAME_TAKEN = "NAME_TAKEN"
    OWNER_NOT_ELIGIBLE = "OWNER_NOT_ELIGIBLE"
    RISK_CATEGORY_NOT_FOUND = "RISK_CATEGORY_NOT_FOUND"
    RISK_CATEGORY_CONFLICT = "RISK_CATEGORY_CONFLICT"
    MAXIMUM_EXCEEDED = "MAXIMUM_EXCEEDED"
    MEMBERS_IN_BOTH = "MEMBERS_IN_BOTH"
    GROUP_NOT_ACTIVE = "GROUP_NOT_ACTIVE"
    NOT_REVIEWED = "NOT_REVIEWED"
    REVIEW_NOT_DUE = "REVIEW_NOT_DUE"
    NOT_UNUSED = "NOT_UNUSED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


class GroupWarningCode(StrEnum):
    """What is worth knowing about a change of a group that was made all the same."""

    NAME_VAGUE = "NAME_VAGUE"
    OVER_MAXIMUM = "OVER_MAXIMUM"
    BELOW_MINIMUM = "BELOW_MINIMUM"


@dataclass(frozen=True, slots=True)
class GroupWarning:
    """Something to know that didn't prevent the change."""

    code: GroupWarningCode
    message: str


_S = GroupStatus
TRANSITIONS: Final[Mapping[GroupAction, Mapping[GroupStatus, GroupStatus]]] = {
    GroupAction.ACTIVATE: {_S.INACTIVE: _S.ACTIVE},
    GroupAction.SUSPEND: {_S.ACTIVE: _S.SUSPENDED},
    GroupAction.ARCHIVE: dict.fromkeys((_S.INACTIVE, _S.ACTIVE, _S.SUSPENDED), _S.ARCHIVED),
    GroupAction.REINSTATE: {_S.SUSPENDED: _S.ACTIVE, _S.ARCHIVED: _S.INACTIVE},
}
"""From which status to which. What was archived comes back inactive: to use it again is a decision more."""

_WORDS: Final = {
    GroupAction.ACTIVATE: "activated",
    GroupAction.SUSPEND: "suspended",
    GroupAction.ARCHIVE: "archived",
    GroupAction.REINSTATE: "reinstated",
}
_GROUP: Final = ("groupId",)

GROUP_NOT_FOUND: Final = Refusal(
    GroupErrorCode.GROUP_NOT_FOUND, "There is no such group. Pick one from the list of groups.", _GROUP
)
FORBIDDEN: Final = Refusal(
    GroupErrorCode.FORBIDDEN,
    "You may not make or change groups. Ask a group administrator, compliance officer or portfolio manager.",
    _GROUP,
)
GROUP_ARCHIVED: Final = Refusal(
    GroupErrorCode.GROUP_ARCHIVED, "This group is archived. Reinstate it before changing it.", _GROUP
)
NO_MEMBERS: Final = Refusal(GroupErrorCode.GROUP_NOT_FOUND, "This group has no members.", _GROUP)
"""For menus."""
NAME_TAKEN: Final = Refusal(
    GroupErrorCode.NAME_TAKEN, "Another group has this name. Choose one that tells the two apart.", ("name",)
)
OWNER_NOT_ELIGIBLE: Final = Refusal(
    GroupErrorCode.OWNER_NOT_ELIGIBLE,
    "A group's owner is an active team member. Pick one from the list of team members.",
    ("ownerId",),
)
RISK_CATEGORY_NOT_FOUND: Final = Refusal(
    GroupErrorCode.RISK_CATEGORY_NOT_FOUND,
    "There is no such risk category. Pick one from `riskCategories`.",
    ("riskCategoryId",),
)
OFFICES_NOT_FOUND: Final = Refusal(
    GroupErrorCode.INVALID,
    "Some of the offices of the rule aren't there. Pick them from the list of offices.",
    ("criteria",),
)
RULE_WITHHELD: Final = Refusal(
    GroupErrorCode.FORBIDDEN,
    "The rule asks what you don't see of some customers. Ask for their status and office alone, or have it made by "
    "somebody who sees all of them, such as a portfolio manager.",
    ("criteria",),
)
VERSION_CONFLICT: Final = Refusal(
    GroupErrorCode.VERSION_CONFLICT,
    "Someone changed this group since you read it. Look at the present state and try again.",
    ("expectedVersion",),
)


@dataclass(frozen=True, slots=True)
class GroupTerms:
    """All that is decided about a group beside its status; texts are stripped."""

    name: str
    purpose: GroupPurpose
    description: str
    criteria_text: str
    minimum_members: int | None
    maximum_members: int | None
    capacity_mode: CapacityMode
    sensitivity: GroupSensitivity
    visible_to_customers: bool
    review_interval_days: int | None
    removal_statuses: list[str]
    removes_graduated: bool


def terms_refusals(terms: GroupTerms, member_count: int = 0) -> Iterator[Refusal]:
    """Why a group of so many members can't be like this."""
    if not (terms.name and is_line(terms.name, LONGEST_NAME)):
        yield _invalid("name", f"Give the group a name of one line, with at most {LONGEST_NAME} characters.")
    for field, text in (("description", terms.description), ("criteriaText", terms.criteria_text)):
        if not is_prose(text):
            yield _invalid(field, f"Write what the group's {_OF_FIELD[field]}, in at most 4,000 characters.")
    limits = {"minimumMembers": terms.minimum_members, "maximumMembers": terms.maximum_members}
    wrong = [field for field, limit in limits.items() if limit is not None and not 1 <= limit <= MOST_MEMBERS]
    for field in wrong:
        yield _invalid(field, f"A limit is between 1 and {MOST_MEMBERS:,} members; leave it out for none.")
    if not wrong:
        yield from _limit_refusals(terms, member_count)
    days = terms.review_interval_days
    if days is not None and not 1 <= days <= LONGEST_INTERVAL_DAYS:
        yield _invalid("reviewIntervalDays", f"Reviews are 1 to {LONGEST_INTERVAL_DAYS} days apart.")
    if days is None and terms.sensitivity is GroupSensitivity.SENSITIVE:
        yield _invalid("reviewIntervalDays", "A sensitive group is reviewed regularly. Say after how many days.")


def _limit_refusals(terms: GroupTerms, member_count: int) -> Iterator[Refusal]:
    maximum = terms.maximum_members
    if maximum is None:
        return
    if (terms.minimum_members or 0) > maximum:
        yield _invalid("minimumMembers", "The minimum is above the maximum. Lower the one or raise the other.")
    if terms.capacity_mode is CapacityMode.HARD and member_count > maximum:
        message = (
            f"The group has {member_count} members, more than {maximum}. Remove some first, choose a higher maximum, "
            "or one that only warns."
        )
        yield Refusal(GroupErrorCode.MAXIMUM_EXCEEDED, message, ("maximumMembers",), {"current_members": member_count})


_OF_FIELD: Final = {"description": "purpose is", "criteriaText": "members have in common"}


def _invalid(field: str, message: str) -> Refusal:
    return Refusal(GroupErrorCode.INVALID, message, (field,))


_VAGUE: Final = re.compile(
    r"(?:(?:new|my|our|the|a)\s+)?(?:groups?|tests?|testing|temp|tmp|samples?|demo|untitled|misc|miscellaneous|others?"
    r"|lists?|customers?|borrowers?|clients?|abc|xyz|asdf|foo|bar)[\s_#.-]*\d*",
    re.IGNORECASE,
)
_SHORTEST_WORDS: Final = 4


def is_vague(name: str) -> bool:
    """Whether a name tells nobody what the group is for, such as `Group1` or `Test`."""
    letters = sum(character.isalpha() for character in name)
    return letters < _SHORTEST_WORDS or _VAGUE.fullmatch(name.strip()) is not None


def terms_warnings(terms: GroupTerms, member_count: int, today: date) -> list[GroupWarning]:
    """What to know about a group of so many members that is like this now."""
    found = []
    if is_vague(terms.name):
        message = (
            f"“{terms.name}” doesn't say who is in the group. Prefer a name with the year, the segment and the "
            f"product, such as “{today.year} SME Loans”."
        )
        found.append(GroupWarning(GroupWarningCode.NAME_VAGUE, message))
    if terms.maximum_members is not None and member_count > terms.maximum_members:
        message = f"The group has {member_count} members, more than the {terms.maximum_members} that it should have."
        found.append(GroupWarning(GroupWarningCode.OVER_MAXIMUM, message))
    return found + minimum_warnings(member_count, terms.minimum_members)


def minimum_warnings(member_count: int, minimum_members: int | None) -> list[GroupWarning]:
    """The same of a group's minimum."""
    if minimum_members is None or member_count >= minimum_members:
        return []
    message = f"The group has {member_count} members, fewer than the {minimum_members} that it should have."
    return [GroupWarning(GroupWarningCode.BELOW_MINIMUM, message)]


def after(action: GroupAction, status: GroupStatus) -> GroupStatus | None:
    """The status that a change leads to: the present one where nothing is to do, None where it is not allowed."""
    targets = TRANSITIONS[action]
    if status in targets:
        return targets[status]
    return status if status in targets.values() else None


def status_refusals(action: GroupAction, status: GroupStatus) -> Iterator[Refusal]:
    """Why the change is not allowed from this status."""
    if after(action, status) is None:
        sources = ", ".join(sorted(source.lower() for source in TRANSITIONS[action]))
        message = (
            f"A group that is {status.lower()} can't be {_WORDS[action]}; one of these can: {sources}. "
            "Change the status to one of them first."
        )
        yield Refusal(GroupErrorCode.STATUS_NOT_ALLOWED, message, _GROUP)


def has_already(status: GroupStatus) -> Refusal:
    """Nothing is to do."""
    return Refusal(GroupErrorCode.STATUS_NOT_ALLOWED, f"This group is {status.lower()} already.", _GROUP)


def wall_refusal(customers: int) -> Refusal:
    """Members of the group are in groups whose categories exclude the new one."""
    message = (
        f"Members who are in a group whose risk category excludes this one: {customers}. Remove them from one of the "
        "two groups first."
    )
    return Refusal(GroupErrorCode.RISK_CATEGORY_CONFLICT, message, ("riskCategoryId",), {"current_members": customers})
