"""A request that takes too long is given up: the client is told, the work ends, and nothing is half done."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import event, select, text

from gql.context import Context
from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.settings import Settings
from tests.api.client import Api, Client, open_api
from tests.api.mutations import ASSIGN, assign, assign_input
from tests.databases import DatabaseKind
from tests.factories import World
from tests.patience import PATIENCE
from tests.records import history, unchanged
from tests.transport.conftest import refusal

SOON = 0.4
READ = "{ customers(first: 5) { edges { node { id } } } }"


class Impatient(NamedTuple):
    """A lender whose API gives requests up soon, somebody who may do everything, and a change to make."""

    api: Api
    client: Client
    boss: Admin
    customer: Customer
    manager: Admin


def _wait_little(connection: Any, _entry: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 1000")
    cursor.close()


@pytest.fixture
async def impatient(database_url: str, database_kind: DatabaseKind, tmp_path: Path) -> AsyncIterator[Impatient]:
    """With few connections, so that one that is lost would be missed.

    SQLite waits for its lock in a thread, which can't be called off: the client is told when that has ended.
    """
    async with open_api(database_url, tmp_path, request_seconds=SOON, database_pool_size=2) as api:
        if database_kind == "sqlite":
            event.listen(api.database.writer.sync_engine, "connect", _wait_little)
        world = World(api.database)
        boss = await world.admin("super_admin")
        customer, manager = await world.customer(), await world.admin("account_manager")
        yield Impatient(api, await api.sign_in(boss), boss, customer, manager)


def timed_out(response: httpx.Response) -> bool:
    """Whether it was told so. Without Retry-After: what was begun may have been done."""
    assert (response.status_code, refusal(response)) == (504, "TIMEOUT")
    assert "retry-after" not in response.headers
    assert response.headers["x-request-id"]
    return True


def test_a_request_may_take_ten_seconds(tmp_path: Path) -> None:
    assert Settings(var_dir=tmp_path).request_seconds == 10


async def held_up(*_arguments: Any, **_more: Any) -> Any:
    """A statement that never ends."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_who_waits_too_long_is_told_so(
    impatient: Impatient, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    monkeypatch.setattr(impatient.api.database, "rows", held_up)
    async with asyncio.timeout(PATIENCE):
        response = await impatient.client.post(READ, Accept=accept)
    assert timed_out(response)
    assert response.headers["content-type"].startswith(accept)


async def test_reads_that_are_given_up_cost_no_connection(
    impatient: Impatient, database_kind: DatabaseKind, database: Database
) -> None:
    if database_kind == "sqlite":
        pytest.skip("nothing holds up a read of SQLite")
    async with database.begin() as other:
        await other.execute(text("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE"))
        responses = await asyncio.gather(*(impatient.client.post(READ) for _ in range(6)))
        assert all(timed_out(response) for response in responses)
        waiting = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        async with asyncio.timeout(PATIENCE):
            while await database.rows(waiting):  # noqa: ASYNC110 - what ends it is in another process
                await asyncio.sleep(0.01)
    assert await asyncio.gather(*(impatient.api.database.rows(select(Customer.id)) for _ in range(6)))


async def test_a_write_that_is_given_up_leaves_nothing_behind(
    impatient: Impatient, database: Database, database_url: str, tmp_path: Path
) -> None:
    """Somebody else holds the lock that it needs; when they let go, nobody else waits for the one given up."""
    change = assign_input(impatient.customer, impatient.manager, idempotencyKey="once")
    async with unchanged(database):
        async with database.begin() as other:
            await other.execute(select(Customer.id).with_for_update())
            for _ in range(3):
                assert timed_out(await impatient.client.post(ASSIGN, change))
        async with asyncio.timeout(PATIENCE):
            for _ in range(3):
                async with impatient.api.database.begin() as again:
                    await again.execute(select(Customer.id).with_for_update())
    async with open_api(database_url, tmp_path) as patient:
        payload = await assign(await patient.sign_in(impatient.boss), **_change(impatient))
    assert payload["changed"]
    assert len(await history(database, impatient.customer)) == 1


async def test_a_write_that_was_committed_when_it_was_given_up_is_repeated_by_its_key(
    impatient: Impatient, monkeypatch: pytest.MonkeyPatch, database: Database, database_url: str, tmp_path: Path
) -> None:
    change = assign_input(impatient.customer, impatient.manager, idempotencyKey="once")

    def hold_up_what_follows(context: Context) -> None:
        monkeypatch.setattr(context.database, "rows", held_up)

    monkeypatch.setattr(Context, "renew", hold_up_what_follows)
    async with asyncio.timeout(PATIENCE):  # a busy machine may not get as far as the commit at once
        while not await history(database, impatient.customer):
            assert timed_out(await impatient.client.post(ASSIGN, change))
    monkeypatch.undo()

    assert len(await history(database, impatient.customer)) == 1
    async with open_api(database_url, tmp_path) as patient:
        client = await patient.sign_in(impatient.boss)
        async with unchanged(database):
            payload = await assign(client, **_change(impatient))
    assert payload["changed"]
    assert payload["userErrors"] == []


def _change(impatient: Impatient) -> dict[str, Any]:
    return {"customer": impatient.customer, "manager": impatient.manager, "idempotencyKey": "once"}
