"""Build walls and take them down: between categories of risk, and between single groups."""

from typing import Annotated, Any

import strawberry

from gql.permissions import SignedIn
from gql.resolvers import walls as resolvers
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.group_mutations import GroupPayload
from gql.schema.risk_category import RiskCategory
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_NAME = "A few words for it, which no other category has; at most 100 characters."
_DESCRIPTION = "Which risk it is. At most 4,000 characters."
_EXCLUDES = "The categories that exclude it, and that it excludes: at most 50, and no others."


@strawberry.type
class _CategoryPayload:
    """What the payloads have in common. Rows are `CategoryPayload`."""

    category: RiskCategory | None = column("The category as it is now; null where nothing was done.")
    changed: bool = column("False where all was so already, or nothing was done.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of making a category of risk.")
class CreateRiskCategoryPayload(_CategoryPayload):
    """As above."""


@strawberry.type(description="What came of changing a category of risk.")
class UpdateRiskCategoryPayload(_CategoryPayload):
    """As above."""


@strawberry.type(description="What came of walling a group off from others.")
class SetGroupExclusionsPayload(GroupPayload):
    """As others of groups."""


@strawberry.input(description="A new category of risk.")
class CreateRiskCategoryInput:
    """The argument."""

    name: str = strawberry.field(description=_NAME)
    description: str = strawberry.field(description=_DESCRIPTION)
    excludes: list[strawberry.ID] = strawberry.field(default_factory=list, description=_EXCLUDES)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A category of risk as it is from now on.")
class UpdateRiskCategoryInput:
    """The argument."""

    id: strawberry.ID = strawberry.field(description="The category, by the ID that `riskCategories` has.")
    name: str = strawberry.field(description=_NAME)
    description: str = strawberry.field(description=_DESCRIPTION)
    excludes: list[strawberry.ID] = strawberry.field(description=_EXCLUDES)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="From which groups a group is walled off from now on, and from no others.")
class SetGroupExclusionsInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="Which group it is.")
    excluded_group_ids: list[strawberry.ID] = strawberry.field(
        description="At most 50 others. They are walled off from it, too."
    )
    expected_version: int = strawberry.field(
        description="The group's version that the viewer saw; a stale one is refused."
    )
    reason: str = strawberry.field(description="Why, for the record. At most 500 characters.")
    idempotency_key: str | None = idempotency_key()


_HELD = "Refused while customers are on both sides. Takes `group.write`."


@strawberry.type
class WallMutations:
    """Root fields."""

    @root(
        CreateRiskCategoryPayload,
        needs=SignedIn(),
        description="Make a category of risk that groups can stand for. Takes `group.write`.",
    )
    async def create_risk_category(
        self, info: Info, input: Annotated[CreateRiskCategoryInput, argument("What the category is.")]
    ) -> Any:
        """Create."""
        return await resolvers.keep(info.context, plain(input))

    @root(
        UpdateRiskCategoryPayload,
        needs=SignedIn(),
        description=f"Change a category of risk, and which others no customer may be in beside it. {_HELD}",
    )
    async def update_risk_category(
        self, info: Info, input: Annotated[UpdateRiskCategoryInput, argument("Which category, and how it is now.")]
    ) -> Any:
        """Update."""
        return await resolvers.keep(info.context, plain(input))

    @root(
        SetGroupExclusionsPayload,
        needs=SignedIn(),
        description=f"Say which groups no customer may be in beside this one. {_HELD}",
    )
    async def set_group_exclusions(
        self, info: Info, input: Annotated[SetGroupExclusionsInput, argument("Which groups.")]
    ) -> Any:
        """Wall off."""
        return await resolvers.exclude(info.context, plain(input))
