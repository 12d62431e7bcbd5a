"""Ending one's own sessions elsewhere, such as on a phone that was lost."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.domain.errors import Refused
from gql.domain.session_revocation import SESSION_NOT_FOUND, RevokeErrorCode
from gql.domain.viewer import AdminViewer, CustomerViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.idempotency import Once
from gql.services.sessions import End, end_sessions


@dataclass(frozen=True, slots=True)
class Revoked:
    """A session has ended. `replayed`: it is the answer that was kept for the idempotency key; nothing was done now."""

    replayed: bool = False


async def revoke_session(
    database: Database,
    actor: Actor,
    viewer: AdminViewer | CustomerViewer,
    session_id: UUID,
    idempotency_key: str | None = None,
) -> Revoked:
    """End one of the viewer's sessions, the present one included. Raises Refused where it is not one that lasts."""
    kind, owner_id = viewer.subject
    async with database.begin() as transaction:
        once = Once(transaction, owner_id, "revokeSession", idempotency_key, RevokeErrorCode)
        if await once.earlier_answer(database.dialect, {"session_id": session_id}) is not None:
            return Revoked(replayed=True)
        ended = await end_sessions(transaction, kind, owner_id, End.REVOKED, only=session_id)
        if not ended:
            raise Refused(SESSION_NOT_FOUND)
        _record(transaction, actor, ended)
        await once.keep({"revoked": True})
    return Revoked()


@dataclass(frozen=True, slots=True)
class OthersRevoked:
    """How many sessions have ended. `replayed`: as above."""

    count: int
    replayed: bool = False


async def revoke_other_sessions(
    database: Database, actor: Actor, viewer: AdminViewer | CustomerViewer, idempotency_key: str | None = None
) -> OthersRevoked:
    """End all of the viewer's sessions but the present one. Refused for nothing but the idempotency key."""
    kind, owner_id = viewer.subject
    async with database.begin() as transaction:
        once = Once(transaction, owner_id, "revokeOtherSessions", idempotency_key, RevokeErrorCode)
        earlier = await once.earlier_answer(database.dialect, {"but": viewer.session_id})
        if earlier is not None:
            return OthersRevoked(earlier["count"], replayed=True)
        ended = await end_sessions(transaction, kind, owner_id, End.REVOKED, but=viewer.session_id)
        _record(transaction, actor, ended)
        await once.keep({"count": len(ended)})
    return OthersRevoked(len(ended))


def _record(transaction: AsyncSession, actor: Actor, ended: list[UUID]) -> None:
    for session_id in ended:
        audit.record(transaction, actor, "session.revoked", subject_kind="session", subject_id=session_id)
