"""Have a book covered, break the glass, and end either."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.permissions import SignedIn
from gql.resolvers import cover as resolvers
from gql.schema.cover import Cover
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type
class _Payload:
    """What the payloads have in common. Rows are `CoverPayload`."""

    cover: Cover | None = column("The cover as it is now; null where nothing was done.")
    changed: bool = column("False where the cover was over already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of having a book covered.")
class GrantCoverPayload(_Payload):
    """As above."""


@strawberry.input(description="Who covers whose book, from when to when, and why.")
class GrantCoverInput:
    """The argument."""

    manager_id: strawberry.ID = strawberry.field(description="The account manager whose book is covered.")
    delegate_id: strawberry.ID = strawberry.field(
        description="Who covers it: somebody who could be account manager, and another person."
    )
    starts_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it begins, with an offset; now, where left out."
    )
    ends_at: datetime = strawberry.field(description="When it ends by itself, with an offset.")
    reason: str = strawberry.field(description="Why, for the record and the mails; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of breaking the glass.")
class BreakGlassPayload(_Payload):
    """As above, and whom it opened."""

    customer: Customer | None = column("The customer, who is seen in full now; null where nothing was done.")


@strawberry.input(description="Which customer is opened, by one of ID and number, for how long, and why.")
class BreakGlassInput:
    """The argument."""

    customer_id: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="The customer.")
    number: str | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's whole number, as it is read out."
    )
    minutes: int | None = strawberry.field(
        default=strawberry.UNSET, description="For how long; as long as is allowed, where left out."
    )
    reason: str = strawberry.field(description="Why, for the record and the mails; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of ending a cover.")
class EndCoverPayload(_Payload):
    """As above."""


@strawberry.input(description="Which cover is ended early, and why.")
class EndCoverInput:
    """The argument."""

    cover_id: strawberry.ID = strawberry.field(description="The cover that shall end.")
    reason: str = strawberry.field(description="Why, for the record and the mails; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class CoverMutations:
    """Root fields."""

    @root(
        GrantCoverPayload,
        needs=SignedIn(),
        description=(
            "Let a colleague see and work with an account manager's whole book as that one does, for a while. By the "
            "account manager, or with `customer.assign` and full access to all of the book, and then not for oneself. "
            "Both are told by mail. The account manager stays who it is."
        ),
    )
    async def grant_cover(
        self, info: Info, input: Annotated[GrantCoverInput, argument("Who, for whom, and until when.")]
    ) -> Any:
        """Grant."""
        return await resolvers.grant(info.context, plain(input))

    @root(
        BreakGlassPayload,
        needs=SignedIn(),
        description=(
            "Open one customer for oneself for a few hours, whoever's they are. Takes `customer.breakGlass`; changing "
            "anything takes its own permissions. The account manager and whoever assigns the office's customers are "
            "told at once. Each attempt counts as a look-up and is on record."
        ),
    )
    async def break_glass(self, info: Info, input: Annotated[BreakGlassInput, argument("Who, and why.")]) -> Any:
        """Open."""
        return await resolvers.break_(info.context, plain(input))

    @root(
        EndCoverPayload,
        needs=SignedIn(),
        description=(
            "End a cover before its time; access ends with the next request. By the delegate, the account manager or "
            "who granted it, with `admin.write`, or with `customer.assign` and full access."
        ),
    )
    async def end_cover(self, info: Info, input: Annotated[EndCoverInput, argument("Which, and why.")]) -> Any:
        """End."""
        return await resolvers.end(info.context, plain(input))
