"""Covers: access for a while."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import CoverRow
from gql.domain.covers import CoverKind, CoverStatus
from gql.domain.ids import Kind
from gql.resolvers import cover as resolvers
from gql.schema.access import open_to
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.admin import Admin
    from gql.schema.customer import Customer


@open_to(
    "whoever sees the cover",
    "id kind status delegate manager customer grantedBy startsAt endsAt endedAt endedBy createdAt",
)
@strawberry.type(
    description=(
        "Access for a while: to an account manager's book by a delegate, or to one customer by breaking the glass. It "
        "begins and ends by itself; each read under it is on record. Seen by the delegate, the account manager and who "
        "granted it; by others with `customer.assign`, `admin.write` or `audit.read`, where they see the customer."
    )
)
class Cover(Node):
    """Rows are `CoverRow`."""

    id: strawberry.ID = global_id(Kind.COVER)
    kind: CoverKind = column("What is covered.")
    status: CoverStatus = computed(resolvers.status_of, description="Whether it counts now.")
    delegate: Annotated["Admin", strawberry.lazy("gql.schema.admin")] = loaded(
        "admin", lambda row: row.delegate_id, description="Who has the access."
    )
    manager: Annotated["Admin", strawberry.lazy("gql.schema.admin")] | None = loaded(
        "admin",
        lambda row: row.manager_id,
        description=(
            "Whose book it is; of one customer, who was the account manager when the glass was broken, null for nobody."
        ),
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer",
        lambda row: row.customer_id,
        description="Who was opened; null for a book, and where the viewer doesn't see the customer.",
    )
    granted_by: Annotated["Admin", strawberry.lazy("gql.schema.admin")] = loaded(
        "admin", lambda row: row.granted_by_id, description="Who granted it; the delegate, where the glass was broken."
    )
    reason: str | None = column(
        "Why it was granted. Of a customer: for the delegate, the account manager, and who sees them in full.",
        guard=resolvers.shows_reasons,
    )
    starts_at: datetime = column("From when on it counts.")
    ends_at: datetime = column("From when on it counts no more, unless it is ended before.")
    ended_at: datetime | None = column("When it was ended early; null where it wasn't.")
    ended_by: Annotated["Admin", strawberry.lazy("gql.schema.admin")] | None = loaded(
        "admin", lambda row: row.ended_by_id, description="Who ended it early."
    )
    end_reason: str | None = column("Why it was ended early. As `reason`.", guard=resolvers.shows_reasons)
    created_at: datetime = column("When it was granted.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, CoverRow)


@strawberry.type(description="A cover in a list.")
class CoverEdge:
    """Rows are edges."""

    node: Cover = column("The cover of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of covers.")
class CoverConnection:
    """Rows are pages."""

    edges: list[CoverEdge] = column("The covers of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The covers of the whole list that the viewer sees.")
