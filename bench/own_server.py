"""A server of the bench's own, in its own process, on a demo lender that is written once and kept."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench import BenchFailed
from gql.settings import Settings

_MIGRATE_AND_SEED = """
import sys
from gql.cli import app
sys.exit(app(["migrate"], standalone_mode=False) or app(["seed", *sys.argv[1:]], standalone_mode=False))
"""

OWN_SERVER = (sys.executable, "-m", "bench.server")


@dataclass(frozen=True, slots=True)
class Running:
    """A server's address and process."""

    url: str
    pid: int


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Running]:
    """A server that prints its address when it listens, and ends when its standard input does: with the block."""
    with subprocess.Popen(
        command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            if not url:
                raise BenchFailed(f"The server did not start: {' '.join(command)}")
            yield Running(url, process.pid)
        finally:
            process.stdin.close()  # which ends it


@contextmanager
def own_server(customers: int) -> Iterator[Running]:
    """A server that is stopped when the block ends.

    Its database is DATABASE_URL's, which may hold nothing but a demo, or else a file for each number of customers.
    """
    environment = _environment(customers)
    print(f"Preparing {_place(environment)} ...", file=sys.stderr)
    _prepare(environment, customers)
    with running(OWN_SERVER, environment) as server:
        yield server


def prepared_database(customers: int) -> str:
    """The same lender's database, without a server: its URL."""
    environment = _environment(customers)
    print(f"Preparing {_place(environment)} ...", file=sys.stderr)
    _prepare(environment, customers)
    return environment["DATABASE_URL"]


def _environment(customers: int) -> Mapping[str, str]:
    folder = Settings().var_dir / "bench"
    file = f"sqlite+aiosqlite:///{folder / f'customers-{customers}.db'}"
    return {"DATABASE_URL": file} | os.environ | {"VAR_DIR": str(folder)}


def _place(environment: Mapping[str, str]) -> str:
    return "DATABASE_URL" if "DATABASE_URL" in os.environ else environment["DATABASE_URL"].partition(":///")[2]


def _prepare(environment: Mapping[str, str], customers: int) -> None:
    command = [sys.executable, "-c", _MIGRATE_AND_SEED, "--customers", str(customers)]
    if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
        raise BenchFailed("The demo lender could not be made.")
