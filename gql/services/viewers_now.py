"""Somebody for whom something is done later than they asked for it: as they are by then."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import AnyRow
from gql.db.queries.admin_facts import admin_facts
from gql.domain.enums import AdminStatus
from gql.domain.viewer import AdminViewer

_NO_SESSION: Final = UUID(int=0)


async def viewer_now(session: AsyncSession, admin_id: UUID) -> AdminViewer:
    """A team member with what they may do and see now, whatever their status. Signing out changes none of it."""
    return (await _found(session, admin_id))[1]


async def active_viewer(session: AsyncSession, admin_id: UUID) -> AdminViewer | None:
    """The same; None for who isn't active any more."""
    status, viewer = await _found(session, admin_id)
    return viewer if status is AdminStatus.ACTIVE else None


async def _found(session: AsyncSession, admin_id: UUID) -> tuple[AdminStatus, AdminViewer]:
    async def rows(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        return (await session.execute(statement, parameters)).all()

    facts = await admin_facts(rows, admin_id)
    if facts is None:
        raise RuntimeError(f"admin {admin_id} is referred to and isn't there")
    own = facts.standing
    viewer = AdminViewer(own.admin_id, _NO_SESSION, own.office_id, own.roles, own.subtree, covers=own.covers)
    return facts.status, viewer
