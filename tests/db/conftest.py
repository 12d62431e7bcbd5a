"""A database of one kind, for what is its own."""

from collections.abc import AsyncIterator

import pytest

from gql.db.engine import Database
from tests.databases import fresh_database


@pytest.fixture
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """For what is PostgreSQL's own."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with fresh_database("postgresql") as url:
        database = Database(url)
        yield database
        await database.close()
