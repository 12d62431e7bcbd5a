"""Savings accounts."""

from datetime import datetime
from typing import Any

import strawberry

from gql.db.profile_rows import SavingsRow
from gql.domain.back_office import SavingsStatus
from gql.domain.ids import Kind
from gql.domain.money import Money as MoneyValue
from gql.schema.access import open_to
from gql.schema.fields import column, computed, global_id
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.scalars import Money


@open_to("whoever sees the customer in full", "id number product status balance openedAt closedAt")
@strawberry.type(description="Money that a customer keeps with the lender.")
class SavingsAccount(Node):
    """Rows are `SavingsRow`."""

    id: strawberry.ID = global_id(Kind.SAVINGS_ACCOUNT)
    number: str = column("The number that staff read out.")
    product: str = column("The savings product.")
    status: SavingsStatus = column("Where the account stands.")
    balance: Money = computed(
        lambda row: MoneyValue(row.balance_minor, row.currency), description="What is on the account."
    )
    opened_at: datetime = column("When the account was opened.")
    closed_at: datetime | None = column("When it was closed; null while it is open.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, SavingsRow)


@strawberry.type(description="A savings account in a list.")
class SavingsAccountEdge:
    """Rows are edges."""

    node: SavingsAccount = column("The account of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of savings accounts.")
class SavingsAccountConnection:
    """Rows are pages."""

    edges: list[SavingsAccountEdge] = column("The accounts of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The accounts of the whole list.")
