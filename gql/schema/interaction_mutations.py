"""Put dealings with customers on record, and close what is due."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.permissions import SignedIn
from gql.resolvers import interaction as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.interaction import Interaction
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of putting an interaction on record.")
class LogInteractionPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: Interaction | None = column("What is on record.", name="interaction")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of closing what was due.")
class CompleteInteractionPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: Interaction | None = column("The interaction as it is now.", name="interaction")
    changed: bool = column("False where it was closed already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="What the lender had to do with a customer, and what is to be done next.")
class LogInteractionInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    kind: InteractionKind = strawberry.field(description="How they met; not CALLBACK_REQUEST, which customers make.")
    direction: InteractionDirection = strawberry.field(description="Who came to whom.")
    summary: str = strawberry.field(description="What was said or done. At most 2,000 characters.")
    outcome: str | None = strawberry.field(
        default=strawberry.UNSET, description="What came of it. At most 500 characters."
    )
    occurred_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it was; now where left out."
    )
    next_step: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What is to be done next, if anything; with `dueAt`. At most 500 characters.",
    )
    due_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Until when; still to come, within two years."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What is done now, and what came of it.")
class CompleteInteractionInput:
    """The argument."""

    interaction_id: strawberry.ID = strawberry.field(description="The interaction whose next step is done.")
    outcome: str = strawberry.field(description="What came of it. At most 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class InteractionMutations:
    """Root fields."""

    @root(
        LogInteractionPayload,
        needs=SignedIn(),
        description=(
            "Put a call, visit, message or complaint on record, for good. Takes `customer.write`, which one's own "
            "book grants, and full access. The customer's version stays as it is."
        ),
    )
    async def log_interaction(
        self, info: Info, input: Annotated[LogInteractionInput, argument("What was, and what is next.")]
    ) -> Any:
        """Log."""
        return await resolvers.log(info.context, plain(input))

    @root(
        CompleteInteractionPayload,
        needs=SignedIn(),
        description=(
            "Close what was to be done after an interaction, such as a callback. Takes what `logInteraction` takes. "
            "What is due once more is logged anew."
        ),
    )
    async def complete_interaction(
        self, info: Info, input: Annotated[CompleteInteractionInput, argument("What is done.")]
    ) -> Any:
        """Complete."""
        return await resolvers.complete(info.context, plain(input))
