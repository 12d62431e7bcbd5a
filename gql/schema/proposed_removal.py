"""Members who no longer fit their group's rule, and what was decided about them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.removal_rows import ProposedRemovalRow
from gql.domain.ids import Kind
from gql.domain.proposed_removals import ProposalStatus
from gql.execution.declarations import Loaded
from gql.resolvers import proposed_removal as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    declared,
    describe,
    given,
    global_id,
    loaded,
    paging,
)
from gql.schema.membership import Membership
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.customer import Customer
    from gql.schema.group import Group

describe(
    ProposalStatus,
    "What became of a proposal to remove a member.",
    "ProposedRemovalStatus",
    PROPOSED="Nobody has decided yet: `decideProposedRemovals`.",
    ACCEPTED="The member was removed.",
    KEPT="The member stays, for a reason, and is not proposed again for the same criterion until `keptUntil`.",
    OBSOLETE="The member fits again, or left otherwise, before anybody decided.",
)


@open_to(
    "whoever decides on it, and sees the customer",
    "id group customer status foundAt decidedAt decidedBy reason keptUntil",
)
@strawberry.type(description="That a member should leave a group, since they don't meet its rule any more.")
class ProposedRemoval(Node):
    """Rows are `ProposedRemovalRow`."""

    id: strawberry.ID = global_id(Kind.PROPOSED_REMOVAL)
    group: Annotated["Group", strawberry.lazy("gql.schema.group")] = loaded(
        "group", lambda row: row.group_id, description="The group whose rule it is."
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The member, as far as the viewer sees them."
    )
    membership: Membership | None = loaded(
        "membership",
        lambda row: row.membership_id,
        description="The membership that should end, or has ended, as far as the viewer sees the customer's groups.",
        guard=resolvers.sees_groups,
    )
    status: ProposalStatus = column("What became of it.")
    found_at: datetime = column("When it was found out first that they don't fit.")
    criterion: str | None = loaded(
        "criteria_in_words",
        resolvers.rule_of,
        description="The part of the rule that they don't meet, in words; null without full access to the customer.",
        guard=resolvers.sees_in_full,
    )
    decided_at: datetime | None = column("When it was decided, or became obsolete.")
    decided_by: Admin | None = loaded(
        "admin", lambda row: row.decided_by_id, description="Who decided; null where nobody had to."
    )
    reason: str | None = column("Why it was decided so.")
    kept_until: datetime | None = column("Of KEPT: until when they are not proposed again for the same criterion.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, ProposedRemovalRow)


@strawberry.type(description="A proposal in a group's list.")
class ProposedRemovalEdge:
    """Rows are edges."""

    node: ProposedRemoval = column("The proposal of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of proposals.")
class ProposedRemovalConnection:
    """Rows are pages."""

    edges: list[ProposedRemovalEdge] = column("The proposals of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The proposals of the whole list, of customers whom the viewer sees.")


def proposed_removals() -> Any:
    """`proposedRemovals` of a group."""

    def key(row: Any) -> Any:
        return row.id

    def resolve(
        root: Any,
        info: Info,
        status: Annotated[ProposalStatus | None, argument("Only those of this status.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        arguments = paging(first, after, last, before) | {"status": given(status)}
        return info.context.loaders.load("proposed_removals", root.id, resolvers.page(arguments))

    declaration = Loaded("proposed_removals", key, resolvers.page, resolvers.decides)
    description = (
        "Members who should leave, since they don't meet its rule any more, and what was decided about them, of "
        "customers whom the viewer sees, the last found first. They are looked for once a day, and by "
        "`checkGroupDrift`. Null without `group.members.read` and `group.members.write`."
    )
    return declared(declaration, description, resolve)
