"""What all tests share: the databases that they run on."""

import signal
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from gql.db.engine import Database
from tests import collector, databases
from tests.cheap_hashes import hash_cheaply
from tests.compiled_once import compile_once
from tests.databases import KINDS, DatabaseKind, DatabasesOfRun, fresh_database

# How long an example takes says more about the machine's other work than about ours.
settings.register_profile("lenddesk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("lenddesk")

compile_once()
hash_cheaply()

_RUN = pytest.StashKey[DatabasesOfRun]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run be limited to one database."""
    parser.addoption("--database", choices=KINDS, help="run tests that need a database on this kind only, not on both")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run's databases; as a worker, join those of the controller."""
    worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
    if worker_input is not None:
        databases.use(DatabasesOfRun.join(worker_input["databases"], worker_input["workerid"]))
        return
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the server is stopped then, too
    run = config.stash[_RUN] = DatabasesOfRun.begin()
    databases.use(run)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Make the templates before the first worker starts, and tell each worker where they are."""
    run = node.config.stash[_RUN]
    for kind in ("sqlite", *_kinds(node.config)):
        run.prepare(kind)
    node.workerinput["databases"] = run.share()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Give the garbage collector little to do, then and in the tests."""
    with collector.resting():
        return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop what is left and stop the server."""
    if _RUN in config.stash:
        config.stash[_RUN].end()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that needs a database on every kind."""
    if "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", _kinds(metafunc.config), indirect=True, scope="session")


def _kinds(config: pytest.Config) -> tuple[DatabaseKind, ...]:
    only = config.getoption("--database")
    return (only,) if only else KINDS


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> DatabaseKind:
    """The kind of database that this turn of the test is for."""
    kind: DatabaseKind = request.param
    return kind


@pytest.fixture
def database_url(database_kind: DatabaseKind) -> Iterator[str]:
    """A fresh, migrated database of the test's own."""
    with fresh_database(database_kind) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    await opened.close()
