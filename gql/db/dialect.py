"""What the two databases say differently. No other module asks which one it is on."""

import asyncio
import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Double,
    FromClause,
    Integer,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.sql.functions import FunctionElement

from gql.db.driver import driver_of, errors_as_sqlalchemys, for_driver, foreign_keys
from gql.db.many_rows import Names, arrays_of, update_from_arrays
from gql.db.models import Base
from gql.db.models.base import IdsTogether

_MIGRATION_LOCK = 0x4C444D49
"""An arbitrary key, the same in every release."""
_ASK_AGAIN_SECONDS: Final = 0.05

Inner = Callable[[ColumnElement[bool], FromClause | None], Select[Any]]
"""A statement about the parents that a predicate picks.

With a FromClause, that is the outer row to correlate with, and the statement has one parent: it orders and limits
itself. Without one, it has all parents and does neither.
"""


class IdsAmong(FunctionElement[Any]):
    """An aggregate: the IDs in a column of its rows as one value, or lists of those in several columns.

    A tuple of UUIDs, or of tuples of them and None; empty without any row.
    """

    inherit_cache = True
    name = "ids_among"
    type = IdsTogether()


@compiles(IdsAmong)
def _ids_among(aggregate: IdsAmong, compiler: Any, **options: Any) -> str:
    columns = compiler.process(aggregate.clauses, **options)
    return f"array_agg(ARRAY[{columns}])" if len(aggregate.clauses) > 1 else f"array_agg({columns})"


class Dialect(ABC):
    """The differences, as methods; and `IdsAmong`, for statements that are made without knowing the dialect."""

    @staticmethod
    def of(backend: str) -> "Dialect":
        """The dialect of a SQLAlchemy backend name: one of each, since statements are kept by dialect and serve all
        databases of that kind.
        """
        if backend != "sqlite":
            return _POSTGRESQL
        from gql.db.sqlite_dialect import SQLITE  # which builds on this module

        return SQLITE

    @abstractmethod
    def is_one_of(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Whether the column is in the list bound as `name`; the statement is the same for each length."""

    @abstractmethod
    def for_each(
        self,
        column: KeyedColumnElement[Any],
        name: str,
        inner: Inner,
        order_by: Callable[[Any], list[ColumnElement[Any]]],
        limit: str,
        keys: Select[Any] | None = None,
    ) -> Select[Any]:
        """The first rows of each parent in the list bound as `name`, at most the bound `limit` of each.

        `column` is the parent's key in the inner statement, which must select it; `order_by` makes the order from
        a collection of the statement's columns. With `keys`, a select with a column called `key`, the parents are
        these, and nothing is bound as `name`; a further column of theirs is one that the inner statement has, too.
        """

    @abstractmethod
    def similar(self, column: ColumnElement[str], name: str) -> tuple[ColumnElement[bool], ColumnElement[int]] | None:
        """Whether some words of the column are like the text bound as `name`, and how much, in millionths.

        None where the database can't tell.
        """

    @abstractmethod
    def day_of(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        """The lender's day, in UTC, of a moment; to be compared with days."""

    @abstractmethod
    def days_between(self, earlier: ColumnElement[Any], later: ColumnElement[Any]) -> ColumnElement[int]:
        """How many days one day is after another."""

    @abstractmethod
    async def alone(self, connection: AsyncConnection) -> None:
        """Let no other migration run until this connection's transaction ends; waits for one that does."""

    @abstractmethod
    def skip_locked(self, statement: Select[Any]) -> Select[Any]:
        """Lock the selected rows for this transaction, passing over those that another one holds."""

    @abstractmethod
    async def insert_if_new(self, session: AsyncSession, model: type[Base], values: dict[str, Any]) -> bool:
        """Insert a row unless a unique index holds one like it; tells whether it was inserted.

        Where another transaction is inserting the same row, waits for how that ends.
        """

    @abstractmethod
    async def hold(self, session: AsyncSession, name: str, seconds: float) -> bool:
        """Be the only transaction that holds this name, until it ends; tells whether it is, within so many seconds."""

    @abstractmethod
    async def insert_many(
        self, session: AsyncSession, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Insert many rows as fast as the database takes them, in the session's transaction.

        A row has a value for each of the columns, of the type that an `insert` takes; defaults made in Python are not
        applied. Raises IntegrityError where a constraint refuses a row: the transaction must then be rolled back.
        """

    @abstractmethod
    async def update_many(
        self, session: AsyncSession, table: Table, columns: Names, keys: Names, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Give many rows new values, each its own, in the session's transaction.

        One of `rows` has a value for each of the columns, then for each of the keys that name a row of the table. What
        the session itself has at hand of such rows stays as it was.
        """

    @abstractmethod
    def foreign_keys_unchecked(
        self, session: AsyncSession, tables: Sequence[Table]
    ) -> AbstractAsyncContextManager[None]:
        """Rows inserted into the tables within the block may not be checked against the tables' foreign keys.

        The keys hold for everybody else, and for all rows inserted once the transaction has committed. What the block
        inserted must be checked later, with `check_foreign_keys`. Until the transaction ends, nobody else gets at the
        tables, nor at those that they refer to.
        """

    @abstractmethod
    async def check_foreign_keys(self, session: AsyncSession, tables: Sequence[Table]) -> None:
        """Raise IntegrityError where a row that wasn't checked when it was inserted refers to nothing."""


class _PostgreSQL(Dialect):
    def is_one_of(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        return column == any_(bindparam(name, type_=ARRAY(column.type)))

    def for_each(
        self,
        column: KeyedColumnElement[Any],
        name: str,
        inner: Inner,
        order_by: Callable[[Any], list[ColumnElement[Any]]],
        limit: str,
        keys: Select[Any] | None = None,
    ) -> Select[Any]:
        # One index seek per parent, stopped at the limit: a window function would read all of a parent's rows.
        listed = func.unnest(bindparam(name, type_=ARRAY(column.type))).table_valued("key", name=f"each_{name}")
        parents = listed.render_derived() if keys is None else keys.subquery(f"each_{name}")
        page = inner(column == parents.c.key, parents).lateral(f"page_of_{name}")
        # What the parents have, too, is taken from them: in their order by it the rows are then known to be.
        return select(*(parents.c.get(column.key, column) for column in page.c)).select_from(parents.join(page, true()))

    def similar(self, column: ColumnElement[str], name: str) -> tuple[ColumnElement[bool], ColumnElement[int]] | None:
        term = bindparam(name, type_=Text())
        similarity: ColumnElement[Any] = func.word_similarity(term, column, type_=Double()) * 1_000_000
        return column.op("%>", is_comparison=True)(term), similarity.cast(BigInteger)

    def day_of(self, moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.timezone("UTC", moment).cast(Date())

    def days_between(self, earlier: ColumnElement[Any], later: ColumnElement[Any]) -> ColumnElement[int]:
        return later.op("-", return_type=Integer())(earlier)

    async def alone(self, connection: AsyncConnection) -> None:
        await connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))

    def skip_locked(self, statement: Select[Any]) -> Select[Any]:
        return statement.with_for_update(skip_locked=True)

    async def insert_if_new(self, session: AsyncSession, model: type[Base], values: dict[str, Any]) -> bool:
        statement = postgresql.insert(model).values(values).on_conflict_do_nothing().returning(literal(1))
        return (await session.execute(statement)).first() is not None

    async def hold(self, session: AsyncSession, name: str, seconds: float) -> bool:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        taken = select(func.pg_try_advisory_xact_lock(number))
        until = time.monotonic() + seconds
        while not (await session.execute(taken)).scalar_one():  # waiting for it in SQL would end in an error
            if time.monotonic() >= until:
                return False
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
        return True

    async def insert_many(
        self, session: AsyncSession, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        driver = await driver_of(session)
        records = for_driver((await session.connection()).dialect, table, columns, rows)
        with errors_as_sqlalchemys(f"COPY {table.name}", driver):
            await driver.copy_records_to_table(table.name, records=records, columns=columns)

    async def update_many(
        self, session: AsyncSession, table: Table, columns: Names, keys: Names, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        if rows:
            connection = await session.connection()
            await connection.execute(update_from_arrays(table, columns, keys), arrays_of(columns, keys, rows))

    @asynccontextmanager
    async def foreign_keys_unchecked(self, session: AsyncSession, tables: Sequence[Table]) -> AsyncIterator[None]:
        # A check is a query for each row, which takes longer than all else that is done for the row.
        keys = await foreign_keys(session, tables)
        driver = await driver_of(session)
        with errors_as_sqlalchemys("ALTER TABLE", driver):
            await driver.execute("".join(f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name};" for key in keys))
        yield
        added = "".join(f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {key.meaning} NOT VALID;" for key in keys)
        with errors_as_sqlalchemys("ALTER TABLE", driver):
            await driver.execute(added)

    async def check_foreign_keys(self, session: AsyncSession, tables: Sequence[Table]) -> None:
        for key in await foreign_keys(session, tables):
            await session.execute(text(f"ALTER TABLE {key.table} VALIDATE CONSTRAINT {key.name}"))


_POSTGRESQL: Final = _PostgreSQL()
