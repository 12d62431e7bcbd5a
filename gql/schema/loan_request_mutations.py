"""Put in loan requests, review and decide them, withdraw them."""

from typing import Annotated, Any

import strawberry

from gql.domain.loan_requests import RequestAction, RequestDecision, RequestStatus
from gql.permissions import SignedIn
from gql.resolvers import loan_request as resolvers
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.loan_request import LoanRequest
from gql.schema.roots import root
from gql.schema.scalars import MoneyInput
from gql.schema.user_errors import PlainUserError, user_errors


def _request() -> Any:
    return strawberry.field(description="The loan request.")


def _expected_status() -> Any:
    return strawberry.field(
        default=strawberry.UNSET, description="The status that the viewer saw; a stale one is refused."
    )


def _changed_request() -> Any:
    return column("The request as it is now; after a VERSION_CONFLICT, its present state.", name="loanRequest")


@strawberry.type(description="What came of submitting a loan request.")
class SubmitLoanRequestPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanRequest | None = column("The request, SUBMITTED.", name="loanRequest")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of taking a loan request under review.")
class ReviewLoanRequestPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanRequest | None = _changed_request()
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of deciding a loan request.")
class DecideLoanRequestPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanRequest | None = _changed_request()
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of withdrawing a loan request.")
class WithdrawLoanRequestPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column("The customer as the viewer sees them now.")
    record: LoanRequest | None = _changed_request()
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Who asks for how much, and what for.")
class SubmitLoanRequestInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer, who is pending or active.")
    product: str = strawberry.field(description="The loan product; up to 100 characters.")
    amount: MoneyInput = strawberry.field(description="What is asked for.")
    purpose: str = strawberry.field(description="What the money is for; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which request to take under review.")
class ReviewLoanRequestInput:
    """The argument."""

    request_id: strawberry.ID = _request()
    expected_status: RequestStatus | None = _expected_status()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which request to decide, how, and why.")
class DecideLoanRequestInput:
    """The argument."""

    request_id: strawberry.ID = _request()
    decision: RequestDecision = strawberry.field(description="Whether the lender lends.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    expected_status: RequestStatus | None = _expected_status()
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which request to withdraw, and why.")
class WithdrawLoanRequestInput:
    """The argument."""

    request_id: strawberry.ID = _request()
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    expected_status: RequestStatus | None = _expected_status()
    idempotency_key: str | None = idempotency_key()


_TAKES = "Takes `customer.write`, which one's own book grants, and full access."


@strawberry.type
class LoanRequestMutations:
    """Root fields."""

    @root(
        SubmitLoanRequestPayload,
        needs=SignedIn(),
        description=f"Put in a loan request on a customer's behalf. {_TAKES}",
    )
    async def submit_loan_request(
        self, info: Info, input: Annotated[SubmitLoanRequestInput, argument("Who, how much, and what for.")]
    ) -> Any:
        """Submit."""
        return await resolvers.submit(info.context, plain(input))

    @root(
        ReviewLoanRequestPayload,
        needs=SignedIn(),
        description=f"Take a submitted request under review. Not by whoever submitted it. {_TAKES}",
    )
    async def review_loan_request(
        self, info: Info, input: Annotated[ReviewLoanRequestInput, argument("The request, and its status.")]
    ) -> Any:
        """Begin a review."""
        return await resolvers.change(info.context, RequestAction.REVIEW, plain(input))

    @root(
        DecideLoanRequestPayload,
        needs=SignedIn(),
        description=f"Approve or decline a request under review. Not by whoever submitted it. {_TAKES}",
    )
    async def decide_loan_request(
        self, info: Info, input: Annotated[DecideLoanRequestInput, argument("Which one, and how.")]
    ) -> Any:
        """Decide."""
        return await resolvers.decide(info.context, plain(input))

    @root(
        WithdrawLoanRequestPayload,
        needs=SignedIn(),
        description=f"Withdraw a request that is not decided yet. {_TAKES}",
    )
    async def withdraw_loan_request(
        self, info: Info, input: Annotated[WithdrawLoanRequestInput, argument("Which one, and why.")]
    ) -> Any:
        """Withdraw."""
        return await resolvers.change(info.context, RequestAction.WITHDRAW, plain(input))
