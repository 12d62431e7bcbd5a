"""Move a customer to another office."""

from typing import Annotated, Any

import strawberry

from gql.domain.customer_transfer import AssignmentChoice
from gql.permissions import SignedIn
from gql.resolvers import customer_transfer as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of moving a customer.")
class TransferCustomerPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now: null where the move ended their sight. After a VERSION_CONFLICT, "
        "the present state."
    )
    changed: bool = column("False where the customer is of that office already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Who moves where, and what becomes of the account manager.")
class TransferCustomerInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    office_id: strawberry.ID = strawberry.field(description="The branch that they will belong to: an active one.")
    assignment: AssignmentChoice = strawberry.field(description="Whether the account manager stays.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class CustomerTransferMutations:
    """Root fields."""

    @root(
        TransferCustomerPayload,
        needs=SignedIn(),
        description=(
            "Move a customer to another office, with or without their account manager. Takes `customer.assign` and "
            "full access. The customer and the account manager are told by mail."
        ),
    )
    async def transfer_customer(
        self, info: Info, input: Annotated[TransferCustomerInput, argument("Who, and where to.")]
    ) -> Any:
        """Move."""
        return await resolvers.transfer(info.context, plain(input))
