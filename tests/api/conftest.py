"""The application on each database, and a small lender in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.api.client import Api, open_api
from tests.api.visibility_world import Lender, build
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The application on a fresh database of the test's own."""
    async with open_api(database_url, tmp_path) as api:
        yield api


@pytest.fixture
def world(api: Api) -> World:
    """The lender of that database."""
    return World(api.database)


# One loop and one application for all the tests that only read this lender: they then share what it caches.
@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lender(database_kind: DatabaseKind) -> AsyncIterator[Lender]:
    """A lender with customers of every kind. Tests only read it, in the loop of the session."""
    with fresh_database(database_kind) as url:
        yield await build(url)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lender_api(lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The application on that lender's database, with look-ups to spare."""
    # Denied attempts, too: which is recorded by itself and which is counted would depend on when a minute ends.
    limits = ("lookups_per_minute", "reveals_per_minute", "identifiers_per_minute", "denials_per_minute")
    without_limits = dict.fromkeys(limits, 1_000_000)
    async with open_api(lender.url, tmp_path_factory.mktemp("lender"), **without_limits) as api:
        yield api
