"""The sealer: puts audit events that wait into segments, each chained to the one before by its hash.

Writers know nothing of it: a trigger lists each new event as waiting, in the writer's own transaction, so that one that
commits late is sealed late, and none is passed over. Of several processes one seals at a time; each segment is a short
transaction of its own.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import AuditSegment, AuditWaiting, InstallationFact
from gql.domain.time import now
from gql.services.audit_chain import COLUMNS, EVENT, HEAD_FACT, START, Head, SealingKeys
from gql.settings import Settings

_BATCH: Final = 500
_HELD: Final = "audit sealer"
_FIRST: Final = UUID(int=0)

_waiting: Any = AuditWaiting.__table__
_segments: Any = AuditSegment.__table__
_facts: Any = InstallationFact.__table__
_log = structlog.stdlib.get_logger(__name__)


class Sealer:
    """Seals one database's events."""

    def __init__(self, database: Database, settings: Settings, *, batch: int = _BATCH) -> None:
        self._database = database
        self._keys = SealingKeys.of(settings)
        self._pause_seconds = settings.audit_seal_seconds
        self._batch = batch

    async def run(self, stop: asyncio.Event) -> None:
        """Seal what waits, after each pause and a last time at the end. Goes on after any failure of the database."""
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._pause_seconds)
            try:
                await self.seal()
            except Exception as error:  # what waits is sealed after the pause, or by the next process
                _log.warning("audit.not_sealed", error=type(error).__qualname__)

    async def seal(self) -> int:
        """Seal all that waits; answers how many events. Ends where another process is at it."""
        sealed, count = 0, self._batch
        while count == self._batch and await self._database.rows(select(_waiting.c.event_id).limit(1)):
            count = await self._seal_some()
            sealed += count
        return sealed

    async def _seal_some(self) -> int:
        """Seal one segment; answers how many events it has."""
        async with self._database.begin() as transaction:
            if not await self._database.dialect.hold(transaction, _HELD, 0):
                return 0
            events = await self._oldest(transaction)
            if not events:
                return 0
            head = await self._append(transaction, events)
        # The log is the nearest place where whoever can write to the database can't: see ADR 0018.
        _log.info("audit.sealed", segment=head.number, hash=head.hash.hex(), events=len(events))
        return len(events)

    async def _oldest(self, transaction: AsyncSession) -> list[Any]:
        """The first that wait. By their IDs, not by a join, which might be planned to walk through all events."""
        dialect, after = self._database.dialect, _FIRST
        while True:
            is_next = _waiting.c.event_id > after
            some = select(_waiting.c.event_id).where(is_next).order_by(_waiting.c.event_id).limit(self._batch)
            ids = list((await transaction.scalars(some)).all())
            if not ids:
                return []
            events = select(*COLUMNS).where(dialect.is_one_of(EVENT.c.id, "ids")).order_by(EVENT.c.id)
            found = list((await transaction.execute(events, {"ids": ids})).all())
            if found:
                return found
            after = ids[-1]  # all of these are gone, which `verify` tells, and must not stand in the way

    async def _append(self, transaction: AsyncSession, events: list[Any]) -> Head:
        last = select(_segments.c.number, _segments.c.hash).order_by(_segments.c.number.desc()).limit(1)
        row = (await transaction.execute(last)).one_or_none()
        previous = START if row is None else Head(row.number, row.hash)
        key, moment, number = self._keys.newest, now(), previous.number + 1
        entries = b"".join(map(key.entry, events))
        head = Head(number, key.segment(number, moment, previous.hash, entries))
        segment = {
            "number": number,
            "sealed_at": moment,
            "events": len(events),
            "entries": entries,
            "key_id": key.id,
            "hash": head.hash,
        }
        await transaction.execute(insert(_segments).values(segment))
        is_sealed = self._database.dialect.is_one_of(_waiting.c.event_id, "sealed")
        await transaction.execute(delete(_waiting).where(is_sealed), {"sealed": [event.id for event in events]})
        await self._keep_head(transaction, key.head(head))
        return head

    async def _keep_head(self, transaction: AsyncSession, fact: str) -> None:
        fresh = {"key": HEAD_FACT, "value": fact}
        if not await self._database.dialect.insert_if_new(transaction, InstallationFact, fresh):
            statement = _facts.update().where(_facts.c.key == HEAD_FACT).values(value=fact)
            await transaction.execute(statement)


async def run_sealer(settings: Settings, stop: asyncio.Event) -> None:
    """The same in a process of its own, until `stop` is set."""
    database = Database(settings.database_url, pool_size=1)
    try:
        await Sealer(database, settings).run(stop)
    finally:
        await database.close()
