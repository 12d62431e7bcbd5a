"""What the viewer wants to be told of."""

from dataclasses import dataclass

from gql.context import Context
from gql.db.queries.notifications import muted_of
from gql.domain import notification_preferences as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.notification_preferences import Preference, preferences_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.services.notification_preferences import SetPreferences, set_preferences


@dataclass(frozen=True, slots=True)
class PreferencesPayload:
    """All preferences as they are now; None where nothing was done."""

    preferences: list[Preference] | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def preferences(context: Context) -> list[Preference]:
    """Of each event, whatever was set."""
    return preferences_of(await muted_of(context.database, context.admin.admin_id))


async def set_own(context: Context, arguments: Arguments) -> PreferencesPayload:
    """Keep one's own."""
    given = arguments["preferences"]
    wanted = tuple(Preference(one["event"], email=one["email"], in_app=one["in_app"]) for one in given)
    if not wanted:
        raise BadUserInput("`preferences` is empty. Name an event.")
    if len({one.event for one in wanted}) < len(wanted):
        raise BadUserInput("`preferences` has an event twice. Name each once.")
    if isinstance(context.viewer, CustomerViewer):
        return PreferencesPayload(user_errors=(rules.ONLY_STAFF,))
    wish = SetPreferences(wanted, idempotency_key_of(arguments))
    try:
        done = await set_preferences(context.database, context.actor, context.admin.admin_id, wish)
    except Refused as refused:
        return PreferencesPayload(user_errors=refused.refusals)
    return PreferencesPayload(await preferences(context), done.changed, done.replayed)
