"""Requests that fail: what clients sent of themselves is in no log, and what failed inside is in no answer either."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any

import pytest
from sqlalchemy import text
from websockets.exceptions import WebSocketException

from gql import errors
from gql.db.engine import Database
from gql.db.loaders import Loaders
from tests.api.client import gid
from tests.leaks.conftest import Watched
from tests.transport.listening import head
from tests.transport.subscribing import socket

Watch = Callable[..., AbstractContextManager[Watched]]

SENT = "sent by a client"


@pytest.fixture
def secret(watched: Watched) -> str:
    """What a client sends and nobody else should see."""
    return watched.lender.canaries.word(SENT)


def broken(secret: str) -> Iterator[dict[str, Any]]:
    """Bodies with the secret in them, each wrong in its way."""
    yield {"query": f"{{ customer(id: {secret}) {{ id }} }}"}  # no ID
    yield {"query": f'{{ customer(id: "{secret}") {{ id }} }}'}  # not one of ours
    yield {"query": f'{{ customers(search: "{secret}", first: 0) {{ totalCount }} }}'}
    yield {"query": f'{{ customers(search: "{secret}" {{ totalCount }} }}'}  # not a document
    yield {"query": f'# {secret}\n{{ "{secret} }}'}
    yield {"query": f"{{ {secret} }}"}  # not a field
    yield {"query": f"{{ viewer {{ {secret} }} }}"}
    yield {"query": f"{{ viewer @{secret} {{ permissions }} }}"}
    yield {"query": f"query(${secret}: ID!) {{ customer(id: ${secret}) {{ id }} }}"}
    yield {"query": "query($n: Int) { customers(first: $n) { totalCount } }", "variables": {"n": secret}}
    yield {"query": "query($n: Int) { customers(first: $n) { totalCount } }", "variables": {"n": {secret: [secret]}}}
    yield {
        "query": "query($f: CustomerFilter) { customers(filter: $f) { totalCount } }",
        "variables": {"f": {secret: 1}},
    }
    yield {"query": "{ viewer { permissions } }", "variables": secret}
    yield {"query": "{ viewer { permissions } }", "operationName": f"not a name: {secret}"}
    yield {"query": "{ viewer { permissions } }", "documentId": secret}
    yield {
        "query": "{ viewer { permissions } }",
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": secret}},
    }
    yield {"query": [secret]}
    yield {"query": "{" + f"a{secret}: __typename " * 400 + "}"}  # too much
    sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }"
    yield {"query": sign_in, "variables": {"i": {"email": f"{secret}@lender.example", "password": secret}}}
    yield {"query": sign_in, "variables": {"i": {"email": secret, "password": {"is": secret}}}}
    add = "mutation($i: AddGroupMemberInput!) { addGroupMember(input: $i) { userErrors { code message } } }"
    yield {"query": add, "variables": {"i": {"groupId": secret, "email": secret, "reason": secret}}}
    yield {"query": add, "variables": {"i": {"groupId": secret, secret: secret}}}


@pytest.mark.parametrize("viewer", ["super_admin", "another customer", "anonymous"])
def test_what_clients_send_is_not_logged_whatever_is_wrong_with_it(viewer: str, watched: Watched, secret: str) -> None:
    before = len(watched.log.getvalue().splitlines())
    answers = [
        watched.http.post("/graphql", json=body, headers=watched.lender.headers(viewer)) for body in broken(secret)
    ]
    assert watched.logged == set()
    refused = [answer for answer in answers if "errors" in answer.json()]
    assert len(refused) >= 19
    assert len(watched.log.getvalue().splitlines()) == before + len(refused), "each of them has its line"


def test_credentials_and_addresses_are_not_logged_however_they_come(watched: Watched, secret: str) -> None:
    body = {"query": "{ viewer { permissions } }"}
    for headers in (
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": secret},
        {"Cookie": f"__Host-lenddesk-access={secret}; a={secret}", "X-LendDesk-Client": "web"},
        {"Cookie": f"__Host-lenddesk-refresh={secret}", "Origin": f"https://{secret}.example"},
        {"X-Forwarded-For": secret, "X-Request-Id": secret, "User-Agent": secret, "Traceparent": secret},
        {"Accept": secret},
        {"Content-Type": secret},
        {"Host": f"{secret}.example"},
    ):
        watched.http.post(f"/graphql?access_token={secret}", json=body, headers=headers)
    for address in (f"/{secret}", f"/graphql?query={secret}", f"/graphiql/{secret}/vendor/x.js", f"/livez?{secret}"):
        watched.http.get(address)
        watched.http.put(address, content=secret)
    watched.server.ask(head(path=f"/{secret}".encode(), length=2) + b"{}")
    watched.server.ask(f"{secret} {secret}\r\n{secret}\r\n\r\n".encode())
    assert watched.logged == set()


async def _over_sockets(watched: Watched, secret: str) -> None:
    """Sockets that are opened, greeted and used with the secret, wrongly and rightly."""
    authorized = watched.lender.headers("super_admin")
    for options in (
        {"additional_headers": {"Authorization": f"Bearer {secret}"}},
        {"additional_headers": {"Cookie": f"a={secret}", "Origin": f"https://{secret}.example"}},
        {"subprotocols": [secret]},
    ):
        with suppress(WebSocketException, TimeoutError):
            async with socket(watched.server, **options) as client:
                await client.init(secret)
                await client.closed()
    for message in ({"type": secret}, secret, {"type": "subscribe", "id": "1", "payload": {"query": secret}}):
        async with socket(watched.server, additional_headers=authorized) as client:
            await client.send({"type": "connection_init"})
            assert await client.receive() == {"type": "connection_ack"}
            await client.send(message)
            with suppress(WebSocketException, TimeoutError):
                async with asyncio.timeout(1):
                    await client.connection.recv()
    async with socket(watched.server, additional_headers=authorized) as client:
        await client.send({"type": "connection_init"})
        await client.receive()
        for number, body in enumerate(broken(secret)):
            await client.subscribe(body, str(number))
            assert (await client.receive())["type"] == "error"


def test_nor_what_is_sent_over_sockets(watched: Watched, secret: str) -> None:
    asyncio.run(_over_sockets(watched, secret))
    assert watched.logged == set()


def _fail_inside(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    """Have every read of a customer fail, with a message that tells what must not be told."""

    async def fails(*_: object) -> None:
        raise LookupError(f"no row for {secret}")

    monkeypatch.setattr(Loaders, "batch", fails)
    monkeypatch.setattr(Loaders, "load", fails)


def test_an_error_inside_is_told_by_an_id_and_logged_by_its_place(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with watch() as watched:
        secret = watched.lender.canaries.word("of a row")
        _fail_inside(monkeypatch, secret)
        query = f'query Profile {{ customer(id: "{gid(watched.lender.customer)}") {{ email }} }}'
        answer = watched.post("super_admin", query, operationName="Profile")
        [error] = answer.json()["errors"]
        assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert watched.found(answer) == set()
        assert watched.logged == set()
        line = json.loads(watched.log.getvalue().splitlines()[-1])
    assert (line["error_id"], line["error_type"]) == (error["extensions"]["errorId"], "LookupError")
    assert line["operation"] == "Profile"
    assert len(line["document"]) == 64


def test_a_database_that_fails_under_a_socket_tells_nothing_in_the_log(watch: Watch) -> None:
    """The driver's message has the statement and what was bound to it."""

    async def opened(watched: Watched) -> tuple[int | None, str | None]:
        database = Database(watched.lender.url)
        async with database.begin() as session:
            await session.execute(text("ALTER TABLE sessions RENAME TO gone"))
        await database.close()
        async with socket(watched.server) as client:
            await client.init(watched.lender.tokens["super_admin"])
            return await client.closed(), client.connection.close_reason

    with watch() as watched:
        assert asyncio.run(opened(watched)) == (1011, "Internal error")
        log = watched.log.getvalue()
    assert "OperationalError" in log
    assert "SELECT" not in log
    assert "no such table" not in log


def test_the_log_is_looked_through_for_what_is_there(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the tests above would prove nothing: a message that is logged is found."""
    monkeypatch.setattr(errors, "what_failed", lambda error: {"error": str(error)})
    with watch() as watched:
        _fail_inside(monkeypatch, watched.lender.canaries.word("of a row"))
        watched.post("super_admin", f'{{ customer(id: "{gid(watched.lender.customer)}") {{ email }} }}')
        assert watched.logged == {"of a row"}
