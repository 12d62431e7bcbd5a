"""An admin's saved views."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gql.context import Context
from gql.db.view_rows import SavedViewRow
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.saved_views import LONGEST_NAME, ONLY_ADMINS
from gql.domain.search import search_key
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import LONGEST_SEARCH, Arguments, idempotency_key_of, required_text, text
from gql.resolvers.customer import criteria_of
from gql.services import saved_views


@dataclass(frozen=True, slots=True)
class SavedViewPayload:
    """The views as they are now, and the one that the mutation was about."""

    saved_view: SavedViewRow | None = None
    saved_views: list[SavedViewRow] | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def save(context: Context, arguments: Arguments) -> SavedViewPayload:
    """Keep a view. What `customers` would not take as its arguments is not kept either."""
    name = _name(arguments)
    criteria_of(arguments.get("filter") or {})
    search = text(arguments.get("search"), "search", LONGEST_SEARCH)
    if search is not None and "@" not in search and not search_key(search):
        raise BadUserInput("`search` needs a letter or a digit.")
    kept = {"filter": arguments.get("filter"), "search": search, "order_by": arguments.get("order_by")}
    if isinstance(context.viewer, CustomerViewer):
        return SavedViewPayload(user_errors=(ONLY_ADMINS,))
    key = idempotency_key_of(arguments)
    done = saved_views.save_view(context.database, context.actor, context.admin.admin_id, name, _json(kept), key)
    return await _answer(context, name, done)


async def delete(context: Context, arguments: Arguments) -> SavedViewPayload:
    """Delete a view."""
    name = _name(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return SavedViewPayload(user_errors=(ONLY_ADMINS,))
    key = idempotency_key_of(arguments)
    done = saved_views.delete_view(context.database, context.actor, context.admin.admin_id, name, key)
    return await _answer(context, name, done)


async def _answer(context: Context, name: str, change: Any) -> SavedViewPayload:
    try:
        done = await change
    except Refused as refused:
        return SavedViewPayload(user_errors=refused.refusals)
    context.renew()
    views: list[SavedViewRow] = await context.loaders.one("saved_views", context.admin.admin_id)
    view = next((one for one in views if one.name == name), None)
    return SavedViewPayload(view, views, done.changed, done.replayed)


def _name(arguments: Arguments) -> str:
    return " ".join(required_text(arguments, "name", LONGEST_NAME).split())


def _json(value: Any) -> Any:
    """Arguments as JSON; those that were left out or null aren't kept."""
    if isinstance(value, Mapping):
        return {name: _json(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_json(item) for item in value]
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else getattr(value, "value", value)
