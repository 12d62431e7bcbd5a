"""Members of a group who don't meet its rule any more."""

from typing import Annotated, Any

import strawberry

from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import group as resolvers
from gql.schema.access import open_to
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, loaded
from gql.schema.roots import root


@open_to("whoever has group.members.read; as in previews, nobody is told what is withheld of a customer")
@strawberry.type(
    description=(
        "Members who don't meet a group's rule any more, of those whom the viewer sees, and of whom nothing that the "
        "rule asks is withheld."
    )
)
class GroupDrift:
    """Rows are `Drift`."""

    count: int = loaded("total", lambda row: row.total, description="How many they are.")
    sample: list[Customer] = loaded(
        "criteria_sample", lambda row: row.sample, description="Some of them: the first by name."
    )


@strawberry.type
class GroupDriftQueries:
    """Root fields."""

    @root(
        GroupDrift | None,
        needs=SignedInAdmin(Permission.GROUP_MEMBERS_READ),
        description=(
            "Members who don't meet the group's rule any more, as of today: null where there is no such group, or no "
            "rule that a machine checks. Takes `group.members.read`."
        ),
    )
    async def group_drift(
        self,
        info: Info,
        group_id: Annotated[strawberry.ID, argument("Which group it is.")],
        first: Annotated[int | None, argument("So many customers in the sample: 1 to 100.")] = 25,
    ) -> Any:
        """Look."""
        return await resolvers.drift(info.context, group_id, first)
