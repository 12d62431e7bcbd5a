"""What an orchestrator asks: does the process live, and can it do its work."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gql.auth.tokens import AccessTokens
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id
from tests.api.client import Api, Client, open_api
from tests.databases import DatabaseKind
from tests.transport.conftest import refusal

NOWHERE: dict[DatabaseKind, str] = {
    "postgresql": "postgresql://lenddesk:secret@127.0.0.1:1/lenddesk",
    "sqlite": "sqlite+aiosqlite:///{folder}/there/no.db",
}


async def get(api: Api, path: str) -> tuple[int, dict[str, str]]:
    """Status and body."""
    response = await api.http.get(f"http://lenddesk.test{path}")
    return response.status_code, response.json()


async def test_with_its_database_the_server_lives_and_is_ready(database_url: str, tmp_path: Path) -> None:
    async with open_api(database_url, tmp_path) as api:
        assert await get(api, "/livez") == (200, {"status": "ok"})
        assert await get(api, "/readyz") == (200, {"status": "ok"})


@pytest.fixture
async def cut_off(database_kind: DatabaseKind, tmp_path: Path) -> AsyncIterator[Api]:
    """The application, whose database has gone."""
    async with open_api(NOWHERE[database_kind].format(folder=tmp_path), tmp_path) as api:
        if database_kind == "sqlite":
            (tmp_path / "there").rmdir()  # made when the database was opened
        yield api


async def test_without_its_database_the_server_lives_and_is_not_ready(cut_off: Api) -> None:
    assert await get(cut_off, "/livez") == (200, {"status": "ok"})
    assert await get(cut_off, "/readyz") == (503, {"status": "database unavailable"})


async def test_without_its_database_whoever_signed_in_is_told_to_come_back(cut_off: Api) -> None:
    tokens = AccessTokens(cut_off.settings.signing_key, timedelta(minutes=1))
    token = tokens.issue(SubjectKind.ADMIN, new_id(), new_id())
    client = Client(cut_off.http, {"Authorization": f"Bearer {token.text}"})
    response = await client.post("{ viewer { permissions } }")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert refusal(response) == "SERVICE_UNAVAILABLE"


async def test_without_its_database_signing_in_says_so(cut_off: Api) -> None:
    query = 'mutation { signIn(input: { email: "a@b.example", password: "x" }) { accessToken } }'
    response = await cut_off.anonymous.post(query)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert refusal(response) == "SERVICE_UNAVAILABLE"
