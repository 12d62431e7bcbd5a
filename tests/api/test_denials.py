"""Denied attempts are on record, whichever way they came; nothing else of them is, and a flood of them is counted."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import AuditEvent
from gql.domain.enums import CustomerStatus, SubjectKind
from gql.domain.errors import Unavailable
from gql.domain.ids import Kind, new_id
from gql.services.audit import Actor
from gql.services.denials import COUNTED, Denials, Subject
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import ADD, ASSIGN, add_input, assign_input
from tests.api.reading import unknown
from tests.factories import PASSWORD, World
from tests.records import unchanged

TABLE: Any = AuditEvent.__table__
SIGN_IN = """
mutation($email: String!, $password: String!, $audience: Audience!) {
  signIn(input: {email: $email, password: $password, audience: $audience}) { viewer { __typename } userErrors { code } }
}
"""
SUBSCRIBE = "subscription($id: ID!) { accountManagerChanged(customerId: $id) { __typename } }"


async def _denied(database: Database) -> list[Any]:
    """The denied attempts on record, oldest first."""
    return list(await database.rows(select(TABLE).where(TABLE.c.denied).order_by(TABLE.c.at, TABLE.c.id)))


async def _last(api: Api, count: int) -> Any:
    denied = await _denied(api.database)
    assert len(denied) == count, [event.action for event in denied]
    return denied[-1]


async def test_a_forbidden_change_is_on_record(api: Api, world: World) -> None:
    """With the actor, the subject (seen or not, there or not), the codes, the request and the address."""
    office, away = await world.office(), await world.office()
    clerk = await world.admin("team_member", office=office)
    manager = await world.admin("account_manager", office=away)
    seen, unseen = await world.customer(office=office), await world.customer(office=away)
    client = await api.sign_in(clerk)
    for count, (customer, codes) in enumerate(
        (
            (gid(seen), ["FORBIDDEN"]),
            (gid(unseen), ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]),
            (unknown(Kind.CUSTOMER), ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]),
        ),
        start=1,
    ):
        async with unchanged(api.database):
            response = await client.post(ASSIGN, assign_input(customer, manager))
        event = await _last(api, count)
        assert event.action == "assignAccountManager.denied"
        assert (event.actor_kind, event.actor_id) == (SubjectKind.ADMIN, clerk.id)
        assert (event.subject_kind, event.customer_id) == ("customer", event.subject_id)
        assert event.details == {"codes": codes}
        assert (event.request_id, event.address) == (response.headers["x-request-id"], "127.0.0.1")
    subjects = [event.subject_id for event in await _denied(api.database)]
    assert subjects[:2] == [seen.id, unseen.id]


async def test_what_is_refused_for_another_reason_is_not_denied(api: Api, world: World) -> None:
    """Nor what was mistyped: an email names nobody's record. But an ID of what isn't there, or not in sight, does."""
    boss, customer, full = (
        await world.admin("super_admin"),
        await world.customer(),
        await world.group(maximum=1, members=[await world.customer()]),
    )
    client = await api.sign_in(boss)
    await client.data(ADD, add_input(full, customer))
    await client.data(ADD, add_input(full, email="nobody@customers.example"))
    assert await client.codes(ADD, add_input("nonsense", customer)) == ["BAD_USER_INPUT"]
    await client.data("{ customer(id: $id) { id } }".replace("$id", f'"{unknown(Kind.CUSTOMER)}"'))
    assert await _denied(api.database) == []

    await client.data(ADD, add_input(full, unknown(Kind.CUSTOMER)))
    assert (await _last(api, 1)).details["codes"] == ["CUSTOMER_NOT_FOUND", "GROUP_FULL"]


async def test_root_fields_that_are_forbidden_are_on_record(api: Api, world: World) -> None:
    """Once each, also of queries, subscriptions and customers' apps. Who isn't signed in is nobody, and is not."""
    customer = await world.customer()
    clerk, borrower = await api.sign_in(await world.admin("team_member")), await api.sign_in(customer)
    assert await clerk.codes("{ auditEvents { totalCount } offices { totalCount } }") == ["FORBIDDEN"]
    event = await _last(api, 1)
    assert (event.action, event.subject_kind, event.details) == (
        "auditEvents.denied",
        "request",
        {"codes": ["FORBIDDEN"]},
    )

    assert await borrower.codes("query($id: ID!) { customer(id: $id) { id } }", {"id": gid(customer)}) == ["FORBIDDEN"]
    event = await _last(api, 2)
    assert (event.action, event.actor_id, event.subject_id) == ("customer.denied", customer.id, customer.id)

    response = await borrower.post(SUBSCRIBE, {"id": gid(customer)}, Accept="text/event-stream")
    assert "FORBIDDEN" in response.text
    assert (await _last(api, 3)).action == "accountManagerChanged.denied"

    assert await api.anonymous.codes("{ auditEvents { totalCount } }") == ["UNAUTHENTICATED"]
    await _last(api, 3)


async def test_failed_and_locked_sign_ins_are_on_record_by_account(database_url: str, tmp_path: Path) -> None:
    """Whoever's it is, whether or not it may sign in; neither the password nor an unknown email is kept."""
    async with open_api(database_url, tmp_path, sign_in_failures_per_account=2) as api:
        world = World(api.database)
        admin = await world.admin("auditor")
        shut_out = await world.customer(status=CustomerStatus.BLACKLISTED)
        await world.password(admin)
        tried = [
            (admin.email, "ADMIN", admin.id),
            (admin.email, "ADMIN", admin.id),
            (admin.email, "ADMIN", admin.id),  # locked by now
            (shut_out.email, "CUSTOMER", shut_out.id),
            ("nobody@lender.example", "ADMIN", None),
            ("no address", "ADMIN", None),
        ]
        answers = []
        for email, audience, _ in tried:
            variables = {"email": email, "password": "a wrong secret", "audience": audience}
            answers.append(await api.anonymous.answer(SIGN_IN, variables))
        events = await _denied(api.database)
        assert [(event.action, event.subject_id) for event in events] == [("signIn.denied", key) for *_, key in tried]
        codes = ["INVALID_CREDENTIALS"] * 2 + ["RATE_LIMITED"] + ["INVALID_CREDENTIALS"] * 3
        assert [event.details for event in events] == [{"codes": [code]} for code in codes]
        assert {(event.actor_kind, event.actor_id, event.address) for event in events} == {
            ("SYSTEM", None, "127.0.0.1")
        }
        assert events[3].customer_id == shut_out.id
        assert "wrong secret" not in repr(events)
        assert "nobody@" not in repr(events)

        good = {"email": admin.email, "password": PASSWORD, "audience": "ADMIN"}
        assert await api.anonymous.codes(SIGN_IN, good) == ["RATE_LIMITED"]
        assert len(await _denied(api.database)) == len(tried) + 1


async def test_refused_look_ups_are_on_record(database_url: str, tmp_path: Path) -> None:
    """Without what was looked for."""
    async with open_api(database_url, tmp_path, lookups_per_minute=1) as api:
        client = await api.sign_in(await World(api.database).admin("group_administrator"))
        search = '{ customers(search: "ada@customers.example") { totalCount } }'
        await client.data(search)
        assert await client.codes(search) == ["RATE_LIMITED"]
        event = await _last(api, 1)
        assert (event.action, event.details) == ("customers.denied", {"codes": ["RATE_LIMITED"]})
        assert "ada@" not in repr(event)


async def test_a_flood_of_denied_attempts_is_counted(database_url: str, tmp_path: Path) -> None:
    """A few of each account are recorded one by one, and the number of the others when the server stops."""
    database = Database(database_url)
    world = World(database)
    clerks = [await world.admin("team_member") for _ in range(2)]
    async with open_api(database_url, tmp_path, denials_per_minute=3) as api:
        flooder, other = [await api.sign_in(clerk) for clerk in clerks]
        for _ in range(10):
            await flooder.codes("{ auditEvents { totalCount } }")
        await other.codes("{ auditEvents { totalCount } }")
        assert [event.actor_id for event in await _denied(database)] == [clerks[0].id] * 3 + [clerks[1].id]
    last = (await _denied(database))[-1]
    assert (last.action, last.actor_id) == (COUNTED, clerks[0].id)
    assert last.details == {"count": 7, "operations": {"auditEvents": 7}}
    await database.close()


async def test_counts_are_recorded_when_their_minute_ends(database: Database) -> None:
    """Of whoever is nobody, by network; a host's many IPv6 addresses are one."""
    denials, stop = Denials(database, 1, minute=0.2), asyncio.Event()
    running = asyncio.create_task(denials.run(stop))
    for host in range(5):
        nobody = Actor(SubjectKind.SYSTEM, None, "a request", f"2001:db8::{host}")
        await denials.record(nobody, "signIn", ["INVALID_CREDENTIALS"], Subject("admin", new_id()))
    for _ in range(1_000):
        if any(event.action == COUNTED for event in await _denied(database)):
            break
        await asyncio.sleep(0.01)
    stop.set()
    await running
    events = await _denied(database)
    counts = [event for event in events if event.action == COUNTED]
    assert sum(event.details["count"] for event in counts) + len(events) - len(counts) == 5
    assert {event.address for event in counts} == {"2001:db8::/64"}


async def test_all_together_have_a_bound_of_their_own(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many accounts at once can't fill the disk either."""
    monkeypatch.setattr("gql.services.denials.MOST_A_MINUTE", 4)
    denials, stop = Denials(database, 2), asyncio.Event()
    for _ in range(3):
        for _ in range(6):
            await denials.record(Actor(SubjectKind.ADMIN, new_id()), "customer", ["FORBIDDEN"], None)
    stop.set()
    await denials.run(stop)
    events = await _denied(database)
    counts = [event for event in events if event.action == COUNTED]
    assert (len(events) - len(counts), sum(event.details["count"] for event in counts)) == (4, 14)
    assert len(counts) == 5  # four accounts, and one for all others


async def test_whoever_hangs_up_is_recorded_all_the_same(api: Api, world: World) -> None:
    clerk = await world.admin("team_member")
    denials: Denials = api.app.state.denials
    waiting = asyncio.create_task(denials.record(Actor(SubjectKind.ADMIN, clerk.id), "customer", ["FORBIDDEN"], None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    for _ in range(1_000):
        if await _denied(api.database):
            break
        await asyncio.sleep(0.01)
    await _last(api, 1)


async def test_what_cannot_be_recorded_is_not_answered(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that leaves no trace could be tried for ever: the client is told to come again."""
    clerk: Client = await api.sign_in(await world.admin("team_member"))

    def refuses(database: Database) -> None:
        raise Unavailable

    monkeypatch.setattr(Database, "begin", refuses)
    response = await clerk.post("{ auditEvents { totalCount } }")
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["SERVICE_UNAVAILABLE"]
