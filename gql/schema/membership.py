"""The facts of a membership: on the edges of lists, and as a record of its own."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.profile_rows import RelatedEdge
from gql.db.rows import MembershipEdge, MembershipRow
from gql.domain.enums import MembershipFlag
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node

if TYPE_CHECKING:
    from gql.schema.customer import Customer
    from gql.schema.group import Group


def _fact(edge: Any, name: str) -> Any:
    return getattr(edge.membership, name) if isinstance(edge, MembershipEdge) else None


def _fact_of_either(edge: Any, name: str) -> Any:
    return getattr(edge, name) if isinstance(edge, RelatedEdge) else _fact(edge, name)


def membership_since() -> Any:
    """`since`, on an edge."""
    return computed(
        lambda edge: _fact_of_either(edge, "since"),
        description="Since when the customer is in the group, or related; null in other lists.",
    )


def membership_until() -> Any:
    """`until`, on an edge."""
    return computed(
        lambda edge: _fact(edge, "until"), description="Until when the customer was in the group; null while it lasts."
    )


def added_by() -> Any:
    """`addedBy`, on an edge."""
    return loaded(
        "admin",
        lambda edge: _fact_of_either(edge, "added_by_id"),
        description="Who added the customer to the group, or related the two.",
    )


def added_reason() -> Any:
    """`reason`, on an edge."""
    return computed(lambda edge: _fact(edge, "reason"), description="Why the customer was added, if it was said.")


def membership_flag() -> Any:
    """`flag`, on an edge."""
    return computed(lambda edge: _fact(edge, "flag"), description="Why somebody should look at the membership, if so.")


@open_to(
    "whoever sees the customer and the group",
    "id group customer since until addedBy reason flag removedBy removalReason",
)
@strawberry.type(description="One span of time in which a customer was in a group.")
class Membership(Node):
    """Rows are `MembershipRow`."""

    id: strawberry.ID = global_id(Kind.MEMBERSHIP)
    group: Annotated["Group", strawberry.lazy("gql.schema.group")] = loaded(
        "group", lambda row: row.group_id, description="The group that the customer is or was in."
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    since: datetime = column("When the customer was added.")
    until: datetime | None = column("When the customer was removed; null while the membership lasts.")
    added_by: Admin | None = loaded("admin", lambda row: row.added_by_id, description="Who added the customer.")
    reason: str | None = column("Why the customer was added, if it was said.")
    flag: MembershipFlag | None = column("Why somebody should look at the membership, if so.")
    removed_by: Admin | None = loaded(
        "admin",
        lambda row: row.removed_by_id,
        description="Who removed the customer; null where a rule of the group did.",
    )
    removal_reason: str | None = column("Why the customer was removed.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, MembershipRow)
