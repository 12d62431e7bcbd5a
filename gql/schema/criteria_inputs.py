"""The rule language of groups as clients write it."""

import strawberry

from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.schema.customer_inputs import DayRange
from gql.schema.scalars import BigInt


@strawberry.input(description="Offices that customers may be of.")
class CriteriaOffice:
    """The argument."""

    ids: list[strawberry.ID] = strawberry.field(description="One of these offices: up to 100.")
    include_subtree: bool = strawberry.field(default=False, description="Or an office beneath one of them.")


@strawberry.input(description="What a customer's active loans in one currency still want, together; 0 without any.")
class CriteriaOutstanding:
    """The argument."""

    currency: str = strawberry.field(description="ISO 4217 code.")
    minimum_minor: BigInt | None = strawberry.field(
        default=strawberry.UNSET, description="At least so much, in minor units: kobo, cents."
    )
    maximum_minor: BigInt | None = strawberry.field(
        default=strawberry.UNSET, description="At most so much, in minor units."
    )


@strawberry.input(
    one_of=True,
    description=(
        "A rule that a machine checks: exactly one of these. Up to 50 conditions, with up to 100 values each; `all`, "
        "`any` and `not` nest up to 5 deep."
    ),
)
class CriteriaInput:
    """The argument. Lists are not empty."""

    all: list["CriteriaInput"] | None = strawberry.field(default=strawberry.UNSET, description="Each of these holds.")
    any: list["CriteriaInput"] | None = strawberry.field(
        default=strawberry.UNSET, description="At least one of these holds."
    )
    not_: "CriteriaInput | None" = strawberry.field(
        name="not", default=strawberry.UNSET, description="This does not hold."
    )
    status: list[CustomerStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's status is one of these."
    )
    office: CriteriaOffice | None = strawberry.field(
        default=strawberry.UNSET, description="The customer is of one of these offices."
    )
    product: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The customer has an active loan of one of these products."
    )
    days_past_due: DayRange | None = strawberry.field(
        default=strawberry.UNSET,
        description="The oldest unpaid instalment has been due for so many days; 0 where nothing is overdue.",
    )
    outstanding: CriteriaOutstanding | None = strawberry.field(
        default=strawberry.UNSET, description="Active loans in a currency still want so much."
    )
    tier: list[CustomerTier | None] | None = strawberry.field(
        default=strawberry.UNSET, description="The tier is one of these; null in the list stands for no tier."
    )
    tag: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="The customer has at least one of these tags."
    )
    account_age: DayRange | None = strawberry.field(
        default=strawberry.UNSET, description="So many days have passed since the record was created."
    )
