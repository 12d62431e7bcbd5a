"""Make groups, change what they are, and change their status."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry

from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity
from gql.domain.groups import GroupAction, GroupErrorCode, GroupWarningCode
from gql.permissions import SignedIn
from gql.resolvers import group_changes as resolvers
from gql.schema.criteria_inputs import CriteriaInput
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed
from gql.schema.group import Group
from gql.schema.removal_rules import RemovalRulesInput
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a group was not made or changed.")
class GroupUserError(UserError):
    """Rows are `Refusal`."""

    code: GroupErrorCode = column("The reason, for programs.")
    current_members: int | None = computed(
        lambda refusal: refusal.facts.get("current_members"),
        description="With MAXIMUM_EXCEEDED: the members that there are; with RISK_CATEGORY_CONFLICT: those in the way.",
    )


@strawberry.type(description="What is worth knowing about a change of a group that was made all the same.")
class GroupWarning:
    """Rows are `GroupWarning`."""

    code: GroupWarningCode = column("What it is, for programs.")
    message: str = column("The same as a sentence.")


@strawberry.type
class GroupPayload:
    """What the payloads have in common. Rows are `GroupPayload`."""

    group: Group | None = column("The group as it is now; after a VERSION_CONFLICT, its present state.")
    changed: bool = column("False where all was so already, or nothing was done.")
    warnings: list[GroupWarning] = column("What is worth knowing all the same.")
    replayed: bool = replayed()
    user_errors: list[GroupUserError] = column("Why nothing was done; all reasons at once.")


_NAME = 'One line that says who is in it, such as "2026 SME Loans"; at most 100 characters, and no other group\'s.'
_DESCRIPTION = "What it is for, in words. At most 4,000 characters."
_CRITERIA = "Who belongs in it, as documented for staff. At most 4,000 characters."
_RULE = (
    "The rule that a machine checks when a customer is added: `previewCriteria` says whom it lets in. Members who "
    "don't meet a new one stay: `groupDrift` names them."
)
_OWNER = "Who answers for it: an active team member."
_MINIMUM = "How many members it should have at least."
_MAXIMUM = "How many members it can have, or should have, by `capacityMode`."
_REMOVALS = (
    "When members leave by themselves. Whom a new rule finds leaves soon after; null or nothing in it is for none. "
    "The rule about loans takes full access to all customers whom one sees."
)
_RISK = "The risk category that it stands for: one of `riskCategories`. Members of excluded ones must not be in it."
_VISIBLE = "Whether its members are told in the app that they are in it."
_INTERVAL = "After how many days its members are reviewed, 1 to 366; a SENSITIVE group needs it."


@strawberry.type(description="What came of making a group.")
class CreateGroupPayload(GroupPayload):
    """As above."""


@strawberry.type(description="What came of changing a group.")
class UpdateGroupPayload(GroupPayload):
    """As above."""


@strawberry.input(description="A new group: INACTIVE, and without members.")
class CreateGroupInput:
    """The argument."""

    name: str = strawberry.field(description=_NAME)
    purpose: GroupPurpose = strawberry.field(description="What it is kept for.")
    description: str = strawberry.field(description=_DESCRIPTION)
    criteria_text: str = strawberry.field(description=_CRITERIA)
    criteria: CriteriaInput | None = strawberry.field(default=strawberry.UNSET, description=_RULE)
    owner_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_OWNER)
    minimum_members: int | None = strawberry.field(default=strawberry.UNSET, description=_MINIMUM)
    maximum_members: int | None = strawberry.field(default=strawberry.UNSET, description=_MAXIMUM)
    capacity_mode: CapacityMode = strawberry.field(default=CapacityMode.HARD, description="What the maximum does.")
    risk_category_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_RISK)
    sensitivity: GroupSensitivity = strawberry.field(
        default=GroupSensitivity.NORMAL, description="Whether it matters in itself who is in it."
    )
    visible_to_customers: bool = strawberry.field(default=False, description=_VISIBLE)
    review_interval_days: int | None = strawberry.field(default=strawberry.UNSET, description=_INTERVAL)
    removal_rules: RemovalRulesInput | None = strawberry.field(default=strawberry.UNSET, description=_REMOVALS)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is new about a group. What is left out stays; null clears what can be empty.")
class UpdateGroupInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is.")
    expected_version: int = strawberry.field(
        description="The group's version that the viewer saw; a stale one is refused."
    )
    name: str | None = strawberry.field(default=strawberry.UNSET, description=_NAME)
    purpose: GroupPurpose | None = strawberry.field(default=strawberry.UNSET, description="What it is kept for.")
    description: str | None = strawberry.field(default=strawberry.UNSET, description=_DESCRIPTION)
    criteria_text: str | None = strawberry.field(default=strawberry.UNSET, description=_CRITERIA)
    criteria: CriteriaInput | None = strawberry.field(default=strawberry.UNSET, description=_RULE)
    owner_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_OWNER)
    minimum_members: int | None = strawberry.field(default=strawberry.UNSET, description=_MINIMUM)
    maximum_members: int | None = strawberry.field(default=strawberry.UNSET, description=_MAXIMUM)
    capacity_mode: CapacityMode | None = strawberry.field(
        default=strawberry.UNSET, description="What the maximum does."
    )
    risk_category_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description=_RISK)
    sensitivity: GroupSensitivity | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it matters in itself who is in it."
    )
    visible_to_customers: bool | None = strawberry.field(default=strawberry.UNSET, description=_VISIBLE)
    review_interval_days: int | None = strawberry.field(default=strawberry.UNSET, description=_INTERVAL)
    removal_rules: RemovalRulesInput | None = strawberry.field(default=strawberry.UNSET, description=_REMOVALS)
    idempotency_key: str | None = idempotency_key()


@strawberry.input
class _StatusInput:
    """What the arguments of a change of status have in common."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is.")
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The group's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of activating a group.")
class ActivateGroupPayload(GroupPayload):
    """As above."""


@strawberry.input(description="Which group to activate, and why.")
class ActivateGroupInput(_StatusInput):
    """As above."""


@strawberry.type(description="What came of suspending a group.")
class SuspendGroupPayload(GroupPayload):
    """As above."""


@strawberry.input(description="Which group to suspend, and why.")
class SuspendGroupInput(_StatusInput):
    """As above."""


@strawberry.type(description="What came of archiving a group.")
class ArchiveGroupPayload(GroupPayload):
    """As above."""


@strawberry.input(description="Which group to archive, and why.")
class ArchiveGroupInput(_StatusInput):
    """As above."""


@strawberry.type(description="What came of reinstating a group.")
class ReinstateGroupPayload(GroupPayload):
    """As above."""


@strawberry.input(description="Which group to reinstate, and why.")
class ReinstateGroupInput(_StatusInput):
    """As above."""


_WHICH = argument("Which group, and why.")


def _changes(payload: type[GroupPayload], description: str) -> Callable[[Callable[..., Any]], Any]:
    return root(payload, needs=SignedIn(), description=f"{description} Takes `group.write`.")


@strawberry.type
class GroupMutations:
    """Root fields."""

    @_changes(CreateGroupPayload, "Make a group. It takes members once it is activated.")
    async def create_group(self, info: Info, input: Annotated[CreateGroupInput, argument("What the group is.")]) -> Any:
        """Create."""
        return await resolvers.create(info.context, plain(input))

    @_changes(UpdateGroupPayload, "Change what a group is: not while it is archived.")
    async def update_group(
        self, info: Info, input: Annotated[UpdateGroupInput, argument("Which group, and what is new.")]
    ) -> Any:
        """Update."""
        return await resolvers.update(info.context, plain(input))

    @_changes(ActivateGroupPayload, "Let a group take members that was made, or came back from the archive.")
    async def activate_group(self, info: Info, input: Annotated[ActivateGroupInput, _WHICH]) -> Any:
        """Activate."""
        return await resolvers.change_status(info.context, GroupAction.ACTIVATE, plain(input))

    @_changes(SuspendGroupPayload, "Have an active group take no members for a time; those that it has stay.")
    async def suspend_group(self, info: Info, input: Annotated[SuspendGroupInput, _WHICH]) -> Any:
        """Suspend."""
        return await resolvers.change_status(info.context, GroupAction.SUSPEND, plain(input))

    @_changes(ArchiveGroupPayload, "Close a group for the record: nothing of it changes, but that members can leave.")
    async def archive_group(self, info: Info, input: Annotated[ArchiveGroupInput, _WHICH]) -> Any:
        """Archive."""
        return await resolvers.change_status(info.context, GroupAction.ARCHIVE, plain(input))

    @_changes(ReinstateGroupPayload, "Take a suspension back, which makes the group active; or an archiving: inactive.")
    async def reinstate_group(self, info: Info, input: Annotated[ReinstateGroupInput, _WHICH]) -> Any:
        """Reinstate."""
        return await resolvers.change_status(info.context, GroupAction.REINSTATE, plain(input))
