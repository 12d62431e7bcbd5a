"""The two databases as the rest of the code sees them: reads, units of work, time-outs, failures."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from gql.db import engine
from gql.db.engine import Database
from gql.db.models import Admin, InstallationFact, Office
from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.errors import Refused, Unavailable
from gql.domain.ids import new_id
from tests.databases import fresh_database
from tests.patience import PATIENCE

VALUE = select(InstallationFact.value)


@pytest.fixture
async def sqlite() -> AsyncIterator[Database]:
    """For what is SQLite's own."""
    with fresh_database("sqlite") as url:
        database = Database(url)
        yield database
        await database.close()


async def write(database: Database, key: str, value: str = "") -> None:
    """One small unit of work."""
    async with database.begin() as session:
        session.add(InstallationFact(key=key, value=value))


async def test_a_read_sees_what_a_unit_of_work_has_committed(database: Database) -> None:
    """At once, and nothing of it before."""
    async with database.begin() as session:
        session.add(InstallationFact(key="colour", value="green"))
        await session.flush()
        assert await database.rows(VALUE) == []

    assert [row.value for row in await database.rows(VALUE)] == ["green"]


async def test_a_unit_of_work_that_raises_writes_nothing(database: Database) -> None:
    """And hands the error on as it is."""

    async def refuse_after_writing() -> None:
        async with database.begin() as session:
            session.add(InstallationFact(key="colour", value="green"))
            await session.flush()
            raise Refused

    with pytest.raises(Refused):
        await refuse_after_writing()

    assert await database.rows(VALUE) == []
    await write(database, "colour", "blue")


async def test_twenty_writers_all_write(database: Database) -> None:
    """On SQLite they queue: nobody is told that the database is locked."""
    await asyncio.gather(*(write(database, f"fact {number}") for number in range(20)))

    [row] = await database.rows(select(func.count().label("n")).select_from(InstallationFact))
    assert row.n == 20


async def test_sqlite_writers_of_several_processes_take_turns(sqlite: Database) -> None:
    """Each reads what it then writes, and no step is lost: a writer is alone from its first statement."""
    other = Database(sqlite.url.render_as_string())
    await write(sqlite, "counter", "0")

    async def step(database: Database) -> None:
        async with database.begin() as session:
            seen = int((await session.execute(VALUE)).scalar_one())
            await asyncio.sleep(0.002)
            await session.execute(update(InstallationFact).values(value=str(seen + 1)))

    await asyncio.gather(*(step(database) for _ in range(10) for database in (sqlite, other)))
    await other.close()

    assert [row.value for row in await sqlite.rows(VALUE)] == ["20"]


async def test_sqlite_reads_while_somebody_writes(sqlite: Database) -> None:
    """A writer doesn't hold up readers."""
    async with sqlite.begin() as session:
        session.add(InstallationFact(key="colour", value="green"))
        await session.flush()
        await asyncio.wait_for(sqlite.rows(VALUE), 4)


async def test_a_sqlite_writer_that_waits_too_long_is_told_to_come_back(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that holds the lock may be another process, and stuck."""
    monkeypatch.setattr(engine, "_SQLITE_BUSY_MS", 50)
    other = Database(sqlite.url.render_as_string())

    async with sqlite.begin() as session:
        await session.execute(VALUE)
        with pytest.raises(Unavailable):
            await write(other, "colour")

    await write(other, "colour")
    await other.close()


async def test_references_are_enforced(database: Database) -> None:
    """SQLite does so only when asked."""
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    orphan = Admin(
        email="a@lender.example",
        name="A",
        search_name="a",
        office_id=new_id(),
        status=AdminStatus.ACTIVE,
        created_at=moment,
        updated_at=moment,
    )
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            session.add(orphan)


async def test_times_are_utc_to_the_microsecond(database: Database) -> None:
    """Whatever zone they were written in; one without a zone is refused."""
    lagos = timezone(timedelta(hours=1))
    written = datetime(2026, 1, 5, 0, 30, 15, 123456, tzinfo=lagos)
    async with database.begin() as session:
        session.add(Office(name="Lagos", search_name="lagos", status=OfficeStatus.ACTIVE, created_at=written))

    [row] = await database.rows(select(Office.created_at))
    assert row.created_at == written
    assert row.created_at.utcoffset() == timedelta(0)
    with pytest.raises((StatementError, ValueError), match="naive"):
        await database.rows(select(Office.id).where(Office.created_at == datetime(2026, 1, 5)))  # noqa: DTZ001


async def test_text_is_ordered_by_code_point(database: Database) -> None:
    """One order on both databases: cursors and prefix searches rest on it."""
    names = ("b", "a", "B", "é", "_", "a b")
    async with database.begin() as session:
        for name in names:
            created = datetime(2026, 1, 5, tzinfo=UTC)
            session.add(Office(name=name, search_name=name, status=OfficeStatus.ACTIVE, created_at=created))

    rows = await database.rows(select(Office.name).order_by(Office.name))
    assert [row.name for row in rows] == sorted(names)


async def test_a_statement_that_takes_too_long_is_ended(postgresql: Database) -> None:
    """Soon; the caller is told to come back, and the connection goes on."""
    hurried = Database(postgresql.url.render_as_string(hide_password=False), statement_timeout=1)
    with pytest.raises(Unavailable):
        await hurried.rows(text(f"SELECT pg_sleep({2 * PATIENCE})"))

    assert len(await hurried.rows(text("SELECT 1"))) == 1
    await hurried.close()


async def test_a_writer_that_waits_too_long_for_a_row_is_told_to_come_back(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And has written nothing."""
    monkeypatch.setattr(engine, "_LOCK_MS", 200)
    hurried = Database(postgresql.url.render_as_string(hide_password=False))
    await write(postgresql, "colour", "green")
    paint = update(InstallationFact).values(value="blue")

    async def repaint() -> None:
        async with hurried.begin() as session:
            await session.execute(paint)

    async with postgresql.begin() as session:
        await session.execute(text("SELECT * FROM installation_facts FOR UPDATE"))
        with pytest.raises(Unavailable):
            await repaint()

    assert [row.value for row in await postgresql.rows(VALUE)] == ["green"]
    await repaint()
    await hurried.close()


async def test_a_statement_that_is_wrong_is_not_called_unavailable(database: Database) -> None:
    """Trying again would not help."""
    with pytest.raises(DBAPIError, match="nowhere"):
        await database.rows(text("SELECT 1 FROM nowhere"))


@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody@127.0.0.1:1/none", "postgresql://nobody@/none?host=/nonexistent"],
    ids=["refused", "no socket"],
)
async def test_an_unreachable_server_is_unavailable(url: str) -> None:
    """For reads and for units of work; not an internal error."""
    database = Database(url)

    with pytest.raises(Unavailable):
        await database.rows(text("SELECT 1"))
    with pytest.raises(Unavailable):
        await write(database, "colour")
    await database.close()


async def test_a_database_that_is_not_there_is_unavailable(postgresql: Database) -> None:
    """To a read, as if the server were not there."""
    missing = Database(postgresql.url.set(database="nowhere").render_as_string(hide_password=False))
    with pytest.raises(Unavailable):
        await missing.rows(text("SELECT 1"))
    await missing.close()


async def test_statements_are_planned_once_unless_their_values_matter(postgresql: Database) -> None:
    """On one connection, whichever way the last one went."""
    mode = text("SELECT current_setting('plan_cache_mode') AS mode")
    seen = [(await postgresql.rows(mode, by_values=way))[0].mode for way in (False, True, True, False, True, False)]
    once, anew = "force_generic_plan", "force_custom_plan"
    assert seen == [once, anew, anew, once, anew, once]


async def test_reads_beyond_the_connections_wait_their_turn(postgresql: Database) -> None:
    """Ten at a time, and not one fails."""
    found = await asyncio.gather(*(postgresql.rows(text("SELECT pg_backend_pid() AS pid")) for _ in range(100)))
    assert len({row.pid for [row] in found}) <= 10
    assert len(await postgresql.rows(text("SELECT 1"))) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root@localhost/lender", "must be sqlite or postgresql, not mysql"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
    ],
)
def test_other_databases_are_refused_at_the_start(url: str, message: str) -> None:
    """In words that name the setting."""
    with pytest.raises(ValueError, match=f"DATABASE_URL {message}"):
        Database(url)
