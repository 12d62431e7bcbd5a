"""A team member leaves, and others take over."""

from typing import Annotated, Any

import strawberry

from gql.domain.hand_overs import HandOverErrorCode
from gql.permissions import SignedIn
from gql.resolvers import hand_over as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed
from gql.schema.job import Job
from gql.schema.job_mutations import BookChange, ReassignMove, ReassignTarget
from gql.schema.roots import root
from gql.schema.sight import SightChange
from gql.schema.user_errors import UserError

_ASKER = "whoever sent the mutation"


@strawberry.type(description="Why nobody took over. Nothing was done then.")
class HandOverUserError(UserError):
    """Rows are `Refusal`."""

    code: HandOverErrorCode = column("The reason, for programs.")
    customers: int | None = computed(
        lambda refusal: refusal.facts.get("customers"),
        description="How many customers it is about, where it is about customers; null else.",
    )
    selected: int | None = computed(
        lambda refusal: refusal.facts.get("selected"),
        description="Of COUNT_MISMATCH: how many customers there are; null else.",
    )
    counted: int | None = computed(
        lambda refusal: refusal.facts.get("counted"),
        description="Of COUNT_MISMATCH: how many the counts are together; null else.",
    )


@open_to(_ASKER)
@strawberry.type(description="How many of what changed hands, or ended; of a dry run, would.")
class HandOverCounts:
    """Rows are `HandOverCounts` of the services."""

    moved: int = column("Customers who have another account manager.")
    unassigned: int = column("Archived customers, who have nobody now.")
    scheduled_moved: int = column(
        "Scheduled assignments: to the leaver, which are to a successor now, and by the leaver, which the viewer "
        "answers for now."
    )
    scheduled_cancelled: int = column(
        "Scheduled assignments to the leaver that there is no need of any more, for instance since the customer is "
        "the successor's."
    )
    due_interactions: int = column("What is due with the customers of the book: it goes with them.")
    covers_ended: int = column("Covers of the leaver's book and by the leaver.")


@open_to(_ASKER)
@strawberry.type(description="What a hand-over would change for others, as things are now. Nothing was written.")
class HandOverPlan:
    """Rows are `HandOverPlan` of the services."""

    books: list[BookChange] = column("The books that would change: of those who take over, and the leaver's.")
    sight_changes: list[SightChange] = column(
        "Who would gain and lose sight of how many customers of the book: up to 100 admins, those of the most first. "
        "The leaver, who could sign in no more, loses all."
    )
    changed_viewers: int = column("How many admins would see other customers, or otherwise, than now.")


@strawberry.type(description="What came of a team member's leaving.")
class HandOverAndDeactivatePayload:
    """Rows are `HandOverPayload`."""

    admin: Admin | None = column("The leaver as they are now; null where nothing was done.")
    job: Job | None = column("The record of who went to whom: DONE at once. Null where there was no book.")
    counts: HandOverCounts | None = column("How many of what; of a dry run, what would be.")
    plan: HandOverPlan | None = column("Of a dry run: what would change for others.")
    changed: bool = column("False where there was nothing to do, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[HandOverUserError] = column("Why nothing was done; all reasons at once.")


@strawberry.input(description="Who leaves, why, and who takes over: one of `to`, `moves` and `byOffice`.")
class HandOverAndDeactivateInput:
    """The argument."""

    admin_id: strawberry.ID = strawberry.field(description="The team member who leaves.")
    reason: str = strawberry.field(description="Why, for the history and the record. At most 500 characters.")
    to: list[ReassignTarget] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Who takes over: up to 50 admins, all by weight, or all by count of the book's customers.",
    )
    moves: list[ReassignMove] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Who goes to whom, one by one: each customer of the book but the archived, and each who is scheduled to "
            "come to it."
        ),
    )
    by_office: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "True: each customer goes to somebody of their own office, or of the nearest one above where somebody can "
            "take over: those who have books first, the smallest book first."
        ),
    )
    dry_run: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: write nothing, and answer what it would do as `counts` and `plan`."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class HandOverMutations:
    """Root fields."""

    @root(
        HandOverAndDeactivatePayload,
        needs=SignedIn(),
        description=(
            "Have a team member leave: others take over the book, of up to 2,000 customers, and what is scheduled; "
            "covers, sessions and links end; the account is INACTIVE. All of it or nothing. Each person gets one mail, "
            "each customer one. Takes `admin.write`, `customer.assign`, and full access to all whom it concerns."
        ),
    )
    async def hand_over_and_deactivate(
        self, info: Info, input: Annotated[HandOverAndDeactivateInput, argument("Who leaves, and who takes over.")]
    ) -> Any:
        """Hand over."""
        return await resolvers.hand_over_and_deactivate(info.context, plain(input))
