"""What identifies a customer, and the accounts that money goes to and comes from: masked, wherever they are read."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.bank_rows import BankAccountRow, IdentifierRow
from gql.domain.identifiers import IdentifierKind
from gql.domain.ids import Kind
from gql.resolvers.bank_details import mask
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.customer import Customer

_MASKED = "The number with all but its last four characters hidden; `revealIdentifier` tells it in full."


@open_to("whoever sees the customer's identifiers", "id customer kind masked recordedBy recordedAt")
@strawberry.type(description="A number that identifies a customer to the state or the banks.")
class Identifier(Node):
    """Rows are `IdentifierRow`."""

    id: strawberry.ID = global_id(Kind.IDENTIFIER)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    kind: IdentifierKind = column("What kind of number it is.")
    masked: str = computed(mask, description=_MASKED)
    recorded_by: Admin | None = loaded(
        "admin", lambda row: row.recorded_by_id, description="Who recorded it as it is now; null for nobody's account."
    )
    recorded_at: datetime = column("When it was recorded as it is now.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, IdentifierRow)


@open_to(
    "whoever sees the customer's bank accounts",
    "id customer bankName bankCode accountName masked currency primary addedBy addedAt verifiedBy verifiedAt",
)
@strawberry.type(description="A customer's account at a bank.")
class BankAccount(Node):
    """Rows are `BankAccountRow`."""

    id: strawberry.ID = global_id(Kind.BANK_ACCOUNT)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    bank_name: str = column("The bank as people call it.")
    bank_code: str = column("The bank's code: the CBN's, or a BIC.")
    account_name: str = column("Whose account it is, as the bank has it.")
    masked: str = computed(mask, description=_MASKED)
    currency: str = column("ISO 4217 code.")
    is_primary: bool = column("Whether money goes here unless said otherwise.", name="primary")
    added_by: Admin | None = loaded("admin", lambda row: row.added_by_id, description="Who added it.")
    added_at: datetime = column("When it was added.")
    verified_by: Admin | None = loaded(
        "admin", lambda row: row.verified_by_id, description="Who checked that it is the customer's."
    )
    verified_at: datetime | None = column("When that was checked; null where it was not yet.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, BankAccountRow)


@strawberry.type(description="A bank account in a list.")
class BankAccountEdge:
    """Rows are edges."""

    node: BankAccount = column("The account.")
    cursor: str = cursor()


@strawberry.type(description="A page of bank accounts.")
class BankAccountConnection:
    """Rows are pages."""

    edges: list[BankAccountEdge] = column("The accounts of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The accounts of the whole list.")
