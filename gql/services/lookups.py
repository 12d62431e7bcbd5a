"""What is allowed a few times a minute, and on record each time: look-ups of what is withheld, and reveals.

A look-up matches one whole email, phone, identifier or account number against customers from whose records the viewer
doesn't see it. A reveal tells a sealed number. Each is an audit event, without the value, and committed before it is
made; an admin has so many a minute, over all processes.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent
from gql.domain.errors import RateLimited
from gql.domain.time import now
from gql.services import audit
from gql.services.audit import Actor

ACTION = "customer.lookup"
REVEAL = "customer.identifier_revealed"
_MINUTE = timedelta(minutes=1)


async def record_lookup(database: Database, actor: Actor, by: str, *, per_minute: int) -> None:
    """Put one look-up on record before it is made; `by` names the field. Raises RateLimited."""
    async with database.begin() as session:
        await _hold_within(session, actor, ACTION, per_minute, f"You may make {per_minute} look-ups a minute.")
        audit.record(session, actor, ACTION, subject_kind="customer", subject_id=None, details={"by": by})


async def record_reveal(
    session: AsyncSession, actor: Actor, customer_id: UUID, details: dict[str, Any], *, per_minute: int
) -> None:
    """Put one reveal on record, in the transaction after which it is made. Raises RateLimited."""
    await _hold_within(session, actor, REVEAL, per_minute, f"You may have {per_minute} numbers revealed a minute.")
    audit.record(session, actor, REVEAL, subject_kind="customer", subject_id=customer_id, details=details)


async def _hold_within(session: AsyncSession, actor: Actor, action: str, per_minute: int, message: str) -> None:
    """Let only so many events of the action by this admin into a minute. Raises RateLimited."""
    # An admin's one after another, or several at once would all count the same few.
    await session.execute(select(Admin.id).where(Admin.id == actor.id).with_for_update(key_share=True))
    moment = now()
    recent = await session.scalar(
        select(func.count()).where(
            AuditEvent.actor_id == actor.id,
            AuditEvent.action == action,
            AuditEvent.at > moment - _MINUTE,
            AuditEvent.at <= moment + _MINUTE,  # later ones are of before the clock was set back
        )
    )
    if (recent or 0) >= per_minute:
        raise RateLimited(f"{message} Wait a little.")
