"""Exact look-ups of what a limited view withholds: allowed to some, counted, and on record.

A look-up matches one whole email or phone number against customers whose contacts the viewer doesn't see. Each is
an audit event, without the value that was asked for; an admin has so many a minute, over all processes.
"""

from datetime import timedelta

from sqlalchemy import func, select

from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent
from gql.domain.errors import RateLimited
from gql.domain.time import now
from gql.services import audit
from gql.services.audit import Actor

ACTION = "customer.lookup"
_MINUTE = timedelta(minutes=1)


async def record_lookup(database: Database, actor: Actor, by: str, *, per_minute: int) -> None:
    """Put one look-up on record before it is made; `by` is "email" or "phone". Raises RateLimited."""
    async with database.begin() as session:
        # An admin's look-ups one after another, or several at once would all count the same few.
        await session.execute(select(Admin.id).where(Admin.id == actor.id).with_for_update(key_share=True))
        moment = now()
        recent = await session.scalar(
            select(func.count()).where(
                AuditEvent.actor_id == actor.id,
                AuditEvent.action == ACTION,
                AuditEvent.at > moment - _MINUTE,
                AuditEvent.at <= moment + _MINUTE,  # later ones are of before the clock was set back
            )
        )
        if (recent or 0) >= per_minute:
            raise RateLimited(f"You may look up {per_minute} emails or phone numbers a minute. Wait a little.")
        audit.record(session, actor, ACTION, subject_kind="customer", subject_id=None, details={"by": by})
