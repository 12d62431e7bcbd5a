"""What the viewer wants to be told of."""

from dataclasses import dataclass
from typing import Any

from gql.context import Context
from gql.db.queries.me import MeRow, read_me
from gql.db.queries.notifications import muted_of
from gql.domain import notification_preferences as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.notification_preferences import Preference, preferences_of
from gql.domain.notifications import NotificationEvent
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.services.notification_preferences import PreferencesSet, SetPreferences, set_preferences


@dataclass(frozen=True, slots=True)
class PreferencesPayload:
    """All preferences as they are now: of an admin, or beneath a customer; None where nothing was done."""

    preferences: list[Preference] | None = None
    me: MeRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def preferences(context: Context) -> list[Preference]:
    """Of each event, whatever was set."""
    return preferences_of(await muted_of(context.database, context.admin.admin_id), NotificationEvent)


async def set_own(context: Context, arguments: Arguments) -> PreferencesPayload:
    """Keep an admin's own."""
    wish = _wish(arguments)
    if not isinstance(context.viewer, AdminViewer):
        return PreferencesPayload(user_errors=(rules.ONLY_STAFF,))
    done = await _set(context, context.viewer, wish)
    if isinstance(done, PreferencesPayload):
        return done
    return PreferencesPayload(await preferences(context), changed=done.changed, replayed=done.replayed)


async def set_of_customer(context: Context, arguments: Arguments) -> PreferencesPayload:
    """Keep a customer's own."""
    wish = _wish(arguments)
    if not isinstance(context.viewer, CustomerViewer):
        return PreferencesPayload(user_errors=(rules.ONLY_CUSTOMERS,))
    done = await _set(context, context.viewer, wish)
    if isinstance(done, PreferencesPayload):
        return done
    context.renew()
    me = await read_me(context.database, context.viewer.customer_id)
    return PreferencesPayload(me=me, changed=done.changed, replayed=done.replayed)


def _wish(arguments: Arguments) -> SetPreferences:
    given: list[dict[str, Any]] = arguments["preferences"]
    wanted = tuple(Preference(one["event"], email=one["email"], in_app=one["in_app"]) for one in given)
    if not wanted:
        raise BadUserInput("`preferences` is empty. Name an event.")
    if len({one.event for one in wanted}) < len(wanted):
        raise BadUserInput("`preferences` has an event twice. Name each once.")
    return SetPreferences(wanted, idempotency_key_of(arguments))


async def _set(
    context: Context, reader: AdminViewer | CustomerViewer, wish: SetPreferences
) -> PreferencesSet | PreferencesPayload:
    """What was done, or why nothing was."""
    try:
        return await set_preferences(context.database, context.actor, reader, wish)
    except Refused as refused:
        return PreferencesPayload(user_errors=refused.refusals)
