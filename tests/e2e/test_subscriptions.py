"""Subscriptions between processes: one serves the subscriber, another one the change; by the clients people use."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import DatabaseKind
from tests.e2e.conftest import App, Server, serving
from tests.transport import node

QUERY = """
    subscription { accountManagerChanged(customerId: "%s") { customer { number accountManager { name } } } }
"""
ASSIGN = """
    mutation($input: AssignAccountManagerInput!) { assignAccountManager(input: $input) { changed userErrors { code } } }
"""
CANDIDATES = """{ customers(first: 1, filter: { hasAccountManager: false }) { edges { node { id number } } }
    admins(first: 50) { edges { node { id name email } } } }"""


class Subscriber:
    """A client in JavaScript, and what it has been told."""

    def __init__(self, transport: str, server: Server, token: str, customer: str) -> None:
        node.install()
        self.process = node.start(
            *node.node("node"),
            "subscribe.js",
            transport,
            SUBSCRIBE_URL=f"{server.url}/graphql",
            SUBSCRIBE_TOKEN=token,
            SUBSCRIBE_QUERY=QUERY % customer,
        )

    def next(self) -> Any:
        """The next line that it prints; None when it has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def end(self) -> None:
        """Whether it has ended or not."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def neighbour(demo: Server, database_kind: DatabaseKind, tmp_path: Path) -> Iterator[Server]:
    """Another process on the same database; on SQLite, where events stay within a process, the same one."""
    if database_kind == "sqlite":
        yield demo
        return
    with serving(demo.database_url, tmp_path, OUTBOX_IN_SERVER="false") as server:
        yield server


@pytest.mark.parametrize("transport", ["ws", "sse"])
def test_the_clients_of_npm_are_told_what_another_process_did(demo: Server, neighbour: Server, transport: str) -> None:
    boss = demo.sign_in("super@lenddesk.example")
    customer, managers = candidates(boss)
    assert boss.token is not None
    subscriber = Subscriber(transport, demo, boss.token, customer["id"])
    try:
        assert subscriber.next() == {"connected": True}
        elsewhere = neighbour.sign_in("super@lenddesk.example")
        told = []
        for manager in managers:
            assign(elsewhere, customer, manager)
            told.append(subscriber.next())
        assert told == [{"event": {"data": {"accountManagerChanged": event(customer, m)}}} for m in managers]
    finally:
        subscriber.end()


@pytest.mark.parametrize("transport", ["ws", "sse"])
def test_a_stop_does_not_wait_for_subscribers(
    database_kind: DatabaseKind, demo: Server, tmp_path: Path, transport: str
) -> None:
    with serving(demo.database_url, tmp_path, OUTBOX_IN_SERVER="false", STOP_SECONDS="60") as server:
        boss = server.sign_in("super@lenddesk.example")
        customer, _ = candidates(boss)
        assert boss.token is not None
        subscriber = Subscriber(transport, server, boss.token, customer["id"])
        try:
            assert subscriber.next() == {"connected": True}
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=30) is not None
            ended = subscriber.next()
            # 1012, service restart: clients come again by themselves.
            assert ended == {"error": 1012} if transport == "ws" else ended.keys() & {"error", "complete"}
        finally:
            subscriber.end()


def candidates(boss: App) -> tuple[Any, list[Any]]:
    """A customer without account manager, and two admins who may be theirs."""
    found = boss.data(CANDIDATES)
    admins = {edge["node"]["email"].partition("@")[0]: edge["node"] for edge in found["admins"]["edges"]}
    return found["customers"]["edges"][0]["node"], [admins["manager1"], admins["manager2"]]


def assign(app: App, customer: Any, manager: Any) -> None:
    """Make the admin the customer's account manager."""
    payload = app.data(ASSIGN, {"input": {"customerId": customer["id"], "accountManagerId": manager["id"]}})
    assert payload["assignAccountManager"] == {"changed": True, "userErrors": []}


def event(customer: Any, manager: Any) -> Any:
    """What a subscriber is told."""
    return {"customer": {"number": customer["number"], "accountManager": {"name": manager["name"]}}}
