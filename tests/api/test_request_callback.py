"""`requestCallback`: who asks to be called is on somebody's list, and their account manager hears of it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.interactions import callback_due
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import moment, rows
from tests.factories import World
from tests.records import events, outbox, unchanged

REQUEST = """
mutation($input: RequestCallbackInput!) {
  requestCallback(input: $input) { callback { requestedAt dueAt } changed replayed userErrors { code message field } }
}
"""
DUE = """
{ dueInteractions { edges { node {
  id kind direction summary nextStep dueAt author { name } customer { displayName }
} } } }
"""
COMPLETE = """
mutation($id: ID!) {
  completeInteraction(input: { interactionId: $id, outcome: "Called." }) { changed }
}
"""
CALLBACK = "{ me { callback { requestedAt dueAt } } }"


async def ask(client: Client, **given: Any) -> dict[str, Any]:
    """The payload."""
    payload: dict[str, Any] = (await client.data(REQUEST, {"input": given}))["requestCallback"]
    return payload


async def due(client: Client) -> list[dict[str, Any]]:
    """What is due for this client."""
    return rows((await client.data(DUE))["dueInteractions"])


async def test_a_request_is_due_for_the_account_manager_who_is_told_by_mail(api: Api, world: World) -> None:
    manager = await world.admin("account_manager", name="Bola Ade")
    customer = await world.customer(manager=manager, name="Adaeze Okafor")
    app, console = await api.sign_in(customer), await api.sign_in(manager)
    tomorrow = now() + timedelta(days=1)

    payload = await ask(app, note="My instalment of Friday.", preferredTime=tomorrow.isoformat())

    assert (codes(payload), payload["changed"]) == ([], True)
    assert moment(payload["callback"]["dueAt"]) == tomorrow
    assert (await app.data(CALLBACK))["me"]["callback"] == payload["callback"]
    [listed] = await due(console)
    interaction = listed.pop("id")
    assert moment(listed.pop("dueAt")) == tomorrow
    assert listed == {
        "kind": "CALLBACK_REQUEST",
        "direction": "INBOUND",
        "summary": "My instalment of Friday.",
        "nextStep": "Call the customer back.",
        "author": None,
        "customer": {"displayName": "Adaeze Okafor"},
    }
    [mail] = await outbox(api.database)
    assert (mail.template, mail.recipient) == ("callback_requested_manager", manager.email)
    assert mail.payload == {
        "manager_name": "Bola Ade",
        "customer_name": "Adaeze Okafor",
        "customer_number": customer.number,
        "customer_phone": customer.phone,
        "note": "My instalment of Friday.",
        "due": f"{tomorrow:%d %B %Y, %H:%M} UTC",
        "is_preferred": True,
    }
    [event] = await events(api.database, "customer.callback_requested")
    assert (event.actor_kind, event.actor_id, event.subject_id) == ("CUSTOMER", customer.id, customer.id)

    async with unchanged(api.database):
        again = await ask(app, note="Please!")
    assert (again["changed"], again["callback"]) == (False, payload["callback"])
    assert (await console.data(COMPLETE, {"id": interaction}))["completeInteraction"]["changed"]
    assert (await app.data(CALLBACK))["me"]["callback"] is None
    assert (await ask(app))["changed"]


async def test_without_an_account_manager_the_office_has_it(api: Api, world: World) -> None:
    """And nobody gets a mail."""
    lagos = await world.office("Lagos")
    customer = await world.customer(office=lagos)
    team, portfolio, elsewhere = [
        await api.sign_in(await world.admin(role, office=office))
        for role, office in (("team_member", lagos), ("portfolio_manager", lagos), ("team_member", None))
    ]
    payload = await ask(await api.sign_in(customer))
    assert payload["changed"]
    assert [len(await due(client)) for client in (team, portfolio, elsewhere)] == [1, 1, 0]
    assert [one["summary"] for one in await due(team)] == ["Asked to be called."]
    assert await outbox(api.database) == []


async def test_an_account_manager_who_has_left_gets_no_mail(api: Api, world: World) -> None:
    manager = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    assert (await ask(await api.sign_in(await world.customer(manager=manager))))["changed"]
    assert await outbox(api.database) == []


async def test_of_many_requests_at_once_one_is_made(api: Api, world: World) -> None:
    customer = await world.customer(manager=await world.admin("account_manager"))
    app = await api.sign_in(customer)
    payloads = await asyncio.gather(*(ask(app) for _ in range(3)))
    assert sorted(payload["changed"] for payload in payloads) == [False] * 2 + [True]
    assert len({payload["callback"]["requestedAt"] for payload in payloads}) == len(await outbox(api.database)) == 1


async def test_a_time_that_nobody_can_promise_is_refused(api: Api, world: World) -> None:
    app = await api.sign_in(await world.customer())
    async with unchanged(api.database):
        for days in (-1, 31):
            payload = await ask(app, preferredTime=(now() + timedelta(days=days)).isoformat())
            assert (codes(payload), payload["userErrors"][0]["field"]) == (["INVALID"], ["preferredTime"])
        for given in ({"note": " "}, {"note": "x" * 501}, {"preferredTime": "2026-01-05T09:00:00"}):
            assert await app.codes(REQUEST, {"input": given}) == ["BAD_USER_INPUT"]


async def test_a_key_repeats_the_answer(api: Api, world: World) -> None:
    app = await api.sign_in(await world.customer())
    first = await ask(app, note="A", idempotencyKey="k")
    async with unchanged(api.database):
        assert await ask(app, note="A", idempotencyKey="k") == first | {"replayed": True}
        assert codes(await ask(app, note="B", idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]


async def test_it_is_for_customers_who_have_an_account(api: Api, world: World) -> None:
    """One who is on hold may ask; one who is shut out may not, and an admin logs what they hear."""
    held = await world.customer(status=CustomerStatus.SUSPENDED)
    assert (await ask(await api.sign_in(held)))["changed"]
    admin = await api.sign_in(await world.admin("super_admin"))
    gone = await api.sign_in(await world.customer(status=CustomerStatus.BLACKLISTED))
    async with unchanged(api.database):
        payload = await ask(admin)
        assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]
        assert await gone.codes(REQUEST, {"input": {}}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(REQUEST, {"input": {}}) == ["UNAUTHENTICATED"]


async def test_who_asked_is_closed_to_by_nobody_who_does_not_look_after_them(api: Api, world: World) -> None:
    """A request names its customer to whoever sees them in full, and is not there for anybody else."""
    manager = await world.admin("account_manager")
    customer = await world.customer(manager=manager)
    await ask(await api.sign_in(customer))
    auditor = await api.sign_in(await world.admin("auditor"))
    assert await due(auditor) == []
    document = "query($id: ID!) { customer(id: $id) { interactions { totalCount } } }"
    assert (await auditor.data(document, {"id": gid(customer)}))["customer"] == {"interactions": None}


@pytest.mark.parametrize(
    ("asked", "due_at"),
    [
        ("2026-11-19T23:59:00", "2026-11-20T16:00:00"),  # a Thursday
        ("2026-11-20T08:00:00", "2026-11-23T16:00:00"),  # a Friday
        ("2026-11-21T08:00:00", "2026-11-23T16:00:00"),  # a Saturday
        ("2026-11-22T08:00:00", "2026-11-23T16:00:00"),  # a Sunday
    ],
)
def test_a_customer_is_called_by_the_end_of_the_next_working_day(asked: str, due_at: str) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked, due_at)]
    assert callback_due(None, moments[0]) == moments[1]
