"""Whoever makes the request, and a customer's own view of themselves."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.context import Context
from gql.db.queries.me import MeRow, read_me
from gql.db.queries.sessions import SessionsOf
from gql.db.rows import AdminRow
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer, CustomerViewer, Viewer


@dataclass(frozen=True, slots=True)
class ViewerView:
    """A viewer as clients see it: an admin, or a customer."""

    admin: AdminRow | None
    customer: MeRow | None
    permissions: list[Permission]
    sessions_of: SessionsOf | None = None
    saved_views_of: UUID | None = None


async def viewer(context: Context) -> ViewerView:
    """The viewer of the request, who has signed in."""
    return await view_of(context, context.viewer)


async def view_of(context: Context, who: Viewer) -> ViewerView:
    """What a viewer learns of themselves; also of one who has signed in with this very request."""
    match who:
        case AdminViewer(admin_id=key):
            admin: Any = await context.loaders.one("admin", key)
            return ViewerView(admin, None, sorted(who.permissions), SessionsOf(key, who.session_id), key)
        case CustomerViewer(customer_id=key):
            return ViewerView(None, await read_me(context.database, key), [], SessionsOf(key, who.session_id))
    return ViewerView(None, None, [])


async def me(context: Context) -> MeRow | None:
    """The customer who is signed in."""
    match context.viewer:
        case CustomerViewer(customer_id=key):
            return await read_me(context.database, key)
    return None
