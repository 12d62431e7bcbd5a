"""Reviews of who looks after whom: what is to be looked at, and signed."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.assignment_reviews import ReviewReason
from gql.permissions import SignedIn, SignedInAdmin
from gql.resolvers import assignment_review as resolvers
from gql.schema.access import open_to
from gql.schema.assignment import Assignment
from gql.schema.customer import Customer
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    describe,
    idempotency_key,
    loaded,
    paging,
    plain,
    replayed,
)
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

describe(
    ReviewReason,
    "Why somebody should look who looks after a customer.",
    "AssignmentReviewReason",
    NO_MANAGER="Nobody does.",
    INACTIVE_MANAGER="The account manager's account is not active.",
    OUTSIDE_OFFICE="The account manager works neither in the customer's office nor in one above it.",
    UNREVIEWED="For so many days nobody has decided who it is, nor confirmed it.",
)


@open_to("whoever sees the customer's history")
@strawberry.type(description="A customer of whom somebody should look who looks after them.")
class AssignmentReview:
    """Rows are `ReviewRow`."""

    customer: Customer | None = loaded(
        "customer", lambda row: row.id, description="The customer, as far as the viewer sees them."
    )
    reasons: list[ReviewReason] = column("All reasons there are, asked for or not.")
    manager_reviewed_at: datetime = column(
        "When somebody last decided who looks after the customer, or confirmed it; of a new customer, the creation.",
        name="lastReviewedAt",
    )


@strawberry.type(description="A customer in the list of reviews.")
class AssignmentReviewEdge:
    """Rows are edges."""

    node: AssignmentReview = column("The customer, and why.")
    cursor: str = cursor()


@strawberry.type(description="A page of reviews.")
class AssignmentReviewConnection:
    """Rows are pages."""

    edges: list[AssignmentReviewEdge] = column("The customers of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The customers of the whole list that the viewer sees.")


@strawberry.input(description="Which reviews; everything given must hold.")
class AssignmentReviewFilter:
    """The argument."""

    reasons: list[ReviewReason] | None = strawberry.field(
        default=strawberry.UNSET, description="Only for any of these reasons; for all of them where it is left out."
    )
    office_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only customers of this office."
    )
    account_manager_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only customers of this account manager."
    )
    unreviewed_for_days: int | None = strawberry.field(
        default=strawberry.UNSET, description="What UNREVIEWED means: for more days than these, 180 if left out."
    )


@strawberry.type(description="What came of confirming who looks after a customer.")
class ConfirmAssignmentPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now; after a VERSION_CONFLICT, the present state."
    )
    record: Assignment | None = column("The assignment that was confirmed, with what was signed.", name="assignment")
    changed: bool = column("False where nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Whose account manager is right as it is.")
class ConfirmAssignmentInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    expected_version: int = strawberry.field(
        description="The customer's version that the viewer saw, and with it whose customer it was."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET, description="What the review found, for the record. At most 500 characters."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class AssignmentReviewQueries:
    """Root fields."""

    @root(
        AssignmentReviewConnection,
        needs=SignedInAdmin(),
        description=(
            "Customers of whom somebody should look who looks after them: nobody does, who has left, who works "
            "elsewhere, or nobody has looked for long. Of those whose history the viewer sees; archived customers are "
            "left out. Those first of whom nobody has decided for the longest time."
        ),
    )
    async def assignment_reviews(
        self,
        info: Info,
        filter: Annotated[AssignmentReviewFilter | None, argument("Which customers.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.reviews(info.context, plain(filter), paging(first, after, last, before))


@strawberry.type
class AssignmentReviewMutations:
    """Root fields."""

    @root(
        ConfirmAssignmentPayload,
        needs=SignedIn(),
        description=(
            "Sign that who looks after a customer is right as it is: the review is on record, and due again after "
            "a while. Takes `customer.assign` and full access, and isn't for one's own customers."
        ),
    )
    async def confirm_assignment(
        self, info: Info, input: Annotated[ConfirmAssignmentInput, argument("Whose, and what was found.")]
    ) -> Any:
        """Confirm."""
        return await resolvers.confirm(info.context, plain(input))
