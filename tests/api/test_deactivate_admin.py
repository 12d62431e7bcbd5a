"""`deactivateAdmin` and `activateAdmin`: who leaves is out at once, once their book is somebody else's."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gql.db.models import Customer
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Permission
from tests.api.client import Api, Client, gid, open_api
from tests.api.links import NEW_PASSWORD, REFRESH, WHO, tokens_sent, try_to_sign_in, with_token
from tests.api.mutations import assign
from tests.api.reading import unknown
from tests.api.test_accept_invitation import accept
from tests.api.test_assignable_managers import LIST
from tests.api.test_invite_admin import invite
from tests.factories import World
from tests.records import current, events, outbox, unchanged

SELECTION = "admin { id status } changed replayed userErrors { code message field bookSize }"
DEACTIVATE = f"mutation($input: DeactivateAdminInput!) {{ deactivateAdmin(input: $input) {{ {SELECTION} }} }}"
ACTIVATE = f"mutation($input: ActivateAdminInput!) {{ activateAdmin(input: $input) {{ {SELECTION} }} }}"
STATUS = "query($id: ID!) { admin(id: $id) { name status } }"
RESET = """
mutation($token: String!, $password: String!) {
  resetPassword(input: {token: $token, newPassword: $password}) { userErrors { code } }
}
"""
ASK_FOR_RESET = "mutation($email: String!) { requestPasswordReset(input: {email: $email}) { accepted } }"


async def _change(client: Client, document: str, admin: Any, **given: Any) -> dict[str, Any]:
    usual = {"adminId": admin if isinstance(admin, str) else gid(admin), "reason": "Left the company"}
    [payload] = (await client.data(document, {"input": usual | given})).values()
    refused = bool(payload["userErrors"])
    assert (payload["admin"] is None) is refused
    assert not (refused and payload["changed"])
    return payload  # type: ignore[no-any-return]


async def deactivate(client: Client, admin: Any, **given: Any) -> dict[str, Any]:
    """The payload of `deactivateAdmin`."""
    return await _change(client, DEACTIVATE, admin, **given)


async def activate(client: Client, admin: Any, **given: Any) -> dict[str, Any]:
    """The payload of `activateAdmin`."""
    return await _change(client, ACTIVATE, admin, **({"reason": "Came back"} | given))


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of the refusals; each is about the input's only record, or its key."""
    assert all(error["message"].endswith(".") and error["field"] for error in payload["userErrors"])
    return [error["code"] for error in payload["userErrors"]]


async def test_who_is_deactivated_is_out_at_once(api: Api, world: World) -> None:
    """Sessions, refresh tokens, the password and the link to a new one; of nobody else."""
    boss, ada, bola = await world.admin("super_admin"), await world.admin("auditor"), await world.admin("auditor")
    client, bola_s = await api.sign_in(boss), await api.sign_in(bola)
    await world.password(ada)
    signed_in, also = await try_to_sign_in(api, ada.email), await api.sign_in(ada)
    await api.anonymous.data(ASK_FOR_RESET, {"email": ada.email})
    [link] = await tokens_sent(api.database)

    payload = await deactivate(client, ada)

    assert payload == {
        "admin": {"id": gid(ada), "status": "INACTIVE"},
        "changed": True,
        "replayed": False,
        "userErrors": [],
    }
    for hers in (with_token(api, signed_in["accessToken"]), also):
        assert await hers.codes("{ admins { totalCount } }") == ["UNAUTHENTICATED"]
    async with unchanged(api.database, but=["throttles"]):
        refreshed = await api.anonymous.data(REFRESH, {"token": signed_in["refreshToken"]})
        assert refreshed["refreshSession"]["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]
        assert (await try_to_sign_in(api, ada.email))["userErrors"] == [{"code": "INVALID_CREDENTIALS"}]
        reset = await api.anonymous.data(RESET, {"token": link, "password": NEW_PASSWORD})
        assert reset["resetPassword"]["userErrors"] == [{"code": "INVALID_TOKEN"}]
    assert (await bola_s.data(WHO))["viewer"]["admin"] == {"name": bola.name}
    [event] = await events(api.database, "admin.deactivated")
    assert (event.actor_id, event.subject_kind, event.subject_id) == (boss.id, "admin", ada.id)
    assert event.details == {
        "before": {"status": "ACTIVE"},
        "after": {"status": "INACTIVE"},
        "reason": "Left the company",
        "sessions": 2,
    }
    assert [message.template for message in await outbox(api.database)] == ["password_reset"], "no mail tells of it"


async def test_sessions_and_links_of_before_stay_ended_when_they_come_back(api: Api, world: World) -> None:
    """With the same roles and password, and a session that they begin anew."""
    ada, client = await world.admin("auditor"), await api.sign_in(await world.admin("super_admin"))
    await world.password(ada)
    before = await try_to_sign_in(api, ada.email)
    await api.anonymous.data(ASK_FOR_RESET, {"email": ada.email})
    [link] = await tokens_sent(api.database)
    await deactivate(client, ada)

    payload = await activate(client, ada)

    assert (payload["admin"]["status"], payload["changed"], codes(payload)) == ("ACTIVE", True, [])
    assert await with_token(api, before["accessToken"]).codes(WHO) == ["UNAUTHENTICATED"]
    refreshed = await api.anonymous.data(REFRESH, {"token": before["refreshToken"]})
    assert refreshed["refreshSession"]["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]
    reset = await api.anonymous.data(RESET, {"token": link, "password": NEW_PASSWORD})
    assert reset["resetPassword"]["userErrors"] == [{"code": "INVALID_TOKEN"}]
    assert (await try_to_sign_in(api, ada.email))["viewer"] == {"admin": {"name": ada.name}}
    [event] = await events(api.database, "admin.activated")
    assert event.subject_id == ada.id
    assert event.details == {
        "before": {"status": "INACTIVE"},
        "after": {"status": "ACTIVE"},
        "reason": "Came back",
    }


async def test_covers_end_with_the_account_and_stay_ended(api: Api, world: World) -> None:
    """Those that they held, for who comes back in time; others' go on. Whose book it was is told."""
    office = await world.office()
    ada, bola, cleo = [await world.admin("account_manager", office=office) for _ in range(3)]
    hers, other = [await world.customer(office=office, manager=one) for one in (bola, cleo)]
    client = await api.sign_in(await world.admin("super_admin"))
    await world.password(ada)
    await world.cover(ada, bola)
    kept = await world.cover(bola, cleo)
    assert await sees_in_full(await api.sign_in(ada), hers)

    assert codes(await deactivate(client, ada)) == []

    assert [event.subject_id for event in await events(api.database, "cover.ended")] == [bola.id]
    assert [(mail.template, mail.recipient) for mail in await outbox(api.database)] == [("cover_ended", bola.email)]
    assert codes(await activate(client, ada)) == []
    assert not await sees_in_full(await api.sign_in(ada), hers)
    assert (await current(api.database, kept)).ended_at is None
    assert await sees_in_full(await api.sign_in(bola), other)


async def sees_in_full(client: Client, customer: Customer) -> bool:
    """Whether the customer is one of the viewer's for now."""
    found = await client.data("query($id: ID!) { customer(id: $id) { access { level } } }", {"id": gid(customer)})
    return found["customer"] is not None and found["customer"]["access"]["level"] == "FULL"


async def test_who_has_a_book_stays_until_it_is_somebody_elses(api: Api, world: World) -> None:
    """It is said how many customers: of the true book, whoever asks, and whatever their status."""
    bola = await world.admin("account_manager")
    for size, said in ((1, "1 customer."), (3, "3 customers.")):
        client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("account_manager")
        theirs = await api.sign_in(ada)
        book = await world.customers(size - 1, manager=ada)
        book += [await world.customer(manager=ada, status=CustomerStatus.SUSPENDED)]
        async with unchanged(api.database):
            refused = await deactivate(client, ada)
        assert [(error["code"], error["field"], error["bookSize"]) for error in refused["userErrors"]] == [
            ("HAS_BOOK", ["adminId"], size)
        ]
        assert said in refused["userErrors"][0]["message"]
        assert (await theirs.data(WHO))["viewer"]["admin"] == {"name": ada.name}
        for customer in book:
            await assign(client, customer, bola)
        assert (await deactivate(client, ada))["changed"] is True


async def test_nobody_deactivates_themselves(api: Api, world: World) -> None:
    """So whoever does it stays, and may undo it. With a book, both reasons are told."""
    boss = await world.admin("super_admin")
    client = await api.sign_in(boss)
    async with unchanged(api.database):
        assert codes(await deactivate(client, boss)) == ["OWN_ACCOUNT"]
    await world.customer(manager=boss)
    async with unchanged(api.database):
        refused = await deactivate(client, boss)
    assert [(error["code"], error["bookSize"]) for error in refused["userErrors"]] == [
        ("OWN_ACCOUNT", None),
        ("HAS_BOOK", 1),
    ]


async def test_who_is_so_already_is_not_changed(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    admins = {status: await world.admin("auditor", status=status) for status in AdminStatus}
    async with unchanged(api.database):
        gone = await deactivate(client, admins[AdminStatus.INACTIVE])
        active = await activate(client, admins[AdminStatus.ACTIVE])
        waiting = await activate(client, admins[AdminStatus.INVITED])
    told = [(payload["admin"]["status"], payload["changed"], codes(payload)) for payload in (gone, active, waiting)]
    assert told == [("INACTIVE", False, []), ("ACTIVE", False, []), ("INVITED", False, [])]


async def test_an_invitation_ends_with_the_account_and_is_sent_anew(api: Api, world: World) -> None:
    """Who never set a password has nothing to sign in with: they are INVITED again."""
    lagos, client = await world.office(), await api.sign_in(await world.admin("super_admin"))
    ngozi = (await invite(client, lagos))["admin"]["id"]

    assert (await deactivate(client, ngozi))["admin"]["status"] == "INACTIVE"

    [link] = await tokens_sent(api.database)
    assert [error["code"] for error in (await accept(api, link))["userErrors"]] == ["INVALID_TOKEN"]
    assert [error["code"] for error in (await invite(client, lagos))["userErrors"]] == ["EMAIL_TAKEN"]
    assert (await activate(client, ngozi))["admin"]["status"] == "INVITED"
    assert [error["code"] for error in (await accept(api, link))["userErrors"]] == ["INVALID_TOKEN"]
    assert (await invite(client, lagos))["admin"]["id"] == ngozi
    assert (await accept(api, (await tokens_sent(api.database))[-1]))["viewer"]["admin"]["status"] == "ACTIVE"


async def test_why_nobody_is_changed(api: Api, world: World) -> None:
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("auditor")
    async with unchanged(api.database):
        for change in (deactivate, activate):
            assert codes(await change(client, unknown(Kind.ADMIN))) == ["ADMIN_NOT_FOUND"]
        for document in (DEACTIVATE, ACTIVATE):
            for wrong in ({"reason": " "}, {"reason": "x" * 501}, {"adminId": unknown(Kind.OFFICE)}):
                given = {"adminId": gid(ada), "reason": "r"} | wrong
                assert await client.codes(document, {"input": given}) == ["BAD_USER_INPUT"]


async def test_only_who_may_change_admins_does(api: Api, world: World) -> None:
    """Whether or not there is such an admin; and it is on record."""
    ada, gone = await world.admin("auditor"), await world.admin("auditor", status=AdminStatus.INACTIVE)
    customer = await world.customer()
    clients = {
        role: await api.sign_in(await world.admin(role)) for role in sorted(set(BUILT_IN_ROLES) - {"super_admin"})
    }
    clients |= {"none": await api.sign_in(await world.admin()), "customer": await api.sign_in(customer)}
    async with unchanged(api.database):
        for role, client in clients.items():
            assert codes(await deactivate(client, ada)) == ["FORBIDDEN"], role
            assert codes(await activate(client, gone)) == ["FORBIDDEN"], role
            assert codes(await deactivate(client, unknown(Kind.ADMIN))) == ["FORBIDDEN"], role
        for document in (DEACTIVATE, ACTIVATE):
            given = {"adminId": gid(ada), "reason": "r"}
            assert await api.anonymous.codes(document, {"input": given}) == ["UNAUTHENTICATED"]
    denied = await events(api.database, "deactivateAdmin.denied")
    assert {event.subject_id for event in denied} >= {ada.id}
    assert len(denied) == 2 * len(clients)


async def test_nobody_lets_in_who_may_do_more_than_they_may(api: Api, world: World) -> None:
    """A staff office's role of the lender's own: it takes no right to read workloads to hear of a book in the way."""
    permissions = frozenset({Permission.ADMIN_WRITE, *BUILT_IN_ROLES["team_member"].permissions})
    await world.role(replace(BUILT_IN_ROLES["team_member"], key="hr", name="Staff office", permissions=permissions))
    client = await api.sign_in(await world.admin("hr"))
    greater = await world.admin("team_member", "auditor", status=AdminStatus.INACTIVE)
    lesser = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    busy = await world.admin("account_manager")
    await world.customer(manager=busy)
    async with unchanged(api.database):
        assert codes(await activate(client, greater)) == ["ROLE_BEYOND_OWN"]
        assert (await deactivate(client, busy))["userErrors"][0]["bookSize"] == 1
    assert (await activate(client, lesser))["changed"] is True
    assert (await deactivate(client, lesser))["changed"] is True


async def test_a_key_repeats_the_answer(api: Api, world: World) -> None:
    """With the admin as they are by now."""
    client, ada = await api.sign_in(await world.admin("super_admin")), await world.admin("auditor")
    await world.password(ada)
    first = await deactivate(client, ada, idempotencyKey="k")
    async with unchanged(api.database):
        again = await deactivate(client, ada, idempotencyKey="k")
        other = await deactivate(client, ada, idempotencyKey="k", reason="Another")
    assert again == first | {"replayed": True}
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    back = await activate(client, ada, idempotencyKey="k")
    assert (back["changed"], back["replayed"]) == (True, False)
    async with unchanged(api.database):
        later = await deactivate(client, ada, idempotencyKey="k")
    assert (later["admin"]["status"], later["changed"], later["replayed"]) == ("ACTIVE", True, True)


@pytest.fixture
async def elsewhere(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """Another server on the same database."""
    async with open_api(database_url, tmp_path) as api:
        yield api


async def test_every_server_knows_it_at_once(api: Api, elsewhere: Api, world: World) -> None:
    """Who they are is kept in memory between requests; whether they may do anything is not."""
    lagos = await world.office()
    ada, bola = [await world.admin("account_manager", office=lagos) for _ in range(2)]
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(office=lagos)
    there, adas = Client(elsewhere.http, client.headers), await elsewhere.sign_in(ada)

    async def told(asker: Client) -> tuple[str, list[str]]:
        status = (await asker.data(STATUS, {"id": gid(ada)}))["admin"]["status"]
        listed = (await asker.data(LIST, {"office": gid(lagos)}))["assignableManagers"]
        assert listed["totalCount"] == len(listed["edges"])
        return status, [edge["node"]["id"] for edge in listed["edges"]]

    both = [gid(ada), gid(bola)]
    for change, status, assignable in ((None, "ACTIVE", both), (deactivate, "INACTIVE", both[1:])):
        if change is not None:
            await change(client, ada)
        assert await told(client) == await told(there) == (status, assignable)
    assert await adas.codes(WHO) == ["UNAUTHENTICATED"]
    async with unchanged(api.database):
        refused = await assign(there, customer, ada)
    assert [error["code"] for error in refused["userErrors"]] == ["ADMIN_INACTIVE"]
    assert (await current(api.database, customer)).account_manager_id is None
