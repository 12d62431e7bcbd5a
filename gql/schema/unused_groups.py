"""Groups that nobody uses: suggested for archive, or kept."""

from typing import Annotated, Any

import strawberry

from gql.domain.enums import GroupPurpose
from gql.domain.roles import Permission
from gql.permissions import SignedIn, SignedInAdmin
from gql.resolvers import group_review as resolvers
from gql.schema.fields import After, Before, First, Info, Last, argument, idempotency_key, paging, plain
from gql.schema.group import GroupConnection
from gql.schema.group_mutations import GroupPayload
from gql.schema.roots import root


@strawberry.input(description="Which groups; everything given must hold.")
class UnusedGroupFilter:
    """The argument."""

    owner_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those that this team member answers for."
    )
    purpose: list[GroupPurpose] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those kept for these purposes."
    )


@strawberry.input(description="Which group to keep, and why.")
class KeepGroupInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is.")
    reason: str = strawberry.field(description="Why it is still needed, for the record. At most 500 characters.")
    expected_version: int | None = strawberry.field(
        default=strawberry.UNSET, description="The group's version that the viewer saw; a stale one is refused."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of keeping a group.")
class KeepGroupPayload(GroupPayload):
    """As above."""


@strawberry.type
class UnusedGroupQueries:
    """Root fields."""

    @root(
        GroupConnection,
        needs=SignedInAdmin(Permission.GROUP_READ),
        description=(
            "Groups that nobody has used for GROUP_UNUSED_DAYS, a year unless set otherwise, those first that nobody "
            "has used for the longest time: `archiveGroup` or `keepGroup`. Takes `group.read`."
        ),
    )
    async def groups_to_archive(
        self,
        info: Info,
        filter: Annotated[UnusedGroupFilter | None, argument("Which groups.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.unused_groups(info.context, plain(filter), paging(first, after, last, before))


@strawberry.type
class UnusedGroupMutations:
    """Root fields."""

    @root(
        KeepGroupPayload,
        needs=SignedIn(),
        description=(
            "Keep a group that is suggested for archive: it isn't again before GROUP_UNUSED_DAYS have passed. Takes "
            "`group.write`."
        ),
    )
    async def keep_group(self, info: Info, input: Annotated[KeepGroupInput, argument("Which group, and why.")]) -> Any:
        """Keep."""
        return await resolvers.keep(info.context, plain(input))
