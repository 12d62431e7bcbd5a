"""Documents that are sent by their SHA-256: automatic ones, registered ones, and a server that runs nothing else."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gql.db.engine import Database
from gql.db.models import Admin
from gql.services.documents import Document, register, remove
from gql.transport.documents import Documents
from gql.transport.request_body import Sent
from tests.api.client import Api, Client, open_api
from tests.factories import World

VIEWER = "query Viewer { viewer { permissions } }"
ENDPOINT = "http://lenddesk.test/graphql"
NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"


def sha256(text: str) -> str:
    """In hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def apollo(text: str, sent: str | None = None) -> dict[str, Any]:
    """The body of Apollo's clients: the hash of `text`, with the document `sent` or none."""
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}
    return {"extensions": hashed} if sent is None else {"query": sent, "extensions": hashed}


def by_id(text: str) -> dict[str, Any]:
    """The body of clients that follow the appendix of GraphQL over HTTP."""
    return {"documentId": f"sha256:{sha256(text)}"}


async def send(client: Client, body: dict[str, Any], **headers: str) -> httpx.Response:
    """One request with this body."""
    return await client.http.post(ENDPOINT, json=body, headers=client.headers | headers)


def code(response: httpx.Response) -> str | None:
    """Of the first error; None where there is none."""
    errors = response.json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


@pytest.fixture
async def admin(database: Database) -> Admin:
    """Somebody who may do everything."""
    return await World(database).admin("super_admin")


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A server that takes any document."""
    async with open_api(database_url, tmp_path) as made:
        yield made


@pytest.fixture
async def strict(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A server that takes registered documents only."""
    async with open_api(database_url, tmp_path, only_registered_documents=True) as made:
        yield made


async def test_a_client_sends_a_document_once_and_then_its_hash(api: Api, admin: Admin) -> None:
    client = await api.sign_in(admin)
    assert code(await send(client, apollo(VIEWER))) == NOT_FOUND
    first = await send(client, apollo(VIEWER, VIEWER))
    again, by_other_means = await send(client, apollo(VIEWER)), await send(client, by_id(VIEWER))
    assert first.json() == again.json() == by_other_means.json()
    assert "viewer" in first.json()["data"]


async def test_a_hash_that_is_not_known_is_no_failure_of_older_clients(api: Api, admin: Admin) -> None:
    """They look at the code, and only at answers with status 200; those of GraphQL's own media type get a 400."""
    client = await api.sign_in(admin)
    older = await send(client, apollo(VIEWER), Accept="application/json")
    modern = await send(client, apollo(VIEWER), Accept="application/graphql-response+json")
    assert (older.status_code, modern.status_code) == (200, 400)
    assert code(older) == code(modern) == NOT_FOUND
    assert "data" not in older.json()


async def test_nobody_can_give_a_hash_another_meaning(api: Api, admin: Admin) -> None:
    client = await api.sign_in(admin)
    assert code(await send(client, apollo(VIEWER, "{ __typename }"))) == "BAD_USER_INPUT"
    assert code(await send(client, apollo(VIEWER))) == NOT_FOUND


async def test_what_nobody_sent_is_not_remembered(api: Api, admin: Admin) -> None:
    """Whoever isn't signed in may not fill what is kept for others."""
    assert (await send(api.anonymous, apollo("{ __typename }", "{ __typename }"))).json()["data"]
    assert code(await send(await api.sign_in(admin), apollo("{ __typename }"))) == NOT_FOUND


@pytest.mark.parametrize(
    "body",
    [
        {"extensions": {"persistedQuery": 1}},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": sha256(VIEWER)}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "abc"}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(VIEWER).upper()}}},
        {"documentId": sha256(VIEWER)},
        {"documentId": "sha256:x"},
        {"documentId": ["sha256:x"]},
        {"query": 1, **apollo(VIEWER)},
        {"query": None},
        {},
    ],
)
async def test_what_is_no_hash_is_the_clients_mistake(api: Api, body: dict[str, Any]) -> None:
    response = await send(api.anonymous, body)
    assert (response.status_code, code(response)) == (400, "BAD_USER_INPUT")


async def test_a_registered_document_may_exceed_the_limits_of_structure(
    api: Api, admin: Admin, database: Database
) -> None:
    """By its hash. Its nodes are bounded all the same."""
    many = "{ " + " ".join(f"a{i}: viewer {{ permissions }}" for i in range(40)) + " }"
    nodes = "{ customers(first: 100) { edges { node { groups(first: 100) { edges { cursor } } } } } }"
    await register(database, [Document(many, ""), Document(nodes, "")])
    client = await api.sign_in(admin)
    assert len((await send(client, by_id(many))).json()["data"]) == 40
    assert code(await send(client, by_id(nodes))) == "QUERY_TOO_COMPLEX"
    assert code(await send(client, {"query": many.replace("a0", "b0")})) == "QUERY_TOO_COMPLEX"


async def test_a_strict_server_runs_registered_documents_only(strict: Api, admin: Admin, database: Database) -> None:
    """As text or by hash, for whomever."""
    await register(database, [Document(VIEWER, "Viewer")])
    client = await strict.sign_in(admin)
    for body in ({"query": VIEWER}, apollo(VIEWER), by_id(VIEWER)):
        assert "viewer" in (await send(client, body)).json()["data"]
    for body in ({"query": VIEWER + " "}, apollo("{ __typename }", "{ __typename }"), {"query": "{ __typename }"}):
        assert code(await send(client, body)) == code(await send(strict.anonymous, body)) == NOT_FOUND


async def test_a_removed_document_is_taken_for_half_a_minute_at_most(database: Database) -> None:
    moment = 0.0
    documents, sent = (
        Documents(database, only_registered=True, clock=lambda: moment),
        Sent(None, sha256(VIEWER), {}, None),
    )
    await register(database, [Document(VIEWER, "Viewer")])
    assert await documents.find(sent, remember=False) == (VIEWER, True)
    assert await remove(database, sha256(VIEWER))
    moment = 29.0
    assert await documents.find(sent, remember=False) == (VIEWER, True)
    moment = 30.0
    with pytest.raises(Exception, match="not known"):
        await documents.find(sent, remember=False)
