"""Reviews of groups: what is due, what a signer looks at, and the signature."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.enums import GroupPurpose
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.roles import Permission
from gql.permissions import SignedIn, SignedInAdmin
from gql.resolvers import group_review as resolvers
from gql.schema.access import open_to
from gql.schema.fields import After, Before, First, Info, Last, argument, column, idempotency_key, loaded, paging, plain
from gql.schema.group import Group, GroupConnection
from gql.schema.group_mutations import GroupPayload
from gql.schema.group_review import GroupReview
from gql.schema.roots import root


@strawberry.input(description="Which reviews; everything given must hold.")
class GroupReviewFilter:
    """The argument."""

    status: list[GroupReviewStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only these: DUE and OVERDUE where it is left out."
    )
    owner_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only of groups that this team member answers for."
    )
    purpose: list[GroupPurpose] | None = strawberry.field(
        default=strawberry.UNSET, description="Only of groups kept for these purposes."
    )


@open_to("whoever has group.members.read, of customers whom they see")
@strawberry.type(
    description="What somebody looks at who is about to sign a group's review, as far as they see the customers."
)
class GroupReviewSheet:
    """Rows are `ReviewSheet`."""

    group: Group = column("The group: `members` has those first who joined last.")
    since: datetime | None = column("The last signature, from which on is counted; null before the first.")
    joined: int = loaded(
        "total",
        lambda row: row.joined,
        description="Members who joined since, of those whom the viewer sees.",
    )
    left: int = loaded(
        "total",
        lambda row: row.left,
        description="Memberships that ended since, of customers whom the viewer sees.",
    )
    misfits: int | None = loaded(
        "total",
        lambda row: row.misfits,
        description=(
            "Members who don't meet the group's rule any more: `groupDrift` names some. Null where it has no rule that "
            "a machine checks."
        ),
    )


@strawberry.input(description="Whose review to sign, and what it found.")
class SignGroupReviewInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is.")
    note: str = strawberry.field(description="What was looked at and found, for the record. At most 2,000 characters.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The group's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of signing a group's review.")
class SignGroupReviewPayload(GroupPayload):
    """Rows are `SignPayload`. After REVIEW_NOT_DUE, too, the group is told: it says who signed and when it is due."""

    review: GroupReview | None = column("What was signed.")


@strawberry.type
class GroupReviewQueries:
    """Root fields."""

    @root(
        GroupConnection,
        needs=SignedInAdmin(Permission.GROUP_READ),
        description=(
            "Groups whose members have to be reviewed, those first whose review is due first: what is due and overdue, "
            "unless other statuses are asked for. Takes `group.read`."
        ),
    )
    async def group_reviews(
        self,
        info: Info,
        filter: Annotated[GroupReviewFilter | None, argument("Which reviews.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.due_reviews(info.context, plain(filter), paging(first, after, last, before))

    @root(
        GroupReviewSheet | None,
        needs=SignedInAdmin(Permission.GROUP_MEMBERS_READ),
        description=(
            "What to look at before a group's review is signed: null where there is no such group, or it isn't "
            "reviewed. Takes `group.members.read`."
        ),
    )
    async def group_review_sheet(
        self, info: Info, group_id: Annotated[strawberry.ID, argument("Which group it is.")]
    ) -> Any:
        """Look."""
        return await resolvers.review_sheet(info.context, group_id)


@strawberry.type
class GroupReviewMutations:
    """Root fields."""

    @root(
        SignGroupReviewPayload,
        needs=SignedIn(),
        description=(
            "Sign that a group's members were looked at, once the review is due; the next one is due an interval "
            "later. Takes `group.write`."
        ),
    )
    async def sign_group_review(
        self, info: Info, input: Annotated[SignGroupReviewInput, argument("Whose, and what was found.")]
    ) -> Any:
        """Sign."""
        return await resolvers.sign(info.context, plain(input))
