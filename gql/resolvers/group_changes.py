"""Make groups, change what they are, and change their status."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from gql.context import Context
from gql.db.rows import GroupRow
from gql.domain import groups as rules
from gql.domain.criteria_json import to_json
from gql.domain.enums import CapacityMode, GroupSensitivity
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.groups import GroupAction, GroupErrorCode, GroupTerms, GroupWarning
from gql.domain.ids import Kind, parse_id_of
from gql.domain.texts import LONGEST_PROSE
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.criteria import expression_of
from gql.resolvers.group import readable_group
from gql.services.group_changes import (
    ChangeGroupStatus,
    CreateGroup,
    GroupChanged,
    UpdateGroup,
    change_group_status,
    create_group,
    update_group,
)

_NEVER_NULL: Final = {
    "name": "name",
    "purpose": "purpose",
    "description": "description",
    "criteria_text": "criteriaText",
    "capacity_mode": "capacityMode",
    "sensitivity": "sensitivity",
    "visible_to_customers": "visibleToCustomers",
}
_TEXTS: Final = ("name", "description", "criteria_text")
_REFERENCES: Final = {"owner_id": Kind.ADMIN, "risk_category_id": Kind.RISK_CATEGORY}


@dataclass(frozen=True, slots=True)
class GroupPayload:
    """The group as it is now; after a VERSION_CONFLICT, too."""

    group: GroupRow | None = None
    changed: bool = False
    warnings: tuple[GroupWarning, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def create(context: Context, arguments: Arguments) -> GroupPayload:
    """Make a group."""
    usual: dict[str, Any] = {
        "minimum_members": None,
        "maximum_members": None,
        "capacity_mode": CapacityMode.HARD,
        "sensitivity": GroupSensitivity.NORMAL,
        "visible_to_customers": False,
        "review_interval_days": None,
        "removal_statuses": [],
        "removes_graduated": False,
    }
    given: dict[str, Any] = {**usual, **_given(arguments)}
    wish = CreateGroup(
        criteria=given.get("criteria"),
        terms=GroupTerms(**{name: given[name] for name in GroupTerms.__dataclass_fields__}),
        owner_id=given.get("owner_id"),
        risk_category_id=given.get("risk_category_id"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return GroupPayload(user_errors=(rules.FORBIDDEN,))
    return await answer(context, None, create_group(context.database, context.actor, context.admin, wish))


async def update(context: Context, arguments: Arguments) -> GroupPayload:
    """Change some of what a group is; what is left out stays."""
    wish = UpdateGroup(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        expected_version=arguments["expected_version"],
        changes=_given(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return GroupPayload(user_errors=(rules.FORBIDDEN,))
    return await answer(context, wish.group_id, update_group(context.database, context.actor, context.admin, wish))


async def change_status(context: Context, action: GroupAction, arguments: Arguments) -> GroupPayload:
    """Change a group's status."""
    wish = ChangeGroupStatus(
        action=action,
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        reason=required_reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return GroupPayload(user_errors=(rules.FORBIDDEN,))
    done = change_group_status(context.database, context.actor, context.admin, wish)
    return await answer(context, wish.group_id, done)


async def answer(context: Context, group_id: UUID | None, doing: Awaitable[GroupChanged]) -> GroupPayload:
    """What came of a change: the group as it is now, or the reasons against it."""
    try:
        done = await doing
    except Refused as refused:
        is_stale = any(refusal.code is GroupErrorCode.VERSION_CONFLICT for refusal in refused.refusals)
        present = await readable_group(context, group_id) if is_stale and group_id is not None else None
        return GroupPayload(present, user_errors=refused.refusals)
    context.renew()
    return GroupPayload(await readable_group(context, done.group_id), done.changed, done.warnings, done.replayed)


def _given(arguments: Arguments) -> Mapping[str, Any]:
    """What was given of a group, by its columns' names: texts stripped, references as keys, None where null was."""
    names = (*GroupTerms.__dataclass_fields__, *_REFERENCES)
    found = {name: arguments[name] for name in names if name in arguments}
    for name, called in _NEVER_NULL.items():
        if name in found and found[name] is None:
            raise BadUserInput(f"`{called}` can't be null. Leave it out to keep it.")
    for name in _TEXTS:
        if name in found:
            text: str = found[name]
            if len(text) > LONGEST_PROSE:
                raise BadUserInput(f"`{_NEVER_NULL[name]}` has {len(text)} characters; at most 4,000 are allowed.")
            found[name] = text.strip()
    if "removal_rules" in arguments:
        leaving = arguments["removal_rules"] or {}
        found["removal_statuses"] = sorted({status.value for status in leaving.get("statuses") or ()})
        found["removes_graduated"] = bool(leaving.get("on_loan_graduation"))
    if "criteria" in arguments:
        rule = arguments["criteria"]
        found["criteria"] = None if rule is None else to_json(expression_of(rule))
    for name, kind in _REFERENCES.items():
        if found.get(name) is not None:
            found[name] = parse_id_of(kind, found[name])
    return found
