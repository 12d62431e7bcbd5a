"""Notes, tags and the tier of a customer."""

from typing import Annotated, Any

import strawberry

from gql.domain.back_office import CustomerTier
from gql.permissions import SignedIn
from gql.resolvers import back_office as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.note import CustomerNote
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_TAKES = "Takes `customer.write`, which one's own book grants, and full access."


def _expected_version() -> Any:
    return strawberry.field(
        default=strawberry.UNSET, description="The customer's version that the viewer saw; a stale one is refused."
    )


@strawberry.type
class _Payload:
    """What the payloads have in common. Rows are `ChangePayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now; after a VERSION_CONFLICT, the present state."
    )
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of writing a note.")
class AddCustomerNotePayload(_Payload):
    """As above."""

    record: CustomerNote | None = column("The note, as the list of the customer has it.", name="note")


@strawberry.type(description="What came of setting a customer's tags.")
class SetCustomerTagsPayload(_Payload):
    """As above."""


@strawberry.type(description="What came of setting a customer's tier.")
class SetCustomerTierPayload(_Payload):
    """As above."""


@strawberry.input(description="What is noted, of whom.")
class AddCustomerNoteInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    text: str = strawberry.field(description="The note: 1 to 4,000 characters, in as many lines as it takes.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which tags a customer has from now on.")
class SetCustomerTagsInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    tags: list[str] = strawberry.field(
        description="All of them, at most 20; none takes all away. Stored in lower case, without accents and marks."
    )
    expected_version: int | None = _expected_version()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which tier a customer has from now on, and why.")
class SetCustomerTierInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    tier: CustomerTier | None = strawberry.field(
        default=strawberry.UNSET, description="The tier, or null for none; it must be one or the other."
    )
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    expected_version: int | None = _expected_version()
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class BackOfficeMutations:
    """Root fields."""

    @root(
        AddCustomerNotePayload,
        needs=SignedIn(),
        description=f"Write a note about a customer. It can't be changed or removed; another one corrects it. {_TAKES}",
    )
    async def add_customer_note(
        self, info: Info, input: Annotated[AddCustomerNoteInput, argument("What is noted, of whom.")]
    ) -> Any:
        """Write."""
        return await resolvers.note(info.context, plain(input))

    @root(SetCustomerTagsPayload, needs=SignedIn(), description=f"Replace all tags of a customer. {_TAKES}")
    async def set_customer_tags(
        self, info: Info, input: Annotated[SetCustomerTagsInput, argument("Whose, and which.")]
    ) -> Any:
        """Replace."""
        return await resolvers.tags(info.context, plain(input))

    @root(SetCustomerTierPayload, needs=SignedIn(), description=f"Set how a customer is served. {_TAKES}")
    async def set_customer_tier(
        self, info: Info, input: Annotated[SetCustomerTierInput, argument("Whose, which, and why.")]
    ) -> Any:
        """Set."""
        return await resolvers.tier(info.context, plain(input))
