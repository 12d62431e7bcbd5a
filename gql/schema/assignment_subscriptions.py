"""Be told when a customer's account manager changes."""

from typing import Annotated, Any

import strawberry

from gql.permissions import SignedInAdmin
from gql.resolvers import assignment as resolvers
from gql.schema.access import open_to
from gql.schema.assignment import Assignment
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column
from gql.schema.roots import stream


@open_to("whoever sees the customer", "customer assignment")
@strawberry.type(description="A customer has a new account manager, or none any more.")
class AccountManagerChange:
    """Rows are `AccountManagerChange` of the resolvers."""

    customer: Customer = column("The customer, as far as the viewer sees them now.")
    assignment: Assignment | None = column(
        "The assignment that has begun, or, where nobody followed, the one that ended; null where "
        "`assignmentHistory` is withheld from the viewer."
    )


@strawberry.type
class AssignmentSubscriptions:
    """Root fields."""

    @stream(
        AccountManagerChange,
        needs=SignedInAdmin(),
        description=(
            "Each change of a customer's account manager from now on. Ends without an error when the viewer doesn't "
            "see the customer any more, and with UNAUTHENTICATED when the session ends."
        ),
    )
    async def account_manager_changed(
        self, info: Info, customer_id: Annotated[strawberry.ID, argument("The customer's ID.")]
    ) -> Any:
        """The stream."""
        return await resolvers.account_manager_changes(info.context, customer_id)
