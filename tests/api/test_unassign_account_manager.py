"""`unassignAccountManager`: nobody follows, all of it or nothing, and only from the state that was seen."""

import asyncio
from typing import Any

from gql.db.models import Customer
from gql.delivery.worker import make_dispatcher
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind, to_global_id
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.api.test_customer_record import ROLES
from tests.delivery.mailserver import parse
from tests.factories import World
from tests.records import current, events, history, outbox, unchanged

UNASSIGN = """
mutation($input: UnassignAccountManagerInput!) {
  unassignAccountManager(input: $input) {
    customer { id version accountManager { name } }
    assignment { id accountManager { name } startedAt endedAt notifications { addressee } }
    changed replayed userErrors { code message field }
  }
}
"""


async def unassign(client: Client, customer: Customer | str, version: int = 1, **given: Any) -> dict[str, Any]:
    """The payload of leaving somebody without an account manager."""
    whom = customer if isinstance(customer, str) else gid(customer)
    usual = {"customerId": whom, "expectedVersion": version, "reason": "Ada goes on leave"}
    payload: dict[str, Any] = (await client.data(UNASSIGN, {"input": usual | given}))["unassignAccountManager"]
    return payload


async def test_the_assignment_ends_and_all_who_must_know_are_told(api: Api, world: World) -> None:
    boss, ada = await world.admin("super_admin", name="Ife"), await world.admin("account_manager", name="Ada Obi")
    customer = await world.customer(manager=ada)
    client, ada_s = await api.sign_in(boss), await api.sign_in(ada)

    payload = await unassign(client, customer)

    assert (codes(payload), payload["changed"], payload["replayed"]) == ([], True, False)
    assert payload["customer"] == {"id": gid(customer), "version": 2, "accountManager": None}
    [ended], row = await history(api.database, customer), await current(api.database, customer)
    assert payload["assignment"]["id"] == to_global_id(Kind.ASSIGNMENT, ended.id)
    assert payload["assignment"]["accountManager"] == {"name": "Ada Obi"}
    assert payload["assignment"]["endedAt"] is not None
    assert payload["assignment"]["notifications"] == [
        {"addressee": "customer"},
        {"addressee": "previous account manager"},
    ]
    assert ended.started_at < ended.ended_at == row.updated_at
    assert (row.account_manager_id, row.version) == (None, 2)
    to_customer, to_manager = await outbox(api.database)
    assert (to_customer.template, to_customer.recipient) == ("account_manager_unassigned_customer", customer.email)
    assert (to_manager.template, to_manager.recipient) == ("account_manager_unassigned_manager", ada.email)
    assert "Ada goes on leave" not in str(to_customer.payload)
    [event] = await events(api.database, "customer.account_manager_unassigned")
    assert (event.actor_id, event.subject_id) == (boss.id, customer.id)
    assert event.details == {
        "before": {"account_manager_id": str(ada.id)},
        "after": {"account_manager_id": None},
        "assignment_id": str(ended.id),
        "reason": "Ada goes on leave",
    }
    seen = "query($id: ID!, $of: ID!) { customer(id: $id) { access { level } } admin(id: $of) { bookSize } }"
    found = await ada_s.data(seen, {"id": gid(customer), "of": gid(ada)})
    assert found == {"customer": {"access": {"level": "LIMITED"}}, "admin": {"bookSize": 0}}


async def test_the_next_account_manager_follows_in_order(api: Api, world: World) -> None:
    ada, bola = await world.admin("account_manager"), await world.admin("account_manager")
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer(manager=ada)
    await unassign(client, customer)
    assert (await assign(client, customer, bola, expectedVersion=2))["changed"] is True
    first, second = await history(api.database, customer)
    assert (first.admin_id, second.admin_id, second.ended_at) == (ada.id, bola.id, None)
    assert first.ended_at <= second.started_at


async def test_a_stale_version_is_a_conflict_even_where_nothing_is_to_do(api: Api, world: World) -> None:
    """Whoever saw another state may have meant another assignment: the answer is the present one."""
    ada, bola = await world.admin("account_manager"), await world.admin("account_manager", name="Bola Ade")
    client = await api.sign_in(await world.admin("super_admin"))
    customer, nobodys = await world.customer(manager=ada), await world.customer()
    await assign(client, customer, bola)
    async with unchanged(api.database):
        stale, nothing = await unassign(client, customer, 1), await unassign(client, nobodys, 7)
        same = await unassign(client, nobodys, 1)
    assert [(error["code"], error["field"]) for error in stale["userErrors"]] == [
        ("VERSION_CONFLICT", ["expectedVersion"])
    ]
    shown = {"id": gid(customer), "version": 2, "accountManager": {"name": "Bola Ade"}}
    assert (stale["customer"], stale["assignment"], stale["changed"]) == (shown, None, False)
    assert (codes(nothing), nothing["customer"]["version"]) == (["VERSION_CONFLICT"], 1)
    assert (codes(same), same["changed"], same["assignment"]) == ([], False, None)
    assert same["customer"]["id"] == gid(nobodys)


async def test_why_nothing_ends(api: Api, world: World) -> None:
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("account_manager")
    customer = await world.customer(manager=ada)
    wrong = {"customerId": gid(customer), "expectedVersion": 1, "reason": " "}
    async with unchanged(api.database):
        assert codes(await unassign(client, customer, 3)) == ["VERSION_CONFLICT"]
        assert codes(await unassign(client, unknown(Kind.CUSTOMER))) == ["CUSTOMER_NOT_FOUND"]
        assert await client.codes(UNASSIGN, {"input": wrong}) == ["BAD_USER_INPUT"]
        assert await client.codes(UNASSIGN, {"input": wrong | {"reason": "x" * 501}}) == ["BAD_USER_INPUT"]
        assert await client.codes(UNASSIGN, {"input": {**wrong, "reason": "r", "customerId": "zz"}}) == [
            "BAD_USER_INPUT"
        ]


async def test_an_archived_customer_is_taken_from_who_leaves_and_gets_no_mail(api: Api, world: World) -> None:
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("account_manager")
    archived = await world.customer(manager=ada, status=CustomerStatus.ARCHIVED)
    payload = await unassign(client, archived)
    assert (codes(payload), payload["changed"], payload["customer"]["accountManager"]) == ([], True, None)
    assert [mail.recipient for mail in await outbox(api.database)] == [ada.email]


async def test_a_key_repeats_the_answer_and_ends_no_later_assignment(api: Api, world: World) -> None:
    ada, client = await world.admin("account_manager"), await api.sign_in(await world.admin("super_admin"))
    customer, nobodys = await world.customer(manager=ada), await world.customer()
    first = await unassign(client, customer, idempotencyKey="k")
    nothing = await unassign(client, nobodys, idempotencyKey="n")
    async with unchanged(api.database):
        assert await unassign(client, customer, idempotencyKey="k") == first | {"replayed": True}
        assert await unassign(client, nobodys, idempotencyKey="n") == nothing | {"replayed": True}
        assert codes(await unassign(client, customer, 2, idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
    await assign(client, customer, ada)
    again = await unassign(client, customer, idempotencyKey="k")
    assert (again["replayed"], again["assignment"]["id"]) == (True, first["assignment"]["id"])
    assert (await current(api.database, customer)).account_manager_id == ada.id


async def test_who_may_end_whose_assignment(api: Api, world: World) -> None:
    """As `viewerActions` has told it: `customer.assign` and full access; one's own book doesn't grant it."""
    home = await world.office()
    someone = await world.admin("account_manager", office=home)
    document = "query($id: ID!) { customer(id: $id) { viewerActions { action allowed } } }"
    for role in ROLES:
        viewer = await world.admin(role, office=home)
        client = await api.sign_in(viewer)
        for manager in (viewer, someone):
            customer = await world.customer(office=home, manager=manager)
            seen = (await client.data(document, {"id": gid(customer)}))["customer"]
            payload = await unassign(client, customer)
            may = role in ("super_admin", "portfolio_manager")
            assert payload["changed"] is may, role
            told = {} if seen is None else {action["action"]: action["allowed"] for action in seen["viewerActions"]}
            assert told.get("UNASSIGN_ACCOUNT_MANAGER", False) is may, role
            if not may:
                assert codes(payload) == (["FORBIDDEN"] if seen else ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]), role
                assert payload["customer"] is payload["assignment"] is None, role
            assert (await current(api.database, customer)).account_manager_id == (None if may else manager.id), role


async def test_limited_sight_is_not_enough(api: Api, world: World) -> None:
    """Of a portfolio manager who is an auditor, too: the outline of everybody, full access to the own offices."""
    home, away, ada = await world.office(), await world.office(), await world.admin("account_manager")
    client = await api.sign_in(await world.admin("portfolio_manager", "auditor", office=home))
    elsewhere = await world.customer(office=away, manager=ada)
    async with unchanged(api.database):
        assert codes(await unassign(client, elsewhere)) == ["FORBIDDEN"]
        assert codes(await unassign(client, elsewhere, 7)) == ["FORBIDDEN"]


async def test_nobody_and_customers_end_nothing(api: Api, world: World) -> None:
    customer = await world.customer(manager=await world.admin("account_manager"))
    borrower = await api.sign_in(customer)
    given = {"customerId": gid(customer), "expectedVersion": 1, "reason": "r"}
    async with unchanged(api.database):
        assert await api.anonymous.codes(UNASSIGN, {"input": given}) == ["UNAUTHENTICATED"]
        assert codes(await unassign(borrower, customer)) == ["FORBIDDEN"]


async def test_who_ends_their_own_assignment_may_lose_sight_by_it(api: Api, world: World) -> None:
    """A portfolio manager's customer of an office that isn't theirs: what they did is told, the customer isn't."""
    home, away = await world.office(), await world.office()
    boss = await world.admin("portfolio_manager", office=home)
    customer, client = await world.customer(office=away, manager=boss), await api.sign_in(boss)
    payload = await unassign(client, customer)
    assert (codes(payload), payload["changed"], payload["customer"]) == ([], True, None)
    assert payload["assignment"]["accountManager"] == {"name": boss.name}
    async with unchanged(api.database):
        assert codes(await unassign(client, customer, 2)) == ["CUSTOMER_NOT_FOUND"]


async def test_the_mails_say_what_to_do_and_none_goes_to_who_has_left(api: Api, world: World) -> None:
    office = await world.office("Kano")
    ada = await world.admin("account_manager", office=office, name="Ada Obi")
    gone = await world.admin("account_manager", office=office, name="Gone Before", status=AdminStatus.INACTIVE)
    client = await api.sign_in(await world.admin("super_admin", name="Ife Boss"))
    one, other = await world.customer(office=office, manager=ada), await world.customer(office=office, manager=gone)
    await unassign(client, one, reason="Too <many> customers")
    await unassign(client, other)
    await make_dispatcher(api.settings, api.database).send_due(asyncio.Event())
    texts: dict[str, list[str]] = {}
    for file in (api.settings.var_dir / "mail").glob("*.eml"):
        mail = parse(file.read_bytes())
        texts[str(mail["To"])] = [p.get_content() for p in mail.walk() if p.get_content_maintype() == "text"]
    assert texts.keys() == {one.email, other.email, ada.email}
    plain, html = texts[ada.email]
    assert "You are no longer the account manager of" in plain
    assert "Ended by: Ife Boss" in plain
    assert "Too <many> customers" in plain
    assert "Too &lt;many&gt; customers" in html
    assert all("Ada Obi is no longer your account manager" in text and "Kano" in text for text in texts[one.email])
    assert not any("many" in text or "Ife Boss" in text for text in texts[one.email])
