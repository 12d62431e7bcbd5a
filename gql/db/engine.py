"""Connections: how the two databases are opened, read from and written to.

Reads run in AUTOCOMMIT, one statement each: a transaction round a single read costs more than the read. Writes are
one transaction each. SQLite has one writer at a time, which BEGIN IMMEDIATE makes wait instead of fail.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, Engine, Executable, event, make_url
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from gql.db.dialect import Dialect
from gql.db.events import EventBus, taken_to_publish
from gql.db.postgres_reads import LOST, POOL_TIMEOUT_SECONDS, Listener, PostgresReads
from gql.db.references import References
from gql.domain.errors import Unavailable

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_SQLITE_BUSY_MS = 5_000
_CONNECT_SECONDS = 5
_LOCK_MS = 2_000
_IDLE_IN_TRANSACTION_MS = 10_000

_BUSY = frozenset(
    {
        *("40001", "40P01", "55P03", "57014", "25P03"),  # conflicts, and what took longer than it may
        *("53000", "53100", "53200", "53300", "53400", "58000", "58030"),  # disk, memory or connections exhausted
        *("57P01", "57P02", "57P03"),  # a server on its way down or up
    }
)
"""SQLSTATEs of PostgreSQL under load or in trouble, which has nothing to do with the statement."""

_SQLITE_BUSY = frozenset(
    {
        *(5, 6),  # BUSY, LOCKED
        *(10, 13, 14),  # IOERR, FULL, CANTOPEN
    }
)
"""SQLite's primary result codes for the same, and for what its file system can't do right now.

By number: a server on PostgreSQL doesn't import SQLite, which has 1 MB.
"""

AnyRow = Any
"""A row: its columns in order, and by name as attributes."""


class Database:
    """One database as a process sees it: reads, units of work, and what is special about its kind.

    `statement_timeout` bounds each statement, in seconds, where the database can (0: no bound); `pool_size` is the
    number of connections for reads, and on PostgreSQL as many again for writes.
    """

    def __init__(self, url: str, *, pool_size: int = 10, statement_timeout: float = 5) -> None:
        self.url = _with_driver(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._reads: PostgresReads | _SQLiteReads
        if self.is_sqlite:
            reader, self.writer = _sqlite_engines(self.url, pool_size)
            self._reads = _SQLiteReads(reader)
            self.events = EventBus(None)
        else:
            settings = _postgresql_settings(statement_timeout)
            self._reads = PostgresReads(self.url, pool_size, settings, _CONNECT_SECONDS)
            self.events = EventBus(self._reads.connect)
            self.writer = _postgresql_engine(self.url, pool_size, settings)
        self.dialect = Dialect.of(self.url.get_backend_name())
        self.references = References()
        self._sessions = async_sessionmaker(self.writer, expire_on_commit=False)

    async def rows(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None, *, by_values: bool = False
    ) -> Sequence[AnyRow]:
        """All rows of one read. Raises Unavailable when the database can't be reached.

        `by_values`: which index serves best depends on the values (a filter that may let few or nearly all through),
        so that the database should plan for them, which takes it longer.
        """
        try:
            return await self._reads.rows(statement, parameters or {}, by_values=by_values)
        except _FAILURES as error:
            raise _unavailable_or(error) from error

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell the listener of each statement that is sent from now on; answers what ends that."""

        def tell(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            listener(statement, parameters)

        engines = [self.writer.sync_engine]
        if isinstance(self._reads, _SQLiteReads):
            engines.append(self._reads.engine.sync_engine)
        else:
            self._reads.listeners.append(listener)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", tell)

        def end() -> None:
            for engine in engines:
                event.remove(engine, "before_cursor_execute", tell)
            if isinstance(self._reads, PostgresReads):
                self._reads.listeners.remove(listener)

        return end

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A unit of work: committed when the block ends, rolled back when it raises."""
        try:
            async with self._sessions.begin() as session:
                yield session
                await self.events.publish_all(session, taken_to_publish(session))
        except _FAILURES as error:
            raise _unavailable_or(error) from error

    async def close(self) -> None:
        """Close all connections."""
        await self.events.close()
        await self._reads.close()
        await self.writer.dispose()


class _SQLiteReads:
    """Reads through an engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def rows(self, statement: Executable, parameters: Mapping[str, Any], *, by_values: bool) -> Sequence[AnyRow]:
        """All rows. SQLite plans a statement once, whatever its values."""
        async with self.engine.connect() as connection:
            return (await connection.execute(statement, parameters)).all()

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


_FAILURES = (DBAPIError, PoolTimeoutError, asyncpg.PostgresError, *LOST)


def _unavailable_or(error: Exception) -> Exception:
    """Unavailable where the connection, not the statement, is to blame; the error itself otherwise."""
    if isinstance(error, (PoolTimeoutError, *LOST)) or getattr(error, "sqlstate", None) in _BUSY:
        return Unavailable()
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _is_lost(error) or _sqlstate(error) in _BUSY):
        return Unavailable()
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_BUSY:
        return Unavailable()
    return error


def _is_lost(error: DBAPIError) -> bool:
    """Whether the driver says that the connection has gone. SQLAlchemy asks the connection, which may not know yet.

    What the driver itself refuses to send is a ValueError, too.
    """
    cause = getattr(error.orig, "__cause__", None)
    return isinstance(cause, LOST) and not isinstance(cause, ValueError)


def _sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _with_driver(url: str) -> URL:
    parsed = make_url(url)
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise ValueError(f"DATABASE_URL must be sqlite or postgresql, not {parsed.get_backend_name()}")
    return parsed.set(drivername=driver)


def _postgresql_settings(statement_timeout: float) -> dict[str, str]:
    """PostgreSQL's settings for each connection."""
    return {
        "application_name": "lenddesk",
        "jit": "off",
        # Of solid-state disks. At the default, of spinning ones, the planner rather walks an index of everybody
        # in the order of a list and throws away the customers of other offices than seeks in each office's own.
        "random_page_cost": "1.1",
        # Of six letters, one may be another: "Zeinab" shares 3 of 7 parts with "Zainab".
        "pg_trgm.word_similarity_threshold": "0.4",
        "statement_timeout": str(int(statement_timeout * 1000)),
        "lock_timeout": str(_LOCK_MS) if statement_timeout else "0",
        "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_MS) if statement_timeout else "0",
    }


def _postgresql_engine(url: URL, pool_size: int, settings: Mapping[str, str]) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "prepared_statement_cache_size": 500,
            "server_settings": dict(settings),
        },
    )
    event.listen(engine.sync_engine, "checkout", _must_be_open)
    return engine


def _must_be_open(connection: Any, _entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    """A server that has restarted while nobody wrote is no trouble of the next writer, who gets a new connection."""
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError


def _sqlite_engines(url: URL, pool_size: int) -> tuple[AsyncEngine, AsyncEngine]:
    if url.database is None or url.database in ("", ":memory:"):
        raise ValueError("DATABASE_URL must name a file: processes share it")
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    from gql.db import sqlite_driver  # a server on PostgreSQL doesn't import SQLite

    connect = {"timeout": _SQLITE_BUSY_MS / 1000, "async_creator_fn": sqlite_driver.connect}
    common: dict[str, Any] = {"max_overflow": 0, "pool_timeout": POOL_TIMEOUT_SECONDS, "connect_args": connect}
    # What is not in a transaction needs no rollback, which would be a trip to the connection's thread, too.
    reading: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    reader = create_async_engine(url, pool_size=pool_size, **reading, **common)
    writer = create_async_engine(url, pool_size=1, **common)
    for engine in (reader, writer):
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(writer.sync_engine, "begin", _begin_immediate)
    return reader, writer


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        f"busy_timeout={_SQLITE_BUSY_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Engine) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]
