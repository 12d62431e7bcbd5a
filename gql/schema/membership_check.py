"""Whether a customer can join a group, asked beforehand: what enables or disables a Submit button."""

from typing import Annotated, Any

import strawberry

from gql.domain.memberships import REMEDIES, AddMemberErrorCode
from gql.permissions import SignedInAdmin
from gql.resolvers import membership as resolvers
from gql.schema.access import open_to
from gql.schema.fields import Info, argument, column, computed, loaded
from gql.schema.group import Group
from gql.schema.membership_mutations import AddGroupMemberWarning
from gql.schema.roots import root


@open_to("whoever asks, as `addGroupMember` would answer them")
@strawberry.type(description="Something that stands in the way of an addition: `addGroupMember` would refuse with it.")
class MembershipBlocker:
    """Rows are `Refusal`."""

    code: AddMemberErrorCode = column("The reason, for programs.")
    message: str = column("The same as a sentence for a person.")
    remedy: str = computed(lambda refusal: REMEDIES[refusal.code], description="What would take it away.")
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


@open_to("whoever asks, as `addGroupMember` would answer them")
@strawberry.type(description="Whether a customer can join a group, as things are now.")
class MembershipCheck:
    """Rows are `Addable`."""

    allowed: bool = computed(lambda row: not row.blockers, description="Whether nothing stands in the way.")
    blockers: list[MembershipBlocker] = column("All that stands in the way.")
    warnings: list[AddGroupMemberWarning] = column("What would be worth knowing once the customer is in.")


@strawberry.type
class MembershipCheckQueries:
    """Root fields."""

    @root(
        MembershipCheck,
        needs=SignedInAdmin(),
        description=(
            "Whether `addGroupMember` would add the customer to the group, by the same rules: every reason against it, "
            "with what would take it away."
        ),
    )
    async def can_add_member(
        self,
        info: Info,
        group_id: Annotated[strawberry.ID, argument("The group that the customer would join.")],
        customer_id: Annotated[strawberry.ID, argument("The customer who would join.")],
    ) -> Any:
        """Ask."""
        return await resolvers.can_add(info.context, group_id, customer_id)
