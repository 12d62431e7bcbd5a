"""What SQLite says differently."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, Select, Table, bindparam, func, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import KeyedColumnElement

from gql.db.dialect import Dialect, IdsAmong, Inner
from gql.db.driver import for_driver
from gql.db.many_rows import Names, update_one
from gql.db.models import Base


@compiles(IdsAmong, "sqlite")
def _ids_among(aggregate: IdsAmong, compiler: Any, **options: Any) -> str:
    columns = compiler.process(aggregate.clauses, **options)
    return f"json_group_array({f'json_array({columns})' if len(aggregate.clauses) > 1 else columns})"


class _SQLite(Dialect):
    def is_one_of(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return column.in_(bindparam(name, expanding=True))

    def for_each(
        self,
        column: KeyedColumnElement[Any],
        name: str,
        inner: Inner,
        order_by: Callable[[Any], list[ColumnElement[Any]]],
        limit: str,
        keys: Select[Any] | None = None,
    ) -> Select[Any]:
        listed = None if keys is None else keys.with_only_columns(keys.selected_columns["key"])
        is_parent = self.is_one_of(column, name) if listed is None else column.in_(listed)
        rows = inner(is_parent, None).subquery(f"rows_of_{name}")
        rank = func.row_number().over(partition_by=rows.c[column.key], order_by=order_by(rows.c)).label("rank")
        ranked = select(*rows.c, rank).subquery(f"page_of_{name}")
        return select(*(c for c in ranked.c if c.key != "rank")).where(ranked.c.rank <= bindparam(limit))

    def similar(self, column: ColumnElement[str], name: str) -> tuple[ColumnElement[bool], ColumnElement[int]] | None:
        return None

    def day_of(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.date(moment, type_=Date())

    def days_between(self, earlier: ColumnElement[Any], later: ColumnElement[Any]) -> ColumnElement[int]:
        return (func.julianday(later) - func.julianday(earlier)).cast(Integer())

    async def alone(self, connection: AsyncConnection) -> None:
        """Nothing to do: BEGIN IMMEDIATE has let this writer alone in."""

    def skip_locked(self, statement: Select[Any]) -> Select[Any]:
        return statement  # the writer that selects is alone: BEGIN IMMEDIATE

    async def insert_if_new(self, session: AsyncSession, model: type[Base], values: dict[str, Any]) -> bool:
        statement = sqlite.insert(model).values(values).on_conflict_do_nothing().returning(literal(1))
        return (await session.execute(statement)).first() is not None

    async def hold(self, session: AsyncSession, name: str, seconds: float) -> bool:
        return True  # the writer that asks is alone: BEGIN IMMEDIATE

    async def insert_many(
        self, session: AsyncSession, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        connection = await session.connection()
        quote = connection.dialect.identifier_preparer.quote
        names, places = ", ".join(map(quote, columns)), ", ".join("?" for _ in columns)
        statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({places})"  # noqa: S608 - the model's own names
        await connection.exec_driver_sql(statement, list(for_driver(connection.dialect, table, columns, rows)))

    async def update_many(
        self, session: AsyncSession, table: Table, columns: Names, keys: Names, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        if rows:
            connection = await session.connection()
            values = list(for_driver(connection.dialect, table, (*columns, *keys), rows))
            await connection.exec_driver_sql(str(update_one(table, columns, keys).compile(connection)), values)

    @asynccontextmanager
    async def foreign_keys_unchecked(self, session: AsyncSession, tables: Sequence[Table]) -> AsyncIterator[None]:
        yield  # checks are lookups that cost little beside the insert

    async def check_foreign_keys(self, session: AsyncSession, tables: Sequence[Table]) -> None:
        """Nothing to do: each row was checked."""


SQLITE: Final = _SQLite()
