"""Categories of risk that groups stand for, and the walls between them."""

from typing import Any

import strawberry

from gql.db.rows import RiskCategoryRow
from gql.domain.ids import Kind
from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import group as resolvers
from gql.schema.access import open_to
from gql.schema.fields import Info, column, global_id, loaded
from gql.schema.node import Node
from gql.schema.roots import root


@open_to("whoever has group.read", "id name description excludes")
@strawberry.type(description="A category of risk that a group can stand for.")
class RiskCategory(Node):
    """Rows are `RiskCategoryRow`."""

    id: strawberry.ID = global_id(Kind.RISK_CATEGORY)
    name: str = column("A few words for it.")
    description: str = column("Which risk it is.")
    excludes: list["RiskCategory"] = loaded(
        "excluded_categories",
        lambda row: row.id,
        description="The categories that exclude it, by name: no customer is in groups of both.",
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, RiskCategoryRow)


@strawberry.type
class RiskCategoryQueries:
    """Root fields."""

    @root(
        list[RiskCategory],
        needs=SignedInAdmin(Permission.GROUP_READ),
        description="All categories of risk that groups can stand for, by name. Takes `group.read`.",
    )
    async def risk_categories(self, info: Info) -> Any:
        """All of them."""
        return await resolvers.risk_categories(info.context)
