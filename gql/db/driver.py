"""What the dialects do by the driver itself, past SQLAlchemy: rows and errors as the other side knows them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import ARRAY, Row, Table, Text, bindparam, text
from sqlalchemy import Dialect as DriverDialect
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

_FOREIGN_KEYS = text("""
    SELECT quote_ident(relname) AS "table", quote_ident(conname) AS name,
           replace(pg_get_constraintdef(c.oid), ' NOT VALID', '') AS meaning
    FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
    WHERE contype = 'f' AND relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
        AND pg_has_role(relowner, 'USAGE')
    ORDER BY relname, conname
""").bindparams(bindparam("tables", type_=ARRAY(Text())))


async def foreign_keys(session: AsyncSession, tables: Sequence[Table]) -> Sequence[Row[Any]]:
    """The foreign keys of the tables, as the database itself describes them; none of tables that are another role's."""
    return (await session.execute(_FOREIGN_KEYS, {"tables": [table.name for table in tables]})).all()


@contextmanager
def errors_as_sqlalchemys(statement: str, driver: Any) -> Iterator[None]:
    """Raise errors of asyncpg as SQLAlchemy does those of its own statements."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(statement, None, error) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DBAPIError(statement, None, error, connection_invalidated=driver.is_closed()) from error


async def driver_of(session: AsyncSession) -> Any:
    """asyncpg's connection, in the session's transaction: which SQLAlchemy begins with its own first statement."""
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if not driver.is_in_transaction():
        await connection.execute(text("SELECT 1"))
    return driver


def for_driver(
    dialect: DriverDialect, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Iterable[tuple[Any, ...]]:
    """The rows with each value as the driver wants it: what SQLAlchemy makes of the values of an `insert`."""
    types = [table.c[name].type.dialect_impl(dialect) for name in columns]
    processors = [one.bind_processor(dialect) for one in types]
    if not any(processors):
        return rows
    values = zip(*rows, strict=True)
    return zip(*(map(to, of) if to else of for to, of in zip(processors, values, strict=True)), strict=True)
