"""Add many customers to a group."""

from typing import Annotated, Any

import strawberry

from gql.domain.member_jobs import MemberJobErrorCode
from gql.permissions import SignedIn
from gql.resolvers import member_job as resolvers
from gql.schema.customer_inputs import SavedFilterInput
from gql.schema.fields import Info, argument, column, computed, idempotency_key, plain, replayed, root
from gql.schema.job import Job
from gql.schema.user_errors import UserError


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
