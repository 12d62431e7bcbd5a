"""Admins: the lender's team members."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import AdminRow
from gql.domain.covers import BY_STARTS_AT
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind
from gql.domain.listing import BY_NAME
from gql.domain.roles import Permission
from gql.permissions import SignedInAdmin
from gql.resolvers import admin as resolvers
from gql.resolvers import cover as covers
from gql.schema.access import open_to
from gql.schema.cover import CoverConnection
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    connection,
    given,
    global_id,
    loaded,
    loaded_since,
    paging,
    plain,
)
from gql.schema.node import Node
from gql.schema.office import Office
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.book_statistics import BookStatistics
    from gql.schema.customer import CustomerConnection


@open_to("whoever may read whose role it is")
@strawberry.type(description="A named set of permissions plus a visibility rule.")
class Role:
    """Rows are `domain.roles.Role`."""

    key: str = column("A stable name for programs.")
    name: str = column("What staff call it.")
    description: str = column("What it is for.")
    permissions: list[str] = computed(
        lambda role: sorted(role.permissions), description="The permissions that it grants, such as `customer.assign`."
    )


@open_to("every admin", "id name email phone office book createdAt")
@strawberry.type(description="A team member who signs in to the back office.")
class Admin(Node):
    """Rows are `AdminRow`."""

    id: strawberry.ID = global_id(Kind.ADMIN)
    name: str = column("First and last name.")
    email: str = column("The work email.")
    phone: str | None = column("The work phone, in E.164.")
    office: Office = loaded("office", lambda row: row.office_id, description="Where they work.")
    roles: list[Role] | None = loaded(
        "roles",
        lambda row: row.id,
        guard=resolvers.is_own_or_staff_reader,
        description="Their roles, by name. One's own, or with `admin.write` or `audit.read`; null otherwise.",
    )
    status: AdminStatus | None = column(
        "Whether they can sign in. One's own, or with `admin.write` or `audit.read`; null otherwise.",
        guard=resolvers.is_own_or_staff_reader,
    )
    book: Annotated["CustomerConnection", strawberry.lazy("gql.schema.customer")] = connection(
        "book",
        lambda row: row.id,
        BY_NAME,
        description="The customers whose account manager they are, as far as the viewer sees them, by name.",
    )
    book_size: int | None = loaded(
        "book_size",
        lambda row: row.id,
        guard=resolvers.is_own_or_workload_reader,
        description=(
            "How many customers they are account manager of: a true count, whoever looks. "
            "One's own, or with `workload.read`; null otherwise."
        ),
    )
    covers_held: CoverConnection | None = connection(
        "covers_held",
        lambda row: row.id,
        BY_STARTS_AT,
        guard=covers.reads_covers_of,
        description=(
            "The covers that they have or had, the latest first. One's own, or with `customer.assign`, `admin.write` "
            "or `audit.read`; null otherwise."
        ),
    )
    covers_given: CoverConnection | None = connection(
        "covers_given",
        lambda row: row.id,
        BY_STARTS_AT,
        guard=covers.reads_covers_of,
        description=(
            "The covers of their book, and of customers who were theirs when somebody broke the glass, the latest "
            "first. As `coversHeld`."
        ),
    )
    book_statistics: Annotated["BookStatistics", strawberry.lazy("gql.schema.book_statistics")] | None = loaded_since(
        "book_statistics",
        lambda row: row.id,
        guard=resolvers.is_own_or_workload_reader,
        description=(
            "What their book owes, how it was repaid since a day, and before and after each handover. "
            "One's own, or with `workload.read`; null otherwise."
        ),
    )
    created_at: datetime = column("When the account was created.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, AdminRow)


@strawberry.type(description="An admin in a list.")
class AdminEdge:
    """Rows are edges."""

    node: Admin = column("The admin of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of admins.")
class AdminConnection:
    """Rows are pages."""

    edges: list[AdminEdge] = column("The admins of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The admins of the whole list.")


@strawberry.input(description="Which admins to list; everything given must hold.")
class AdminFilter:
    """The argument."""

    office_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of this office."
    )
    status: list[AdminStatus] | None = strawberry.field(
        default=strawberry.UNSET, description="Only those of these statuses. With `admin.write` or `audit.read`."
    )


_SEARCH = "The beginning of a name or a word of it, or of the email."


@strawberry.type
class AdminQueries:
    """Root fields."""

    @root(Admin | None, needs=SignedInAdmin(), description="An admin by ID.")
    async def admin(self, info: Info, id: Annotated[strawberry.ID, argument("The admin's ID.")]) -> Any:
        """One admin."""
        return await resolvers.admin(info.context, id)

    @root(AdminConnection, needs=SignedInAdmin(), description="Admins, by name.")
    async def admins(
        self,
        info: Info,
        filter: Annotated[AdminFilter | None, argument("Which admins.")] = strawberry.UNSET,
        search: Annotated[str | None, argument(_SEARCH)] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.admins(info.context, plain(filter), given(search), paging(first, after, last, before))

    @root(
        AdminConnection,
        needs=SignedInAdmin(Permission.CUSTOMER_ASSIGN),
        description="The active admins of an office who can be made account manager, by name. Takes `customer.assign`.",
    )
    async def assignable_managers(
        self,
        info: Info,
        office_id: Annotated[strawberry.ID, argument("The office to pick from.")],
        search: Annotated[str | None, argument(_SEARCH)] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list to pick from."""
        return await resolvers.assignable_managers(
            info.context, office_id, given(search), paging(first, after, last, before)
        )
