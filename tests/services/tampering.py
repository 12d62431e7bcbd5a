"""Ways to tamper with a sealed audit trail, by who can write to the database and hasn't got the key."""

import random
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import cycle
from typing import Any

from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import AuditEvent, AuditSegment, AuditWaiting
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from gql.services.audit_chain import ENTRY_BYTES, SealingKey, entries_of

EVENTS: Any = AuditEvent.__table__
SEGMENTS: Any = AuditSegment.__table__
WAITING: Any = AuditWaiting.__table__
_TABLES = ("audit_events", "audit_segments")
_TRIGGERS = {
    "sqlite": [
        *(f"DROP TRIGGER {table}_{change}_refused" for table in _TABLES for change in ("update", "delete")),
        "DROP TRIGGER audit_events_await_sealing",
    ],
    "postgresql": [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in _TABLES],
}


class OneTransaction:
    """A database as `verify` reads it, within a transaction that is going to be rolled back."""

    def __init__(self, session: AsyncSession, dialect: Dialect) -> None:
        self.session = session
        self.dialect = dialect

    async def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """As `Database.rows`."""
        return (await self.session.execute(statement, dict(parameters or {}))).all()


async def switch_triggers_off(session: AsyncSession, kind: str) -> None:
    """As the owner of the tables can."""
    for statement in _TRIGGERS[kind]:
        await session.execute(text(statement))


class Trail:
    """What there is to tamper with: the rows as they were sealed."""

    def __init__(self, events: Sequence[Any], segments: Sequence[Any], waiting: Sequence[Any], seed: int) -> None:
        waits = {row.event_id for row in waiting}
        self.sealed = [event for event in events if event.id not in waits]
        self.waiting = [event for event in events if event.id in waits]
        self.segments = segments
        self.random = random.Random(seed)
        self._turns: dict[tuple[str, ...], Iterator[str]] = {}

    @staticmethod
    async def read(session: AsyncSession, seed: int) -> "Trail":
        """All of it."""
        events, segments, waiting = [
            (await session.execute(select(table))).all() for table in (EVENTS, SEGMENTS, WAITING)
        ]
        return Trail(events, segments, waiting, seed)

    def event(self) -> Any:
        """A sealed one."""
        return self.random.choice(self.sealed)

    def two_events(self) -> list[Any]:
        """That are not each other's double."""
        return self.random.sample(self.sealed, 2)

    def segment(self) -> Any:
        """Any."""
        return self.random.choice(self.segments)

    def in_turn(self, columns: Collection[str]) -> str:
        """Each column once before any comes again."""
        names = tuple(sorted(columns))
        if names not in self._turns:
            self._turns[names] = cycle(self.random.sample(names, len(names)))
        return next(self._turns[names])


Tamper = Callable[[AsyncSession, Trail], Awaitable[None]]


async def _remove_event(session: AsyncSession, trail: Trail) -> None:
    await session.execute(delete(EVENTS).where(EVENTS.c.id == trail.event().id))


async def _alter_column(session: AsyncSession, trail: Trail) -> None:
    event = trail.event()
    new: dict[str, Any] = {
        "id": new_id(),
        "at": event.at + timedelta(microseconds=trail.random.choice((-1, 1, 3_600_000_000))),
        "actor_kind": next(kind for kind in SubjectKind if kind is not event.actor_kind),
        "actor_id": new_id() if trail.random.random() < 0.5 or event.actor_id is None else None,
        "action": event.action + "s",
        "subject_kind": "loan",
        "subject_id": new_id() if trail.random.random() < 0.5 or event.subject_id is None else None,
        "details": event.details | {"reason": "another"},
        "request_id": "another",
        "customer_id": new_id(),
        "address": None if event.address is not None else "192.0.2.9",
        "denied": not event.denied,
    }
    assert new.keys() == set(EVENTS.c.keys())
    name = trail.in_turn(new)
    await session.execute(update(EVENTS).where(EVENTS.c.id == event.id).values({name: new[name]}))


async def _swap_contents(session: AsyncSession, trail: Trail) -> None:
    one, other = trail.two_events()
    for into, out_of in ((one, other), (other, one)):
        values = {name: value for name, value in out_of._mapping.items() if name != "id"}
        await session.execute(update(EVENTS).where(EVENTS.c.id == into.id).values(values))


async def _swap_ids(session: AsyncSession, trail: Trail) -> None:
    one, other = trail.two_events()
    for old, new in ((one.id, new_id()), (other.id, one.id)):
        await session.execute(update(EVENTS).where(EVENTS.c.id == old).values(id=new))


async def _forge_beside(session: AsyncSession, trail: Trail) -> None:
    await session.execute(insert(EVENTS).values(dict(trail.event()._mapping) | {"id": new_id()}))


async def _forge_within(session: AsyncSession, trail: Trail) -> None:
    """With an entry in its segment, made with a key of the forger's own."""
    segment, forged = trail.segment(), dict(trail.event()._mapping) | {"id": new_id()}
    await session.execute(insert(EVENTS).values(forged))
    [row] = (await session.execute(select(EVENTS).where(EVENTS.c.id == forged["id"]))).all()
    values = {"entries": segment.entries + SealingKey(bytes(32)).entry(row), "events": segment.events + 1}
    await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == segment.number).values(values))


async def _replace(session: AsyncSession, trail: Trail) -> None:
    """One event by a forged one of a new ID, so that their number stays."""
    await session.execute(update(EVENTS).where(EVENTS.c.id == trail.event().id).values(id=new_id(), action="forged"))


async def _replace_waiting(session: AsyncSession, trail: Trail) -> None:
    """An event that waits by a forged one, so that the numbers stay."""
    [event] = trail.random.sample(trail.waiting, 1)
    await session.execute(update(EVENTS).where(EVENTS.c.id == event.id).values(id=new_id(), action="forged"))


async def _hide_behind_sealed(session: AsyncSession, trail: Trail) -> None:
    """A forged event, and the listing of a sealed one as waiting, so that the numbers stay."""
    await _forge_beside(session, trail)
    await session.execute(insert(WAITING).values(event_id=trail.event().id))


async def _remove_segment(session: AsyncSession, trail: Trail) -> None:
    """Alone, or with its events."""
    segment = trail.segment()
    await session.execute(delete(SEGMENTS).where(SEGMENTS.c.number == segment.number))
    if trail.random.random() < 0.5:
        await _remove_events_of(session, [segment])


async def _alter_segment(session: AsyncSession, trail: Trail) -> None:
    segment = trail.segment()
    place = trail.random.randrange(len(segment.entries))
    new: dict[str, Any] = {
        "number": segment.number + 100,
        "sealed_at": segment.sealed_at + timedelta(microseconds=1),
        "events": segment.events + 1,
        "entries": _flipped(segment.entries, place),
        "key_id": "00" * 8,
        "hash": _flipped(segment.hash, place % 32),
    }
    name = trail.in_turn(new)
    await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == segment.number).values({name: new[name]}))


async def _reorder_within(session: AsyncSession, trail: Trail) -> None:
    """Two entries of one segment."""
    segment = trail.segment()
    entries = [segment.entries[n : n + ENTRY_BYTES] for n in range(0, len(segment.entries), ENTRY_BYTES)]
    one, other = trail.random.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    values = {"entries": b"".join(entries)}
    await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == segment.number).values(values))


async def _swap_segments(session: AsyncSession, trail: Trail) -> None:
    one, other = trail.random.sample(list(trail.segments), 2)
    for into, out_of in ((one, other), (other, one)):
        values = {name: value for name, value in out_of._mapping.items() if name != "number"}
        await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == into.number).values(values))


async def _cut_off_end(session: AsyncSession, trail: Trail) -> None:
    """The last segments, with their events."""
    await cut_off(session, trail, trail.random.randrange(1, len(trail.segments) + 1))


async def cut_off(session: AsyncSession, trail: Trail, count: int) -> None:
    """So many segments from the end, with their events."""
    last = sorted(trail.segments, key=lambda segment: segment.number)[-count:]
    await session.execute(delete(SEGMENTS).where(SEGMENTS.c.number.in_([segment.number for segment in last])))
    await _remove_events_of(session, last)


async def _seal_anew(session: AsyncSession, trail: Trail) -> None:
    """An altered event, and its segment made anew with a key of the forger's own, called as ours is."""
    key, event = SealingKey(bytes(32)), trail.event()
    await session.execute(update(EVENTS).where(EVENTS.c.id == event.id).values(action="forged"))
    [row] = (await session.execute(select(EVENTS).where(EVENTS.c.id == event.id))).all()
    for segment in trail.segments:
        place = segment.entries.find(event.id.bytes)
        if place >= 0:
            entries = segment.entries[:place] + key.entry(row) + segment.entries[place + ENTRY_BYTES :]
            made = key.segment(segment.number, segment.sealed_at, bytes(32), entries)
            values = {"entries": entries, "hash": made}
            await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == segment.number).values(values))


async def _remove_events_of(session: AsyncSession, segments: Sequence[Any]) -> None:
    entries = b"".join(segment.entries for segment in segments)
    gone = [event_id for event_id, _ in entries_of(entries)]
    await session.execute(delete(EVENTS).where(EVENTS.c.id.in_(gone)))


def _flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


TAMPERINGS: Mapping[str, Tamper] = {
    "an event is removed": _remove_event,
    "a column of an event is altered": _alter_column,
    "two events change places": _swap_contents,
    "two events change IDs": _swap_ids,
    "an event is forged beside the segments": _forge_beside,
    "an event is forged into a segment": _forge_within,
    "an event is replaced": _replace,
    "an event that waits is replaced": _replace_waiting,
    "a forged event hides behind a sealed one": _hide_behind_sealed,
    "a segment is removed": _remove_segment,
    "a segment is altered": _alter_segment,
    "entries of a segment change places": _reorder_within,
    "two segments change places": _swap_segments,
    "the end is cut off": _cut_off_end,
    "a segment is sealed anew with another key": _seal_anew,
}
