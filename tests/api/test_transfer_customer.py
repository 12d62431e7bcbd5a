"""`transferCustomer`: to another office, with the account manager or without, all of it or nothing."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gql.db.models import Customer, Office
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import CustomerStatus, OfficeStatus
from gql.domain.ids import Kind
from gql.domain.time import now
from tests.api.client import Api, Client, gid, open_api
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_customer_record import ROLES
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, history, is_chain, outbox, unchanged

TRANSFER = """
mutation($input: TransferCustomerInput!) {
  transferCustomer(input: $input) {
    customer { id version office { name } accountManager { name } } changed replayed userErrors { code message field }
  }
}
"""


async def transfer(client: Client, customer: Customer, office: Office | str, **given: Any) -> dict[str, Any]:
    """The payload of moving somebody; the account manager stays unless it is said otherwise."""
    where = office if isinstance(office, str) else gid(office)
    usual = {"customerId": gid(customer), "officeId": where, "assignment": "KEEP", "reason": "Moved house"}
    payload: dict[str, Any] = (await client.data(TRANSFER, {"input": usual | given}))["transferCustomer"]
    return payload


async def test_the_account_manager_stays_when_asked_to(api: Api, world: World) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    boss, ada = await world.admin("super_admin", name="Ife"), await world.admin("account_manager", office=lagos)
    customer = await world.customer(office=lagos, manager=ada)

    payload = await transfer(await api.sign_in(boss), customer, kano, expectedVersion=1)

    assert (codes(payload), payload["changed"]) == ([], True)
    assert payload["customer"] == {
        "id": gid(customer),
        "version": 2,
        "office": {"name": "Kano"},
        "accountManager": {"name": ada.name},
    }
    [span] = await history(api.database, customer)
    assert span.ended_at is None
    to_manager, to_customer = sorted(await outbox(api.database), key=lambda row: row.template, reverse=True)
    assert (to_manager.template, to_manager.recipient) == ("customer_transferred_manager", ada.email)
    assert (to_customer.template, to_customer.recipient) == ("customer_transferred_customer", customer.email)
    assert to_manager.payload["is_kept"]
    assert to_manager.payload["reason"] == "Moved house"
    assert "reason" not in to_customer.payload
    [event] = await events(api.database, "customer.transferred")
    assert event.details == {
        "before": {"office_id": str(lagos.id), "account_manager_id": str(ada.id)},
        "after": {"office_id": str(kano.id), "account_manager_id": str(ada.id)},
        "reason": "Moved house",
    }


async def test_the_assignment_ends_when_asked_to_and_the_next_one_follows_it(api: Api, world: World) -> None:
    """Who managed the customer loses sight of them at once."""
    lagos, kano = await world.office(), await world.office()
    boss, ada = await world.admin("super_admin"), await world.admin("account_manager", office=lagos)
    bola = await world.admin("account_manager", office=kano)
    customer = await world.customer(office=lagos, manager=ada)
    client, ada_s = await api.sign_in(boss), await api.sign_in(ada)

    payload = await transfer(client, customer, kano, assignment="END")

    assert (payload["changed"], payload["customer"]["accountManager"]) == (True, None)
    seen = "query($id: ID!) { customer(id: $id) { id } }"
    assert await ada_s.data(seen, {"id": gid(customer)}) == {"customer": None}
    [ended] = await history(api.database, customer)
    row = await current(api.database, customer)
    assert (row.account_manager_id, row.updated_at) == (None, ended.ended_at)
    assert (await assign(client, customer, bola))["changed"] is True
    first, second = await history(api.database, customer)
    assert first.ended_at is not None
    assert first.ended_at <= second.started_at
    assert is_chain([second])


async def test_the_history_keeps_its_order_when_the_clock_was_set_back(api: Api, world: World) -> None:
    kano, ada, bola = await world.office(), await world.admin("account_manager"), await world.admin("account_manager")
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    await world.assignment(customer, ada, started_at=now() + timedelta(minutes=5))

    await transfer(client, customer, kano, assignment="END")
    await assign(client, customer, bola)

    first, second = await history(api.database, customer)
    assert (first.admin_id, second.admin_id) == (ada.id, bola.id)
    assert first.started_at < first.ended_at <= second.started_at


async def test_who_is_there_already_is_not_moved(api: Api, world: World) -> None:
    lagos, ada = await world.office(), await world.admin("account_manager")
    client, customer = (
        await api.sign_in(await world.admin("super_admin")),
        await world.customer(office=lagos, manager=ada),
    )
    async with unchanged(api.database):
        same = await transfer(client, customer, lagos, assignment="END")
    assert (codes(same), same["changed"]) == ([], False)
    assert same["customer"]["accountManager"] == {"name": ada.name}


async def test_a_boss_may_move_a_customer_out_of_sight(api: Api, world: World) -> None:
    lagos, kano = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("portfolio_manager", office=lagos))
    customer = await world.customer(office=lagos)
    payload = await transfer(client, customer, kano)
    assert (codes(payload), payload["changed"], payload["customer"]) == ([], True, None)
    async with unchanged(api.database):
        assert codes(await transfer(client, customer, lagos)) == ["CUSTOMER_NOT_FOUND"]


async def test_why_nobody_is_moved(api: Api, world: World) -> None:
    lagos, closed = await world.office(), await world.office(status=OfficeStatus.INACTIVE)
    kano = await world.office()
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(office=lagos)
    archived = await world.customer(office=lagos, status=CustomerStatus.ARCHIVED)
    async with unchanged(api.database):
        nowhere = await transfer(client, customer, unknown(Kind.OFFICE))
        into_closed = await transfer(client, customer, closed)
        stale = await transfer(client, customer, kano, expectedVersion=7)
        both = await transfer(client, archived, kano, expectedVersion=7)
        blank = {"customerId": gid(customer), "officeId": gid(kano), "assignment": "KEEP", "reason": " "}
        assert await client.codes(TRANSFER, {"input": blank}) == ["BAD_USER_INPUT"]
    assert [(error["code"], error["field"]) for error in nowhere["userErrors"]] == [("NOT_FOUND", ["officeId"])]
    assert [(error["code"], error["field"]) for error in into_closed["userErrors"]] == [("NOT_ALLOWED", ["officeId"])]
    assert (codes(stale), stale["customer"]["version"]) == (["VERSION_CONFLICT"], 1)
    assert codes(both) == ["CUSTOMER_ARCHIVED", "VERSION_CONFLICT"]


async def test_a_setting_may_not_let_the_manager_stay(database_url: str, tmp_path: Path) -> None:
    async with open_api(database_url, tmp_path, assignment_scope="office") as api:
        world = World(api.database)
        lagos, kano = await world.office(), await world.office()
        ada = await world.admin("account_manager", office=lagos)
        client = await api.sign_in(await world.admin("super_admin"))
        customer = await world.customer(office=lagos, manager=ada)
        async with unchanged(api.database):
            refused = await transfer(client, customer, kano)
        assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("NOT_ALLOWED", ["assignment"])]
        assert (await transfer(client, customer, kano, assignment="END"))["changed"] is True


async def test_a_key_repeats_the_answer(api: Api, world: World) -> None:
    lagos, kano = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(office=lagos)
    first = await transfer(client, customer, kano, idempotencyKey="k")
    async with unchanged(api.database):
        again = await transfer(client, customer, kano, idempotencyKey="k")
        other = await transfer(client, customer, lagos, idempotencyKey="k")
    assert again == first | {"replayed": True}
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]


async def test_who_may_move_whom(api: Api, world: World) -> None:
    """As `viewerActions` has told it: `customer.assign` and full access; one's own book doesn't grant it."""
    home, kano = await world.office(), await world.office()
    someone = await world.admin("account_manager", office=home)
    document = "query($id: ID!) { customer(id: $id) { viewerActions { action allowed } } }"
    for role in ROLES:
        viewer = await world.admin(role, office=home)
        client = await api.sign_in(viewer)
        book, theirs = (
            await world.customer(office=home, manager=viewer),
            await world.customer(office=home, manager=someone),
        )
        for customer in (book, theirs):
            seen = (await client.data(document, {"id": gid(customer)}))["customer"]
            payload = await transfer(client, customer, kano)
            may = role in ("super_admin", "portfolio_manager")
            assert payload["changed"] is may, role
            told = {} if seen is None else {action["action"]: action["allowed"] for action in seen["viewerActions"]}
            assert told.get("TRANSFER", False) is may, role
            if not may:
                assert codes(payload) == (["FORBIDDEN"] if seen else ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]), role
            assert (await current(api.database, customer)).office_id == (kano.id if may else home.id)


async def test_limited_sight_is_not_enough(api: Api, world: World) -> None:
    """Of a portfolio manager who is an auditor, too: the outline of everybody, full access to the own offices."""
    home, kano = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("portfolio_manager", "auditor", office=home))
    elsewhere = await world.customer(office=kano)
    async with unchanged(api.database):
        assert codes(await transfer(client, elsewhere, home)) == ["FORBIDDEN"]


async def test_nobody_and_customers_move_nobody(api: Api, world: World) -> None:
    kano, customer = await world.office(), await world.customer()
    given = {"customerId": gid(customer), "officeId": gid(kano), "assignment": "KEEP", "reason": "r"}
    borrower = await api.sign_in(customer)
    async with unchanged(api.database):
        assert await api.anonymous.codes(TRANSFER, {"input": given}) == ["UNAUTHENTICATED"]
        assert codes(await transfer(borrower, customer, kano)) == ["FORBIDDEN"]


@pytest.mark.parametrize("assignment", ["KEEP", "END"])
async def test_each_mail_says_what_became_of_the_manager(api: Api, world: World, assignment: str) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    ada = await world.admin("account_manager", office=lagos, name="Ada Obi")
    customer = await world.customer(office=lagos, manager=ada)
    await transfer(await api.sign_in(await world.admin("super_admin")), customer, kano, assignment=assignment)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    texts = {}
    for file in (api.settings.var_dir / "mail").glob("*.eml"):
        mail = parse(file.read_bytes())
        body = mail.get_body(("plain",))
        assert body is not None
        texts[str(mail["To"])] = body.get_content()
    stays = assignment == "KEEP"
    assert ("Ada Obi stays your account manager" in texts[customer.email]) is stays
    assert ("no longer your account manager" in texts[customer.email]) is not stays
    assert ("You stay the account manager" in texts[ada.email]) is stays
    assert all("Kano" in text and "Lagos" in text for text in texts.values())
