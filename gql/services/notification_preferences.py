"""Set what somebody wants to be told of."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.domain import notification_preferences as rules
from gql.domain.notification_preferences import Preference
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer, CustomerViewer
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


async def set_preferences(
    database: Database, actor: Actor, reader: AdminViewer | CustomerViewer, wish: SetPreferences
) -> PreferencesSet:
    """Keep one's own preferences. Raises Refused (UserErrorCode), and writes nothing then."""
    kind, reader_id = reader.subject
    async with database.begin() as session:
        once = Once(session, reader_id, "setNotificationPreferences", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return PreferencesSet(earlier["changed"], replayed=True)
        refuse(rules.preference_refusals(wish.preferences))
        whose = await _locked(session, reader)
        muted = rules.muted_after(whose.muted, wish.preferences)
        changed = muted != sorted(whose.muted)
        if changed:
            whose.muted = muted
            audit.record(
                session,
                actor,
                f"{kind.value.lower()}.notification_preferences_set",
                subject_kind=kind.value.lower(),
                subject_id=reader_id,
                details={"after": {"muted": muted}},
            )
        await once.keep({"changed": changed})
        return PreferencesSet(changed)


async def _locked(session: AsyncSession, reader: AdminViewer | CustomerViewer) -> Admin | Customer:
    lock = {"key_share": True}
    if isinstance(reader, CustomerViewer):
        return await session.get_one(Customer, reader.customer_id, with_for_update=lock)
    return await session.get_one(Admin, reader.admin_id, with_for_update=lock)
