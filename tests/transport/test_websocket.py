"""Subscriptions over a WebSocket: graphql-transport-ws as its clients speak it, and as nobody should."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import delete, update
from websockets.exceptions import InvalidStatus

from gql.db.models import Admin, AdminRole, Session
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind, new_id, to_global_id
from tests.api.client import gid, open_api
from tests.api.mutations import assign
from tests.factories import World
from tests.patience import PATIENCE
from tests.transport.subscribing import CHANGED, PROTOCOL, Served, served, socket, too_long


@pytest.fixture
async def lender(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """A served lender."""
    async with served(database_url, tmp_path) as made:
        yield made


async def settle() -> None:
    """Until the server has begun what it was asked."""
    await asyncio.sleep(0.3)


async def test_whoever_sees_the_customer_is_told_of_each_change(lender: Served) -> None:
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.subscribe(lender.request)
        await settle()
        for manager, reason in ((lender.one, "a new book"), (lender.other, None)):
            await lender.assign(manager, reason)
            told = await client.receive()
            assert told == {"id": "1", "type": "next", "payload": {"data": lender.change(manager, reason)}}
        await client.send({"id": "1", "type": "complete"})
        await settle()
        await lender.assign(lender.one)
        await client.send({"type": "ping"})
        assert await client.receive() == {"type": "pong"}, "nothing is told any more"


async def test_whoever_loses_sight_is_told_nothing_but_the_end(lender: Served) -> None:
    """Of a change that makes the customer somebody else's; not a byte of it."""
    async with socket(lender.server, await lender.token(lender.one)) as client:
        await client.subscribe(lender.request)
        await settle()
        await lender.assign(lender.other, "not for them")
        assert await client.receive() == {"id": "1", "type": "complete"}


async def test_whoever_does_not_see_the_customer_can_not_subscribe(lender: Served) -> None:
    """It is the same as for a customer who isn't there."""
    await lender.assign(lender.other)
    async with socket(lender.server, await lender.token(lender.one)) as client:
        told = []
        for request in (lender.request, {**lender.request, "variables": {"id": nobodys_id()}}):
            await client.subscribe(request)
            told.append(await client.receive())
        assert told[0] == told[1]
        assert (told[0]["type"], told[0]["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


def nobodys_id() -> str:
    """The ID of a customer who isn't there."""
    return to_global_id(Kind.CUSTOMER, new_id())


async def test_a_session_that_ends_takes_its_sockets_with_it(lender: Served) -> None:
    """Within a second or so, without any event."""
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.subscribe(lender.request)
        async with lender.database.begin() as session:
            await session.execute(update(Session).values(revoked_at=Session.created_at, revoked_because="signed out"))
        assert await client.closed() == 4401


async def test_a_deactivated_admin_has_no_sockets(lender: Served) -> None:
    """Neither by `deactivateAdmin`, which ends the sessions, nor by whatever else makes them INACTIVE."""
    given = {"adminId": gid(lender.other), "reason": "left"}
    deactivate = "mutation($input: DeactivateAdminInput!) { deactivateAdmin(input: $input) { changed } }"
    headers = {"Authorization": f"Bearer {await lender.token(lender.boss)}"}
    async with (
        socket(lender.server, await lender.token(lender.one)) as one,
        socket(lender.server, await lender.token(lender.other)) as other,
        httpx.AsyncClient(base_url=lender.server.url, timeout=PATIENCE, headers=headers) as http,
    ):
        async with lender.database.begin() as session:
            await session.execute(update(Admin).where(Admin.id == lender.one.id).values(status=AdminStatus.INACTIVE))
        answer = await http.post("/graphql", json={"query": deactivate, "variables": {"input": given}})
        assert answer.json() == {"data": {"deactivateAdmin": {"changed": True}}}
        assert await one.closed() == await other.closed() == 4401


async def test_an_event_finds_the_session_ended_before_anybody_else_does(
    lender: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is told in the moment between the end of a session and that of its sockets."""
    monkeypatch.setattr("gql.transport.streams._CHECK_SECONDS", 60)
    await asyncio.sleep(0.6)
    token = await lender.token(lender.boss)
    async with socket(lender.server, token) as client:
        await client.subscribe(lender.request)
        await settle()
        async with lender.database.begin() as session:
            await session.execute(update(Session).values(revoked_at=Session.created_at, revoked_because="signed out"))
        await lender.assign(lender.one)
        told = await client.receive()
        assert told["payload"]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert "data" not in told["payload"]
        assert await client.receive() == {"id": "1", "type": "complete"}


async def test_a_role_that_was_taken_shows_nothing_more(lender: Served) -> None:
    """Not even of the next event."""
    async with socket(lender.server, await lender.token(lender.watcher)) as client:
        await client.subscribe(lender.request)
        await settle()
        async with lender.database.begin() as session:
            await session.execute(delete(AdminRole).where(AdminRole.admin_id == lender.watcher.id))
        await lender.assign(lender.one)
        assert await client.receive() == {"id": "1", "type": "complete"}


async def test_only_subscriptions_go_over_a_socket(lender: Served) -> None:
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        for query, code in (
            ("{ viewer { permissions } }", "GRAPHQL_VALIDATION_FAILED"),
            ("mutation { signOut { signedOut } }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ('subscription { accountManagerChanged(customerId: "x") { customer { id } } }', "BAD_USER_INPUT"),
        ):
            await client.subscribe({"query": query})
            told = await client.receive()
            assert (told["id"], told["type"], told["payload"][0]["extensions"]["code"]) == ("1", "error", code)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nonsense", 4400),
        ("[]", 4400),
        ({"type": 1}, 4400),
        ({"type": "unknown"}, 4400),
        ({"type": "subscribe"}, 4400),
        ({"type": "subscribe", "id": 1, "payload": {}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": "{ viewer }"}, 4400),
        ({"type": "complete"}, 4400),
        ({"type": "connection_init"}, 4429),
        ("x" * 70_000, 1009),
        ("[" * 60_000, 4400),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_whoever_breaks_the_protocol_is_let_go(lender: Served, message: object, code: int) -> None:
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.send(message)
        assert await client.closed() == code


async def test_a_binary_message_is_no_message(lender: Served) -> None:
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.connection.send(b'{"type":"ping"}')
        assert await client.closed() == 4400


async def test_nobody_is_told_anything_before_they_have_said_who_they_are(lender: Served) -> None:
    async with socket(lender.server) as early:
        await early.subscribe(lender.request)
        assert await early.closed() == 4401
    for token in (None, "nonsense"):
        async with socket(lender.server) as client:
            await client.init(token)
            assert await client.closed() == 4403


async def test_whoever_says_nothing_is_let_go(lender: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gql.transport.websocket.INIT_SECONDS", 0.2)
    async with socket(lender.server) as client:
        assert await client.closed() == 4408


async def test_a_socket_speaks_no_other_protocol(lender: Served) -> None:
    """The legacy one least of all."""
    for offered in (["graphql-ws"], None):
        async with socket(lender.server, subprotocols=offered) as client:
            assert await client.closed() == 4406


async def test_pages_of_other_sites_can_not_open_a_socket(lender: Served) -> None:
    own = f"http://{lender.server.host}:{lender.server.port}"
    async with socket(lender.server, await lender.token(lender.boss), origin=own, subprotocols=[PROTOCOL]):
        pass
    for origin in ("https://evil.example", "null", f"https://{lender.server.host}.evil.example"):
        with pytest.raises(InvalidStatus) as refused:
            async with socket(lender.server, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_an_id_is_one_subscriptions_at_a_time_and_twenty_are_enough(lender: Served) -> None:
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        for key in range(20):
            await client.subscribe(lender.request, str(key))
        await settle()
        await client.subscribe(lender.request, "20")
        assert await client.closed() == 4429
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.subscribe(lender.request)
        await client.subscribe(lender.request)
        assert await client.closed() == 4409


async def test_a_user_has_five_sockets(lender: Served) -> None:
    """And another user theirs; one that was closed makes room."""
    token = await lender.token(lender.boss)
    async with socket(lender.server, token), socket(lender.server, token), socket(lender.server, token):
        async with socket(lender.server, token), socket(lender.server, token):
            async with socket(lender.server) as sixth:
                await sixth.init(token)
                assert await sixth.closed() == 4429
            async with socket(lender.server, await lender.token(lender.one)):
                pass
        await settle()
        async with socket(lender.server, token):
            pass


async def test_a_customer_is_not_told_who_else_is_managed(lender: Served) -> None:
    async with socket(lender.server, await lender.token(lender.customer)) as client:
        await client.subscribe(lender.request)
        told = await client.receive()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


async def test_an_event_that_is_too_large_is_told_and_not_sent(database_url: str, tmp_path: Path) -> None:
    async with (
        served(database_url, tmp_path, max_response_bytes=10_000) as lender,
        socket(lender.server, await lender.token(lender.boss)) as client,
    ):
        await client.subscribe(too_long(lender.customer))
        await settle()
        await lender.assign(lender.one)
        told = (await client.receive())["payload"]
        assert told["data"] is None
        assert told["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_sockets_are_connections_and_there_are_so_many(database_url: str, tmp_path: Path) -> None:
    """Nobody need say who they are to open one."""
    async with served(database_url, tmp_path, limit_concurrency=2) as lender:
        async with socket(lender.server), socket(lender.server):
            with pytest.raises(InvalidStatus) as refused:
                async with socket(lender.server):
                    pass
            assert refused.value.response.status_code == 503
            assert refused.value.response.headers["retry-after"] == "1"
        await settle()
        async with socket(lender.server, await lender.token(lender.boss)):
            pass


async def test_a_failure_of_ours_is_masked(lender: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that looks like a closed socket."""

    async def fails(*_: object) -> None:
        raise RuntimeError("something of a customer's")

    monkeypatch.setattr("gql.transport.operations.Operations.subscribe", fails)
    async with socket(lender.server, await lender.token(lender.boss)) as client:
        await client.subscribe(lender.request)
        told = await client.receive()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL_SERVER_ERROR")
        assert "something of a customer's" not in str(told)


@pytest.mark.parametrize("leaves", [True, False], ids=["has left", "reads nothing"])
@pytest.mark.parametrize("missed", ["next", "error"], ids=["event", "refusal"])
async def test_a_client_that_misses_what_it_is_sent_is_let_go_and_is_no_error_of_ours(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    leaves: bool,
    missed: str,
) -> None:
    """The application's side of the wire: what a server in front of it does when nobody is there to take a message."""
    monkeypatch.setattr("gql.transport.websocket.SEND_SECONDS", 0.05)
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    told: list[str] = []

    async def send(message: Any) -> None:
        told.append(message.get("text", message["type"]))
        if f'"{missed}"' in told[-1]:
            if leaves:
                raise OSError
            await asyncio.Event().wait()

    async with open_api(database_url, tmp_path) as api:
        world = World(api.database)
        boss = await world.admin("super_admin")
        customer, manager = await world.customer(office=await world.office()), await world.admin("account_manager")
        client = await api.sign_in(boss)
        headers = [(b"host", b"lenddesk.test"), (b"authorization", client.headers["Authorization"].encode())]
        scope = {
            "type": "websocket",
            "scheme": "ws",
            "path": "/graphql",
            "headers": headers,
            "subprotocols": [PROTOCOL],
        }
        speaking = asyncio.create_task(api.app(scope, messages.get, send))
        messages.put_nowait({"type": "websocket.connect"})
        wanted = {"query": CHANGED, "variables": {"id": gid(customer)}} if missed == "next" else {"query": 7}
        subscribe = {"id": "1", "type": "subscribe", "payload": wanted}
        for message in ({"type": "connection_init"}, subscribe):
            messages.put_nowait({"type": "websocket.receive", "text": orjson.dumps(message).decode()})
        await settle()
        await assign(client, customer, manager)
        await asyncio.wait_for(speaking, PATIENCE)

    assert f'"{missed}"' in told[-1]
    written = "".join(capfd.readouterr())
    assert "internal" not in written
    assert "exception" not in written
