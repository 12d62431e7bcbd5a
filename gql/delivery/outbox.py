"""The outbox as the dispatcher sees it: claim what is due, write down how it ended. Each is one short transaction.

A claim is a lease: it moves `not_before` to the lease's end, so that nobody else finds the message due before. Whoever
dies with a claim loses it when the lease ends. Due times are compared with the clock of the process, which has to be
right to well within a lease; a clock that was wrong and was set right strands no message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Update, bindparam, func, select, update

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.db.models.record import EXPIRED
from gql.domain.enums import OutboxStatus
from gql.domain.time import now

LONGEST_WAIT: Final = timedelta(hours=1)
"""No lease and no pause between attempts is that long. What is due later was so by a clock that was ahead."""

_CHANNEL = "mail"
# Written into the statement, not bound: only then may the databases use the partial index of waiting messages.
_PENDING = bindparam("pending", OutboxStatus.PENDING, OutboxMessage.status.type, literal_execute=True)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this process alone may send until `lease_until`. `attempt` counts from 1 and includes this one."""

    id: UUID
    template: str
    recipient: str
    payload: dict[str, Any]
    attempt: int
    created_at: datetime
    lease_until: datetime
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt ended.

    DELIVERED needs nothing else; DEAD has an `error`; PENDING has `retry_at`, and an `error` unless the message was
    handed back untried.
    """

    message: Claimed
    status: OutboxStatus
    error: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxSummary:
    """How many messages there are of each status, and since when the oldest waiting one waits."""

    counts: dict[OutboxStatus, int]
    oldest_waiting: timedelta | None


def due_messages(limit: int) -> Select[Any]:
    """The statement that finds messages which may be claimed now."""
    return (
        select(
            OutboxMessage.id,
            OutboxMessage.template,
            OutboxMessage.recipient,
            OutboxMessage.payload,
            OutboxMessage.attempts,
            OutboxMessage.created_at,
            OutboxMessage.secret,
        )
        .where(OutboxMessage.status == _PENDING, OutboxMessage.not_before <= now(), OutboxMessage.channel == _CHANNEL)
        .order_by(OutboxMessage.not_before, OutboxMessage.id)
        .limit(limit)
    )


async def claim_due(database: Database, *, limit: int, lease: timedelta) -> list[Claimed]:
    """Take up to `limit` due messages for the length of the lease; the longest due come first."""
    if not await database.rows(due_messages(1)) and not await _bring_back(database):
        return []  # polling takes no write lock
    async with database.begin() as session:
        rows = (await session.execute(database.dialect.skip_locked(due_messages(limit)))).all()
        if not rows:
            return []  # another dispatcher was first
        lease_until = now() + lease
        await session.execute(
            update(OutboxMessage)
            .where(database.dialect.is_one_of(OutboxMessage.__table__.c.id, "ids"))
            .values(not_before=lease_until, attempts=OutboxMessage.attempts + 1)
            .execution_options(synchronize_session=False),
            {"ids": [row.id for row in rows]},
        )
    return [
        Claimed(
            row.id,
            row.template,
            row.recipient,
            row.payload,
            row.attempts + 1,
            row.created_at,
            lease_until,
            row.secret,
        )
        for row in rows
    ]


async def _bring_back(database: Database) -> bool:
    """Make due what would wait for a moment that a clock ahead of time has written; tells whether there was any.

    Its holder, if there is one, may send it as well: that is rather twice than late by the years that a clock can err.
    """
    stranded = (OutboxMessage.status == _PENDING, OutboxMessage.not_before > now() + LONGEST_WAIT)
    if not await database.rows(select(OutboxMessage.id).where(*stranded).limit(1)):
        return False
    statement = update(OutboxMessage).where(*stranded).values(not_before=now())
    async with database.begin() as session:
        await session.execute(statement.execution_options(synchronize_session=False))
    return True


async def settle(database: Database, settlements: Sequence[Settlement]) -> None:
    """Write down how attempts ended.

    A delivery is a fact and always written. Anything else counts only while the lease is still the message's: after
    it, another dispatcher's outcome holds.
    """
    async with database.begin() as session:
        for settlement in settlements:
            await session.execute(_settling(settlement).execution_options(synchronize_session=False))


async def outbox_summary(database: Database) -> OutboxSummary:
    """The state of the whole outbox, for people."""
    columns = (OutboxMessage.status, func.count(), func.min(OutboxMessage.created_at))
    rows = await database.rows(select(*columns).group_by(OutboxMessage.status))
    counts = dict.fromkeys(OutboxStatus, 0)
    oldest = None
    for status, count, earliest in rows:
        counts[status] = count
        if status is OutboxStatus.PENDING:
            oldest = now() - earliest
    return OutboxSummary(counts, oldest)


async def requeue_dead(database: Database) -> int:
    """Make every DEAD message due again with all its attempts before it; answers how many there were.

    But for those whose secret has expired: they have nothing left to tell.
    """
    statement = (
        update(OutboxMessage)
        .where(OutboxMessage.status == OutboxStatus.DEAD, OutboxMessage.last_error.is_distinct_from(EXPIRED))
        .values(status=OutboxStatus.PENDING, attempts=0, not_before=now())
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    )
    async with database.begin() as session:
        return len((await session.execute(statement)).all())


def _settling(settlement: Settlement) -> Update:
    message = settlement.message
    mine = update(OutboxMessage).where(OutboxMessage.id == message.id)
    if settlement.status is OutboxStatus.DELIVERED:
        return mine.values(status=OutboxStatus.DELIVERED, delivered_at=now(), secret=None)
    leased = mine.where(OutboxMessage.status == _PENDING, OutboxMessage.not_before == message.lease_until)
    if settlement.status is OutboxStatus.DEAD:
        return leased.values(status=OutboxStatus.DEAD, last_error=settlement.error)
    if settlement.error is None:
        return leased.values(not_before=settlement.retry_at, attempts=message.attempt - 1)
    return leased.values(not_before=settlement.retry_at, last_error=settlement.error)
