"""Subscriptions as server-sent events."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import update

from gql.db.models import Session
from gql.execution import answering
from tests.factories import World
from tests.patience import PATIENCE
from tests.transport.subscribing import Served, served, too_long

EVENTS = "text/event-stream"


@pytest.fixture
async def lender(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """A served lender."""
    async with served(database_url, tmp_path) as made:
        yield made


class Events:
    """What comes of one request, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any] | None:
        """The next event's name and data; None where there are no more."""
        name, data = None, None
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                field, _, value = line.partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    data = orjson.loads(value) if value.strip() else None
                elif not line and name is not None:
                    return name, data
        return None


@asynccontextmanager
async def subscribed(lender: Served, token: str | None, body: dict[str, Any] | None = None) -> AsyncIterator[Events]:
    """A request for events, whose headers have come."""
    headers = {"Accept": EVENTS} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with (
        httpx.AsyncClient(base_url=lender.server.url, timeout=PATIENCE) as http,
        http.stream("POST", "/graphql", json=body or lender.request, headers=headers) as response,
    ):
        yield Events(response)


async def refusal(lender: Served, token: str | None, body: dict[str, Any]) -> tuple[int, str]:
    """Status and code of a request for events that gets none, and no data."""
    async with asyncio.timeout(PATIENCE), subscribed(lender, token, body) as events:
        answer = orjson.loads(await events.response.aread())
        assert events.response.headers["content-type"].startswith("application/json")
        assert set(answer) == {"errors"}
        return events.response.status_code, answer["errors"][0]["extensions"]["code"]


async def test_each_change_is_an_event(lender: Served) -> None:
    async with subscribed(lender, await lender.token(lender.boss)) as events:
        headers = events.response.headers
        assert (events.response.status_code, headers["content-type"].partition(";")[0]) == (200, EVENTS)
        assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
        for manager, reason in ((lender.one, None), (lender.other, "moved on")):
            await lender.assign(manager, reason)
            assert await events.next() == ("next", {"data": lender.change(manager, reason)})


async def test_an_event_whose_plan_fails_is_answered_all_the_same(
    lender: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """By the careful walk; and we learn of it, though not what was in the row."""

    async def fails(*_: object) -> None:
        raise LookupError("something of the row's")

    monkeypatch.setattr(answering, "rendered", fails)
    with caplog.at_level(logging.ERROR):
        async with subscribed(lender, await lender.token(lender.boss)) as events:
            await lender.assign(lender.one, None)
            assert await events.next() == ("next", {"data": lender.change(lender.one)})
    _of_the_mutation, of_the_event = [r for r in caplog.records if r.name == "gql.execution.answering"]
    assert "LookupError" in of_the_event.getMessage()
    assert "something of the row's" not in of_the_event.getMessage()


async def test_whoever_loses_sight_is_told_nothing_but_the_end(lender: Served) -> None:
    async with subscribed(lender, await lender.token(lender.one)) as events:
        await lender.assign(lender.other, "not for them")
        assert await events.next() == ("complete", None)
        assert await events.next() is None


async def test_an_assignment_that_ends_is_told_as_far_as_each_sees_it(lender: Served) -> None:
    """Who sees all: whose it was. Who sees nobody's customers: that nobody has them. Who sees no more: nothing."""
    world = World(lender.database)
    away = await world.admin("account_manager", office=await world.office("Away"))
    await lender.assign(away, "for a while")
    async with (
        subscribed(lender, await lender.token(lender.boss)) as events,
        subscribed(lender, await lender.token(away)) as former,
    ):
        await lender.unassign(2, "told to few")
        customer = {"displayName": lender.customer.name, "phone": lender.customer.phone, "accountManager": None}
        assignment = {"accountManager": {"name": away.name}, "reason": "for a while"}
        told = {"accountManagerChanged": {"customer": customer, "assignment": assignment}}
        assert await events.next() == ("next", {"data": told})
        assert await former.next() == ("complete", None)
        assert await former.next() is None
    await lender.assign(lender.one)
    async with subscribed(lender, await lender.token(lender.one)) as events:
        await lender.unassign(4, "told to few")
        outline = {"displayName": lender.customer.name, "phone": None, "accountManager": None}
        told = {"accountManagerChanged": {"customer": outline, "assignment": None}}
        assert await events.next() == ("next", {"data": told})


async def test_a_session_that_ends_takes_its_events_with_it(lender: Served) -> None:
    async with subscribed(lender, await lender.token(lender.boss)) as events:
        async with lender.database.begin() as session:
            await session.execute(update(Session).values(revoked_at=Session.created_at, revoked_because="signed out"))
        assert await events.next() is None


async def test_only_subscriptions_are_answered_so(lender: Served) -> None:
    token = await lender.token(lender.boss)
    for body, code in (
        ({"query": "{ viewer { permissions } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "mutation { signOut { signedOut } }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
        ({**lender.request, "variables": {"id": "x"}}, "BAD_USER_INPUT"),
    ):
        assert await refusal(lender, token, body) == (400, code)
    assert await refusal(lender, None, lender.request) == (400, "UNAUTHENTICATED")


async def test_a_subscription_is_no_json(lender: Served) -> None:
    headers = {"Authorization": f"Bearer {await lender.token(lender.boss)}"}
    async with httpx.AsyncClient(base_url=lender.server.url, timeout=PATIENCE) as http:
        response = await http.post("/graphql", json=lender.request, headers=headers)
    assert response.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert EVENTS in response.json()["errors"][0]["message"]


async def test_a_user_has_five_connections(lender: Served) -> None:
    """A sixth is refused, until one of them is closed."""
    token = await lender.token(lender.boss)
    async with (
        subscribed(lender, token),
        subscribed(lender, token),
        subscribed(lender, token),
        subscribed(lender, token),
    ):
        async with subscribed(lender, token):
            assert await refusal(lender, token, lender.request) == (429, "RATE_LIMITED")
        await asyncio.sleep(0.5)
        async with subscribed(lender, token) as events:
            assert events.response.status_code == 200


async def test_an_event_that_is_too_large_is_told_and_not_sent(database_url: str, tmp_path: Path) -> None:
    async with (
        served(database_url, tmp_path, max_response_bytes=10_000) as lender,
        subscribed(lender, await lender.token(lender.boss), too_long(lender.customer)) as events,
    ):
        await lender.assign(lender.one)
        told = await events.next()
        assert told is not None
        assert told[1]["data"] is None
        assert told[1]["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"
