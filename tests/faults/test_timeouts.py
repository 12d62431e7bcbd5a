"""What PostgreSQL ends: a statement after 5 s, a wait for a lock after 2 s, a transaction that idles after 10 s."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, select, text, update

from gql.db import engine
from gql.db.engine import Database
from gql.db.models import Assignment, Customer
from gql.domain.errors import Unavailable
from tests.api.client import Api, gid, open_api
from tests.api.mutations import add, assign
from tests.databases import fresh_database
from tests.factories import World
from tests.faults.load import ASSIGN

BOUNDS = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "application_name": "lenddesk",
}


@pytest.fixture
async def api(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Api]:
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with fresh_database("postgresql") as url:
        async with open_api(url, tmp_path) as opened:
            yield opened


async def test_each_connection_has_its_bounds(api: Api) -> None:
    """Those for reads, for writes, and the one that listens."""
    asked = select(*(func.current_setting(name).label(name) for name in BOUNDS))
    [read] = await api.database.rows(asked)
    async with api.database.begin() as session:
        written = (await session.execute(asked)).one()
    assert [dict(row._asdict()) for row in (read, written)] == [BOUNDS, BOUNDS]


async def test_a_write_that_waits_for_somebody_elses_lock_is_refused_and_can_be_sent_again(api: Api) -> None:
    """After two seconds. Nothing of it is written; reads go on meanwhile."""
    world = World(api.database)
    boss = await api.sign_in(await world.admin("super_admin"))
    manager, customer = await world.admin("account_manager"), await world.customer()
    wish = {"customerId": gid(customer), "accountManagerId": gid(manager), "idempotencyKey": "once"}
    other = await asyncpg.connect(api.database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    async with other.transaction():
        await other.execute("SELECT * FROM customers WHERE id = $1 FOR UPDATE", customer.id)
        begun = time.monotonic()
        answer = await boss.post(ASSIGN, {"input": wish})
        waited = time.monotonic() - begun
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert 1.9 < waited < 4.8
        found = await boss.data(
            "query($id: ID!) { customer(id: $id) { accountManager { id } } }", {"id": gid(customer)}
        )
        assert found == {"customer": {"accountManager": None}}
    await other.close()
    assert await api.database.rows(select(Assignment.id)) == []
    payload = (await boss.data(ASSIGN, {"input": wish}))["assignAccountManager"]
    assert (payload["changed"], payload["userErrors"]) == (True, [])


async def test_a_process_that_stalls_in_a_transaction_holds_nobody_up_for_long(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its transaction is ended, so that its locks are free, and it is told so when it goes on."""
    monkeypatch.setattr(engine, "_IDLE_IN_TRANSACTION_MS", 300)
    world = World(api.database)
    customer = await world.customer()
    stalling = Database(api.database.url.render_as_string(hide_password=False))

    async def add(database: Database, number: int, then: Awaitable[object] | None = None) -> None:
        async with database.begin() as session:
            await session.execute(update(Customer).values(version=Customer.version + number))
            locked.set()
            if then is not None:
                await then
                await session.execute(update(Customer).values(version=Customer.version + number))

    locked, freed = asyncio.Event(), asyncio.Event()
    stalled = asyncio.create_task(add(stalling, 100, freed.wait()))
    await locked.wait()
    await add(api.database, 1)  # would be refused after the two seconds of a lock
    freed.set()
    with pytest.raises(Unavailable):
        await stalled
    [row] = await api.database.rows(select(Customer.version))
    assert row.version == customer.version + 1
    await add(stalling, 1)  # on a new connection
    await stalling.close()


async def test_a_statement_that_takes_too_long_is_ended_by_the_database(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever holds it up, for reads and writes; what follows goes well."""
    monkeypatch.setattr(engine, "_LOCK_MS", 60_000)
    hurried = Database(api.database.url.render_as_string(hide_password=False), statement_timeout=1)
    other = await asyncpg.connect(api.database.url.set(drivername="postgresql").render_as_string(hide_password=False))
    async with other.transaction():
        await other.execute("LOCK TABLE customers IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable):
            await hurried.rows(text("SELECT id FROM customers"))
        with pytest.raises(Unavailable):
            async with hurried.begin() as session:
                await session.execute(text("UPDATE customers SET version = version + 1"))
    await other.close()
    assert await hurried.rows(text("SELECT id FROM customers")) == []
    await hurried.close()


async def test_nobody_waits_for_the_lock_of_a_customer_whom_they_do_not_see(api: Api) -> None:
    """Whoever waited, or were told to come back, would know that there is somebody."""
    world = World(api.database)
    office = await world.office()
    holder, looker = [await world.admin("account_manager", office=office) for _ in range(2)]
    customer, group = await world.customer(office=office, manager=holder), await world.group()
    client = await api.sign_in(looker)
    status = f'suspendCustomer(input: {{customerId: "{gid(customer)}", reason: "None."}}) {{ userErrors {{ code }} }}'
    async with api.database.begin() as other:
        await other.execute(select(Customer.id).where(Customer.id == customer.id).with_for_update())
        assigned = await assign(client, customer, looker)
        added = await add(client, group, customer)
        suspended = (await client.data(f"mutation {{ {status} }}"))["suspendCustomer"]
    told = [{error["code"] for error in payload["userErrors"]} for payload in (assigned, added, suspended)]
    assert told == [{"CUSTOMER_NOT_FOUND", "FORBIDDEN"}] * 3
