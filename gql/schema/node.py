"""Relay's object identification: one interface, and fields that find any record by its global ID."""

from typing import Annotated, Any

import strawberry

from gql.permissions import SignedInAdmin
from gql.resolvers import node as resolvers
from gql.schema.fields import Info, argument
from gql.schema.roots import root


@strawberry.interface(description="A record with a global ID.")
class Node:
    """The interface."""

    id: strawberry.ID = strawberry.field(description="Opaque and globally unique; pass it back as is.")


@strawberry.type
class NodeQueries:
    """Root fields."""

    @root(
        Node | None,
        needs=SignedInAdmin(),
        description="Any record by its ID; null where it isn't there for the viewer.",
    )
    async def node(self, info: Info, id: Annotated[strawberry.ID, argument("A global ID of any type.")]) -> Any:
        """One record."""
        return await resolvers.node(info.context, id)

    @root(
        list[Node | None],
        needs=SignedInAdmin(),
        description="Records in the order of their IDs, null in the place of each that isn't there for the viewer.",
    )
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], argument("Up to 100 global IDs of any types.")]
    ) -> Any:
        """Several records."""
        return await resolvers.nodes(info.context, ids)
