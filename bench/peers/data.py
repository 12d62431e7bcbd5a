"""The lender of the peers: the demo's offices, staff and sign-ins, grown to a million customers.

The demo is written as `lenddesk seed` writes it, and the rest set by set (`sql/grow.sql`), in one transaction, with
the tables' indexes and foreign keys laid aside meanwhile: PostgreSQL makes and checks them anew, in bulk.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg  # type: ignore[import-untyped]

from bench import BenchFailed
from bench.peers.staffing import BOOK_OF_10, add_groups, add_holders, add_names
from gql.db.engine import Database
from gql.db.migrate import migrate
from gql.demo.plan import SMALLEST
from gql.demo.seeding import seed
from gql.domain.time import today

Tell = Callable[[str], None]

_FACT = "bench_peers"
_OF_DEMO = 5_000
_YEARS = timedelta(days=4 * 365)
_GROWN = ("customers", "assignments", "memberships", "loans", "loan_instalments")


def prepare(url: str, customers: int, tell: Tell) -> None:
    """Make the lender of so many customers at this PostgreSQL URL, unless it is there.

    Raises BenchFailed where the database holds anything else, or a lender of another size.
    """
    asyncio.run(_prepare(url, customers, tell))


async def _prepare(url: str, customers: int, tell: Tell) -> None:
    if customers < 2 * SMALLEST:
        raise BenchFailed(f"The peers need {2 * SMALLEST} customers or more, not {customers}.")
    await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        if await _is_there(connection, customers):
            return
        of_demo = min(_OF_DEMO, customers // 2)
        tell(f"Writing a demo of {of_demo:,} customers ...")
        database = Database(url, pool_size=1, statement_timeout=0)
        try:
            await seed(database, customers=of_demo)
        finally:
            await database.close()
        there = await connection.fetchval("SELECT count(*) FROM customers")
        if customers < 2 * there:
            raise BenchFailed(f"A larger lender was begun in this database. Ask for {2 * there:,} customers or more.")
        tell(f"Growing it to {customers:,} customers ...")
        async with connection.transaction():
            await grow(connection, customers - there)
            await connection.execute("UPDATE installation_facts SET value = $2 WHERE key = $1", _FACT, str(customers))
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def _is_there(connection: Any, customers: int) -> bool:
    """Whether the lender is there. Where nothing is, or only a part of it, the database is marked as the bench's."""
    wanted = str(customers)
    found = await connection.fetchval("SELECT value FROM installation_facts WHERE key = $1", _FACT)
    if found is None:
        if await connection.fetchval("SELECT EXISTS (SELECT FROM customers) OR EXISTS (SELECT FROM admins)"):
            raise BenchFailed("The database must be empty, or one that the peers' bench has made.")
        await connection.execute("INSERT INTO installation_facts (key, value) VALUES ($1, 'unfinished')", _FACT)
    elif found not in (wanted, "unfinished"):
        raise BenchFailed(f"The database holds a lender of {int(found):,} customers. Ask for that size.")
    return bool(found == wanted)


async def grow(connection: Any, more: int) -> None:
    """Add so many customers, with groups, assignments, memberships and loans in proportion, to a demo lender."""
    now = datetime.combine(today(), time.min, UTC)
    opened = now - _YEARS
    aside = await _lay_aside(connection)
    await connection.execute("SET LOCAL maintenance_work_mem = '512MB'")
    await connection.execute("SET LOCAL work_mem = '256MB'")
    names = await add_names(connection, more)
    await add_holders(connection, more, opened)
    groups = await add_groups(connection, more, opened)
    assigners = await _assigners(connection)
    await connection.execute(
        "CREATE TEMP TABLE plan (customers bigint, now timestamptz, opened timestamptz, names int, groups int, "
        "book_of_10 uuid, assigners uuid[]) ON COMMIT DROP"
    )
    book = await connection.fetchval("SELECT id FROM admins WHERE email = $1", BOOK_OF_10)
    await connection.execute(
        "INSERT INTO pg_temp.plan VALUES ($1, $2, $3, $4, $5, $6, $7)",
        more,
        now,
        opened,
        names,
        groups,
        book,
        assigners,
    )
    await connection.execute((Path(__file__).parent / "sql" / "grow.sql").read_text())
    for statement in aside:
        await connection.execute(statement)


async def _assigners(connection: Any) -> Sequence[UUID]:
    """Those who assign customers and add them to groups: the portfolio managers."""
    rows = await connection.fetch(
        "SELECT admin_id FROM admin_roles JOIN roles ON roles.id = role_id WHERE key = 'portfolio_manager' ORDER BY 1"
    )
    return [row["admin_id"] for row in rows]


async def _lay_aside(connection: Any) -> list[str]:
    """Drop what makes inserting slow from the grown tables; answers the statements that make it anew, in order."""
    keys = await connection.fetch(
        """
        SELECT conrelid::regclass AS on_table, conname AS name, pg_get_constraintdef(oid) AS meaning
        FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::text[]::regclass[])
        """,
        _GROWN,
    )
    indexes = await connection.fetch(
        """
        SELECT indexrelid::regclass AS name, pg_get_indexdef(indexrelid) AS meaning FROM pg_index
        WHERE indrelid = ANY ($1::text[]::regclass[])
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        """,
        _GROWN,
    )
    for key in keys:
        await connection.execute(f"ALTER TABLE {key['on_table']} DROP CONSTRAINT {key['name']}")
    for index in indexes:
        await connection.execute(f"DROP INDEX {index['name']}")
    return [
        *(index["meaning"] for index in indexes),
        *(f"ALTER TABLE {key['on_table']} ADD CONSTRAINT {key['name']} {key['meaning']}" for key in keys),
    ]
