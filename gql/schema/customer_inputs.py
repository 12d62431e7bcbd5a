"""What the list of customers can be asked for."""

from datetime import datetime

import strawberry

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.identifiers import IdentifierKind
from gql.domain.listing import CustomerOrderField
from gql.schema.enums import OrderDirection


@strawberry.input(description="A span of time; open at an end that is left out.")
class TimeRange:
    """The argument."""

    from_: datetime | None = strawberry.field(name="from", default=strawberry.UNSET, description="From this moment on.")
    before: datetime | None = strawberry.field(default=strawberry.UNSET, description="Before this moment.")


@strawberry.input(description="A number of days; open at an end that is left out.")
class DayRange:
    """The argument."""

    min: int | None = strawberry.field(default=strawberry.UNSET, description="At least so many.")
    max: int | None = strawberry.field(default=strawberry.UNSET, description="At most so many.")


@strawberry.input(description="The part of `CustomerFilter` that can be saved; everything given must hold.")
class SavedFilterInput:
    """The argument."""

    status: list[CustomerStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses."
    )
    office_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of this office."
    )
    include_subtree: bool | None = strawberry.field(
        default=strawberry.UNSET, description="With `officeId`: also those of the offices beneath it."
    )
    account_manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those whose account manager this admin is."
    )
    has_account_manager: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Only those who have an account manager, or only those who have none."
    )
    group_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only those in this group, among the customers whose groups the viewer sees.",
    )
    created: TimeRange | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only records created in this span, among the customers whose `createdAt` the viewer sees.",
    )
    tier: list[CustomerTier] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only those of these tiers, among the customers whose `backOffice` the viewer sees.",
    )
    tag: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Only those who have this tag, among the customers whose `backOffice` the viewer sees.",
    )
    days_past_due: DayRange | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Only those whose oldest unpaid instalment has been due for so many days, among the customers whose loans "
            "in arrears the viewer sees. Who owes nothing that is due has 0."
        ),
    )


@strawberry.input(description="A whole identifier.")
class IdentifierFilter:
    """The argument."""

    kind: IdentifierKind = strawberry.field(description="What kind of number it is.")
    value: str = strawberry.field(description="The number. Spaces and hyphens don't count.")


_BY_NUMBER = "customers from whose records that is withheld match only with `customer.lookup`, and that is recorded."


@strawberry.input(description="Which customers to list; everything given must hold.")
class CustomerFilter(SavedFilterInput):
    """The argument. What is sealed in the database is no part of a saved view."""

    identifier: IdentifierFilter | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only who has this identifier; {_BY_NUMBER}"
    )
    bank_account_number: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"Only those with a bank account of this number; {_BY_NUMBER}"
    )


@strawberry.input(description="How to sort customers.")
class CustomerOrder:
    """The argument."""

    field: CustomerOrderField = strawberry.field(description="By what to sort.")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description="Which way to sort.")
