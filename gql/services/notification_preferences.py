"""Set what a team member wants to be told of."""

from dataclasses import dataclass
from uuid import UUID

from gql.db.engine import Database
from gql.db.models import Admin
from gql.domain import notification_preferences as rules
from gql.domain.notification_preferences import Preference
from gql.domain.user_errors import UserErrorCode
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class SetPreferences:
    """The wish: these events are told so from now on, all others as before."""

    preferences: tuple[Preference, ...]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class PreferencesSet:
    """Whether anything has changed. `replayed`: it is the answer that was kept for the idempotency key."""

    changed: bool
    replayed: bool = False


async def set_preferences(database: Database, actor: Actor, admin_id: UUID, wish: SetPreferences) -> PreferencesSet:
    """Keep an admin's own preferences. Raises Refused (UserErrorCode), and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, admin_id, "setNotificationPreferences", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return PreferencesSet(earlier["changed"], replayed=True)
        refuse(rules.preference_refusals(wish.preferences))
        admin = await session.get_one(Admin, admin_id, with_for_update={"key_share": True})
        muted = rules.muted_after(admin.muted, wish.preferences)
        changed = muted != sorted(admin.muted)
        if changed:
            admin.muted = muted
            audit.record(
                session,
                actor,
                "admin.notification_preferences_set",
                subject_kind="admin",
                subject_id=admin_id,
                details={"after": {"muted": muted}},
            )
        await once.keep({"changed": changed})
        return PreferencesSet(changed)
