"""`grantCover` and `endCover`: a delegate has an account manager's book, as long as they are to, and no longer."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from gql.db.models import Admin, Customer, Group, Office
from gql.domain.covers import MOST_BOOKS
from gql.domain.enums import AdminStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.covering import GRANT, break_glass, codes, end, grant, granting, hours, key_of, move, reads_on_record
from tests.api.mutations import assign
from tests.api.reading import unknown
from tests.factories import World
from tests.records import events, outbox, unchanged
from tests.sql_counter import count_statements

CUSTOMER = """query($id: ID!) {
  customer(id: $id) {
    id email version access { level reason withheldFields } viewerActions { action allowed } loans { totalCount }
  }
}"""
EVERYWHERE = (
    """query($id: ID!, $number: String!) {
      customer(id: $id) { id }
      node(id: $id) { id }
      nodes(ids: [$id]) { id }
      customers(first: 100) { totalCount edges { node { id } } }
      byNumber: customers(search: $number) { totalCount edges { node { id } } }
      byName: customers(search: "zebulon") { totalCount edges { node { id } } }
      loanRequests { totalCount edges { node { customer { id } } } }
      dueInteractions { totalCount edges { node { customer { id } } } }
    }""",
    """query($group: ID!, $manager: ID!) {
      byManager: customers(filter: {accountManagerId: $manager}) { totalCount edges { node { id } } }
      byOffice: customers(orderBy: {field: OFFICE, direction: ASC}) { totalCount edges { node { id } } }
      bySomebody: customers(orderBy: {field: ACCOUNT_MANAGER, direction: ASC}) { totalCount edges { node { id } } }
      byDays: customers(orderBy: {field: DAYS_PAST_DUE, direction: ASC}) { totalCount edges { node { id } } }
      admin(id: $manager) { book { totalCount edges { node { id } } } }
      group(id: $group) { members { totalCount edges { node { id } } } }
    }""",
)


@dataclass
class Leave:
    """Ada goes on leave; Bola, of another office, covers. Neither has anybody else."""

    api: Api
    world: World
    lagos: Office
    ada: Admin
    bola: Admin
    customer: Customer
    group: Group

    async def everywhere(self, client: Client) -> set[str]:
        """The paths on which the client meets the customer, each once; lists and counts agree."""
        first = await client.data(EVERYWHERE[0], {"id": gid(self.customer), "number": self.customer.number})
        data = first | await client.data(EVERYWHERE[1], {"group": gid(self.group), "manager": gid(self.ada)})
        found = set()
        for name, answer in data.items():
            inner = answer
            if name in ("admin", "group"):
                [inner] = answer.values()
            if isinstance(inner, dict) and "totalCount" in inner:
                nodes = [edge["node"].get("customer", edge["node"]) for edge in inner["edges"]]
                assert len(nodes) == inner["totalCount"] <= 1, (name, inner)
                inner = nodes[0] if nodes else None
            if isinstance(inner, list):
                [inner] = inner
            if inner is not None:
                assert inner["id"] == gid(self.customer), name
                found.add(name)
        return found

    async def sees(self, client: Client) -> tuple[str, str] | None:
        """Level and reason."""
        customer = (await client.data(CUSTOMER, {"id": gid(self.customer)}))["customer"]
        return customer and (customer["access"]["level"], customer["access"]["reason"])


ALL_PATHS = {
    "customer",
    "node",
    "nodes",
    "customers",
    "byNumber",
    "byName",
    "byManager",
    "byOffice",
    "bySomebody",
    "byDays",
    "admin",
    "group",
    "loanRequests",
    "dueInteractions",
}


@pytest.fixture
async def leave(api: Api, world: World) -> Leave:
    """Before anything is covered."""
    lagos, abuja = await world.office("Lagos"), await world.office("Abuja")
    ada = await world.admin("account_manager", office=lagos, name="Ada")
    bola = await world.admin("account_manager", office=abuja, name="Bola")
    customer = await world.customer(office=lagos, manager=ada, name="Zebulon Adeyemi")
    group = await world.group()
    await world.membership(group, customer)
    await world.loan_request(customer)
    await world.interaction(customer, due_at=now() + timedelta(days=1))
    return Leave(api, world, lagos, ada, bola, customer, group)


_WRITTEN = ("covers", "outbox_messages", "notifications")
"""By ending a cover."""


async def test_a_delegate_sees_the_book_on_every_path_while_the_cover_counts(leave: Leave) -> None:
    """At once, as the manager does, each once in every list and count; at its end, and once it is ended, nothing."""
    api, ada, bola = leave.api, await leave.api.sign_in(leave.ada), await leave.api.sign_in(leave.bola)
    assert await leave.everywhere(bola) == set()

    cover = (await grant(ada, leave.ada, leave.bola))["cover"]

    assert (cover["kind"], cover["status"], cover["manager"]["id"]) == ("LEAVE", "ACTIVE", gid(leave.ada))
    assert await leave.everywhere(bola) == ALL_PATHS
    theirs, own = [(await client.data(CUSTOMER, {"id": gid(leave.customer)}))["customer"] for client in (bola, ada)]
    assert (theirs.pop("access"), own.pop("access")["level"]) == (
        {"level": "FULL", "reason": "COVER", "withheldFields": []},
        "FULL",
    )
    assert theirs == own, "fields and actions are the manager's"
    now_ = now()
    for starts_at, ends_at, status in (
        (now_ + timedelta(hours=1), now_ + timedelta(hours=2), "SCHEDULED"),
        (now_ - timedelta(hours=2), now_ - timedelta(microseconds=1), "EXPIRED"),
        (now_ - timedelta(hours=2), now_ + timedelta(hours=2), "ACTIVE"),
    ):
        await move(api, cover, starts_at=starts_at, ends_at=ends_at)
        expected = ALL_PATHS if status == "ACTIVE" else set()
        assert await leave.everywhere(bola) == expected, status
        found = (await ada.data("query($id: ID!) { node(id: $id) { ... on Cover { status } } }", cover))["node"]
        assert found == {"status": status}
    ended = await end(ada, cover)
    assert (ended["changed"], ended["cover"]["status"], ended["cover"]["endReason"]) == (True, "ENDED", "Back early")
    assert await leave.everywhere(bola) == set()
    again = await end(ada, cover)
    assert (again["changed"], codes(again)) == (False, [])


async def test_who_sees_an_outline_of_the_book_sees_all_of_it_and_each_customer_once(leave: Leave) -> None:
    """Also one whom they have opened before: the book goes first, and what was opened is there when it ends."""
    collins = await leave.world.admin("collections_officer", office=leave.lagos, name="Collins")
    ada, client = await leave.api.sign_in(leave.ada), await leave.api.sign_in(collins)
    outline = ALL_PATHS - {"loanRequests", "dueInteractions"}
    assert await leave.everywhere(client) == outline
    cover = (await grant(ada, leave.ada, collins))["cover"]
    assert await leave.everywhere(client) == ALL_PATHS
    await end(ada, cover)
    await break_glass(client, leave.customer)
    assert (await leave.everywhere(client), await leave.sees(client)) == (ALL_PATHS, ("FULL", "BREAK_GLASS"))
    cover = (await grant(ada, leave.ada, collins))["cover"]
    assert (await leave.everywhere(client), await leave.sees(client)) == (ALL_PATHS, ("FULL", "COVER"))
    await end(ada, cover)
    assert await leave.sees(client) == ("FULL", "BREAK_GLASS")


async def test_what_a_cover_does_not_give(leave: Leave) -> None:
    """It is no assignment: the book isn't the delegate's, and what the manager covers stays theirs."""
    world, api = leave.world, leave.api
    chidi = await world.admin("account_manager", name="Chidi")
    his = await world.customer(office=leave.lagos, manager=chidi)
    ada, bola = await api.sign_in(leave.ada), await api.sign_in(leave.bola)
    assert codes(await grant(await api.sign_in(chidi), chidi, leave.ada)) == []
    assert codes(await grant(ada, leave.ada, leave.bola)) == []

    me = (await bola.data("{ viewer { admin { bookSize book { totalCount } } permissions } }"))["viewer"]
    assert me["admin"] == {"bookSize": 0, "book": {"totalCount": 0}}
    assert (await bola.data(CUSTOMER, {"id": gid(his)}))["customer"] is None, "a cover of a cover"
    assert (await ada.data(CUSTOMER, {"id": gid(his)}))["customer"]["access"]["reason"] == "COVER"
    update_ = "mutation($input: UpdateCustomerInput!) { updateCustomer(input: $input) { userErrors { code } } }"
    wish = {"customerId": gid(leave.customer), "expectedVersion": leave.customer.version, "name": "Zebulon A."}
    assert (await bola.data(update_, {"input": wish}))["updateCustomer"]["userErrors"] == []
    refused = await assign(bola, leave.customer, leave.bola)
    assert [error["code"] for error in refused["userErrors"]] == ["FORBIDDEN"]

    boss = await api.sign_in(await world.admin("super_admin"))
    await assign(boss, leave.customer, chidi)
    assert await leave.sees(bola) is None, "the book follows the open assignment"
    assert await leave.sees(ada) == ("FULL", "COVER")


async def test_who_can_have_no_book_covers_none(leave: Leave) -> None:
    """Whatever was granted before: a role that never holds a book, no role that reads customers, a closed account."""
    api, ada = leave.api, await leave.api.sign_in(leave.ada)
    bola = await api.sign_in(leave.bola)
    await grant(ada, leave.ada, leave.bola)
    boss = await api.sign_in(await leave.world.admin("super_admin"))
    set_roles = "mutation($input: SetAdminRolesInput!) { setAdminRoles(input: $input) { changed } }"
    for roles, seen in (
        (["account_manager", "auditor"], ("LIMITED", "ROLE_ASSIGNED")),
        (["team_member"], ("FULL", "COVER")),
    ):
        wish = {"adminId": gid(leave.bola), "roleKeys": roles, "reason": "Another job"}
        assert (await boss.data(set_roles, {"input": wish}))["setAdminRoles"]["changed"]
        assert await leave.sees(bola) == seen, roles
    move_ = "mutation($input: ChangeAdminOfficeInput!) { changeAdminOffice(input: $input) { changed } }"
    wish = {"adminId": gid(leave.bola), "officeId": gid(leave.lagos), "reason": "Moved"}
    assert (await boss.data(move_, {"input": wish}))["changeAdminOffice"]["changed"]
    assert await leave.sees(bola) == ("FULL", "COVER"), "an account manager keeps a book when they move, too"
    deactivate = "mutation($input: DeactivateAdminInput!) { deactivateAdmin(input: $input) { changed } }"
    await boss.data(deactivate, {"input": {"adminId": gid(leave.bola), "reason": "Left"}})
    assert await bola.codes(CUSTOMER, {"id": gid(leave.customer)}) == ["UNAUTHENTICATED"]


async def test_each_read_under_a_cover_is_on_record_and_no_other(leave: Leave) -> None:
    """With the cover's ID, once a request, on lists of records as well; and what changes is the delegate's."""
    world, api = leave.world, leave.api
    own = await world.customer(office=leave.lagos, manager=leave.bola)
    ada, bola = await api.sign_in(leave.ada), await api.sign_in(leave.bola)
    cover = (await grant(ada, leave.ada, leave.bola))["cover"]
    await leave.sees(ada)
    await bola.data(CUSTOMER, {"id": gid(own)})
    assert await reads_on_record(api) == []
    for number, document in enumerate(
        (
            "query($id: ID!) { customer(id: $id) { id } node(id: $id) { id } }",
            "{ customers { totalCount } }",
            "{ loanRequests { edges { node { id } } } }",
            "{ dueInteractions { edges { node { id } } } }",
            "query($id: ID!) { group(id: $id) { members { edges { node { id } } } } }",
        ),
        1,
    ):
        asked = gid(leave.group) if "group(" in document else gid(leave.customer)
        await bola.data(document, {"id": asked} if "$id" in document else {})
        found = await reads_on_record(api)
        assert [(event.action, event.actor_id, event.customer_id) for event in found] == [
            ("customer.read_under_cover", leave.bola.id, leave.customer.id)
        ] * number, document
        assert found[-1].details == {"cover_id": str(key_of(cover))}


async def test_everybody_concerned_is_told_and_it_is_on_record(leave: Leave) -> None:
    """When it is granted, and when it is ended early."""
    api, ada = leave.api, await leave.api.sign_in(leave.ada)
    cover = (await grant(ada, leave.ada, leave.bola, reason="Annual leave in May"))["cover"]
    await end(await api.sign_in(leave.bola), cover)
    mails = [(mail.template, mail.recipient, mail.payload["is_delegate"]) for mail in await outbox(api.database)]
    both = ((leave.ada.email, False), (leave.bola.email, True))
    assert mails == [(template, *who) for template in ("cover_granted", "cover_ended") for who in both]
    [granted], [ended] = [await events(api.database, action) for action in ("cover.granted", "cover.ended")]
    for event, actor, reason in ((granted, leave.ada, "Annual leave in May"), (ended, leave.bola, "Back early")):
        assert (event.actor_id, event.subject_kind, event.subject_id) == (actor.id, "admin", leave.ada.id)
        assert event.customer_id is None
        assert event.details["cover_id"] == str(key_of(cover))
        assert (event.details["delegate_id"], event.details["reason"]) == (str(leave.bola.id), reason)


async def test_who_may_grant_and_end_and_read_covers(leave: Leave) -> None:
    """The manager, and who may assign and sees all of the book in full, but not for themselves; by every role."""
    api, world = leave.api, leave.world
    chief = await world.admin("portfolio_manager", office=leave.lagos)
    elsewhere = await world.admin("portfolio_manager", office=await world.office("Kano"))
    clients = {
        role: await api.sign_in(await world.admin(role, office=leave.lagos))
        for role in BUILT_IN_ROLES
        if role != "portfolio_manager"
    }
    clients |= {"chief": await api.sign_in(chief), "elsewhere": await api.sign_in(elsewhere)}
    clients["delegate"] = await api.sign_in(leave.bola)
    may_grant, may_end = {"chief", "super_admin"}, {"chief", "super_admin", "delegate"}
    may_read = may_end | {"elsewhere", "compliance_officer", "auditor"}
    node = "query($id: ID!) { node(id: $id) { id } }"
    for name, client in clients.items():
        payload = await grant(client, leave.ada, leave.bola)
        assert codes(payload) == ([] if name in may_grant else ["FORBIDDEN"]), name
        if payload["cover"]:
            assert codes(await end(client, payload["cover"])) == []
        cover = (await grant(await api.sign_in(leave.ada), leave.ada, leave.bola))["cover"]
        assert ((await client.data(node, {"id": cover["id"]}))["node"] is not None) is (name in may_read), name
        lists = "query($id: ID!) { admin(id: $id) { coversHeld { totalCount } coversGiven { totalCount } } }"
        listed = (await client.data(lists, {"id": gid(leave.ada)}))["admin"]
        given = listed["coversGiven"]
        assert (given is not None and given["totalCount"] > 0) is (name in may_read - {"delegate"}), name
        expected = [] if name in may_end else ["FORBIDDEN" if name in may_read else "NOT_FOUND"]
        async with unchanged(api.database, but=["audit_events", "audit_waiting", *(() if expected else _WRITTEN)]):
            assert codes(await end(client, cover)) == expected, name
        if expected:
            await end(await api.sign_in(leave.ada), cover)
    assert codes(await grant(clients["chief"], leave.ada, chief)) == ["FORBIDDEN"], "for oneself"
    await world.customer(office=await world.office("Jos"), manager=leave.ada)
    assert codes(await grant(clients["chief"], leave.ada, leave.bola)) == ["FORBIDDEN"], "not all of the book is theirs"
    assert codes(await grant(clients["super_admin"], leave.ada, leave.bola)) == []


async def test_what_is_refused_changes_nothing(leave: Leave) -> None:
    """Each with a sentence; several at once."""
    api, world, ada = leave.api, leave.world, await leave.api.sign_in(leave.ada)
    auditor = await world.admin("auditor")
    invited = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"delegateId": gid(leave.ada)}, ["INVALID"]),
        ({"delegateId": gid(auditor)}, ["NOT_ALLOWED"]),
        ({"delegateId": gid(invited)}, ["NOT_ALLOWED"]),
        ({"delegateId": unknown(Kind.ADMIN)}, ["NOT_FOUND"]),
        ({"managerId": unknown(Kind.ADMIN)}, ["NOT_FOUND", "FORBIDDEN"]),
        ({"endsAt": hours(-1)}, ["INVALID"]),
        ({"endsAt": hours(24 * 91)}, ["INVALID"]),
        ({"startsAt": hours(-1)}, ["INVALID"]),
        ({"startsAt": hours(48)}, ["INVALID"]),
        ({"startsAt": hours(24 * 366), "endsAt": hours(24 * 367)}, ["INVALID"]),
        ({"startsAt": hours(-1), "endsAt": hours(-2), "delegateId": gid(auditor)}, ["NOT_ALLOWED"] + 2 * ["INVALID"]),
    ]
    for more, expected in cases:
        async with unchanged(api.database, but=["audit_events", "audit_waiting"]):
            assert codes(await grant(ada, leave.ada, leave.bola, **more)) == expected, more
    first = (await grant(ada, leave.ada, leave.bola))["cover"]
    async with unchanged(api.database):
        assert codes(await grant(ada, leave.ada, leave.bola, endsAt=hours(48))) == ["NOT_ALLOWED"]
    later = await grant(ada, leave.ada, leave.bola, startsAt=hours(25), endsAt=hours(48))
    assert (codes(later), later["cover"]["status"]) == ([], "SCHEDULED")
    without_offset = granting(leave.ada, leave.bola, endsAt="2030-01-01T00:00:00")
    assert await ada.codes(GRANT, without_offset) == ["BAD_USER_INPUT"]
    assert await api.anonymous.codes(GRANT, granting(leave.ada, leave.bola)) == ["UNAUTHENTICATED"]
    customer = await api.sign_in(leave.customer)
    assert codes(await grant(customer, leave.ada, leave.bola)) == ["FORBIDDEN"]
    assert codes(await end(customer, first)) == ["FORBIDDEN"]


async def test_a_key_is_good_once_and_a_delegate_has_so_many_books(leave: Leave) -> None:
    """Also where several are granted at the same moment."""
    api, world, ada = leave.api, leave.world, await leave.api.sign_in(leave.ada)
    ends_at = hours(24)
    first, second = [await grant(ada, leave.ada, leave.bola, idempotencyKey="k", endsAt=ends_at) for _ in range(2)]
    assert (first["replayed"], second["replayed"]) == (False, True)
    assert first["cover"] == second["cover"]
    other = await grant(ada, leave.ada, leave.bola, idempotencyKey="k", endsAt=hours(25))
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    managers = [await world.admin("account_manager") for _ in range(MOST_BOOKS + 1)]
    clients = [await api.sign_in(manager) for manager in managers]
    payloads = await asyncio.gather(
        *(grant(client, manager, leave.bola) for client, manager in zip(clients, managers, strict=True))
    )
    refused = sorted(code for payload in payloads for code in codes(payload))
    assert refused == ["LIMIT_REACHED"] * 2
    bola = await api.sign_in(leave.bola)
    assert await leave.everywhere(bola) == ALL_PATHS, "eight books are eight parts of each list"


async def test_a_request_of_who_covers_nobody_takes_no_statement_more(leave: Leave) -> None:
    """Covers are read with the session; and with a cover, neither."""
    api, ada, bola = leave.api, await leave.api.sign_in(leave.ada), await leave.api.sign_in(leave.bola)
    own = await leave.world.customer(office=leave.lagos, manager=leave.bola)
    document = "query($id: ID!) { customer(id: $id) { displayName } }"

    async def statements(customer: Customer) -> int:
        with count_statements(api.database) as counted:
            await bola.data(document, {"id": gid(customer)})
        return len(counted)

    before = await statements(own)
    await grant(ada, leave.ada, leave.bola)
    assert await statements(own) == await statements(leave.customer) == before == 2
