"""Guarantors, next of kin, and customers who are related to one another."""

from typing import Annotated, Any

import strawberry

from gql.domain.relations import Relation
from gql.permissions import SignedIn
from gql.resolvers import profile as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.people import Guarantor, NextOfKin
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_WRITES = "Takes `customer.write`, which one's own book grants, and full access"
_BOTH = f"{_WRITES}; full access to the other customer, too."


def _optional(description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.type
class _Payload:
    """What the payloads have in common. Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of adding a guarantor.")
class AddGuarantorPayload(_Payload):
    """As above."""

    record: Guarantor | None = column("The guarantor, as the list of the customer has them.", name="guarantor")


@strawberry.type(description="What came of removing a guarantor.")
class RemoveGuarantorPayload(_Payload):
    """As above."""


@strawberry.type(description="What came of adding next of kin.")
class AddNextOfKinPayload(_Payload):
    """As above."""

    record: NextOfKin | None = column("The person, as the list of the customer has them.", name="nextOfKin")


@strawberry.type(description="What came of removing next of kin.")
class RemoveNextOfKinPayload(_Payload):
    """As above."""


@strawberry.type(description="What came of relating two customers.")
class RelateCustomersPayload(_Payload):
    """As above."""


@strawberry.type(description="What came of taking a relation back.")
class UnrelateCustomersPayload(_Payload):
    """As above."""


@strawberry.input(description="Who answers for whom. Name the guarantor by `guarantorCustomerId` or `name`, not both.")
class AddGuarantorInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer who is answered for.")
    guarantor_customer_id: strawberry.ID | None = _optional("The guarantor, where they are a customer, too.")
    name: str | None = _optional("The guarantor's name, where they are no customer.")
    relationship: str | None = _optional("What the guarantor is to the customer, such as sister or employer.")
    phone: str | None = _optional("Phone number, stored in E.164; of a guarantor who is no customer.")
    email: str | None = _optional("Email address, of a guarantor who is no customer.")
    address: str | None = _optional("Where they live, of a guarantor who is no customer.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which guarantor goes.")
class RemoveGuarantorInput:
    """The argument."""

    guarantor_id: strawberry.ID = strawberry.field(description="The ID of the record, not of a customer.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whom to turn to where which customer can't be reached.")
class AddNextOfKinInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    name: str = strawberry.field(description="First and last name.")
    relationship: str | None = _optional("What they are to the customer, such as mother.")
    phone: str | None = _optional("Phone number, stored in E.164.")
    email: str | None = _optional("Email address.")
    address: str | None = _optional("Where they live.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which of the next of kin goes.")
class RemoveNextOfKinInput:
    """The argument."""

    next_of_kin_id: strawberry.ID = strawberry.field(description="The ID of the record.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input
class _Relation:
    """What the arguments have in common."""

    customer_id: strawberry.ID = strawberry.field(description="The customer, whom the viewer may change.")
    related_customer_id: strawberry.ID = strawberry.field(
        description="The other customer, whom the viewer sees in full."
    )
    relation: Relation = strawberry.field(description="What the other one is to the customer.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Who is what to whom.")
class RelateCustomersInput(_Relation):
    """As above."""


@strawberry.input(description="Who is not what to whom any more.")
class UnrelateCustomersInput(_Relation):
    """As above."""


@strawberry.type
class PeopleMutations:
    """Root fields."""

    @root(
        AddGuarantorPayload,
        needs=SignedIn(),
        description=(
            "Write down who answers for a customer: another customer, who is then related to this one as GUARANTOR, "
            f"or anybody else; at most 10. {_WRITES}; to a guarantor who is a customer, too."
        ),
    )
    async def add_guarantor(
        self, info: Info, input: Annotated[AddGuarantorInput, argument("Who answers for whom.")]
    ) -> Any:
        """Add."""
        return await resolvers.guarantor(info.context, plain(input))

    @root(
        RemoveGuarantorPayload,
        needs=SignedIn(),
        description=f"Strike out a guarantor; with one who is a customer goes the relation. {_WRITES}.",
    )
    async def remove_guarantor(
        self, info: Info, input: Annotated[RemoveGuarantorInput, argument("Which guarantor goes.")]
    ) -> Any:
        """Remove."""
        return await resolvers.without_guarantor(info.context, plain(input))

    @root(
        AddNextOfKinPayload,
        needs=SignedIn(),
        description=f"Write down whom to turn to where a customer can't be reached; at most 5. {_WRITES}.",
    )
    async def add_next_of_kin(
        self, info: Info, input: Annotated[AddNextOfKinInput, argument("Whom, and for which customer.")]
    ) -> Any:
        """Add."""
        return await resolvers.next_of_kin(info.context, plain(input))

    @root(
        RemoveNextOfKinPayload,
        needs=SignedIn(),
        description=f"Strike out one of the next of kin. {_WRITES}.",
    )
    async def remove_next_of_kin(
        self, info: Info, input: Annotated[RemoveNextOfKinInput, argument("Which of them goes.")]
    ) -> Any:
        """Remove."""
        return await resolvers.without_next_of_kin(info.context, plain(input))

    @root(
        RelateCustomersPayload,
        needs=SignedIn(),
        description=(
            "Say that one customer employs another, or answers for another; both then list one another. A customer "
            f"has one employer at most, and a guarantor is among `guarantors`, too. {_BOTH}"
        ),
    )
    async def relate_customers(
        self, info: Info, input: Annotated[RelateCustomersInput, argument("Who is what to whom.")]
    ) -> Any:
        """Relate."""
        return await resolvers.relate(info.context, plain(input))

    @root(
        UnrelateCustomersPayload,
        needs=SignedIn(),
        description=f"Take back what `relateCustomers` or `addGuarantor` said, on both sides. {_BOTH}",
    )
    async def unrelate_customers(
        self, info: Info, input: Annotated[UnrelateCustomersInput, argument("Who is not what to whom any more.")]
    ) -> Any:
        """Take back."""
        return await resolvers.unrelate(info.context, plain(input))
