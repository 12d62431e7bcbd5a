"""aiosqlite with one trip to a connection's thread for each statement: a trip costs more than most statements do.

By itself it makes four: for a cursor, to execute, to fetch the rows, and to close the cursor.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite

_Rows = list[Any]


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """What SQLAlchemy shall wait for when it opens a connection."""
    connection = _Connection(lambda: sqlite3.connect(database, **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy makes those that it opens itself
    return connection


class _Connection(aiosqlite.Connection):
    """Hands out the cursors below."""

    def cursor(self) -> "_Cursor":  # type: ignore[override]
        """One whose statements take a trip each."""
        return _Cursor(self)


class _Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses, which reads all rows of a statement at once anyhow."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._rows: _Rows = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "_Cursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "_Cursor":
        """Execute, and have the rows."""
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> "_Cursor":
        """Execute with each of the parameters."""
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def fetchall(self) -> _Rows:
        """The rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """The other thread has done that."""

    async def _run(self, execute: Callable[[sqlite3.Cursor], object]) -> "_Cursor":
        done = await self._connection._execute(self._in_thread, execute)  # type: ignore[no-untyped-call]
        self.description, self.rowcount, self.lastrowid, self._rows = done
        return self

    def _in_thread(self, execute: Callable[[sqlite3.Cursor], object]) -> tuple[Any, int, int | None, _Rows]:
        cursor = self._connection._conn.cursor()
        try:
            execute(cursor)
            rows = cursor.fetchall() if cursor.description else []
            return cursor.description, cursor.rowcount, cursor.lastrowid, rows
        finally:
            cursor.close()
