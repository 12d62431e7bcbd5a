"""Subscriptions to a job's progress, and to a customer who is seen under a cover, as server-sent events."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from gql.db.models import Admin, Cover, Session
from gql.domain.time import now
from tests.api.client import gid
from tests.factories import World
from tests.patience import PATIENCE
from tests.transport.subscribing import Served, served
from tests.transport.test_server_sent_events import refusal, subscribed

REASSIGN = "mutation($input: ReassignBookInput!) { reassignBook(input: $input) { job { id } userErrors { code } } }"
PROGRESS = "subscription($id: ID!) { jobProgress(id: $id) { status done total counts { moved } } }"


@pytest.fixture
async def lender(database_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    """A served lender that does its jobs itself, a moment after they were asked for."""
    async with served(database_url, tmp_path, outbox_in_server=True, job_poll_seconds=1.0) as made:
        yield made


async def _reassign(lender: Served, manager: Admin, to: Admin) -> dict[str, Any]:
    """Ask for a manager's book to be moved; the subscription to the job."""
    given = {"fromAdminId": gid(manager), "to": [{"adminId": gid(to), "weight": 1}], "reason": "Leave"}
    headers = {"Authorization": f"Bearer {await lender.token(lender.boss)}"}
    async with httpx.AsyncClient(base_url=lender.server.url, timeout=PATIENCE, headers=headers) as http:
        response = await http.post("/graphql", json={"query": REASSIGN, "variables": {"input": given}})
    payload = response.json()["data"]["reassignBook"]
    assert payload["userErrors"] == []
    return {"query": PROGRESS, "variables": {"id": payload["job"]["id"]}}


async def test_who_asked_for_a_job_is_told_until_it_has_ended_and_nobody_else_is(lender: Served) -> None:
    await lender.assign(lender.one)
    request = await _reassign(lender, lender.one, lender.other)
    assert await refusal(lender, await lender.token(lender.one), request) == (400, "FORBIDDEN")
    assert await refusal(lender, await lender.token(lender.customer), request) == (400, "FORBIDDEN")
    assert await refusal(lender, None, request) == (400, "UNAUTHENTICATED")
    told = []
    async with subscribed(lender, await lender.token(lender.boss), request) as events:
        while (event := await events.next()) is not None and event[0] == "next":
            told.append(event[1]["data"]["jobProgress"])
    assert event == ("complete", None)
    assert told[-1] == {"status": "DONE", "done": 1, "total": 1, "counts": {"moved": 1}}
    assert [one["done"] for one in told] == sorted(one["done"] for one in told)
    assert [one["status"] for one in told].count("DONE") == 1


async def test_who_may_read_it_no_more_is_told_no_more(lender: Served) -> None:
    await lender.assign(lender.one)
    request = await _reassign(lender, lender.one, lender.other)
    token = await lender.token(lender.boss)
    async with lender.database.begin() as session:
        await session.execute(update(Session).values(revoked_at=Session.created_at, revoked_because="signed out"))
    assert await refusal(lender, token, request) == (400, "UNAUTHENTICATED")


NOTIFIED = {"query": "subscription { notificationReceived { event readAt customer { displayName } } }"}


async def test_each_is_told_at_once_and_of_nobody_whom_they_see_no_more(lender: Served) -> None:
    """The old account manager hears that a customer has left, and not which; others hear nothing."""
    await lender.assign(lender.one)
    tokens = [await lender.token(who) for who in (lender.one, lender.other)]
    assert await refusal(lender, await lender.token(lender.customer), NOTIFIED) == (400, "FORBIDDEN")
    assert await refusal(lender, None, NOTIFIED) == (400, "UNAUTHENTICATED")
    async with subscribed(lender, tokens[0], NOTIFIED) as of_one, subscribed(lender, tokens[1], NOTIFIED) as of_other:
        await lender.assign(lender.other)
        for events, event, customer in (
            (of_one, "CUSTOMER_LEFT", None),
            (of_other, "CUSTOMER_ASSIGNED", {"displayName": lender.customer.name}),
        ):
            told = {"event": event, "readAt": None, "customer": customer}
            assert await events.next() == ("next", {"data": {"notificationReceived": told}})
        async with lender.database.begin() as session:
            of_viewer = Session.admin_id == lender.one.id
            ended = {"revoked_at": Session.created_at, "revoked_because": "signed out"}
            await session.execute(update(Session).where(of_viewer).values(ended))
        await lender.assign(lender.one)
        last = await of_one.next()  # the stream ends by itself, too, within a second
        assert last is None or last[1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


OWN = {"query": "subscription { myNotificationReceived { event readAt } }"}


async def test_a_customer_is_told_at_once_of_their_own(lender: Served) -> None:
    """As long as the session lasts; of nobody else's, and staff can't listen."""
    world = World(lender.database)
    other = await world.customer(office=await world.office("Away"))
    assert await refusal(lender, await lender.token(lender.one), OWN) == (400, "FORBIDDEN")
    assert await refusal(lender, None, OWN) == (400, "UNAUTHENTICATED")
    tokens = [await lender.token(who) for who in (lender.customer, other)]
    async with subscribed(lender, tokens[0], OWN) as events, subscribed(lender, tokens[1], OWN) as of_other:
        await lender.assign(lender.one)
        await lender.unassign(2, "Leaves")
        for event in ("MANAGER_ASSIGNED", "MANAGER_LEFT"):
            told = {"event": event, "readAt": None}
            assert await events.next() == ("next", {"data": {"myNotificationReceived": told}})
        async with lender.database.begin() as session:
            ended = {"revoked_at": Session.created_at, "revoked_because": "signed out"}
            await session.execute(update(Session).where(Session.customer_id.is_not(None)).values(ended))
        await lender.assign(lender.one)
        for stream in (events, of_other):
            last = await stream.next()
            assert last is None or last[1]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_covers_a_book_is_told_of_its_customers_until_the_cover_is_ended(lender: Served) -> None:
    world = World(lender.database)
    manager = await world.admin("account_manager", office=await world.office("Away"))
    await lender.assign(manager)
    cover = await world.cover(lender.one, manager)
    async with subscribed(lender, await lender.token(lender.one)) as events:
        await lender.assign(lender.other)
        assert await events.next() == ("complete", None)  # the book is by the open assignment
    await lender.assign(manager)
    async with subscribed(lender, await lender.token(lender.one)) as events:
        await world.cover(lender.one, lender.other)
        await lender.assign(lender.other, "covered, too")
        assert await events.next() == ("next", {"data": lender.change(lender.other, "covered, too")})
        async with lender.database.begin() as session:
            moment = now() + timedelta(microseconds=1)
            ended = {"ended_at": moment, "ended_by_id": manager.id, "end_reason": "Back"}
            await session.execute(update(Cover).where(Cover.id == cover.id).values(ended))
        await lender.assign(manager, "not for them")
        assert await events.next() == ("complete", None)
