"""Connections that are cut, given up or closed while they are at work."""

import asyncio

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from gql.db.driver import driver_of
from gql.db.engine import Database
from gql.domain.errors import Unavailable
from tests.db.test_engine import write
from tests.patience import PATIENCE


async def cut_others(database: Database) -> None:
    """End all connections of the database but one of its own, and wait until they have ended."""
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    watching = Database(database.url.render_as_string(hide_password=False), pool_size=1)
    assert len(await watching.rows(text(f"SELECT pg_terminate_backend(pid) {others}"))) > 0
    async with asyncio.timeout(PATIENCE):
        while await watching.rows(text(f"SELECT 1 {others}")):  # noqa: ASYNC110 - what ends it is in another process
            await asyncio.sleep(0.01)
    await watching.close()


async def test_cut_connections_are_replaced(postgresql: Database) -> None:
    """As when the server restarts: a read that was under way is unavailable, and later ones do not notice."""
    await asyncio.gather(*(postgresql.rows(text("SELECT 1")) for _ in range(3)))
    slow = asyncio.create_task(postgresql.rows(text("SELECT pg_sleep(4)")))
    await asyncio.sleep(0.2)
    await cut_others(postgresql)
    with pytest.raises(Unavailable):
        await slow
    for _ in range(5):
        assert len(await postgresql.rows(text("SELECT 1"))) == 1


async def test_writers_do_not_notice_that_idle_connections_were_cut(postgresql: Database) -> None:
    """As when the server restarts at night: the first write of the morning goes well."""
    await asyncio.gather(*(write(postgresql, f"fact {number}") for number in range(5)))
    await cut_others(postgresql)
    await asyncio.gather(*(write(postgresql, f"new fact {number}") for number in range(5)))


async def test_a_read_that_is_given_up_leaves_nothing_behind(postgresql: Database) -> None:
    """Its connection is not used again in the middle of an answer."""
    for _ in range(15):
        slow = asyncio.create_task(postgresql.rows(text("SELECT pg_sleep(0.15)")))
        await asyncio.sleep(0.005)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
    found = await asyncio.gather(*(postgresql.rows(text(f"SELECT {number} AS n")) for number in range(30)))
    assert [row.n for [row] in found] == list(range(30))


async def test_closing_waits_for_reads_that_are_under_way(postgresql: Database) -> None:
    """Which may be nobody's any more: no connection stays open."""
    slow = asyncio.create_task(postgresql.rows(text("SELECT 1 AS n FROM pg_sleep(0.1)")))
    await asyncio.sleep(0.05)
    await postgresql.close()
    assert slow.done()
    assert [row.n for row in await slow] == [1]
    other = Database(postgresql.url.render_as_string(hide_password=False))
    theirs = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    async with asyncio.timeout(PATIENCE):  # a server process ends a moment after its connection
        while await other.rows(theirs):  # noqa: ASYNC110 - what ends it is in another process
            await asyncio.sleep(0.01)
    await other.close()


async def test_a_writer_whose_connection_does_not_know_yet_that_it_was_cut_is_told_to_come_back(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a moment the driver knows that it got nothing, and says of the connection that it is open."""

    async def write_slowly() -> None:
        async with postgresql.begin() as session:
            driver = await driver_of(session)
            asyncio.get_running_loop().call_later(0.2, driver._transport.abort)
            await session.execute(text("SELECT pg_sleep(4)"))

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "is_closed", lambda _: False)
        with pytest.raises(Unavailable):
            await write_slowly()
