"""Events: told after the commit and never without one, to every process, and never left out silently."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import pytest
from sqlalchemy import text

from gql.db.engine import Database
from gql.db.events import Event, Subscription
from gql.domain.errors import Unavailable
from gql.domain.ids import new_id
from tests.databases import DatabaseKind, fresh_database
from tests.patience import PATIENCE

TOPIC = "something_happened"


@pytest.fixture
async def other(database: Database, database_kind: DatabaseKind) -> AsyncIterator[Database]:
    """Another process's, where the database has word for other processes; the same one on SQLite."""
    if database_kind == "sqlite":
        yield database
        return
    opened = Database(database.url.render_as_string(hide_password=False))
    yield opened
    await opened.close()


@pytest.fixture
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """For what is PostgreSQL's own: a connection that can be lost."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with fresh_database("postgresql") as url:
        opened = Database(url)
        yield opened
        await opened.close()


async def publish(database: Database, event: Event, *, fail: bool = False) -> None:
    """One unit of work that tells of an event."""
    async with database.begin() as session:
        await database.events.publish(session, event)
        if fail:
            raise RuntimeError("after all, no")


async def next_of(subscription: Subscription) -> Event:
    """The next event, which must come soon."""
    async with asyncio.timeout(PATIENCE):
        return await subscription.next()


async def test_events_reach_who_waits_for_their_subject_in_order(database: Database, other: Database) -> None:
    subject, nobodys = new_id(), new_id()
    subscription = await other.events.subscribe(TOPIC, subject)
    events = [Event(TOPIC, subject, new_id()) for _ in range(3)]
    await publish(database, Event(TOPIC, nobodys, new_id()))
    await publish(database, Event("another_topic", subject, new_id()))
    for event in events:
        await publish(database, event)
    assert [await next_of(subscription) for _ in events] == events


async def test_nobody_hears_of_what_was_rolled_back(database: Database, other: Database) -> None:
    subject = new_id()
    subscription = await other.events.subscribe(TOPIC, subject)
    with pytest.raises(RuntimeError):
        await publish(database, Event(TOPIC, subject, new_id()), fail=True)
    committed = Event(TOPIC, subject, new_id())
    await publish(database, committed)
    assert await next_of(subscription) == committed


async def test_nothing_is_told_before_the_commit(database: Database, other: Database) -> None:
    subject = new_id()
    subscription = await other.events.subscribe(TOPIC, subject)
    coming = asyncio.create_task(subscription.next())
    async with database.begin() as session:
        await database.events.publish(session, Event(TOPIC, subject, new_id()))
        await session.flush()
        await asyncio.sleep(0.1)
        assert not coming.done()
    async with asyncio.timeout(PATIENCE):
        await coming


async def test_who_is_too_slow_is_told_that_events_were_missed(database: Database, other: Database) -> None:
    subject = new_id()
    slow, quick = [await other.events.subscribe(TOPIC, subject) for _ in range(2)]
    for number in range(70):
        await publish(database, Event(TOPIC, subject, new_id()))
        if number % 10 == 9:
            for _ in range(10):
                await next_of(quick)
    with pytest.raises(Unavailable):
        await next_of(slow)


async def test_a_subscription_that_nobody_holds_is_forgotten(database: Database) -> None:
    subject = new_id()
    subscription = await database.events.subscribe(TOPIC, subject)
    assert len(database.events._subscriptions) == 1
    del subscription
    assert len(database.events._subscriptions) == 0


async def test_one_of_two_subscribers_goes_and_the_other_still_hears(database: Database) -> None:
    subject, event = new_id(), Event(TOPIC, new_id(), new_id())
    going, staying = [await database.events.subscribe(TOPIC, event.subject_id) for _ in range(2)]
    elsewhere = await database.events.subscribe(TOPIC, subject)
    del going
    await publish(database, event)
    assert await next_of(staying) == event
    del staying
    assert list(database.events._subscriptions) == [(TOPIC, subject)]
    del elsewhere


class _NeverWalked(dict[Any, Any]):
    """Tells by the key alone."""

    def _walked(self) -> NoReturn:
        raise AssertionError("all subscriptions are gone through")

    __iter__ = keys = values = items = _walked


async def test_an_event_finds_its_subscribers_among_all_others_by_its_subject(database: Database) -> None:
    bus, event = database.events, Event(TOPIC, new_id(), new_id())
    subscription, others = await bus.subscribe(TOPIC, event.subject_id), [await bus.subscribe(TOPIC, new_id())]
    kept, bus._subscriptions = bus._subscriptions, _NeverWalked(bus._subscriptions)
    await publish(database, event)
    assert await next_of(subscription) == event
    bus._subscriptions = kept
    assert len(others) == 1


async def test_many_are_told_at_once_in_their_order(database: Database, other: Database) -> None:
    """More than one notification of PostgreSQL's has room for."""
    subjects = [new_id() for _ in range(150)]
    subscriptions = [await other.events.subscribe(TOPIC, subject) for subject in subjects]
    events = [Event(TOPIC, subject, new_id()) for subject in (*subjects, subjects[0], subjects[0])]
    async with database.begin() as session:
        await database.events.publish_all(session, events)
        await database.events.publish_all(session, [])
    first, *rest = subscriptions
    assert [await next_of(first) for _ in range(3)] == [events[0], *events[150:]]
    assert [await next_of(one) for one in rest] == events[1:150]


async def test_a_cut_connection_is_told_and_replaced(postgresql: Database) -> None:
    """What was committed meanwhile is not known: the subscriber must ask anew."""
    subject, bus = new_id(), postgresql.events
    before = await bus.subscribe(TOPIC, subject)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE "
    async with postgresql.begin() as session:
        await session.execute(text(f"{cut} 'LISTEN%'"))
    with pytest.raises(Unavailable):
        await next_of(before)
    after, event = await bus.subscribe(TOPIC, subject), Event(TOPIC, subject, new_id())
    await publish(postgresql, event)
    assert await next_of(after) == event


async def test_where_no_connection_can_be_had_nobody_can_subscribe() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable):
        await database.events.subscribe(TOPIC, new_id())
    await database.close()
