"""Seeding as an operator meets it: what it answers, what it refuses, and what a crash leaves behind."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from gql.db.engine import Database
from gql.db.models import Base, Customer, CustomerName, InstallationFact, Office, ReferenceVersion, Session
from gql.demo import InvalidSize, NotADemo, seed
from gql.domain.enums import OfficeStatus
from gql.domain.ids import new_id
from gql.domain.time import now
from tests.databases import DatabaseKind, fresh_database

DAY = date(2026, 3, 31)
FACT = select(InstallationFact.value).where(InstallationFact.key == "demo")


async def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in an order of its own; but for what the database makes of them by itself."""
    return {
        table.name: sorted((tuple(row) for row in await database.rows(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
        if table not in (ReferenceVersion.__table__, CustomerName.__table__)
    }


async def test_a_seed_gives_the_same_rows_each_time_and_on_each_database(database_kind: DatabaseKind) -> None:
    """IDs, times and password hashes included; SQLite is the yardstick of both."""
    kinds: tuple[DatabaseKind, ...] = ("sqlite", database_kind)
    found = []
    for kind in kinds:
        with fresh_database(kind) as url:
            database = Database(url)
            await seed(database, customers=300, seed=7, today=DAY)
            found.append(await contents(database))
            await database.close()
    first, second = found
    assert first == second
    assert len(first["customers"]) == 300


async def test_another_seed_gives_another_lender(database_kind: DatabaseKind) -> None:
    """The number is not decoration."""
    emails = []
    for number in (1, 2):
        with fresh_database(database_kind) as url:
            database = Database(url)
            await seed(database, customers=200, seed=number, today=DAY)
            emails.append({row.email for row in await database.rows(select(Customer.email))})
            await database.close()
    assert emails[0] != emails[1]


async def test_progress_and_report_tell_what_was_written(database: Database) -> None:
    """Each step begins at nothing, only rises, and ends complete; the report counts the rows."""
    steps: dict[str, list[tuple[int, int]]] = {}
    report = await seed(
        database,
        customers=1_500,
        today=DAY,
        progress=lambda step, done, total: steps.setdefault(step, []).append((done, total)),
    )
    for told in steps.values():
        assert told[0][0] == 0
        assert told == sorted(told)
        assert told[-1][0] == told[-1][1]
    assert len(steps) == 2
    for table, rows in (await contents(database)).items():
        if table not in ("roles", "installation_facts"):
            assert report.rows.get(table, 0) == len(rows)
    assert (report.already_there, report.seed) == (False, 2026)


async def test_a_second_run_changes_nothing_and_says_so(database: Database) -> None:
    """Whatever it is asked for, the demo that is there stays, changes made since included."""
    await seed(database, customers=200, seed=7, today=DAY)
    async with database.begin() as session:
        session.add(office("Opened Since"))
    before = await contents(database)
    report = await seed(database, customers=400, seed=8)
    assert (report.already_there, report.seed, report.rows) == (True, 7, {})
    assert await contents(database) == before


async def test_a_database_that_holds_something_else_is_refused(database: Database) -> None:
    """One row is enough, and nothing is written beside it."""
    async with database.begin() as session:
        session.add(office("A Real Branch"))
    before = await contents(database)
    with pytest.raises(NotADemo, match="empty database"):
        await seed(database, customers=200)
    assert await contents(database) == before


async def test_too_small_a_lender_is_refused(database: Database) -> None:
    """Before anything is written."""
    before = await contents(database)
    with pytest.raises(InvalidSize, match="200 customers or more, not 199"):
        await seed(database, customers=199)
    assert await contents(database) == before


class PowerCut(Exception):
    """What the test cuts a run short with."""


async def test_a_run_that_was_cut_short_is_done_again(database: Database) -> None:
    """It doesn't pass for complete; the next run clears it, sign-ins of the meantime too, and ends as a first would."""

    def cut(step: str, done: int, total: int) -> None:
        if done == 1_000:
            raise PowerCut

    with pytest.raises(PowerCut):
        await seed(database, customers=1_200, today=DAY, progress=cut)
    assert [row.value for row in await database.rows(FACT)] == ["seeding"]
    [(customers, somebody)] = await database.rows(select(func.count(), func.min(Customer.number)).select_from(Customer))
    assert (customers, somebody) == (1_000, "LD-000001")
    async with database.begin() as session:
        customer = await session.scalar(select(Customer.id).where(Customer.number == somebody))
        times = {"created_at": now(), "expires_at": now()}
        await session.execute(insert(Session).values(id=new_id(), customer_id=customer, **times))

    report = await seed(database, customers=300, seed=7, today=DAY)
    assert not report.already_there
    assert [row.value for row in await database.rows(FACT)] == ["7"]
    with fresh_database("sqlite") as url:
        untroubled = Database(url)
        await seed(untroubled, customers=300, seed=7, today=DAY)
        assert await contents(database) == await contents(untroubled)
        await untroubled.close()


def office(name: str) -> Office:
    """One that no demo has."""
    return Office(name=name, search_name=name, parent_id=None, status=OfficeStatus.ACTIVE, created_at=now())
