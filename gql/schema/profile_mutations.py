"""Change what is known of a customer, section by section."""

from datetime import date
from typing import Annotated, Any

import strawberry

from gql.domain.profile import (
    AddressKind,
    EducationLevel,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    PayrollCycle,
    ResidenceType,
)
from gql.permissions import SignedIn
from gql.resolvers import profile as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.scalars import BigInt
from gql.schema.user_errors import PlainUserError, user_errors


def _optional(description: str, **options: Any) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description, **options)


@strawberry.input(description="Where a customer can be found.")
class AddressInput:
    """Part of the argument."""

    kind: AddressKind = strawberry.field(description="What the address is for.")
    street: str = strawberry.field(description="House number and street.")
    details: str | None = _optional("Flat, floor, landmark.")
    city: str = strawberry.field(description="Town or city.")
    state: str | None = _optional("State or region, where the country has them.")
    postal_code: str | None = _optional("Postal code, where it is known.")
    country: str = strawberry.field(description="ISO 3166 code of two capital letters, such as NG.")


@strawberry.input(description="The section, whole: what is left out is not known from then on.")
class PersonalInput:
    """Part of the argument."""

    first_name: str | None = _optional("As the identity document has it; `updateCustomer` changes the display name.")
    middle_name: str | None = _optional("Further given names.")
    last_name: str | None = _optional("Family name.")
    gender: Gender | None = _optional("As the identity document has it.")
    date_of_birth: date | None = _optional("The day of birth: not yet to come, and at most 120 years ago.")
    marital_status: MaritalStatus | None = _optional("Whether they are, or were, married.")
    children: int | None = _optional("How many children they have: 0 to 50.")
    residence_type: ResidenceType | None = _optional("By what right they live where they live.")
    addresses: list[AddressInput] | None = _optional("At most 5, the most important first.")


@strawberry.input(description="Between what and what somebody earns a month.")
class IncomeRangeInput:
    """Part of the argument."""

    minimum_minor: BigInt = strawberry.field(description="The least, in minor units: kobo, cents.")
    maximum_minor: BigInt | None = _optional("The most, in minor units; without it there is no bound.")
    currency: str = strawberry.field(description="ISO 4217 code, such as NGN.")


@strawberry.input(description="The section, whole: what is left out is not known from then on.")
class EmploymentInput:
    """Part of the argument."""

    education_level: EducationLevel | None = _optional("The highest level that was completed.")
    employment_status: EmploymentStatus | None = _optional("How they earn a living.", name="status")
    sector: str | None = _optional("Such as health, retail, public service.")
    employer_name: str | None = _optional("What the employer is called; `relateCustomers` links one who is a customer.")
    payroll_cycle: PayrollCycle | None = _optional("How often wages come.")
    employed_since: date | None = _optional("When the present work began.")
    office_email: str | None = _optional("The customer's email address at work.")
    monthly_income: IncomeRangeInput | None = _optional("Between what and what they earn a month.")


@strawberry.input(description="The section, whole: what is left out is not known from then on.")
class SocialsInput:
    """Part of the argument: handles, or addresses of pages."""

    facebook: str | None = _optional("A handle or page of Facebook.")
    instagram: str | None = _optional("A handle or page of Instagram.")
    linked_in: str | None = _optional("A handle or page of LinkedIn.")
    x: str | None = _optional("A handle or page of X, formerly Twitter.")
    website: str | None = _optional("A site of their own.")


@strawberry.input(
    description="Whose profile, and which sections are new. A section that is left out, or null, stays as it is."
)
class UpdateCustomerProfileInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    expected_version: int = strawberry.field(
        description="The customer's version that the viewer saw; a stale one is refused."
    )
    personal: PersonalInput | None = _optional("Replaces `personal`; an empty one clears it.")
    employment: EmploymentInput | None = _optional("Replaces `employment`; an empty one clears it.")
    socials: SocialsInput | None = _optional("Replaces `socials`; an empty one clears it.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of changing a profile.")
class UpdateCustomerProfilePayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now; after a VERSION_CONFLICT, the present state."
    )
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type
class CustomerProfileMutations:
    """Root fields."""

    @root(
        UpdateCustomerProfilePayload,
        needs=SignedIn(),
        description=(
            "Replace sections of a customer's profile. Takes `customer.write`, which one's own book grants, and full "
            "access. Raises the customer's version where anything is new."
        ),
    )
    async def update_customer_profile(
        self, info: Info, input: Annotated[UpdateCustomerProfileInput, argument("Whose, and what is new.")]
    ) -> Any:
        """Replace."""
        return await resolvers.update(info.context, plain(input))
