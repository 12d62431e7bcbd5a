"""A small lender that no request of these tests may change, and its API, spoken to in raw HTTP.

HTTP is the same over either database, so these tests have one, on SQLite.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

from gql.db.engine import Database
from gql.db.models import Admin
from tests.api.client import Client, open_api
from tests.databases import fresh_database
from tests.factories import World

Body = bytes | AsyncIterable[bytes]
JSON = {"Content-Type": "application/json"}


@dataclass
class Wire:
    """Sends raw requests to /graphql, as an admin who may do everything or as nobody."""

    admin: Client

    async def send(
        self,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
        signed_in: bool = True,
        path: str = "/graphql",
    ) -> httpx.Response:
        """One request. Headers beside Authorization are those given, or that of JSON."""
        all_headers = dict(JSON if headers is None else headers) | (self.admin.headers if signed_in else {})
        return await self.admin.http.request(method, f"http://lenddesk.test{path}", content=body, headers=all_headers)

    async def ask(self, query: str, variables: Any = None, *, signed_in: bool = True, **headers: str) -> httpx.Response:
        """One GraphQL request as JSON."""
        client = self.admin if signed_in else Client(self.admin.http)
        return await client.post(query, variables, **headers)


def refusal(response: httpx.Response) -> str:
    """The code of an answer that has errors and no data, as JSON; the message says something."""
    assert response.headers["content-type"].partition(";")[0].endswith("json")
    answer = response.json()
    assert set(answer) == {"errors"}
    assert all(len(error["message"]) > 10 for error in answer["errors"])
    code: str = answer["errors"][0]["extensions"]["code"]
    return code


@dataclass
class Lender:
    """A database and somebody who may do everything in it."""

    database_url: str
    admin: Admin


async def _lender(database_url: str) -> Lender:
    database = Database(database_url)
    admin = await World(database).admin("super_admin")
    await database.close()
    return Lender(database_url, admin)


@pytest.fixture(scope="module")
def quiet_lender() -> Iterator[Lender]:
    """The module's lender."""
    with fresh_database("sqlite") as url:
        yield asyncio.run(_lender(url))


@pytest.fixture
async def wire(quiet_lender: Lender, tmp_path: Path) -> AsyncIterator[Wire]:
    """The API of the module's lender, whose database must be found as it was before the test's requests."""
    async with open_api(quiet_lender.database_url, tmp_path) as api:
        client = await api.sign_in(quiet_lender.admin)
        before = await asyncio.to_thread(contents, quiet_lender.database_url)
        yield Wire(client)
        assert await asyncio.to_thread(contents, quiet_lender.database_url) == before


def contents(database_url: str) -> list[str]:
    """All that a SQLite database holds, but for denied attempts on record, which a refusal leaves behind."""
    with closing(sqlite3.connect(make_url(database_url).database or "")) as connection:
        return [line for line in connection.iterdump() if not _is_denial(line)]


def _is_denial(line: str) -> bool:
    event, waiting = 'INSERT INTO "audit_events"', 'INSERT INTO "audit_waiting"'
    return line.startswith(waiting) or (line.startswith(event) and ".denied'" in line)
