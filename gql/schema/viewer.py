"""Whoever makes the request."""

from typing import Any

import strawberry

from gql.domain.roles import Permission
from gql.permissions import SignedIn, SignedInCustomer
from gql.resolvers import viewer as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import Info, column, loaded
from gql.schema.me import Me
from gql.schema.roots import root
from gql.schema.saved_view import SavedView
from gql.schema.session import Session


@open_to("whoever makes the request", "admin customer permissions savedViews sessions")
@strawberry.type(description="Whoever makes the request.")
class Viewer:
    """Rows are `ViewerView`."""

    admin: Admin | None = column("The admin who is signed in.")
    customer: Me | None = column("The customer who is signed in.")
    permissions: list[Permission] = column("What the admin's roles permit; none for customers.")
    saved_views: list[SavedView] | None = loaded(
        "saved_views",
        lambda view: view.saved_views_of,
        description="The lists of customers that the admin has saved, by name; null for customers.",
    )
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
