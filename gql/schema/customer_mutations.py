"""Register customers, and change their records."""

from typing import Annotated, Any

import strawberry

from gql.domain.customer_record import CustomerErrorCode
from gql.domain.enums import CustomerKind
from gql.permissions import SignedIn
from gql.resolvers import customer_record as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why a customer's record was not made or changed.")
class CustomerUserError(UserError):
    """Rows are `Refusal`."""

    code: CustomerErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of registering a customer.")
class CreateCustomerPayload:
    """Rows are `CustomerPayload`."""

    customer: Customer | None = column("The customer, PENDING and without an account manager.")
    replayed: bool = replayed()
    user_errors: list[CustomerUserError] = column("Why nobody was registered; all reasons at once.")


@strawberry.type(description="What came of changing a customer's record.")
class UpdateCustomerPayload:
    """Rows are `CustomerPayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now; after a VERSION_CONFLICT, the present state."
    )
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[CustomerUserError] = column("Why nothing was changed; all reasons at once.")


@strawberry.input(description="Who is registered, and where.")
class CreateCustomerInput:
    """The argument."""

    kind: CustomerKind = strawberry.field(description="Person or company.")
    name: str = strawberry.field(description="First and last name, or the company's.")
    email: str = strawberry.field(description="Email address, which no other customer has.")
    phone: str = strawberry.field(description="Phone number, which no other customer has; stored in E.164.")
    office_id: strawberry.ID = strawberry.field(description="The branch that they belong to: an active one.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whose record, and what of it is new. What is left out stays as it is.")
class UpdateCustomerInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    expected_version: int = strawberry.field(
        description="The customer's version that the viewer saw; a stale one is refused."
    )
    kind: CustomerKind | None = strawberry.field(default=strawberry.UNSET, description="Person or company.")
    name: str | None = strawberry.field(default=strawberry.UNSET, description="First and last name, or the company's.")
    email: str | None = strawberry.field(
        default=strawberry.UNSET, description="Email address, which no other customer has."
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="Phone number, which no other customer has; stored in E.164."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class CustomerMutations:
    """Root fields."""

    @root(
        CreateCustomerPayload,
        needs=SignedIn(),
        description=(
            "Register a customer, with a number of their own. Takes `customer.write`, and full access to the "
            "unassigned customers of the office."
        ),
    )
    async def create_customer(
        self, info: Info, input: Annotated[CreateCustomerInput, argument("Who, and where.")]
    ) -> Any:
        """Register."""
        return await resolvers.create(info.context, plain(input))

    @root(
        UpdateCustomerPayload,
        needs=SignedIn(),
        description="Change a customer's name, contact or kind. Takes `customer.write`, which one's own book grants.",
    )
    async def update_customer(
        self, info: Info, input: Annotated[UpdateCustomerInput, argument("Whose record, and what is new.")]
    ) -> Any:
        """Change."""
        return await resolvers.update(info.context, plain(input))
