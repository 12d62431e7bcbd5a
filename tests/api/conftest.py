"""The application on each database, and a small lender in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.client import Api, open_api
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
