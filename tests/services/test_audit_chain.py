"""The audit trail is append-only and sealed: whatever is done to it past the application is found."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest
from sqlalchemy import Executable, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import AuditEvent, InstallationFact
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.services import audit
from gql.services.audit import Actor
from gql.services.audit_chain import HEAD_FACT, Head, SealingKeys, entries_of
from gql.services.audit_verification import Verification, verify
from gql.services.sealing import Sealer
from gql.settings import Settings
from tests.databases import DatabaseKind, fresh_database
from tests.examples import examples
from tests.records import contents
from tests.services.tampering import (
    EVENTS,
    SEGMENTS,
    TAMPERINGS,
    WAITING,
    OneTransaction,
    Trail,
    cut_off,
    switch_triggers_off,
)

SETTINGS = Settings.model_validate({"secret_key": "a key of the tests that is long enough"})
KEYS = SealingKeys.of(SETTINGS)
ADMIN = Actor(SubjectKind.ADMIN, new_id(), "a request", "192.0.2.1")
_SEEDS = {"sqlite": 2026, "postgresql": 2027}
NOBODY = Actor(SubjectKind.SYSTEM, None)


async def _record(database: Database, count: int) -> None:
    """Events of all shapes."""
    async with database.begin() as session:
        for number in range(count):
            is_change = number % 3 > 0
            audit.record(
                session,
                ADMIN if number % 4 else NOBODY,
                "customer.updated" if is_change else "assignAccountManager.denied",
                subject_kind="customer",
                subject_id=new_id() if number % 5 else None,
                details={"before": {"name": f"Ọla {number}"}, "after": {"amount": 1.5}} if is_change else {},
                denied=not is_change,
            )


async def _sealed(database: Database, segments: int = 6, waiting: int = 3) -> None:
    await _record(database, 10 * segments)
    assert await Sealer(database, SETTINGS, batch=10).seal() == 10 * segments
    await _record(database, waiting)


@asynccontextmanager
async def _tampering(database: Database, kind: str) -> AsyncIterator[AsyncSession]:
    """A transaction of who has switched the triggers off, which is rolled back."""

    class Done(Exception):
        pass

    with suppress(Done):
        async with database.begin() as session:
            await switch_triggers_off(session, kind)
            yield session
            raise Done


async def _verify(session: AsyncSession, database: Database, *known: Head) -> Verification:
    return await verify(cast("Database", OneTransaction(session, database.dialect)), KEYS, known)


async def test_random_tamperings_are_all_found(database: Database, database_kind: DatabaseKind) -> None:
    """A thousand of them, each column altered in turn. Each one is undone, and the trail then is as it was sealed."""
    await _sealed(database)
    missed: Counter[str] = Counter()
    async with _tampering(database, database_kind) as session:
        trail = await Trail.read(session, seed=_SEEDS[database_kind])
        for name in [*TAMPERINGS] * examples(3 * len(EVENTS.c)):
            async with session.begin_nested() as savepoint:
                await TAMPERINGS[name](session, trail)
                missed[name] += not (await _verify(session, database)).differences
                await savepoint.rollback()
        found = await _verify(session, database)
    assert not +missed
    assert (found.differences, found.segments, found.events, found.waiting) == ([], 6, 60, 3)


async def test_an_end_that_was_cut_off_cleverly_is_found_by_a_head_that_was_kept(
    database: Database, database_kind: DatabaseKind
) -> None:
    """Nothing in the database finds who cuts off the end and puts back the fact of how far the chain went then."""
    await _sealed(database, segments=3, waiting=0)
    before = (await verify(database, KEYS)).head
    [fact] = [row.value for row in await database.rows(select(InstallationFact.__table__.c.value))]
    await _sealed(database, segments=2, waiting=0)
    after = (await verify(database, KEYS, [before])).head
    assert (before.number, after.number) == (3, 5)

    async with _tampering(database, database_kind) as session:
        await cut_off(session, await Trail.read(session, seed=1), 2)
        assert (await _verify(session, database)).differences
        is_head = InstallationFact.key == HEAD_FACT
        await session.execute(update(InstallationFact).where(is_head).values(value=fact))
        assert not (await _verify(session, database, before)).differences
        told = (await _verify(session, database, Head.parse(str(after)))).differences
        assert told == ["The chain ends with segment 3; segment 5 was known."]


async def test_a_segment_of_another_chain_under_the_same_key_is_found(
    database: Database, database_kind: DatabaseKind
) -> None:
    """Such as one of a copy of the database that went on by itself: each segment leads on from the one before."""
    await _sealed(database, segments=3, waiting=0)
    with fresh_database(database_kind) as url:
        copy = Database(url)
        await _sealed(copy, segments=3, waiting=0)
        [segment] = [row for row in await _rows_with(copy, SEGMENTS) if row.number == 2]
        ids = {event_id for event_id, _ in entries_of(segment.entries)}
        events = [dict(row._mapping) for row in await _rows_with(copy, EVENTS) if row.id in ids]
        await copy.close()
    async with _tampering(database, database_kind) as session:
        ours = (await session.execute(select(SEGMENTS.c.entries).where(SEGMENTS.c.number == 2))).scalar_one()
        old = [event_id for event_id, _ in entries_of(ours)]
        await session.execute(delete(EVENTS).where(EVENTS.c.id.in_(old)))
        await session.execute(insert(EVENTS), events)
        await session.execute(update(SEGMENTS).where(SEGMENTS.c.number == 2).values(dict(segment._mapping)))
        told = (await _verify(session, database)).differences
    assert told == ["Segment 2 was altered, or the one before it.", "Segment 3 was altered, or the one before it."]


async def _rows_with(database: Database, table: Any) -> list[Any]:
    """All rows, by the names of their columns."""
    async with database.begin() as session:
        return list((await session.execute(select(table))).all())


async def test_differences_are_told_in_words_and_the_unsealed_window_is_stated(
    database: Database, database_kind: DatabaseKind
) -> None:
    await _sealed(database, segments=2, waiting=4)
    async with _tampering(database, database_kind) as session:
        trail = await Trail.read(session, seed=1)
        [altered, gone] = trail.two_events()
        await session.execute(update(EVENTS).where(EVENTS.c.id == altered.id).values(action="forged"))
        await session.execute(delete(EVENTS).where(EVENTS.c.id == gone.id))
        found = await _verify(session, database)
    assert found.waiting == 4
    assert found.oldest_waiting == min(event.at for event in trail.waiting)
    assert sorted(words for words in found.differences if words.startswith("Event ")) == sorted(
        f"Event {event.id} of segment {_segment_of(trail, event)} {what}."
        for event, what in ((altered, "was altered"), (gone, "is gone"))
    )


def _segment_of(trail: Trail, event: Any) -> int:
    [number] = [segment.number for segment in trail.segments if event.id.bytes in segment.entries]
    return int(number)


@pytest.mark.parametrize("table", [EVENTS, SEGMENTS], ids=["events", "segments"])
async def test_the_database_itself_refuses_changes(table: Any, database: Database, database_kind: DatabaseKind) -> None:
    """Whoever sends them, whatever the statement."""
    await _sealed(database, segments=1)
    column = list(table.c)[-1]
    attempts: list[Executable] = [delete(table), update(table).values({column: column})]
    if database_kind == "postgresql":
        attempts.append(text(f"TRUNCATE {table.name}"))
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.begin() as session:
                await session.execute(attempt)
    assert not (await verify(database, KEYS)).differences


async def test_writers_and_sealers_at_once_lose_no_event(database_url: str, database: Database) -> None:
    """Several of each; on PostgreSQL, with a transaction that begins first and commits last."""
    others = [Database(database_url) for _ in range(3)]
    sealers = [Sealer(one, SETTINGS, batch=7) for one in others]
    writing = True

    async def write(one: Database) -> None:
        for _ in range(12):
            await _record(one, 5)

    async def seal(sealer: Sealer) -> None:
        while writing:
            await sealer.seal()
            await asyncio.sleep(0.001)

    async def late(one: Database) -> None:
        async with one.begin() as session:
            await session.execute(insert(AuditEvent), [_values("late")])
            if not one.is_sqlite:  # there, nobody else would write meanwhile
                await asyncio.sleep(0.3)

    sealing = [asyncio.create_task(seal(sealer)) for sealer in sealers]
    await asyncio.gather(late(others[0]), *(write(one) for one in others))
    writing = False
    await asyncio.gather(*sealing)
    await sealers[0].seal()

    found = await verify(database, KEYS)
    assert (found.differences, found.events, found.waiting) == ([], 181, 0)
    for one in others:
        await one.close()


async def test_an_event_that_commits_after_younger_ones_were_sealed_is_sealed_then(database: Database) -> None:
    values = _values("late")
    await _sealed(database, segments=1, waiting=0)
    async with database.begin() as session:
        await session.execute(insert(AuditEvent), [values])
    assert (await verify(database, KEYS)).waiting == 1
    assert await Sealer(database, SETTINGS).seal() == 1
    assert (await verify(database, KEYS)).events == 11


def _values(action: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "at": now(),
        "actor_kind": SubjectKind.SYSTEM,
        "action": action,
        "subject_kind": "request",
        "details": {},
    }


async def test_a_sealer_that_dies_at_any_step_leaves_no_trace(database: Database) -> None:
    """At each of its statements in turn; the next one seals what waits."""

    class Died(Exception):
        pass

    def dies_at(step: int) -> Callable[[str, Any], None]:
        left = iter(range(step))

        def listener(statement: str, parameters: Any) -> None:
            if next(left, None) is None:
                raise Died

        return listener

    await _sealed(database, segments=1, waiting=5)
    before, steps = await contents(database), 0
    sealer = Sealer(database, SETTINGS)
    while True:
        end = database.listen(dies_at(steps))
        try:
            await sealer.seal()
            break
        except Died:
            steps += 1
        finally:
            end()
        assert await contents(database) == before
    assert steps >= 5
    found = await verify(database, KEYS)
    assert (found.differences, found.events, found.waiting) == ([], 15, 0)


async def test_a_new_key_seals_and_the_old_one_still_verifies(database: Database) -> None:
    await _sealed(database, segments=1, waiting=2)
    both = f"{'n' * 40}, a key of the tests that is long enough"
    turned = Settings.model_validate({"audit_keys": both})
    assert await Sealer(database, turned).seal() == 2

    assert not (await verify(database, SealingKeys.of(turned))).differences
    told = (await verify(database, KEYS)).differences
    assert told[0] == "Segment 2 was sealed with another key. Put that key into AUDIT_KEYS, too."
    with pytest.raises(ValueError, match="32 characters"):
        Settings.model_validate({"audit_keys": f"{both},short"})


async def test_the_sealer_runs_by_itself(database: Database) -> None:
    """After each pause, and not less so after a failure."""
    stop = asyncio.Event()
    settings = SETTINGS.model_copy(update={"audit_seal_seconds": 0.02})
    await _record(database, 3)
    running = asyncio.create_task(Sealer(database, settings).run(stop))
    for _ in range(1_000):
        if not await database.rows(select(WAITING)):
            break
        await asyncio.sleep(0.01)
    stop.set()
    await running
    assert (await verify(database, KEYS)).events == 3
