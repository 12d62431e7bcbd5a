"""Saving and deleting an admin's own views. Nobody else's are within reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, SavedView
from gql.domain import user_errors
from gql.domain.errors import Refused
from gql.domain.saved_views import MOST_VIEWS, TOO_MANY
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.services import audit
from gql.services.audit import Actor
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class Done:
    """Whether something has changed. `replayed`: the answer was kept for the idempotency key; nothing was done now."""

    changed: bool
    replayed: bool = False


async def save_view(
    database: Database,
    actor: Actor,
    admin_id: UUID,
    name: str,
    arguments: Mapping[str, Any],
    idempotency_key: str | None,
) -> Done:
    """Keep the arguments, which must be JSON, under the name, in the place of what was kept there.

    Raises Refused for a name too many, and for the idempotency key.
    """
    async with database.begin() as session:
        once = Once(session, admin_id, "saveView", idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, {"name": name, "arguments": arguments})
        if earlier is not None:
            return Done(earlier["changed"], replayed=True)
        await _alone(session, admin_id)
        view = await session.scalar(select(SavedView).where(*_is(admin_id, name)))
        changed = view is None or view.arguments != arguments
        if view is None:
            view = await _new(session, admin_id, name)
        if changed:
            view.arguments, view.updated_at = dict(arguments), now()
            await session.flush()
            audit.record(session, actor, "saved_view.saved", subject_kind="saved_view", subject_id=view.id)
        await once.keep({"changed": changed})
    return Done(changed)


async def delete_view(database: Database, actor: Actor, admin_id: UUID, name: str, idempotency_key: str | None) -> Done:
    """Delete the view of that name. Raises Refused where there is none, and for the idempotency key."""
    async with database.begin() as session:
        once = Once(session, admin_id, "deleteSavedView", idempotency_key, UserErrorCode)
        if await once.earlier_answer(database.dialect, {"name": name}) is not None:
            return Done(changed=True, replayed=True)
        gone = await session.scalar(delete(SavedView).where(*_is(admin_id, name)).returning(SavedView.id))
        if gone is None:
            raise Refused(user_errors.not_found("saved view", "name"))
        audit.record(session, actor, "saved_view.deleted", subject_kind="saved_view", subject_id=gone)
        await once.keep({"changed": True})
    return Done(changed=True)


async def _alone(session: AsyncSession, admin_id: UUID) -> None:
    """One at a time for each admin, so that the number of views is exact."""
    await session.execute(select(Admin.id).where(Admin.id == admin_id).with_for_update())


async def _new(session: AsyncSession, admin_id: UUID, name: str) -> SavedView:
    kept = await session.scalar(select(func.count()).select_from(SavedView).where(SavedView.admin_id == admin_id))
    if (kept or 0) >= MOST_VIEWS:
        raise Refused(TOO_MANY)
    view = SavedView(admin_id=admin_id, name=name, created_at=now())
    session.add(view)
    return view


def _is(admin_id: UUID, name: str) -> tuple[Any, ...]:
    return SavedView.admin_id == admin_id, SavedView.name == name
