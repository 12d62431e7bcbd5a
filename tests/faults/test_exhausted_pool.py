"""Every connection is taken: whoever comes is told to come back, soon, and all is well once one is free."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import httpx
import pytest
from sqlalchemy import select, text

from gql.db import engine, postgres_reads
from gql.db.models import Assignment, Membership
from tests.api.client import Api, Client, gid, open_api
from tests.factories import World
from tests.faults.load import ADD, ASSIGN, READ

POOL = 2
WAITING_SECONDS = 2.0
MANY = 12
AT_MOST = 20.0
"""Seconds. The wait for a connection, then for a lock; the rest is for a busy machine, and far from a hang."""


@dataclass
class Lender:
    """Somebody who reads and writes, and what nobody has written yet."""

    api: Api
    client: Client
    writes: list[tuple[str, dict[str, Any]]]

    async def read(self) -> httpx.Response:
        return await self.client.post(READ)

    async def write(self, number: int) -> httpx.Response:
        query, wish = self.writes[number]
        return await self.client.post(query, {"input": wish})

    async def written(self) -> int:
        """How many of the writes are there."""
        found = [await self.api.database.rows(select(model.id)) for model in (Assignment, Membership)]
        return sum(map(len, found))


@pytest.fixture
async def lender(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Lender]:
    """With few connections, for which nobody waits for long."""
    monkeypatch.setattr(engine, "POOL_TIMEOUT_SECONDS", WAITING_SECONDS)
    monkeypatch.setattr(postgres_reads, "POOL_TIMEOUT_SECONDS", WAITING_SECONDS)
    monkeypatch.setattr(engine, "_SQLITE_BUSY_MS", 2_000)
    async with open_api(database_url, tmp_path, database_pool_size=POOL) as api:
        world = World(api.database)
        manager, group = await world.admin("account_manager"), await world.group()
        customers = await world.customers(MANY)
        assignments = [{"customerId": gid(c), "accountManagerId": gid(manager)} for c in customers[::2]]
        additions = [{"customerId": gid(c), "groupId": gid(group)} for c in customers[1::2]]
        writes = [*((ASSIGN, wish) for wish in assignments), *((ADD, wish) for wish in additions)]
        yield Lender(api, await api.sign_in(await world.admin("super_admin")), writes)


@asynccontextmanager
async def writes_blocked(api: Api) -> AsyncIterator[None]:
    """Another process holds what every write needs."""
    url = api.database.url
    if api.database.is_sqlite:
        other = sqlite3.connect(url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
    else:
        async with _locked(api, "EXCLUSIVE"):  # reads go on
            yield


@asynccontextmanager
async def reads_blocked(api: Api) -> AsyncIterator[None]:
    """All connections for reads are taken: by slow reads, as far as the database knows."""
    if api.database.is_sqlite:
        async with AsyncExitStack() as held:  # a reader never waits there, so that slow ones are taken by hand
            reads: Any = api.database._reads
            for _ in range(POOL):
                await held.enter_async_context(reads.engine.connect())
            yield
    else:
        async with _locked(api, "ACCESS EXCLUSIVE"):
            yield


@asynccontextmanager
async def _locked(api: Api, mode: str) -> AsyncIterator[None]:
    plain = api.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    other = await asyncpg.connect(plain)
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE customers, sessions IN {mode} MODE")
            yield
    finally:
        await other.close()


async def refused(asked: list[Awaitable[httpx.Response]]) -> None:
    """Each is answered in time, by a 503 that says to come back."""
    begun = time.monotonic()
    for answer in await asyncio.gather(*asked):
        codes = [error["extensions"]["code"] for error in answer.json()["errors"]]
        assert (answer.status_code, set(codes)) == (503, {"SERVICE_UNAVAILABLE"}), answer.text
        assert answer.headers["retry-after"] == "1"
    assert time.monotonic() - begun < AT_MOST


async def all_well(lender: Lender) -> None:
    """At once, for as many at a time as there are connections: none of them was lost."""
    for first in range(0, MANY, POOL):
        writes = [lender.write(number) for number in range(first, first + POOL)]
        for answer in await asyncio.gather(lender.read(), *writes):
            assert (answer.status_code, answer.json().get("errors")) == (200, None), answer.text
    assert await lender.written() == MANY
    taken = await asyncio.gather(*(lender.api.database.rows(text("SELECT 1")) for _ in range(3 * POOL)))
    assert len(taken) == 3 * POOL
    if not lender.api.database.is_sqlite:
        ours = text(
            "SELECT count(*) AS n FROM pg_stat_activity"
            " WHERE application_name = 'lenddesk' AND datname = current_database()"
        )
        [row] = await lender.api.database.rows(ours)
        assert row.n <= 2 * POOL


async def test_writes_beyond_the_connections_are_refused_and_go_well_once_there_are_some(lender: Lender) -> None:
    """Nothing of them is written. Reads that need none of it go on."""
    async with writes_blocked(lender.api):
        await refused([lender.write(number) for number in range(MANY)])
        if lender.api.database.is_sqlite:
            assert (await lender.read()).status_code == 200
    assert await lender.written() == 0
    await all_well(lender)


async def test_reads_beyond_the_connections_are_refused_and_go_well_once_there_are_some(lender: Lender) -> None:
    async with reads_blocked(lender.api):
        await refused([lender.read() for _ in range(MANY)])
    await all_well(lender)


async def test_requests_that_are_given_up_while_they_wait_leave_their_connections(lender: Lender) -> None:
    """Half of the clients go away, and each connection is somebody's again."""
    async with writes_blocked(lender.api):
        asked = [asyncio.create_task(lender.write(number)) for number in range(MANY)]
        await asyncio.sleep(0.2)
        for task in asked[::2]:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    assert await lender.written() == 0
    await all_well(lender)
