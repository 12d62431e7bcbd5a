"""A database of one kind, for what is its own."""

from collections.abc import AsyncIterator

import pytest

from gql.db.engine import Database
from tests.databases import fresh_database


@pytest.fixture
async def postgresql(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """For what is PostgreSQL's own; a statement may take a fifth of a second."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with fresh_database("postgresql") as url:
        database = Database(url, statement_timeout=0.2)
        yield database
        await database.close()
