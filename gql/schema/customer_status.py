"""Changes of a customer's status, as history."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import StatusRow
from gql.domain.customer_status import StatusAction
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.customer import Customer


@open_to(
    "whoever sees the customer's history", "id customer action statusBefore statusAfter reason changedBy changedAt"
)
@strawberry.type(description="One change of a customer's status.")
class StatusChange(Node):
    """Rows are `StatusRow`."""

    id: strawberry.ID = global_id(Kind.STATUS_CHANGE)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    action: StatusAction = column("What was done.")
    status_before: CustomerStatus = column("The status until then.")
    status_after: CustomerStatus = column("The status from then on.")
    reason: str = column("Why it was done.")
    changed_by: Admin | None = loaded("admin", lambda row: row.changed_by_id, description="Who did it.")
    changed_at: datetime = column("When it was done.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, StatusRow)


@strawberry.type(description="A change of status in a list.")
class StatusChangeEdge:
    """Rows are edges."""

    node: StatusChange = column("The change.")
    cursor: str = cursor()


@strawberry.type(description="A page of changes of status.")
class StatusChangeConnection:
    """Rows are pages."""

    edges: list[StatusChangeEdge] = column("The changes of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The changes of the whole list.")
