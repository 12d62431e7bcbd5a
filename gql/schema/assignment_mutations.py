"""Assign an account manager, and end that."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.assignments import AssignErrorCode
from gql.permissions import SignedIn
from gql.resolvers import assignment as resolvers
from gql.schema.assignment import Assignment
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.scheduled_assignment import ScheduledAssignment
from gql.schema.sight import AssignmentPlan
from gql.schema.user_errors import PlainUserError, UserError, user_errors

_DRY_RUN = (
    "Whether only to tell in `plan` who would gain and lose sight of the customer, by every rule of the real thing: "
    "nothing is written, and `idempotencyKey` has no say."
)


@strawberry.type(description="Why an account manager was not assigned.")
class AssignAccountManagerUserError(UserError):
    """Rows are `Refusal`."""

    code: AssignErrorCode = column("The reason, for programs.")


@strawberry.type(description="What came of assigning an account manager.")
class AssignAccountManagerPayload:
    """Rows are `AssignPayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now: null where the viewer has lost sight of them by this very change. "
        "After a VERSION_CONFLICT, the present state."
    )
    assignment: Assignment | None = column("The open assignment; null where it begins later.")
    scheduled: ScheduledAssignment | None = column(
        "Where it begins later: that. After ALREADY_SCHEDULED, what is in the way."
    )
    plan: AssignmentPlan | None = column("Of a dry run: what it would do.")
    changed: bool = column("False where nothing was to do, or nothing was done yet.")
    replayed: bool = replayed()
    user_errors: list[AssignAccountManagerUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(description="Who shall be account manager of whom.")
class AssignAccountManagerInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    account_manager_id: strawberry.ID = strawberry.field(
        description="The admin who shall be responsible: active, eligible, in an active office."
    )
    reason: str | None = strawberry.field(
        default=strawberry.UNSET, description="Why, for the history. At most 500 characters."
    )
    effective_at: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "From when on; now where it is left out, or up to a minute ago. A later moment, at most a year ahead, "
            "makes a `ScheduledAssignment`, which begins by itself."
        ),
    )
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The customer's version that the viewer saw; a stale one is refused."
    )
    dry_run: bool | None = strawberry.field(default=strawberry.UNSET, description=_DRY_RUN)
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of leaving a customer without an account manager.")
class UnassignAccountManagerPayload:
    """Rows are `AssignPayload`."""

    customer: Customer | None = column(
        "The customer as the viewer sees them now: null where the viewer has lost sight of them by this very change. "
        "After a VERSION_CONFLICT, the present state."
    )
    assignment: Assignment | None = column("The assignment that ended; null where there was none.")
    plan: AssignmentPlan | None = column("Of a dry run: what it would do.")
    changed: bool = column("False where the customer had no account manager, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Whose assignment ends.")
class UnassignAccountManagerInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    expected_version: int = strawberry.field(
        description=(
            "The customer's version that the viewer saw, and with it whose customer it was; a stale one is refused, "
            "even where there is no account manager any more."
        )
    )
    reason: str = strawberry.field(
        description="Why, for the record and for who was account manager; up to 500 characters."
    )
    dry_run: bool | None = strawberry.field(default=strawberry.UNSET, description=_DRY_RUN)
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class AssignmentMutations:
    """Root fields."""

    @root(
        AssignAccountManagerPayload,
        needs=SignedIn(),
        description=(
            "Make an admin the one account manager of a customer, from now or a later moment on. When it begins, "
            "customer, new and old account manager get an email; the new one also when it is scheduled. The same admin "
            "again changes nothing. Takes `customer.assign` and full access."
        ),
    )
    async def assign_account_manager(
        self, info: Info, input: Annotated[AssignAccountManagerInput, argument("Who, and of whom.")]
    ) -> Any:
        """Assign."""
        return await resolvers.assign(info.context, plain(input))

    @root(
        UnassignAccountManagerPayload,
        needs=SignedIn(),
        description=(
            "Leave a customer without an account manager, from now on. The customer and who was account manager get an "
            "email. Takes `customer.assign` and full access."
        ),
    )
    async def unassign_account_manager(
        self, info: Info, input: Annotated[UnassignAccountManagerInput, argument("Whose assignment ends, and why.")]
    ) -> Any:
        """End."""
        return await resolvers.unassign(info.context, plain(input))
