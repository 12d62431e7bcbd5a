"""Add many customers to a group."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.member_jobs import MemberJobErrorCode
from gql.permissions import SignedIn
from gql.resolvers import member_job as resolvers
from gql.schema.access import open_to
from gql.schema.customer_inputs import SavedFilterInput
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed
from gql.schema.job import Job
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, UserError


@strawberry.type(description="Why no job was begun that adds customers to a group.")
class MemberJobUserError(UserError):
    """Rows are `Refusal`."""

    code: MemberJobErrorCode = column("The reason, for programs.")
    current_members: int | None = computed(
        lambda refusal: refusal.facts.get("current_members"), description="With GROUP_FULL: the members that there are."
    )
    maximum_members: int | None = computed(
        lambda refusal: refusal.facts.get("maximum_members"), description="With GROUP_FULL: the most that there can be."
    )


@strawberry.type(description="What came of adding many customers to a group.")
class AddGroupMembersPayload:
    """Rows are `JobPayload`."""

    job: Job | None = column("The job, which has begun to wait for its turn.")
    replayed: bool = replayed()
    user_errors: list[MemberJobUserError] = column("Why no job was begun; all reasons at once.")


@strawberry.input(
    description=(
        "Who shall join which group. Which customers, exactly one of `customerIds`, `customerFilter` and `fromGroupId` "
        "says."
    )
)
class AddGroupMembersInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group that they shall join.")
    customer_ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="These customers: up to 1,000."
    )
    customer_filter: SavedFilterInput | None = strawberry.field(
        default=strawberry.UNSET, description="The customers who match, of those whom the viewer sees."
    )
    from_group_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The members of this group, of those whom the viewer sees."
    )
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    dry_run: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True: the job adds nobody, and finds out of each customer what would come of it.",
    )
    idempotency_key: str | None = idempotency_key()


@open_to("whoever asked for the link")
@strawberry.type(
    description=(
        "Where a file goes to or comes from. The link is all that the request needs, so that nobody else may have it; "
        "it ends with the session."
    )
)
class FileLink:
    """Rows are `FileLink`."""

    path: str = column("The address below this server's own, beginning with `/member-files/` or `/exports/`.")
    expires_at: datetime = column("Until when a request may begin.")


@strawberry.type(description="What came of asking to send a file of customers for a group.")
class ImportGroupMembersPayload:
    """Rows are `FileLinkPayload`."""

    job: Job | None = column("The job, which waits for the file.")
    link: FileLink | None = column("Where to PUT the file's bytes, as they are; null where they have come already.")
    replayed: bool = column("Whether the job was made before, under the same `idempotencyKey`; the link is new.")
    user_errors: list[MemberJobUserError] = column("Why no job was made; all reasons at once.")


@strawberry.input(description="Which group the customers shall join whom a file names.")
class ImportGroupMembersInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group that they shall join.")
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    dry_run: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True: the job adds nobody, and finds out of each line what would come of it.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of asking for a job's report.")
class CreateJobReportPayload:
    """Rows are `FileLinkPayload`."""

    job: Job | None = column("The job as it is now.")
    link: FileLink | None = column("Where to GET the report, a CSV; a browser saves it.")
    replayed: bool = column("Whether it was asked for before, under the same `idempotencyKey`; the link is new.")
    user_errors: list[PlainUserError] = column("Why there is no link; all reasons at once.")


@strawberry.input(description="Of which job the report shall be.")
class CreateJobReportInput:
    """The argument."""

    job_id: strawberry.ID = strawberry.field(description="The job: one's own, or with `audit.read` anybody's.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class MemberJobMutations:
    """Root fields."""

    @root(
        AddGroupMembersPayload,
        needs=SignedIn(),
        description=(
            "Begin a job that adds many customers to a group, each by the rules of `addGroupMember`; of the others its "
            "items tell what was against it. Who is meant is decided now. `undoJob` removes those whom it added. Takes "
            "`group.members.write`."
        ),
    )
    async def add_group_members(
        self, info: Info, input: Annotated[AddGroupMembersInput, argument("Who, and into which group.")]
    ) -> Any:
        """Begin."""
        return await resolvers.add_members(info.context, plain(input))

    @root(
        ImportGroupMembersPayload,
        needs=SignedIn(),
        description=(
            "Make a job that adds the customers whom a file names to a group, each by the rules of `addGroupMember`, "
            "and get a link to send the file to with HTTP PUT: a CSV in UTF-8 whose first line names the columns. Of "
            "these `number`, `email` and `customerId` are looked at. A line must name one customer by all that it "
            "gives; an email finds only whose email one sees. The job's items tell what came of each line. Takes "
            "`group.members.write`."
        ),
    )
    async def import_group_members(
        self, info: Info, input: Annotated[ImportGroupMembersInput, argument("Into which group, and why.")]
    ) -> Any:
        """Make it."""
        return await resolvers.import_members(info.context, plain(input))

    @root(
        CreateJobReportPayload,
        needs=SignedIn(),
        description=(
            "Get a link to a CSV of what came of each customer or line of a job, which is on record. One's own job, or "
            "with `audit.read` anybody's."
        ),
    )
    async def create_job_report(
        self, info: Info, input: Annotated[CreateJobReportInput, argument("Of which job.")]
    ) -> Any:
        """Get it."""
        return await resolvers.report(info.context, plain(input))
