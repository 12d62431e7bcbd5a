"""A test's database is as the migrations leave it, whatever a test before did with the one that it was."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import select, text, update

from gql.db.engine import Database
from gql.db.models import Role
from gql.domain.errors import Unavailable
from tests.databases import execute, fresh_database
from tests.factories import World
from tests.records import contents


@pytest.fixture(autouse=True)
def _only_on_postgresql(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("a SQLite database is a copy of a file each time")


async def _ask(url: str, work: Callable[[Database], Awaitable[object]]) -> object:
    database = Database(url)
    try:
        return await work(database)
    finally:
        await database.close()


async def _identity(database: Database) -> object:
    [row] = await database.rows(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return row.oid


async def _write(database: Database) -> object:
    world = World(database)
    manager = await world.admin("account_manager")
    await world.group(members=await world.customers(30, manager=manager))
    async with database.begin() as session:
        await session.execute(update(Role).values(name="another name"))
    return await _identity(database)


def test_no_row_of_a_test_is_there_for_the_next_one() -> None:
    """Also where the next one gets the very same database, and roles and versions are again those of the migrations."""
    with fresh_database("postgresql") as url:
        at_first = asyncio.run(_ask(url, contents))
        before = asyncio.run(_ask(url, _write))
    with fresh_database("postgresql") as url:
        assert asyncio.run(_ask(url, _identity)) == before
        assert asyncio.run(_ask(url, contents)) == at_first


async def test_who_still_has_a_session_or_the_url_of_an_earlier_test_reaches_nothing() -> None:
    """Such as a server that a failed test forgot to stop."""
    with fresh_database("postgresql") as old:
        forgotten = Database(old)
        await _write(forgotten)
        left_open = await asyncpg.connect(old)
    with fresh_database("postgresql"):
        with pytest.raises(asyncpg.PostgresConnectionError):
            await left_open.execute("DELETE FROM roles")
        with pytest.raises(Unavailable):
            await forgotten.rows(select(Role.id))
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(old)
    await forgotten.close()


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX uq_assignments_open",
        "CREATE TABLE another (id int)",
        "ALTER TABLE customers DISABLE TRIGGER ALL",
        "ALTER TABLE customers ALTER COLUMN version SET DEFAULT 7",
        "CREATE OR REPLACE FUNCTION raise_reference_version() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 64', current_database()); END $$",
        "ANALYZE",
        "VACUUM roles",
        "INSERT INTO installation_facts SELECT n, repeat('x', 500) FROM generate_series(1, 1000) AS n",
    ],
)
def test_a_database_in_which_more_than_a_few_rows_changed_is_no_other_tests(change: str) -> None:
    """Tables, indexes, settings, statistics and sizes are again those of the migrations."""
    with fresh_database("postgresql") as url:
        before = asyncio.run(_ask(url, _identity))
        asyncio.run(execute(url, change))
    with fresh_database("postgresql") as url:
        assert asyncio.run(_ask(url, _identity)) != before
