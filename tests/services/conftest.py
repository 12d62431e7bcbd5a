"""An application that takes a crowd of requests at once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event

from gql.db.engine import Database
from tests.api.client import Client, open_api
from tests.databases import DatabaseKind
from tests.factories import World

RACERS = 20


def wait_long(connection: Any, _entry: Any) -> None:
    """For a new connection: be patient with locks."""
    cursor = connection.cursor()
    cursor.execute("SET lock_timeout = '60s'")
    cursor.execute("SET statement_timeout = '60s'")
    cursor.close()


class Crowd(NamedTuple):
    """The lender, and a super admin's client, for as many requests at once as there are racers."""

    database: Database
    world: World
    client: Client


@pytest.fixture
async def crowd(database_url: str, database_kind: DatabaseKind, tmp_path: Path) -> AsyncIterator[Crowd]:
    """With a connection for each racer, so that all wait for a lock and none for a connection.

    They may wait for long: which of them wins is the question, not whether a busy machine is quick.
    """
    async with open_api(database_url, tmp_path, database_pool_size=RACERS) as api:
        if database_kind == "postgresql":
            event.listen(api.database.writer.sync_engine, "connect", wait_long)
        world = World(api.database)
        yield Crowd(api.database, world, await api.sign_in(await world.admin("super_admin")))
