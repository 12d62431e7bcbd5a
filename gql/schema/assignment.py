"""Assignments: who was whose account manager when."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import AssignmentRow
from gql.domain.enums import OutboxStatus
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.customer import Customer
    from gql.schema.job import Job
    from gql.schema.repayment import RepaymentPerformance

_ADDRESSEES = {
    "account_manager_assigned_customer": "customer",
    "account_manager_assigned_manager": "account manager",
    "account_manager_ended_manager": "previous account manager",
    "account_manager_unassigned_customer": "customer",
    "account_manager_unassigned_manager": "previous account manager",
}


@open_to("whoever may read the assignment")
@strawberry.type(description="A mail about an assignment.")
class AssignmentNotification:
    """Rows are `NotificationRow`."""

    addressee: str = computed(
        lambda row: _ADDRESSEES.get(row.template, row.template), description="To whom it goes, in words."
    )
    status: OutboxStatus = column("How far it has come.")
    attempts: int = column("How often delivery was tried.")
    created_at: datetime = column("When it was written.")
    delivered_at: datetime | None = column("When the mail server took it.")


@open_to("whoever may read the assignment")
@strawberry.type(description="A signed review: somebody has looked at an assignment, and found it right.")
class AssignmentConfirmation:
    """Rows are `ConfirmationRow`."""

    confirmed_by: Admin = loaded("admin", lambda row: row.confirmed_by_id, description="Who signed it.")
    confirmed_at: datetime = column("When it was signed.")
    note: str | None = column("What was found, if it was said.")


@open_to(
    "whoever sees the customer's history",
    "id customer accountManager assignedBy reason startedAt endedAt batch notifications confirmations "
    "repaymentPerformance",
)
@strawberry.type(description="One span of time in which an admin was a customer's account manager.")
class Assignment(Node):
    """Rows are `AssignmentRow`."""

    id: strawberry.ID = global_id(Kind.ASSIGNMENT)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    account_manager: Admin = loaded("admin", lambda row: row.admin_id, description="Who was responsible.")
    assigned_by: Admin | None = loaded("admin", lambda row: row.assigned_by_id, description="Who decided it.")
    reason: str | None = column("Why, if it was said.")
    started_at: datetime = column("From when on.")
    ended_at: datetime | None = column("Until when; null for the present account manager.")
    batch: Annotated["Job", strawberry.lazy("gql.schema.job")] | None = loaded(
        "batch",
        lambda row: row.job_id,
        description="The job that made it, with others; null where it was decided by itself.",
    )
    notifications: list[AssignmentNotification] = loaded(
        "notifications", lambda row: row.id, description="The mails that tell of it, and how far they have come."
    )
    confirmations: list[AssignmentConfirmation] = loaded(
        "confirmations",
        lambda row: row.id,
        description="The reviews that were signed while it lasted, the latest first: 25 at most.",
    )
    repayment_performance: Annotated["RepaymentPerformance", strawberry.lazy("gql.schema.repayment")] | None = loaded(
        "tenure_performance",
        lambda row: row.id,
        description=(
            "How the customer's loans were repaid while it lasted: what was due on days at whose end it stood, and "
            "what came in the meantime. Null where the customer's `repaymentPerformance` is withheld."
        ),
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, AssignmentRow)


@strawberry.type(description="An assignment in a list.")
class AssignmentEdge:
    """Rows are edges."""

    node: Assignment = column("The assignment.")
    cursor: str = cursor()


@strawberry.type(description="A page of assignments.")
class AssignmentConnection:
    """Rows are pages."""

    edges: list[AssignmentEdge] = column("The assignments of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The assignments of the whole list.")
