"""Cancel what is scheduled. It is scheduled by `assignAccountManager`."""

from typing import Annotated, Any

import strawberry

from gql.permissions import SignedIn
from gql.resolvers import scheduled_assignment as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.scheduled_assignment import ScheduledAssignment
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of cancelling a scheduled assignment.")
class CancelScheduledAssignmentPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: ScheduledAssignment | None = column(
        "The scheduled assignment, CANCELLED; where it is too late for that (NOT_ALLOWED), its present state.",
        name="scheduledAssignment",
    )
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Which scheduled assignment shall not begin.")
class CancelScheduledAssignmentInput:
    """The argument."""

    id: strawberry.ID = strawberry.field(description="The scheduled assignment.")
    reason: str = strawberry.field(
        description="Why, for the record and for who was to be account manager; up to 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class ScheduledAssignmentMutations:
    """Root fields."""

    @root(
        CancelScheduledAssignmentPayload,
        needs=SignedIn(),
        description=(
            "Have a scheduled assignment not begin. Who was to be account manager gets an email. NOT_ALLOWED once it "
            "has begun, or was cancelled or refused. Takes `customer.assign` and full access."
        ),
    )
    async def cancel_scheduled_assignment(
        self, info: Info, input: Annotated[CancelScheduledAssignmentInput, argument("Which, and why.")]
    ) -> Any:
        """Cancel."""
        return await resolvers.cancel(info.context, plain(input))
