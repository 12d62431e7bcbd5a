"""Whoever makes the request, and a customer's own view of themselves."""

from datetime import datetime
from typing import Any

import strawberry

from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import Permission
from gql.permissions import SignedIn, SignedInCustomer
from gql.resolvers import viewer as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import Info, column, global_id, loaded, root
from gql.schema.session import Session


@open_to("the customer, of their account manager")
@strawberry.type(description="Whom a customer can turn to.")
class ManagerContact:
    """Rows are `ManagerContactRow`."""

    name: str = column("The account manager's name.")
    email: str = column("The work email.")
    phone: str | None = column("The work phone, in E.164.")
    office: str = column("The name of the account manager's office.")
    since: datetime = column("Since when they are responsible.")


@open_to("the customer, of themselves", "id number displayName email phone status accountManager")
@strawberry.type(description="A customer, as themselves: what the web and mobile app show.")
class Me:
    """Rows are `MeRow`."""

    id: strawberry.ID = global_id(Kind.CUSTOMER)
    number: str = column("The customer number, to give on the phone.")
    name: str = column("First and last name, or the company's.", name="displayName")
    email: str = column("Email address.")
    phone: str = column("Phone number in E.164.")
    status: CustomerStatus = column("Where the account stands.")
    account_manager: ManagerContact | None = column("Whom to turn to; null where nobody is assigned yet.")


@open_to("whoever makes the request", "admin customer permissions sessions")
@strawberry.type(description="Whoever makes the request.")
class Viewer:
    """Rows are `ViewerView`."""

    admin: Admin | None = column("The admin who is signed in.")
    customer: Me | None = column("The customer who is signed in.")
    permissions: list[Permission] = column("What the admin's roles permit; none for customers.")
    sessions: list[Session] | None = loaded(
        "sessions",
        lambda view: view.sessions_of,
        description="The viewer's own sessions that last, the last used first; at most 100.",
    )


@strawberry.type
class ViewerQueries:
    """Root fields."""

    @root(Viewer | None, needs=SignedIn(), description="Whoever makes the request.")
    async def viewer(self, info: Info) -> Any:
        """The viewer."""
        return await resolvers.viewer(info.context)

    @root(Me | None, needs=SignedInCustomer(), description="The customer who is signed in to the web or mobile app.")
    async def me(self, info: Info) -> Any:
        """The customer."""
        return await resolvers.me(info.context)
