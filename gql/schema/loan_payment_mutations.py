"""Record payments on loans, and reverse them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.repayment import PaymentMethod
from gql.permissions import SignedIn
from gql.resolvers import loan_payment as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.repayment import LoanPayment
from gql.schema.roots import root
from gql.schema.scalars import MoneyInput
from gql.schema.user_errors import PlainUserError, user_errors


@strawberry.type(description="What came of recording a payment.")
class RecordPaymentPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanPayment | None = column("The payment; its `loan` is as it stands now.", name="payment")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of reversing a payment.")
class ReversePaymentPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanPayment | None = column("The payment, reversed; its `loan` is as it stands now.", name="payment")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="What came, on which loan.")
class RecordPaymentInput:
    """The argument."""

    loan_id: strawberry.ID = strawberry.field(description="The loan that it is paid on.")
    amount: MoneyInput = strawberry.field(
        description="What came, in the loan's currency; no more than is still to come of the loan."
    )
    method: PaymentMethod = strawberry.field(description="How it came.")
    received_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="When it came: not in the future; this moment where left out."
    )
    reference: str | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "What the bank's or the till's record says; up to 100 characters. No two payments that stand on a loan "
            "have the same."
        ),
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which payment to reverse, and why.")
class ReversePaymentInput:
    """The argument."""

    payment_id: strawberry.ID = strawberry.field(description="The payment.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


_TAKES = "Takes `customer.write`, which one's own book grants, and full access."


@strawberry.type
class LoanPaymentMutations:
    """Root fields."""

    @root(
        RecordPaymentPayload,
        needs=SignedIn(),
        description=(
            "Record a payment on a loan. It pays the oldest instalments first; the last one closes the loan, unless it "
            f"was written off. {_TAKES}"
        ),
    )
    async def record_payment(
        self, info: Info, input: Annotated[RecordPaymentInput, argument("What came, and on which loan.")]
    ) -> Any:
        """Record."""
        return await resolvers.record(info.context, plain(input))

    @root(
        ReversePaymentPayload,
        needs=SignedIn(),
        description=(
            "Reverse a payment: it stays on record, counts for nothing, and the other payments pay the oldest "
            f"instalments anew. A loan that it had closed is open again. {_TAKES}"
        ),
    )
    async def reverse_payment(
        self, info: Info, input: Annotated[ReversePaymentInput, argument("Which one, and why.")]
    ) -> Any:
        """Reverse."""
        return await resolvers.reverse(info.context, plain(input))
