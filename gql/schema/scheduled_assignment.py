"""Assignments that begin later by themselves, and the list of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import ScheduledAssignmentRow
from gql.domain.assignments import AssignErrorCode
from gql.domain.ids import Kind
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.permissions import SignedInAdmin
from gql.resolvers import scheduled_assignment as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.assignment import Assignment
from gql.schema.enums import OrderDirection
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    describe,
    global_id,
    loaded,
    paging,
    plain,
)
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.customer import Customer

describe(
    ScheduleStatus,
    "What has become of a scheduled assignment.",
    "ScheduledAssignmentStatus",
    PENDING="It begins at its moment, unless it is cancelled.",
    STARTED="It has begun.",
    CANCELLED="Somebody decided that it shall not begin: `cancelScheduledAssignment`.",
    REFUSED="When it was due, the rules of that moment ruled it out: `refusalCodes`.",
)


@open_to(
    "whoever sees the customer's history",
    "id customer accountManager scheduledBy reason effectiveAt status refusalCodes createdAt decidedAt cancelledBy "
    "cancelReason assignment",
)
@strawberry.type(
    description=(
        "That an admin shall be a customer's account manager from a moment on. It begins by itself, as who scheduled "
        "it would assign then: whether they may, and whether the admin can, is decided anew at that moment. A change "
        "of the account manager meanwhile doesn't cancel it."
    )
)
class ScheduledAssignment(Node):
    """Rows are `ScheduledAssignmentRow`."""

    id: strawberry.ID = global_id(Kind.SCHEDULED_ASSIGNMENT)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    account_manager: Admin = loaded("admin", lambda row: row.admin_id, description="Who shall be responsible.")
    scheduled_by: Admin = loaded("admin", lambda row: row.scheduled_by_id, description="Who decided it.")
    reason: str | None = column("Why, if it was said.")
    effective_at: datetime = column("From when on.")
    status: ScheduleStatus = column("What has become of it.")
    refusal_codes: list[AssignErrorCode] = computed(
        resolvers.refusal_codes,
        description=(
            "Where it was REFUSED, why: what `assignAccountManager` would have answered then to who scheduled it. "
            "FORBIDDEN also where they have left."
        ),
    )
    created_at: datetime = column("When it was scheduled.")
    decided_at: datetime | None = column("When it began, or was cancelled or refused; null while it is pending.")
    cancelled_by: Admin | None = loaded("admin", lambda row: row.decided_by_id, description="Who cancelled it.")
    cancel_reason: str | None = column("Why it was cancelled.")
    assignment: Assignment | None = loaded(
        "assignment",
        lambda row: row.assignment_id,
        description="Where it has begun: the assignment of then, which is an earlier one where nothing was to change.",
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, ScheduledAssignmentRow)


@strawberry.type(description="A scheduled assignment in a list.")
class ScheduledAssignmentEdge:
    """Rows are edges."""

    node: ScheduledAssignment = column("The scheduled assignment.")
    cursor: str = cursor()


@strawberry.type(description="A page of scheduled assignments.")
class ScheduledAssignmentConnection:
    """Rows are pages."""

    edges: list[ScheduledAssignmentEdge] = column("The scheduled assignments of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The scheduled assignments of the whole list that the viewer sees.")


@strawberry.input(description="Which scheduled assignments to list; everything given must hold.")
class ScheduledAssignmentFilter:
    """The argument."""

    status: list[ScheduleStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses: PENDING for what is to come."
    )
    account_manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those by which this admin shall be responsible."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of this customer."
    )


@strawberry.type
class ScheduledAssignmentQueries:
    """Root fields."""

    @root(
        ScheduledAssignmentConnection,
        needs=SignedInAdmin(),
        description=(
            "What is scheduled, and what became of what was, of all customers whose `scheduledAssignment` the viewer "
            "sees; the earliest first."
        ),
    )
    async def scheduled_assignments(
        self,
        info: Info,
        filter: Annotated[ScheduledAssignmentFilter | None, argument("Which of them.")] = strawberry.UNSET,
        direction: Annotated[
            OrderDirection, argument("By when they begin: the earliest first, or the latest.")
        ] = OrderDirection.ASC,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """The list."""
        page = paging(first, after, last, before)
        return await resolvers.scheduled_assignments(info.context, plain(filter), direction, page)
