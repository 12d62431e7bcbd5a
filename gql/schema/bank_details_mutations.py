"""Record customers' identifiers and bank accounts, and read one in full."""

from typing import Annotated, Any

import strawberry

from gql.domain.identifiers import IdentifierKind
from gql.permissions import SignedIn
from gql.resolvers import bank_details as resolvers
from gql.schema.bank_details import BankAccount, Identifier
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_CUSTOMER = "The customer as the viewer sees them now."


@strawberry.type(description="What came of recording an identifier.")
class SetIdentifierPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(f"{_CUSTOMER} After a VERSION_CONFLICT, the present state.")
    record: Identifier | None = column("The identifier as it is recorded now.", name="identifier")
    changed: bool = column("False where it was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of removing an identifier.")
class RemoveIdentifierPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of adding a bank account.")
class AddBankAccountPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(_CUSTOMER)
    record: BankAccount | None = column("The account as it is now.", name="bankAccount")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of changing a bank account.")
class UpdateBankAccountPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(_CUSTOMER)
    record: BankAccount | None = column("The account as it is now.", name="bankAccount")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of removing a bank account.")
class RemoveBankAccountPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="A number in full. Show it, and don't keep it.")
class RevealIdentifierPayload:
    """Rows are `RevealPayload`."""

    value: str | None = column("The number, without spaces and hyphens.")
    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = column("Whether it was told before under the same `idempotencyKey`; it is on record once more.")
    user_errors: list[PlainUserError] = column("Why it was not told; all reasons at once.")


@strawberry.input(description="Whose identifier, and which.")
class SetIdentifierInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    kind: IdentifierKind = strawberry.field(
        description="What kind of number it is; takes the place of the customer's present one of this kind."
    )
    value: str = strawberry.field(description="The number. Spaces and hyphens don't count.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which identifier, and why.")
class RemoveIdentifierInput:
    """The argument."""

    identifier_id: strawberry.ID = strawberry.field(description="The identifier.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Whose account, and where it is.")
class AddBankAccountInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    bank_name: str = strawberry.field(description="The bank as people call it.")
    bank_code: str = strawberry.field(description="The bank's code: the CBN's, or a BIC.")
    account_name: str = strawberry.field(description="Whose account it is, as the bank has it.")
    account_number: str = strawberry.field(
        description="The number; 10 digits (NUBAN) for naira. Spaces and hyphens don't count."
    )
    currency: str = strawberry.field(default="NGN", description="ISO 4217 code.")
    primary: bool = strawberry.field(
        default=False, description="Whether money goes here unless said otherwise; a first account is it anyway."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which account, and what of it is new. What is left out stays as it is.")
class UpdateBankAccountInput:
    """The argument."""

    bank_account_id: strawberry.ID = strawberry.field(description="The account.")
    primary: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True makes it the primary one, in the place of another."
    )
    verified: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether it was checked that the account is the customer's."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which account, and why.")
class RemoveBankAccountInput:
    """The argument."""

    bank_account_id: strawberry.ID = strawberry.field(description="The account.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which number to tell in full, and why.")
class RevealIdentifierInput:
    """The argument."""

    id: strawberry.ID = strawberry.field(description="An identifier or a bank account.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


_TAKES = "Takes `customer.write`, which one's own book grants, and full access."


@strawberry.type
class BankDetailsMutations:
    """Root fields."""

    @root(
        SetIdentifierPayload,
        needs=SignedIn(),
        description=(
            f"Record a customer's BVN, NIN or other identifier, which no other customer has. {_TAKES} Where another "
            "has it, that is on record as a denied attempt. RATE_LIMITED when it is tried too often."
        ),
    )
    async def set_identifier(
        self, info: Info, input: Annotated[SetIdentifierInput, argument("Whose, and which.")]
    ) -> Any:
        """Record."""
        return await resolvers.set_one(info.context, plain(input))

    @root(RemoveIdentifierPayload, needs=SignedIn(), description=f"Delete an identifier for good. {_TAKES}")
    async def remove_identifier(
        self, info: Info, input: Annotated[RemoveIdentifierInput, argument("Which, and why.")]
    ) -> Any:
        """Delete."""
        return await resolvers.remove_one(info.context, plain(input))

    @root(AddBankAccountPayload, needs=SignedIn(), description=f"Add a bank account, not verified yet. {_TAKES}")
    async def add_bank_account(
        self, info: Info, input: Annotated[AddBankAccountInput, argument("Whose account, and where.")]
    ) -> Any:
        """Add."""
        return await resolvers.add_account(info.context, plain(input))

    @root(
        UpdateBankAccountPayload,
        needs=SignedIn(),
        description=f"Make an account the primary one, or say whether it was verified. {_TAKES}",
    )
    async def update_bank_account(
        self, info: Info, input: Annotated[UpdateBankAccountInput, argument("Which account, and what is new.")]
    ) -> Any:
        """Change."""
        return await resolvers.update_account(info.context, plain(input))

    @root(
        RemoveBankAccountPayload,
        needs=SignedIn(),
        description=f"Delete a bank account; of a primary one's others, the newest becomes it. {_TAKES}",
    )
    async def remove_bank_account(
        self, info: Info, input: Annotated[RemoveBankAccountInput, argument("Which, and why.")]
    ) -> Any:
        """Delete."""
        return await resolvers.remove_account(info.context, plain(input))

    @root(
        RevealIdentifierPayload,
        needs=SignedIn(),
        description=(
            "Tell an identifier or account number in full. Takes `customer.reveal` and full access. Each is on record, "
            "and there are only so many a minute."
        ),
    )
    async def reveal_identifier(
        self, info: Info, input: Annotated[RevealIdentifierInput, argument("Which number, and why.")]
    ) -> Any:
        """Tell."""
        return await resolvers.reveal_one(info.context, plain(input))
