"""`assignAccountManager` does what it says: who is responsible, the history, the mails, and all of it or nothing."""

import asyncio
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text

from gql.db.models import Admin, Customer, Office
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus, CustomerStatus, OutboxStatus, SubjectKind
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import ASSIGN, assign, assign_input, codes
from tests.auth.accounts import set_admin_status
from tests.factories import World
from tests.records import current, events, history, is_chain, outbox, unchanged


class Lagos(NamedTuple):
    """An office with its portfolio manager, who signs in, and two account managers."""

    office: Office
    boss: Admin
    ada: Admin
    bola: Admin
    client: Client


@pytest.fixture
async def lagos(api: Api, world: World) -> Lagos:
    office = await world.office("Lagos")
    boss = await world.admin("portfolio_manager", office=office, name="Ife Balogun")
    ada = await world.admin("account_manager", office=office, name="Ada Obi", phone="+2348030000001")
    bola = await world.admin("account_manager", office=office, name="Bola Ojo")
    return Lagos(office, boss, ada, bola, await api.sign_in(boss))


async def mails(api: Api) -> list[tuple[str, str]]:
    """Who gets which mail."""
    return sorted((row.template, row.recipient) for row in await outbox(api.database))


def to_customer(customer: Customer) -> tuple[str, str]:
    return ("account_manager_assigned_customer", customer.email)


def to_new(manager: Admin) -> tuple[str, str]:
    return ("account_manager_assigned_manager", manager.email)


def to_old(manager: Admin) -> tuple[str, str]:
    return ("account_manager_ended_manager", manager.email)


async def test_nobodys_customer_gets_a_manager(api: Api, world: World, lagos: Lagos) -> None:
    customer = await world.customer(office=lagos.office)
    before = now()

    payload = await assign(lagos.client, customer, lagos.ada, reason="Payroll client", expectedVersion=1)

    assert (codes(payload), payload["changed"]) == ([], True)
    assert payload["customer"] == {
        "id": gid(customer),
        "version": 2,
        "accountManager": {"id": gid(lagos.ada), "name": "Ada Obi"},
        "access": {"level": "FULL"},
        "assignmentHistory": {"totalCount": 1},
    }
    [span] = await history(api.database, customer)
    assert before <= span.started_at <= now()
    assert (span.admin_id, span.assigned_by_id, span.ended_at) == (lagos.ada.id, lagos.boss.id, None)
    assignment = payload["assignment"]
    assert assignment["accountManager"] == {"id": gid(lagos.ada), "name": "Ada Obi"}
    assert assignment["assignedBy"] == {"id": gid(lagos.boss)}
    assert assignment["customer"] == {"id": gid(customer)}
    assert (assignment["reason"], assignment["endedAt"]) == ("Payroll client", None)
    row = await current(api.database, customer)
    assert (row.account_manager_id, row.version, row.updated_at) == (lagos.ada.id, 2, span.started_at)
    assert await mails(api) == [to_customer(customer), to_new(lagos.ada)]


async def test_a_change_of_manager_continues_the_history(api: Api, world: World, lagos: Lagos) -> None:
    customer = await world.customer(office=lagos.office, manager=lagos.ada)
    [first] = await history(api.database, customer)

    payload = await assign(lagos.client, customer, lagos.bola)

    assert payload["changed"] is True
    assert payload["customer"]["accountManager"]["id"] == gid(lagos.bola)
    assert payload["customer"]["version"] == 2
    spans = await history(api.database, customer)
    assert [span.admin_id for span in spans] == [lagos.ada.id, lagos.bola.id]
    assert (spans[0].id, spans[0].started_at) == (first.id, first.started_at)
    assert is_chain(spans)
    assert await mails(api) == [to_customer(customer), to_new(lagos.bola), to_old(lagos.ada)]
    assert {message.subject_id for message in await outbox(api.database)} == {spans[1].id}


async def test_the_history_stays_a_chain_when_the_clock_was_set_back(api: Api, world: World, lagos: Lagos) -> None:
    customer = await world.customer(office=lagos.office)
    ahead = now() + timedelta(minutes=5)
    await world.assignment(customer, lagos.ada, started_at=ahead)

    assert (await assign(lagos.client, customer, lagos.bola))["changed"] is True

    spans = await history(api.database, customer)
    assert is_chain(spans)
    assert spans[1].started_at == ahead + timedelta(microseconds=1)


@pytest.mark.parametrize("status", [AdminStatus.INACTIVE, AdminStatus.INVITED])
async def test_a_manager_who_has_left_gets_no_mail(api: Api, world: World, lagos: Lagos, status: AdminStatus) -> None:
    customer = await world.customer(office=lagos.office, manager=lagos.ada)
    await set_admin_status(api.database, lagos.ada, status)

    assert (await assign(lagos.client, customer, lagos.bola))["changed"] is True

    assert await mails(api) == [to_customer(customer), to_new(lagos.bola)]


async def test_each_mail_says_what_its_reader_may_know(api: Api, world: World, lagos: Lagos) -> None:
    """The customer reads how to reach the new manager, and never the lender's own reason."""
    customer = await world.customer(office=lagos.office, manager=lagos.bola)

    await assign(lagos.client, customer, lagos.ada, reason="Bola is too soft on her")

    payloads = {message.template: message.payload for message in await outbox(api.database)}
    assert payloads["account_manager_assigned_customer"] == {
        "customer_name": customer.name,
        "manager_name": "Ada Obi",
        "manager_email": lagos.ada.email,
        "manager_phone": "+2348030000001",
        "manager_office": "Lagos",
        "previous_manager_name": "Bola Ojo",
    }
    for_staff = {
        "customer_name": customer.name,
        "customer_number": customer.number,
        "manager_name": "Ada Obi",
        "previous_manager_name": "Bola Ojo",
        "assigned_by_name": "Ife Balogun",
        "reason": "Bola is too soft on her",
    }
    assert payloads["account_manager_assigned_manager"] == for_staff
    assert payloads["account_manager_ended_manager"] == for_staff


async def test_the_change_is_on_record(api: Api, world: World, lagos: Lagos) -> None:
    """Who, of whom, from whom to whom, why, and in which request."""
    customer = await world.customer(office=lagos.office, manager=lagos.ada)

    response = await lagos.client.post(ASSIGN, assign_input(customer, lagos.bola, reason="Rebalancing"))

    [event] = await events(api.database, "customer.account_manager_assigned")
    assert (event.actor_kind, event.actor_id) == (SubjectKind.ADMIN, lagos.boss.id)
    assert (event.subject_kind, event.subject_id) == ("customer", customer.id)
    assert event.request_id == response.headers["X-Request-Id"]
    assert event.details == {
        "before": {"account_manager_id": str(lagos.ada.id)},
        "after": {"account_manager_id": str(lagos.bola.id)},
        "assignment_id": str((await history(api.database, customer))[-1].id),
        "reason": "Rebalancing",
    }


async def test_the_same_manager_again_changes_nothing(api: Api, world: World, lagos: Lagos) -> None:
    """It succeeds, shows the assignment that stands, and nobody is written to."""
    customer = await world.customer(office=lagos.office)
    first = await assign(lagos.client, customer, lagos.ada, reason="Payroll client")

    async with unchanged(api.database):
        again = await assign(lagos.client, customer, lagos.ada, reason="Again", expectedVersion=2)

    assert (codes(again), again["changed"]) == ([], False)
    assert again["assignment"] == first["assignment"]
    assert again["customer"] == first["customer"]


async def test_one_manager_takes_many_customers(api: Api, world: World, lagos: Lagos) -> None:
    """Several in one request, each change of its own."""
    one, two = await world.customers(2, office=lagos.office)
    document = """
    mutation($one: AssignAccountManagerInput!, $two: AssignAccountManagerInput!) {
      one: assignAccountManager(input: $one) { changed customer { accountManager { book { totalCount } } } }
      two: assignAccountManager(input: $two) { changed customer { accountManager { book { totalCount } } } }
    }"""
    inputs = {"one": assign_input(one, lagos.ada)["input"], "two": assign_input(two, lagos.ada)["input"]}

    data = await lagos.client.data(document, inputs)

    counts = [data[name]["customer"]["accountManager"]["book"]["totalCount"] for name in ("one", "two")]
    assert counts == [1, 2]


@pytest.mark.parametrize("status", [status for status in CustomerStatus if status is not CustomerStatus.ARCHIVED])
async def test_a_customer_of_any_status_but_archived_gets_a_manager(
    api: Api, world: World, lagos: Lagos, status: CustomerStatus
) -> None:
    customer = await world.customer(office=lagos.office, status=status)

    assert codes(await assign(lagos.client, customer, lagos.ada)) == []

    assert (await current(api.database, customer)).status is status


@pytest.mark.parametrize("table", ["audit_events", "outbox_messages"])
async def test_a_failure_half_way_leaves_nothing_behind(api: Api, world: World, lagos: Lagos, table: str) -> None:
    """History, customer, record and mails are one transaction: without its last part there is no first."""
    customer = await world.customer(office=lagos.office, manager=lagos.ada)

    async def rename(one: str, other: str) -> None:
        async with api.database.begin() as session:
            await session.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))

    async with unchanged(api.database):
        await rename(table, "elsewhere")
        failed = await lagos.client.codes(ASSIGN, assign_input(customer, lagos.bola, idempotencyKey="k"))
        await rename("elsewhere", table)

    assert failed == ["INTERNAL_SERVER_ERROR"]
    assert codes(await assign(lagos.client, customer, lagos.bola, idempotencyKey="k")) == []


async def test_the_assignment_shows_how_far_its_mails_have_come(api: Api, world: World, lagos: Lagos) -> None:
    """Each addressee's mail waits, and then is delivered."""
    customer = await world.customer(office=lagos.office, manager=lagos.ada)
    people = ["customer", "account manager", "previous account manager"]

    payload = await assign(lagos.client, customer, lagos.bola)

    waiting = {"status": OutboxStatus.PENDING, "attempts": 0, "deliveredAt": None}
    assert payload["assignment"]["notifications"] == [{"addressee": person, **waiting} for person in people]
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    query = "query($id: ID!) { node(id: $id) { ... on Assignment { notifications { addressee status deliveredAt } } } }"
    data = await lagos.client.data(query, {"id": payload["assignment"]["id"]})
    shown = data["node"]["notifications"]
    assert [(mail["addressee"], mail["status"]) for mail in shown] == [(person, "DELIVERED") for person in people]
    assert all(mail["deliveredAt"] for mail in shown)
    assert len(list((api.settings.var_dir / "mail").glob("*.eml"))) == 3
