"""Offices."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import OfficeRow
from gql.domain.enums import OfficeStatus
from gql.domain.ids import Kind
from gql.domain.listing import BY_NAME
from gql.permissions import SignedInAdmin
from gql.resolvers import office as resolvers
from gql.schema.access import open_to
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    connection,
    given,
    global_id,
    loaded,
    paging,
    plain,
)
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.admin import AdminConnection


@open_to("every admin", "id name status parent children admins")
@strawberry.type(description="A branch. Offices form a tree, the head office at its root.")
class Office(Node):
    """Rows are `OfficeRow`."""

    id: strawberry.ID = global_id(Kind.OFFICE)
    name: str = column("What staff call it.")
    status: OfficeStatus = column("Whether it works.")
    parent: "Office | None" = loaded(
        "office", lambda row: row.parent_id, description="The office above; null for the head office."
    )
    children: "OfficeConnection" = connection(
        "children", lambda row: row.id, BY_NAME, description="The offices right below, by name."
    )
    admins: Annotated["AdminConnection", strawberry.lazy("gql.schema.admin")] = connection(
        "staff", lambda row: row.id, BY_NAME, description="The team members of this office, by name."
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, OfficeRow)


@strawberry.type(description="An office in a list.")
class OfficeEdge:
    """Rows are edges."""

    node: Office = column("The office.")
    cursor: str = cursor()


@strawberry.type(description="A page of offices.")
class OfficeConnection:
    """Rows are pages."""

    edges: list[OfficeEdge] = column("The offices of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The offices of the whole list.")


@strawberry.input(description="Which offices to list; everything given must hold.")
class OfficeFilter:
    """The argument."""

    parent_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those right below this office."
    )
    status: list[OfficeStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses."
    )


@strawberry.type
class OfficeQueries:
    """Root fields."""

    @root(Office | None, needs=SignedInAdmin(), description="An office by ID.")
    async def office(self, info: Info, id: Annotated[strawberry.ID, argument("The office's ID.")]) -> Any:
        """One office."""
        return await resolvers.office(info.context, id)

    @root(OfficeConnection, needs=SignedInAdmin(), description="Offices, by name.")
    async def offices(
        self,
        info: Info,
        filter: Annotated[OfficeFilter | None, argument("Which offices.")] = strawberry.UNSET,
        search: Annotated[str | None, argument("The beginning of the name.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.offices(info.context, plain(filter), given(search), paging(first, after, last, before))
