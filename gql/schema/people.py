"""The people who stand by a customer: guarantors and next of kin."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.profile_rows import GuarantorRow, NextOfKinRow
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node

if TYPE_CHECKING:
    from gql.schema.customer import Customer


@open_to(
    "whoever sees the customer in full",
    "id isCustomer customer name relationship phone email address addedBy addedAt",
)
@strawberry.type(description="Somebody who answers for a customer: another customer, or who is none.")
class Guarantor(Node):
    """Rows are `GuarantorRow`."""

    id: strawberry.ID = global_id(Kind.GUARANTOR)
    is_customer: bool = computed(
        lambda row: row.guarantor_id is not None, description="Whether the guarantor is a customer, too."
    )
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer",
        lambda row: row.guarantor_id,
        description="The guarantor as a customer, as far as the viewer sees them; null where they are none.",
    )
    name: str | None = column("What the guarantor is called; null for a customer, who has a name of their own.")
    relationship: str | None = column("What the guarantor is to the customer, such as sister or employer.")
    phone: str | None = column("Phone number in E.164; null for a customer.")
    email: str | None = column("Email address; null for a customer.")
    address: str | None = column("Where the guarantor lives; null for a customer.")
    added_by: Admin | None = loaded("admin", lambda row: row.added_by_id, description="Who wrote the guarantor down.")
    added_at: datetime = column("When the guarantor was written down.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, GuarantorRow)


@open_to("whoever sees the customer in full", "id name relationship phone email address addedBy addedAt")
@strawberry.type(description="Whom to turn to where a customer can't be reached.")
class NextOfKin(Node):
    """Rows are `NextOfKinRow`."""

    id: strawberry.ID = global_id(Kind.NEXT_OF_KIN)
    name: str = column("First and last name.")
    relationship: str | None = column("What they are to the customer, such as mother.")
    phone: str | None = column("Phone number in E.164.")
    email: str | None = column("Email address.")
    address: str | None = column("Where they live.")
    added_by: Admin | None = loaded("admin", lambda row: row.added_by_id, description="Who wrote them down.")
    added_at: datetime = column("When they were written down.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, NextOfKinRow)
