"""Give many customers other account managers; stop that, and take it back."""

from typing import Annotated, Any

import strawberry

from gql.domain.ids import Kind, to_global_id
from gql.domain.jobs import ItemOutcome, ReassignErrorCode
from gql.permissions import SignedIn
from gql.resolvers import job as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.customer_inputs import SavedFilterInput
from gql.schema.fields import Info, argument, column, computed, idempotency_key, loaded, plain, replayed
from gql.schema.job import Job
from gql.schema.roots import root
from gql.schema.sight import SightChange
from gql.schema.user_errors import PlainUserError, UserError, user_errors

_ASKER = "whoever sent the mutation"
_JOB = "The job, which has begun to wait for its turn; null of a dry run."


@strawberry.type(description="Why no job was begun.")
class ReassignBookUserError(UserError):
    """Rows are `Refusal`."""

    code: ReassignErrorCode = column("The reason, for programs.")
    selected: int | None = computed(
        lambda refusal: refusal.facts.get("selected"),
        description="Of COUNT_MISMATCH: how many customers there are; null else.",
    )
    counted: int | None = computed(
        lambda refusal: refusal.facts.get("counted"),
        description="Of COUNT_MISMATCH: how many the counts are together; null else.",
    )


@open_to(_ASKER)
@strawberry.type(description="Customers whom a rule would keep from being moved.")
class RefusedCustomers:
    """Rows are `RefusedCustomers` of the services."""

    code: str = column("The rule: a code of `assignAccountManager`.")
    customers: int = column("How many they are.")
    example_ids: list[strawberry.ID] = computed(
        lambda row: [to_global_id(Kind.CUSTOMER, key) for key in row.example_ids],
        description="Up to five of them, for `nodes`.",
    )


@open_to(_ASKER, "admin")
@strawberry.type(description="How an admin's book would grow or shrink.")
class BookChange:
    """Rows are `BookChange` of the services."""

    admin: Admin = loaded("admin", lambda row: row.admin_id, description="Whose book it is.")
    before: int | None = column("Its size now; null without `workload.read`.", guard=resolvers.reads_workloads)
    after: int | None = column("Its size then; null without `workload.read`.", guard=resolvers.reads_workloads)


@open_to(_ASKER)
@strawberry.type(description="What a reassignment would do, as things are now. Nothing was written.")
class ReassignmentPlan:
    """Rows are `ReassignmentPlan` of the services."""

    customers: int = column("How many customers are meant.")
    moved: int = computed(
        lambda plan: plan.outcomes[ItemOutcome.MOVED], description="How many would get another account manager."
    )
    unchanged: int = computed(
        lambda plan: plan.outcomes[ItemOutcome.UNCHANGED], description="How many are whose they would be already."
    )
    refused: int = computed(
        lambda plan: plan.outcomes[ItemOutcome.REFUSED], description="How many a rule would keep from it."
    )
    refusals: list[RefusedCustomers] = column("Which rules, the most customers first.")
    books: list[BookChange] = column("The books that would change, up to 100: of those who are named, then of others.")
    sight_changes: list[SightChange] = column(
        "Who would gain and lose sight of how many customers: up to 100 admins, those of the most first."
    )
    changed_viewers: int = column("How many admins would see other customers, or otherwise, than now.")


@strawberry.type(description="What came of reassigning a book.")
class ReassignBookPayload:
    """Rows are `JobPayload`."""

    job: Job | None = column(_JOB)
    plan: ReassignmentPlan | None = column("Of a dry run: what the job would do.")
    replayed: bool = replayed()
    user_errors: list[ReassignBookUserError] = column("Why no job was begun; all reasons at once.")


@strawberry.input(description="Who gets customers, and how many: by weight, or so many exactly.")
class ReassignTarget:
    """The argument."""

    admin_id: strawberry.ID = strawberry.field(description="The admin: active, eligible, in an active office.")
    weight: int | None = strawberry.field(
        default=strawberry.UNSET, description="The part of all customers, against the others' weights: 1 to 1,000."
    )
    count: int | None = strawberry.field(
        default=strawberry.UNSET, description="So many. All counts together must be as many as the customers."
    )


@strawberry.input(description="One customer, and who shall be account manager.")
class ReassignMove:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="Who is given to the admin.")
    admin_id: strawberry.ID = strawberry.field(
        description="Who shall be account manager: active, eligible, in an active office."
    )


@strawberry.input(
    description=(
        "Whose customers go to whom. Which customers, one of `customerFilter`, `customerIds`, `groupId` and `moves` "
        "says, or `fromAdminId` alone."
    )
)
class ReassignBookInput:
    """The argument."""

    from_admin_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only customers of this admin's book; alone, all of it."
    )
    customer_filter: SavedFilterInput | None = strawberry.field(
        default=strawberry.UNSET, description="The customers who match, of those whom the viewer sees in full."
    )
    customer_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="These customers: up to 1,000."
    )
    group_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The group's members, of those whom the viewer sees in full."
    )
    moves: list[ReassignMove] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Customers one by one, and to whom: up to 1,000, as a proposal edited by hand. Not with `to`.",
    )
    to: list[ReassignTarget] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Who gets them: up to 50 admins, all by weight or all by count. The same deal each time.",
    )
    reason: str = strawberry.field(description="Why, for the history; up to 500 characters.")
    dry_run: bool | None = strawberry.field(
        default=strawberry.UNSET, description="True: write nothing, and answer what it would do as `plan`."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of stopping a job.")
class CancelJobPayload:
    """Rows are `JobPayload`."""

    job: Job | None = column("The job as it is now.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Which job to stop.")
class CancelJobInput:
    """The argument."""

    job_id: strawberry.ID = strawberry.field(description="Which job: one that is under way.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of taking a job back.")
class UndoJobPayload:
    """Rows are `JobPayload`."""

    job: Job | None = column("The job that takes it back.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Which job to take back.")
class UndoJobInput:
    """The argument."""

    job_id: strawberry.ID = strawberry.field(description="The job that was done.")
    reason: str = strawberry.field(description="Why, for the history; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class JobMutations:
    """Root fields."""

    @root(
        ReassignBookPayload,
        needs=SignedIn(),
        description=(
            "Begin a job that gives many customers other account managers, each by the rules of "
            "`assignAccountManager`. Who is meant is decided now; a customer about whom somebody else decides before "
            "their turn is left alone. Each account manager gets one email at the end. Takes `customer.assign`."
        ),
    )
    async def reassign_book(
        self, info: Info, input: Annotated[ReassignBookInput, argument("Whose customers, and to whom.")]
    ) -> Any:
        """Begin."""
        return await resolvers.reassign(info.context, plain(input))

    @root(
        CancelJobPayload,
        needs=SignedIn(),
        description=(
            "Stop a job that is under way, after the customers at whom it is. Those who were moved stay so. One's own, "
            "or with `audit.read` anybody's; takes `customer.assign`."
        ),
    )
    async def cancel_job(self, info: Info, input: Annotated[CancelJobInput, argument("Which job to stop.")]) -> Any:
        """Stop."""
        return await resolvers.cancel(info.context, plain(input))

    @root(
        UndoJobPayload,
        needs=SignedIn(),
        description=(
            "Begin a job that gives everybody whom another one moved back to who had them before, or to nobody: only "
            "those whose assignment nobody has changed since, by the rules of `assignAccountManager`. Until the job's "
            "`undoUntil`, once. One's own, or with `audit.read` anybody's; takes `customer.assign`."
        ),
    )
    async def undo_job(self, info: Info, input: Annotated[UndoJobInput, argument("Which job, and why.")]) -> Any:
        """Take back."""
        return await resolvers.undo(info.context, plain(input))
