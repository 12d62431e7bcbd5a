"""Writing the demo lender into a database: all of it or, as the next run notices, not all of it yet."""

import asyncio
import gc
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlalchemy import bindparam, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Base, ReferenceVersion
from gql.demo.lender import Lender
from gql.demo.plan import Batch, Plan, Rows
from gql.domain.time import today as this_day
from gql.vault.sealing import Vault

_FACT = "demo"
_UNFINISHED = "seeding"

_SMALLEST_BATCH, _LARGEST_BATCH = 1_000, 10_000
"""Customers that are written in one transaction, with what is theirs. Two are in memory: this and the next."""

_TABLES = Base.metadata.tables
_FACTS, _GROUPS, _ROLES = _TABLES["installation_facts"], _TABLES["groups"], _TABLES["roles"]
_EVENTS = _TABLES["audit_events"]
_OURS = [t for t in Base.metadata.sorted_tables if t not in (_FACTS, _ROLES, ReferenceVersion.__table__)]
"""What is a lender's data, each table after those that it refers to. Roles come with the migrations."""


class NotADemo(Exception):
    """The database holds something else. Nothing was written."""

    def __init__(self, table: str) -> None:
        super().__init__(
            f"This database is not a demo: its table {table!r} has rows that the demo didn't write. The demo's "
            "password is public, so it is never added to other data. Set DATABASE_URL to an empty database."
        )


class Progress(Protocol):
    """Is told how far a step has come; `done` reaches `total` when the step ends."""

    def __call__(self, step: str, done: int, total: int) -> None:
        """`step` is a phrase for people; `done` and `total` count its parts."""


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a run did. Where the demo was there already, `seed` is that one's number, and no rows were written."""

    already_there: bool
    seed: int
    rows: Mapping[str, int] = field(default_factory=dict)
    """Number of rows written, by table."""


async def seed(
    database: Database,
    *,
    customers: int = 5000,
    seed: int = 2026,
    today: date | None = None,
    vault: Vault | None = None,
    progress: Progress | None = None,
) -> SeedReport:
    """Fill a migrated, empty database with the demo lender; the same arguments give the same rows, IDs included.

    `vault` seals identifiers and account numbers, differently each time; without it there are none.

    `today` is the day that the demo is described on, by default the present one. A run that was cut short is begun
    anew. One run at a time; for large lenders, open the database without a statement timeout. Raises NotADemo where
    the database holds anything else, InvalidSize for fewer than `SMALLEST` customers.
    """
    plan = Plan(customers, seed, today or this_day())
    found = await _claim(database)
    if found is not None:
        return SeedReport(already_there=True, seed=found)
    rows = await _write(database, plan, vault, progress or _tell_nobody)
    return SeedReport(already_there=False, seed=seed, rows=rows)


def _tell_nobody(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


async def _claim(database: Database) -> int | None:
    """The number of the finished demo that is there; otherwise None, and the database is marked and empty."""
    async with database.begin() as session:
        found = await session.scalar(select(_FACTS.c.value).where(_FACTS.c.key == _FACT))
        if found is None:
            await _refuse_other_data(session)
            await session.execute(insert(_FACTS), {"key": _FACT, "value": _UNFINISHED})
        elif found == _UNFINISHED:
            for table in reversed(_OURS):
                await session.execute(delete(table))
        else:
            return int(found)
    return None


async def _refuse_other_data(session: AsyncSession) -> None:
    for table in _OURS:
        if (await session.execute(select(1).select_from(table).limit(1))).first() is not None:
            raise NotADemo(table.name)


async def _write(database: Database, plan: Plan, vault: Vault | None, tell: Progress) -> Mapping[str, int]:
    """Write everything, a transaction for each batch, and last the mark that it is finished; answers the counts."""
    written: dict[str, int] = {}
    frame, people = "Offices, staff and groups", "Customers, their loans and memberships"
    tell(frame, 0, 1)
    lender = await asyncio.to_thread(Lender, plan, vault)
    async with database.begin() as session:
        role_ids = {row.key: row.id for row in await session.execute(select(_ROLES.c.key, _ROLES.c.id))}
        await _write_frame(session, lender.frame(role_ids), written)
    tell(frame, 1, 1)

    tell(people, 0, plan.customers)
    with _without_cycle_collection(), ThreadPoolExecutor(1) as maker:  # makes the next batch while one is written
        batches, loop = lender.batches(_batch_size(plan)), asyncio.get_running_loop()
        coming = loop.run_in_executor(maker, next, batches, None)
        while (batch := await coming) is not None:
            coming = loop.run_in_executor(maker, next, batches, None)
            await _write_batch(database, batch, written)
            tell(people, written["customers"], plan.customers)

    async with database.begin() as session:
        await database.dialect.check_foreign_keys(session, _OURS)
        columns = (_GROUPS.c.member_count, _GROUPS.c.updated_at, _GROUPS.c.last_used_at)
        update_group = update(_GROUPS).where(_GROUPS.c.id == bindparam("of_group"))
        update_group = update_group.values({column: bindparam(column.name) for column in columns})
        await (await session.connection()).execute(update_group, lender.group_updates())
        await _write_frame(session, lender.notifications(), written)
        trail = lender.audit_events()
        await session.execute(insert(_EVENTS), trail)
        written[_EVENTS.name] = written["audit_waiting"] = len(trail)  # a trigger lists each as waiting to be sealed
        await session.execute(text("ANALYZE"))  # so that the first queries are planned for what is there
        await session.execute(update(_FACTS).where(_FACTS.c.key == _FACT).values(value=str(plan.seed)))
    return written


@contextmanager
def _without_cycle_collection() -> Iterator[None]:
    """Millions of rows that hold no cycles: looking for some takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batch_size(plan: Plan) -> int:
    """Large ones have fewer round trips, small ones let the bar of a small lender move."""
    return min(_LARGEST_BATCH, max(_SMALLEST_BATCH, plan.customers // 20))


async def _write_frame(session: AsyncSession, rows: Rows, written: dict[str, int]) -> None:
    """Insert rows of several tables in the order that their foreign keys want, and add to the counts."""
    for table in _OURS:
        of_table = rows.get(table.name)
        if of_table:
            await session.execute(insert(table), of_table)
            written[table.name] = written.get(table.name, 0) + len(of_table)


async def _write_batch(database: Database, batch: Batch, written: dict[str, int]) -> None:
    """The same for a batch, in a transaction of its own."""
    tables = [table for table in _OURS if batch.get(table.name)]
    async with database.begin() as session, database.dialect.foreign_keys_unchecked(session, tables):
        for table in tables:
            rows = batch[table.name]
            await database.dialect.insert_many(session, table, rows[0]._fields, rows)
            written[table.name] = written.get(table.name, 0) + len(rows)
