"""`breakGlass`: one customer for a few hours, for who may, with those above told and each read on record."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from gql.db.models import Admin, Customer
from gql.domain.covers import MOST_OPENED
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, Permission
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.covering import BREAK, break_glass, codes, end, key_of, move, reads_on_record
from tests.api.reading import unknown
from tests.factories import World
from tests.records import events, outbox, unchanged

CUSTOMER = "query($id: ID!) { customer(id: $id) { id email access { level reason } } }"
LIST = "{ customers(first: 100) { totalCount edges { node { id access { level reason } } } } }"
RECORD = ["audit_events", "audit_waiting"]


@dataclass
class Alert:
    """A call about Ada's customer in Lagos comes in at Abuja, where Collins collects, and Chief is in charge."""

    api: Api
    world: World
    ada: Admin
    chief: Admin
    collins: Admin
    customer: Customer
    nobodys: Customer

    async def sees(self, client: Client, customer: Customer | None = None) -> tuple[str, str] | None:
        """Level and reason, alike by ID and in the list."""
        wanted = gid(customer or self.customer)
        one = (await client.data(CUSTOMER, {"id": wanted}))["customer"]
        listed = (await client.data(LIST))["customers"]
        found = [edge["node"] for edge in listed["edges"] if edge["node"]["id"] == wanted]
        assert len(listed["edges"]) == listed["totalCount"]
        assert [node["access"] for node in found] == ([one["access"]] if one else [])
        return one and (one["access"]["level"], one["access"]["reason"])


@pytest.fixture
async def alert(api: Api, world: World) -> Alert:
    """Before anything is opened."""
    head = await world.office("Head")
    lagos, abuja = await world.office("Lagos", parent=head), await world.office("Abuja", parent=head)
    ada = await world.admin("account_manager", office=lagos, name="Ada")
    chief = await world.admin("portfolio_manager", office=lagos, name="Chief")
    collins = await world.admin("collections_officer", office=abuja, name="Collins")
    customer = await world.customer(office=lagos, manager=ada)
    await world.customer(office=lagos, manager=ada)
    nobodys = await world.customer(office=abuja)
    return Alert(api, world, ada, chief, collins, customer, nobodys)


async def test_one_customer_opens_at_once_and_closes_by_itself(alert: Alert) -> None:
    """By ID or number, of any office, and of nobody; no other customer; until its time is over or it is ended."""
    api, client = alert.api, await alert.api.sign_in(alert.collins)
    assert await alert.sees(client) is None
    assert await alert.sees(client, alert.nobodys) == ("LIMITED", "ROLE_UNASSIGNED")

    opened = await break_glass(client, alert.customer)

    full = {"level": "FULL", "reason": "BREAK_GLASS"}
    assert (codes(opened), opened["customer"]) == ([], {"id": gid(alert.customer), "access": full})
    assert opened["cover"]["manager"] == {"id": gid(alert.ada)}
    assert await alert.sees(client) == ("FULL", "BREAK_GLASS")
    assert (await client.data(LIST))["customers"]["totalCount"] == 2, "and no other of the book"
    by_number = await break_glass(client, number=alert.nobodys.number.lower(), minutes=5)
    assert by_number["cover"]["manager"] is None
    assert await alert.sees(client, alert.nobodys) == ("FULL", "BREAK_GLASS")
    menu = "query($id: ID!) { customer(id: $id) { viewerActions { action allowed } } }"
    actions = (await client.data(menu, {"id": gid(alert.nobodys)}))["customer"]["viewerActions"]
    assert {"action": "UNASSIGN_ACCOUNT_MANAGER", "allowed": False} in actions, "there is nobody to take away"
    await move(api, opened["cover"], starts_at=now() - timedelta(hours=2), ends_at=now() - timedelta(microseconds=1))
    assert await alert.sees(client) is None
    payload = await end(await api.sign_in(alert.collins), by_number["cover"])
    assert (payload["changed"], payload["cover"]["customer"]) == (True, {"id": gid(alert.nobodys)})
    assert await alert.sees(client, alert.nobodys) == ("LIMITED", "ROLE_UNASSIGNED")


async def test_it_opens_for_reading_and_changes_take_their_own_permissions(alert: Alert) -> None:
    """A collections officer has none; and what is revoked counts at once."""
    api, client = alert.api, await alert.api.sign_in(alert.collins)
    await break_glass(client, alert.customer)
    update = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"
    wish = {"customerId": gid(alert.customer), "expectedVersion": alert.customer.version, "name": "Other"}
    assert (await client.data(update, {"input": wish}))["updateCustomer"]["userErrors"] == [{"code": "FORBIDDEN"}]
    boss = await api.sign_in(await alert.world.admin("super_admin"))
    set_roles = "mutation($input: SetAdminRolesInput!) { setAdminRoles(input: $input) { changed } }"
    roles = {"adminId": gid(alert.collins), "roleKeys": ["team_member"], "reason": "Other work"}
    await boss.data(set_roles, {"input": roles})
    assert await alert.sees(client) is None, "without the permission an opened customer is closed"


async def test_those_above_are_told_and_all_of_it_is_on_record(alert: Alert) -> None:
    """The account manager and who is in charge of the office; the attempt, the opening, and each read."""
    api, client = alert.api, await alert.api.sign_in(alert.collins)
    cover = (await break_glass(client, alert.customer))["cover"]
    assert {mail.recipient for mail in await outbox(api.database)} == {alert.ada.email, alert.chief.email}
    assert {mail.template for mail in await outbox(api.database)} == {"glass_broken"}
    [opened], [attempt] = [
        await events(api.database, action) for action in ("customer.glass_broken", "customer.lookup")
    ]
    assert (opened.actor_id, opened.customer_id) == (alert.collins.id, alert.customer.id)
    assert (opened.details["cover_id"], opened.details["reason"]) == (str(key_of(cover)), "Fraud alert by phone")
    assert attempt.details == {"by": "breakGlass"}
    await client.data(LIST)
    reads = await reads_on_record(api)
    assert {(event.action, event.customer_id, event.details["cover_id"]) for event in reads} == {
        ("customer.read_under_cover", alert.customer.id, str(key_of(cover)))
    }
    assert len(reads) == 2, "the payload's and the list's; of whom a role shows, none"


async def test_who_may_not_learns_nothing(alert: Alert) -> None:
    """Without the permission all customers are one answer, and none is looked for; each role by what it holds."""
    api, document = alert.api, BREAK
    for role in BUILT_IN_ROLES:
        client = await api.sign_in(await alert.world.admin(role, office=await alert.world.office()))
        answers = []
        for customer in (gid(alert.customer), unknown(Kind.CUSTOMER)):
            wish = {"input": {"customerId": customer, "reason": "Curious"}}
            if Permission.CUSTOMER_BREAK_GLASS not in BUILT_IN_ROLES[role].permissions:
                async with unchanged(api.database, but=RECORD):
                    answers.append((await client.data(document, wish))["breakGlass"])
            else:
                payload = (await client.data(document, wish))["breakGlass"]
                there = customer == gid(alert.customer)
                expected = (
                    ["NOT_ALLOWED"] if role == "super_admin" and there else [] if there else ["CUSTOMER_NOT_FOUND"]
                )
                assert codes(payload) == expected, role
        assert all(codes(answer) == ["FORBIDDEN"] and answer == answers[0] for answer in answers), role
    wish = {"input": {"customerId": gid(alert.customer), "reason": "Curious"}}
    assert await api.anonymous.codes(document, wish) == ["UNAUTHENTICATED"]
    own = await api.sign_in(alert.customer)
    assert codes((await own.data(document, wish))["breakGlass"]) == ["FORBIDDEN"]


async def test_what_is_refused(alert: Alert) -> None:
    """Too long, neither or both names of the customer, twice, too many; and again under a key it is told once more."""
    api, client = alert.api, await alert.api.sign_in(alert.collins)
    for minutes in (0, -5, 481):
        async with unchanged(api.database):
            assert codes(await break_glass(client, alert.customer, minutes=minutes)) == ["INVALID"]
    for named in ({}, {"customerId": gid(alert.customer), "number": alert.customer.number}, {"number": "??"}):
        assert await client.codes(BREAK, {"input": named | {"reason": "Why"}}) == ["BAD_USER_INPUT"]
    first, again = [await break_glass(client, alert.customer, idempotencyKey="k") for _ in range(2)]
    assert (first["replayed"], again["replayed"], again["cover"]) == (False, True, first["cover"])
    assert codes(await break_glass(client, alert.customer)) == ["NOT_ALLOWED"]
    more = [await alert.world.customer() for _ in range(MOST_OPENED)]
    found = [code for customer in more for code in codes(await break_glass(client, customer))]
    assert found == ["LIMIT_REACHED"]
    assert (await client.data(LIST))["customers"]["totalCount"] == MOST_OPENED + 1


async def test_attempts_are_held_to_so_many_a_minute(alert: Alert) -> None:
    """Those that find nobody count: numbers can't be tried one after another."""
    client = await alert.api.sign_in(alert.collins)
    wish: dict[str, Any] = {"input": {"number": "LD-99999999", "reason": "Guessing"}}
    most = alert.api.settings.lookups_per_minute
    tried = [codes((await client.data(BREAK, wish))["breakGlass"]) for _ in range(most)]
    assert tried == [["CUSTOMER_NOT_FOUND"]] * most
    assert await client.codes(BREAK, {"input": {"customerId": gid(alert.customer), "reason": "So"}}) == ["RATE_LIMITED"]
    assert await alert.sees(client) is None


async def test_a_cover_of_a_customer_is_only_there_with_the_customer(alert: Alert) -> None:
    """For those concerned, and who reads covers and sees the customer; its reason only with full access."""
    api, world = alert.api, alert.world
    cover = (await break_glass(await api.sign_in(alert.collins), alert.customer))["cover"]
    kano = await world.office("Kano")
    node = """query($id: ID!, $manager: ID!) {
      node(id: $id) { ... on Cover { reason customer { id } } }
      admin(id: $manager) { coversGiven { totalCount edges { node { reason } } } }
    }"""
    viewers = {
        "the delegate": (alert.collins, ("Fraud alert by phone", True)),
        "the account manager": (alert.ada, ("Fraud alert by phone", True)),
        "in charge": (alert.chief, ("Fraud alert by phone", True)),
        "in charge elsewhere": (await world.admin("portfolio_manager", office=kano), None),
        "an auditor": (await world.admin("auditor"), (None, True)),
        "a team member": (await world.admin("team_member", office=kano), None),
    }
    for who, (viewer, expected) in viewers.items():
        data = await (await api.sign_in(viewer)).data(node, {"id": cover["id"], "manager": gid(alert.ada)})
        found = data["node"]
        assert found == (expected and {"reason": expected[0], "customer": {"id": gid(alert.customer)}}), who
        listed = data["admin"]["coversGiven"]
        if listed is not None:
            assert listed["edges"] == ([{"node": {"reason": expected[0]}}] if expected else []), who
            assert listed["totalCount"] == len(listed["edges"]), who
    for viewer in (alert.chief, alert.ada):
        cover = (await break_glass(await api.sign_in(alert.collins), alert.nobodys))["cover"]
        expected_codes = ["NOT_FOUND"]
        assert codes(await end(await api.sign_in(viewer), cover)) == expected_codes, "not their customer"
        await end(await api.sign_in(alert.collins), cover)
