"""Groups and memberships."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON

from gql.db.rows import GroupRow
from gql.domain.actions import GroupActionName
from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity, GroupStatus, MembershipFlag
from gql.domain.ids import Kind
from gql.domain.listing import BY_UNTIL, GroupOrderField
from gql.domain.paging import in_brief
from gql.domain.roles import Permission
from gql.execution.declarations import Brief, Loaded
from gql.permissions import SignedInAdmin
from gql.resolvers import group as resolvers
from gql.resolvers.criteria_values import rule_value
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.brief import CUSTOMER_IN_BRIEF
from gql.schema.customer_inputs import CustomerOrder, SavedFilterInput
from gql.schema.enums import OrderDirection
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    by_python_names,
    column,
    computed,
    connection,
    declared,
    given,
    global_id,
    loaded,
    paging,
    plain,
)
from gql.schema.group_review import GroupReviewConnection, GroupReviewState, review_state, signed_reviews
from gql.schema.group_statistics import GroupStatistics, group_statistics
from gql.schema.membership import added_by, added_reason, membership_flag, membership_since, membership_until
from gql.schema.membership_list import MembershipConnection
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.proposed_removal import ProposedRemovalConnection, proposed_removals
from gql.schema.removal_rules import GroupRemovalRules, removal_rules
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.customer import CustomerConnection


@open_to("whoever may read the group")
@strawberry.type(description="What the viewer can do with a group.")
class GroupAction:
    """Rows are `Action`."""

    action: GroupActionName = column("What can be done.")
    allowed: bool = column("Whether the viewer can do it now, as far as is known beforehand.")
    reason: str | None = column("Where it isn't allowed: why, and what to do.")


def _members() -> Any:
    def key(row: Any) -> Any:
        return row.id

    def request(arguments: Any) -> Any:
        return resolvers.members_request(by_python_names(arguments))

    def resolve(
        root: Any,
        info: Info,
        filter: Annotated[SavedFilterInput | None, argument("Which members.")] = strawberry.UNSET,
        search: Annotated[
            str | None,
            argument("A number, the beginning of a name, or a whole email or phone number (with `+`) that one sees."),
        ] = strawberry.UNSET,
        order_by: Annotated[
            CustomerOrder | None, argument("How to sort; those who joined last first where left out.")
        ] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        asked = {"filter": plain(filter), "search": given(search), "order_by": plain(order_by)}
        wanted = resolvers.members_request(paging(first, after, last, before) | asked)
        return info.context.loaders.load("members", root.id, wanted)

    description = (
        "Its members, as far as the viewer sees them, newest first unless ordered otherwise; the facts of each "
        "membership are on the edge. Null without `group.members.read`."
    )
    brief = Brief(CUSTOMER_IN_BRIEF, lambda asked, is_bare: replace(asked, page=in_brief(asked.page, is_bare)))
    return declared(Loaded("members", key, request, resolvers.reads_members, brief), description, resolve)


@open_to(
    "whoever has group.read",
    "id name status statusReason statusChangedAt statusChangedBy purpose description criteriaText criteria "
    "criteriaValue memberCount minimumMembers maximumMembers capacityMode riskCategory excludes owner sensitivity "
    "visibleToCustomers reviewIntervalDays removalRules membersCheckedAt review lastUsedAt keptUntil keptReason keptBy "
    "viewerActions version createdAt updatedAt",
)
@strawberry.type(description="Customers put together for a purpose.")
class Group(Node):
    """Rows are `GroupRow`."""

    id: strawberry.ID = global_id(Kind.GROUP)
    name: str = column('A telling name, such as "2026 SME Loans".')
    status: GroupStatus = column("Whether it takes members.")
    status_reason: str | None = column("Why it has its status; null where it never had another.")
    status_changed_at: datetime | None = column("Since when it has its status; null where it never had another.")
    status_changed_by: Admin | None = loaded(
        "admin", lambda row: row.status_changed_by_id, description="Who changed its status last."
    )
    purpose: GroupPurpose = column("What it is kept for.")
    description: str = column("What it is for, in words.")
    criteria_text: str = column("Who belongs in it, as documented for staff.")
    criteria: str | None = loaded(
        "criteria_in_words",
        resolvers.rule_of,
        description="The rule that a machine checks, in words; null where everybody can join.",
    )
    criteria_value: JSON | None = computed(
        rule_value,
        description=(
            "The same as the value of a `CriteriaInput`, to be edited and passed to `updateGroup`; null where "
            "everybody can join."
        ),
    )
    member_count: int = column("How many members it has: a true count, whoever looks.")
    minimum_members: int | None = column("How many it should have at least; null where that doesn't matter.")
    maximum_members: int | None = column("How many it can have; null where there is no limit.")
    capacity_mode: CapacityMode = column("What the maximum does.")
    risk_category: str | None = loaded(
        "risk_category_name",
        lambda row: row.risk_category_id,
        description="The risk category that it stands for. Some categories exclude others.",
    )
    excludes: list["Group"] = loaded(
        "excluded_groups",
        lambda row: row.id,
        description="The groups that are walled off from it, by name: no customer is in it and in one of them.",
    )
    owner: Admin | None = loaded(
        "admin", lambda row: row.owner_id, description="Who answers for it; null where nobody does."
    )
    sensitivity: GroupSensitivity = column("Whether it matters in itself who is in it.")
    visible_to_customers: bool = column("Whether its members are told in the app that they are in it.")
    review_interval_days: int | None = column("After how many days its members are reviewed; null where they aren't.")
    removal_rules: GroupRemovalRules = removal_rules()
    review: GroupReviewState | None = review_state()
    reviews: GroupReviewConnection | None = signed_reviews()
    last_used_at: datetime = column(
        "When members last came or went, the group was last changed or reviewed, or its members exported; what only "
        "reads it leaves no trace."
    )
    kept_until: datetime | None = column(
        "Until when it isn't suggested for archive although nobody uses it; null where nobody wanted that."
    )
    kept_reason: str | None = column("Why it is kept, in the words of who wanted that.")
    kept_by: Admin | None = loaded("admin", lambda row: row.kept_by_id, description="Who wanted that.")
    members: Annotated["CustomerConnection", strawberry.lazy("gql.schema.customer")] | None = _members()
    former_members: MembershipConnection | None = connection(
        "former_members",
        lambda row: row.id,
        BY_UNTIL,
        guard=resolvers.reads_former_members,
        description=(
            "Memberships that are over, the last ended first, of customers whom the viewer sees. Null without "
            "`group.members.read` and `audit.read`."
        ),
    )
    statistics: GroupStatistics | None = group_statistics()
    proposed_removals: ProposedRemovalConnection | None = proposed_removals()
    members_checked_at: datetime | None = loaded(
        "members_checked_at",
        lambda row: row.id,
        description="When a look at all members, for those who don't meet the rule, began last; null where none was.",
    )
    viewer_actions: list[GroupAction] = computed(
        for_viewer=resolvers.actions_of, description="What the viewer can do with it, and why not."
    )
    version: int = column("Rises with each change of the group itself.")
    created_at: datetime = column("When it was created.")
    updated_at: datetime = column("When the group itself was last changed; members come and go without that.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, GroupRow)


@strawberry.type(description="A group in a list; in a customer's list, with the facts of the membership.")
class GroupEdge:
    """Rows are edges."""

    node: Group = column("The group of this edge.")
    cursor: str = cursor()
    since: datetime | None = membership_since()
    until: datetime | None = membership_until()
    added_by: Admin | None = added_by()
    reason: str | None = added_reason()
    flag: MembershipFlag | None = membership_flag()


@strawberry.type(description="A page of groups.")
class GroupConnection:
    """Rows are pages."""

    edges: list[GroupEdge] = column("The groups of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The groups of the whole list.")


@strawberry.input(description="Which groups to list; everything given must hold.")
class GroupFilter:
    """The argument."""

    status: list[GroupStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses."
    )
    purpose: list[GroupPurpose] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those kept for these purposes."
    )
    owner_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those that this team member answers for."
    )


@strawberry.input(description="How to sort groups.")
class GroupOrder:
    """The argument."""

    field: GroupOrderField = strawberry.field(description="By what to sort.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="Which way to sort.")


@strawberry.type
class GroupQueries:
    """Root fields."""

    @root(Group | None, needs=SignedInAdmin(Permission.GROUP_READ), description="A group by ID. Takes `group.read`.")
    async def group(self, info: Info, id: Annotated[strawberry.ID, argument("The group's ID.")]) -> Any:
        """One group."""
        return await resolvers.group(info.context, id)

    @root(
        GroupConnection,
        needs=SignedInAdmin(Permission.GROUP_READ),
        description="Groups, by name unless ordered otherwise. Takes `group.read`.",
    )
    async def groups(
        self,
        info: Info,
        filter: Annotated[GroupFilter | None, argument("Which groups.")] = strawberry.UNSET,
        search: Annotated[str | None, argument("The beginning of the name.")] = strawberry.UNSET,
        order_by: Annotated[GroupOrder | None, argument("How to sort; by name where left out.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.groups(
            info.context, plain(filter), given(search), plain(order_by), paging(first, after, last, before)
        )
