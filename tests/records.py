"""What is in a database, as tests compare it: everything at once, and the records that a change leaves behind."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from sqlalchemy import Table, TextClause, select, text

from gql.db.engine import Database
from gql.db.models import Assignment, AuditEvent, Base, Customer, Group, Membership, OutboxMessage

_TABLES = [table for table in Base.metadata.sorted_tables if table.name != "audit_waiting"]

_BETWEEN_ROWS = chr(30)


def _all_rows(kind: str) -> TextClause:
    """Each table's name and rows, in one statement: dozens of them, twice a refusal, would be most of a test's time."""
    return text(" UNION ALL ".join(_rows_of(table, kind) for table in _TABLES))


def _rows_of(table: Table, kind: str) -> str:
    if kind == "sqlite":
        row = " || ',' || ".join(f'quote("{column.name}")' for column in table.columns)
        rows = f"group_concat({row}, char(30))"
    else:
        rows = f"string_agg({table.name}::text, chr(30))"
    which = " WHERE NOT denied" if table is AuditEvent.__table__ else ""
    return f"SELECT '{table.name}', {rows} FROM {table.name}{which}"  # noqa: S608 - names of the schema


_EVERYTHING = {kind: _all_rows(kind) for kind in ("sqlite", "postgresql")}


async def contents(database: Database) -> dict[str, list[str]]:
    """Everything in the database, to be compared with itself.

    But for denied attempts on record, which a refusal leaves behind, and what waits to be sealed, of which they are
    some.
    """
    tables = await database.rows(_EVERYTHING["sqlite" if database.is_sqlite else "postgresql"])
    return {name: sorted(rows.split(_BETWEEN_ROWS)) if rows else [] for name, rows in tables}


async def is_stored(database: Database, secret: str) -> bool:
    """Whether some column of some row holds the secret, be it as bytes."""
    everything = repr(await contents(database))
    return secret in everything or secret.encode().hex() in everything.lower()


@asynccontextmanager
async def unchanged(database: Database, but: Sequence[str] = ()) -> AsyncIterator[None]:
    """The block must leave every row of every table as it is, and add none; `but` names tables that don't count."""
    before = await contents(database)
    yield
    after = await contents(database)
    assert {table: rows for table, rows in after.items() if table not in but} == {
        table: rows for table, rows in before.items() if table not in but
    }


async def current(database: Database, record: Base) -> Any:
    """The row of a record as it is now."""
    table = type(record).__table__
    [row] = await database.rows(select(table).where(table.c.id == record.id))  # type: ignore[attr-defined]
    return row


async def history(database: Database, customer: Customer) -> Sequence[Any]:
    """A customer's assignments, oldest first."""
    table = Assignment.__table__
    c = table.c
    return await database.rows(select(table).where(c.customer_id == customer.id).order_by(c.started_at, c.id))


def is_chain(spans: Sequence[Any]) -> bool:
    """Whether each span of a history ends as the next one begins, and the last one alone is open."""
    linked = all(one.ended_at == next_one.started_at for one, next_one in pairwise(spans))
    return linked and bool(spans) and spans[-1].ended_at is None


async def memberships(database: Database, group: Group) -> Sequence[Any]:
    """A group's memberships, past ones too, oldest first."""
    table = Membership.__table__
    c = table.c
    return await database.rows(select(table).where(c.group_id == group.id).order_by(c.since, c.id))


async def events(database: Database, action: str) -> Sequence[Any]:
    """The audit events of one action, oldest first."""
    table = AuditEvent.__table__
    c = table.c
    return await database.rows(select(table).where(c.action == action).order_by(c.at, c.id))


async def outbox(database: Database) -> Sequence[Any]:
    """The messages that wait to be sent or were, oldest first."""
    table = OutboxMessage.__table__
    c = table.c
    return await database.rows(select(table).order_by(c.id))
