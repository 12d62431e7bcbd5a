"""Many rows get new values at once, on both databases: each its own, nobody else's, and of every type."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gql.db.engine import Database
from gql.db.models import Customer, JobItem
from gql.domain.ids import new_id
from gql.domain.jobs import ItemOutcome
from gql.domain.time import now
from tests.factories import World

ITEMS: Any = JobItem.__table__
CUSTOMERS: Any = Customer.__table__
NOTED = ("codes", "outcome", "previous_admin_id")
"""Not in the order of the table's columns."""


async def test_each_row_gets_its_own_values_and_no_other_row_any(database: Database) -> None:
    job_id, other_id, admin_id = new_id(), new_id(), new_id()
    blank = {"seen_assignment_id": None, "to_admin_id": None, "customer_id": new_id()}
    async with database.begin() as session:
        await session.execute(
            insert(ITEMS),
            [{"job_id": key, "position": place, **blank} for key in (job_id, other_id) for place in range(4)],
        )
        rows: list[tuple[Any, ...]] = [
            (["A", "B"], ItemOutcome.REFUSED, None, job_id, 2),
            (None, ItemOutcome.MOVED, admin_id, job_id, 0),
            ([], ItemOutcome.SKIPPED, None, job_id, 1),
        ]
        await database.dialect.update_many(session, ITEMS, NOTED, ("job_id", "position"), rows)
    columns = (ITEMS.c.job_id, ITEMS.c.position, *(ITEMS.c[name] for name in NOTED))
    found = {(row[0], row[1]): tuple(row[2:]) for row in await database.rows(select(*columns))}
    untouched = dict.fromkeys([(key, place) for key in (job_id, other_id) for place in range(4)], (None, None, None))
    assert found == untouched | {tuple(row[3:]): tuple(row[:3]) for row in rows}


async def test_moments_and_numbers_arrive_as_they_are(database: Database) -> None:
    world = World(database)
    customers = [await world.customer() for _ in range(3)]
    moments = {one.id: now() + timedelta(microseconds=n) for n, one in enumerate(customers)}
    rows = [(moments[one.id], 2**40 + n, one.id) for n, one in enumerate(customers)]
    async with database.begin() as session:
        await database.dialect.update_many(session, CUSTOMERS, ("updated_at", "version"), ("id",), rows)
        await database.dialect.update_many(session, CUSTOMERS, ("version",), ("id",), [])
    found = await database.rows(select(CUSTOMERS.c.updated_at, CUSTOMERS.c.version, CUSTOMERS.c.id))
    assert sorted(map(tuple, found)) == sorted(rows)


async def test_what_a_constraint_refuses_is_an_error_of_sqlalchemys(database: Database) -> None:
    world = World(database)
    one, two = [await world.customer() for _ in range(2)]
    async with database.begin() as session:
        rows = [(one.email, two.id), (one.email, one.id)]
        with pytest.raises(IntegrityError):
            await database.dialect.update_many(session, CUSTOMERS, ("email",), ("id",), rows)
        await session.rollback()
