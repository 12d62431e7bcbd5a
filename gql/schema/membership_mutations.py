"""Add a customer to a group, and remove one."""

from typing import Annotated, Any

import strawberry

from gql.domain.membership_removals import RemoveMemberErrorCode
from gql.domain.memberships import AddMemberErrorCode, WarningCode
from gql.permissions import SignedIn
from gql.resolvers import membership as resolvers
from gql.schema.customer import CustomerEdge
from gql.schema.fields import Info, argument, column, computed, idempotency_key, loaded, plain, replayed
from gql.schema.group import Group
from gql.schema.group_mutations import GroupWarning
from gql.schema.membership import Membership
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a customer was not added to a group.")
class AddGroupMemberUserError(UserError):
    """Rows are `Refusal`."""

    code: AddMemberErrorCode = column("The reason, for programs.")
    current_members: int | None = computed(
        lambda refusal: refusal.facts.get("current_members"), description="With GROUP_FULL: the members that there are."
    )
    maximum_members: int | None = computed(
        lambda refusal: refusal.facts.get("maximum_members"), description="With GROUP_FULL: the most that there can be."
    )
    criterion: str | None = computed(
        lambda refusal: refusal.facts.get("criterion"),
        description="With NOT_ELIGIBLE and full access to the customer: the criterion that isn't met.",
    )
    conflicting_group: Group | None = loaded(
        "group",
        lambda refusal: refusal.facts.get("conflicting_group_id"),
        description="With RISK_CATEGORY_CONFLICT: the group that the customer would have to leave.",
    )


@strawberry.type(description="What is worth knowing about a change that was made all the same.")
class AddGroupMemberWarning:
    """Rows are `Warned`."""

    code: WarningCode = column("What it is, for programs.")
    message: str = column("The same as a sentence.")


@strawberry.type(description="What came of adding a customer to a group.")
class AddGroupMemberPayload:
    """Rows are `AddMemberPayload`."""

    group: Group | None = column("The group, with its new member count.")
    membership: Membership | None = column("The membership that began.")
    membership_edge: CustomerEdge | None = column("The same as the edge to put into the group's list of members.")
    warnings: list[AddGroupMemberWarning] = column("What is worth knowing all the same.")
    replayed: bool = replayed()
    user_errors: list[AddGroupMemberUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(
    description="Who shall join which group. Name the customer by exactly one of `customerId`, `email` and `number`."
)
class AddGroupMemberInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group that the customer shall join.")
    customer_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The customer's ID.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="The customer's whole email.")
    number: str | None = strawberry.field(default=strawberry.UNSET, description="The customer's number.")
    reason: str | None = strawberry.field(
        default=strawberry.UNSET, description="Why, for the record. At most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="Why a customer was not removed from a group.")
class RemoveGroupMemberUserError(UserError):
    """Rows are `Refusal`."""

    code: RemoveMemberErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of removing a customer from a group.")
class RemoveGroupMemberPayload:
    """Rows are `RemoveMemberPayload`."""

    group: Group | None = column("The group, with its new member count.")
    membership: Membership | None = column("The membership that is over.")
    warnings: list[GroupWarning] = column("What is worth knowing all the same.")
    replayed: bool = replayed()
    user_errors: list[RemoveGroupMemberUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(
    description="Who shall leave which group. Name the customer by exactly one of `customerId`, `email` and `number`."
)
class RemoveGroupMemberInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group that the customer shall leave.")
    customer_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The customer's ID.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description="The customer's whole email.")
    number: str | None = strawberry.field(default=strawberry.UNSET, description="The customer's number.")
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class MembershipMutations:
    """Root fields."""

    @root(
        AddGroupMemberPayload,
        needs=SignedIn(),
        description=(
            "Add a customer to a group. Takes `group.members.write` and at least limited access to the customer, who "
            "must be active, meet the group's criteria and be in no group of an excluding risk category."
        ),
    )
    async def add_group_member(
        self, info: Info, input: Annotated[AddGroupMemberInput, argument("Who, and into which group.")]
    ) -> Any:
        """Add."""
        return await resolvers.add_member(info.context, plain(input))

    @root(
        RemoveGroupMemberPayload,
        needs=SignedIn(),
        description=(
            "Take a customer out of a group, whatever the status of either. The membership stays on record with who "
            "ended it and why. Takes `group.members.write` and at least limited access to the customer."
        ),
    )
    async def remove_group_member(
        self, info: Info, input: Annotated[RemoveGroupMemberInput, argument("Who, and out of which group.")]
    ) -> Any:
        """Remove."""
        return await resolvers.remove_member(info.context, plain(input))
