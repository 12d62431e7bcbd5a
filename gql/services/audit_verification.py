"""Verify the audit trail: that every sealed event is as it was sealed, and none is missing, added or out of its place.

Reads segment by segment, so that memory doesn't grow with the trail. Whatever is wrong is told in a sentence.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, func, select

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import AuditSegment, AuditWaiting, InstallationFact
from gql.domain.errors import Unavailable
from gql.services.audit_chain import (
    COLUMNS,
    ENTRY_BYTES,
    EVENT,
    HEAD_FACT,
    START,
    Head,
    SealingKey,
    SealingKeys,
    entries_of,
)

MOST_TOLD: Final = 10
_MOST_WAITING: Final = 100_000
_SEGMENTS_AT_ONCE: Final = 100
_BYTES_AT_ONCE: Final = 1_000 * ENTRY_BYTES

_waiting: Any = AuditWaiting.__table__
_segments: Any = AuditSegment.__table__
_facts: Any = InstallationFact.__table__


@dataclass(slots=True)
class Verification:
    """What was found. The trail is as it was sealed where `differences` is empty; no more than MOST_TOLD are told."""

    segments: int = 0
    events: int = 0
    """Sealed ones, that were compared."""
    waiting: int = 0
    """In the database and not sealed yet: what happens to them is not noticed."""
    oldest_waiting: datetime | None = None
    head: Head = START
    differences: list[str] = field(default_factory=list)


class _Enough(Exception):
    """There is no need to look further."""


async def verify(database: Database, keys: SealingKeys, known: Sequence[Head] = ()) -> Verification:
    """Compare everything. `known` are heads that were kept elsewhere: the chain must have led through them.

    Raises Unavailable. A database that holds what no application wrote is a difference, whatever it does to a read.
    """
    verifier = _Verifier(database, keys, {head.number: head.hash for head in known})
    with suppress(_Enough):
        await verifier.run()
    return verifier.found


class _Verifier:
    def __init__(self, database: Database, keys: SealingKeys, known: Mapping[int, bytes]) -> None:
        self._database = database
        self._keys = keys
        self._known = dict(known)
        self._waiting: frozenset[UUID] = frozenset()
        self._last = 0
        self.found = Verification()

    async def run(self) -> None:
        """All comparisons. Raises _Enough."""
        kept = await self._count()
        self._waiting = await self._waiting_ids()
        async for segments in self._all_segments():
            await self._compare(segments)
        self._end(kept)

    async def _count(self) -> str | None:
        """What one statement sees of everything at once; answers the fact that is kept of the chain's end."""
        [row] = await self._database.rows(_COUNTS)
        self.found.waiting = row.waiting
        self.found.oldest_waiting = row.oldest
        if row.lost:
            self._tell(f"{row.lost} events that waited to be sealed are gone.")
        beyond = row.events - row.sealed - (row.waiting - row.lost)
        if beyond > 0:
            self._tell(f"{beyond} events are neither sealed nor waiting: they were added past the application.")
        if beyond < 0:
            self._tell(f"{-beyond} events fewer are there than were sealed and wait.")
        self._last = row.last or 0
        return None if row.head is None else str(row.head)

    async def _waiting_ids(self) -> frozenset[UUID]:
        if self.found.waiting > _MOST_WAITING:
            self._tell(f"{self.found.waiting} events wait to be sealed: the sealer hasn't run. Run it, then verify.")
        rows = await self._database.rows(select(_waiting.c.event_id).limit(_MOST_WAITING))
        return frozenset(row.event_id for row in rows)

    async def _all_segments(self) -> AsyncIterator[list[Any]]:
        """Some at a time, so that few statements read many small ones, and none reads too much."""
        after = 0
        while after < self._last:
            bound = {"after": after, "last": self._last}
            try:
                page = await self._database.rows(_SEGMENTS, bound)
            except (ValueError, TypeError, OverflowError):
                self._tell(f"Among the {_SEGMENTS_AT_ONCE} segments after {after} is one that can't be read.")
                return
            some: list[Any] = []
            size = 0
            for segment in page:
                some.append(segment)
                size += len(segment.entries)
                if size >= _BYTES_AT_ONCE or segment is page[-1]:
                    yield some
                    some, size = [], 0
            if not page:
                return
            after = page[-1].number

    async def _compare(self, segments: Sequence[Any]) -> None:
        try:
            events = await self._events([event_id for one in segments for event_id, _ in entries_of(one.entries)])
        except Unavailable:
            raise
        except Exception as error:  # a value that is none of its column's type
            if len(segments) == 1:
                self._tell(f"An event of segment {segments[0].number} can't be read ({type(error).__qualname__}).")
                self._segment(segments[0], None)
            else:
                for segment in segments:
                    await self._compare([segment])
            return
        for segment in segments:
            self._segment(segment, events)

    async def _events(self, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
        rows = await self._database.rows(_events_by_id(self._database.dialect), {"ids": ids})
        return {row.id: row for row in rows}

    def _segment(self, segment: Any, events: Mapping[UUID, Any] | None) -> None:
        """One segment, by its place in the chain and the events that it should have; None where they can't be read."""
        previous, number = self.found.head, segment.number
        if number != previous.number + 1:
            self._tell(f"Segment {previous.number + 1} is missing; the next one is {number}.")
        key = self._keys.by_id.get(segment.key_id)
        if key is None:
            self._tell(f"Segment {number} was sealed with another key. Put that key into AUDIT_KEYS, too.")
        elif key.segment(number, segment.sealed_at, previous.hash, segment.entries) != segment.hash:
            self._tell(f"Segment {number} was altered, or the one before it.")
        if self._known.pop(number, segment.hash) != segment.hash:
            self._tell(f"Segment {number} is not the one that was known.")
        if segment.events * ENTRY_BYTES != len(segment.entries):
            self._tell(f"Segment {number} doesn't have the {segment.events} events that it says.")
        if key is not None and events is not None:
            for event_id, entry in entries_of(segment.entries):
                self._event(key, number, event_id, entry, events.get(event_id))
        self.found.segments += 1
        self.found.head = Head(number, segment.hash)

    def _event(self, key: SealingKey, segment: int, event_id: UUID, entry: bytes, event: Any) -> None:
        if event is None:
            self._tell(f"Event {event_id} of segment {segment} is gone.")
        elif key.entry(event) != entry:
            self._tell(f"Event {event_id} of segment {segment} was altered.")
        if event_id in self._waiting:
            self._tell(f"Event {event_id} waits to be sealed, and is in segment {segment} already.")
        self.found.events += 1

    def _end(self, kept: str | None) -> None:
        """Whether the chain goes as far as it did."""
        head = self.found.head
        facts = {key.head(head) for key in self._keys.by_id.values()}
        if (head != START or kept is not None) and kept not in facts:
            self._tell(f"The chain ends with segment {head.number}, which is not the end that was kept.")
        for number in sorted(self._known):
            self._tell(f"The chain ends with segment {head.number}; segment {number} was known.")

    def _tell(self, difference: str) -> None:
        self.found.differences.append(difference)
        if len(self.found.differences) >= MOST_TOLD:
            raise _Enough


def _counts() -> Select[Any]:
    event_id, is_there = _waiting.c.event_id, EVENT.c.id == _waiting.c.event_id
    lost = select(func.count()).select_from(_waiting.outerjoin(EVENT, is_there)).where(EVENT.c.id.is_(None))
    return select(
        select(func.count()).select_from(EVENT).scalar_subquery().label("events"),
        select(func.count(event_id)).scalar_subquery().label("waiting"),
        lost.scalar_subquery().label("lost"),
        select(func.min(EVENT.c.at)).select_from(_waiting.join(EVENT, is_there)).scalar_subquery().label("oldest"),
        select(func.coalesce(func.sum(_segments.c.events), 0).cast(BigInteger)).scalar_subquery().label("sealed"),
        select(func.max(_segments.c.number)).scalar_subquery().label("last"),
        select(_facts.c.value).where(_facts.c.key == HEAD_FACT).scalar_subquery().label("head"),
    )


_COUNTS: Final = _counts()
_SEGMENTS: Final = (
    select(*_segments.c)
    .where(
        _segments.c.number > bindparam("after", type_=BigInteger()),
        _segments.c.number <= bindparam("last", type_=BigInteger()),
    )
    .order_by(_segments.c.number)
    .limit(_SEGMENTS_AT_ONCE)
)


@lru_cache(maxsize=4)
def _events_by_id(dialect: Dialect) -> Select[Any]:
    return select(*COLUMNS).where(dialect.is_one_of(EVENT.c.id, "ids"))
