"""`explainAccess`: why an admin sees a customer as they do, which must be how the API really shows that customer."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, update

from gql.db.models import Admin, AuditEvent, Customer, Office, Session
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope
from gql.domain.time import now
from gql.schema.assembly import build_schema
from tests.api.client import Api, Client, gid
from tests.api.reading import MALFORMED_IDS, shared, unknown
from tests.factories import World
from tests.profiles import profile
from tests.records import unchanged

EXPLAIN = """
query($customer: ID!, $admin: ID!) { explainAccess(customerId: $customer, adminId: $admin) {
  customer { displayName email } admin { name status }
  level reason summary signsIn signedIn
  rules { role { key } scope speaksOf applies decides level shownWhenLimited why }
  fields { field shown because } mayChange { permission allowed because }
} }
"""
EVENTS = """
query($customer: ID!) {
  auditEvents(filter: { customerId: $customer, action: ["customer.access_explained"] }) {
    edges { node { requestId details { field after } } }
  }
}
"""
PART = "{ level reason fields { field shown } mayChange { permission allowed } }"
BELOW = {
    "office": "{ name }",
    "accountManager": "{ name }",
    "scheduledAssignment": "{ status }",
    "managerAsOf": '(at: "2026-06-01T00:00:00Z") { name }',
    "repaymentPerformance": '(since: "2026-01-01") { since }',
}
OBJECTS = ("loansSummary", "personal", "employment", "socials", "guarantors", "nextOfKin", "backOffice", "identifiers")
LEAVES = ("id", "number", "displayName", "status", "kind", "email", "phone", "version", "createdAt", "updatedAt")
ABOUT_THE_VIEWER = {"access", "viewerActions"}
ACTIONS = {
    "customer.write": "UPDATE",
    "customer.status": "SUSPEND",
    "customer.assign": "ASSIGN_ACCOUNT_MANAGER",
    "group.members.write": "ADD_TO_GROUP",
}
READERS = ("super_admin", "compliance_officer", "auditor")
OWN_ROLES = (
    Role(
        key="regional_auditor",
        name="Regional auditor",
        description="Audits an office, and sees its customers who are nobody's.",
        permissions=frozenset({Permission.CUSTOMER_READ, Permission.AUDIT_READ}),
        assigned=Level.NONE,
        unassigned=Level.LIMITED,
        scope=Scope.OWN_OFFICE,
        shown_when_limited=frozenset({CustomerField.GROUPS, CustomerField.AUDIT_TRAIL, CustomerField.SAVINGS}),
    ),
    Role(
        key="without_module",
        name="Without the module",
        description="Would see all, but the customer module is closed to it.",
        permissions=frozenset({Permission.CUSTOMER_WRITE, Permission.GROUP_READ}),
        assigned=Level.FULL,
        unassigned=Level.FULL,
        scope=Scope.ALL,
    ),
    Role(
        key="without_groups",
        name="Without groups",
        description="Sees somebody else's customers in full, but no groups.",
        permissions=frozenset({Permission.CUSTOMER_READ}),
        assigned=Level.FULL,
        unassigned=Level.NONE,
        scope=Scope.SUBTREE,
    ),
)


@dataclass(frozen=True)
class House:
    """Admins of random roles and offices, and customers of random offices, who are anybody's or nobody's."""

    admins: dict[str, Admin]
    """By role, of the head office; and those of random roles, by number."""
    head: Office
    customers: tuple[Customer, ...]
    here: Customer
    """Nobody's, of the head office."""
    away: Customer
    """Somebody's, of an office beneath it."""

    async def asks(self, api: Api, role: str) -> Client:
        """A client of the admin of the head office with that role."""
        return await api.sign_in(self.admins[role])


async def _build(world: World) -> House:
    random = Random(6)
    head = await world.office("Head")
    lagos = await world.office("Lagos", parent=head)
    offices = [head, lagos, await world.office("Ikeja", parent=lagos), await world.office("Kano", parent=head)]
    for role in OWN_ROLES:
        await world.role(role)
    keys = [*BUILT_IN_ROLES, *(role.key for role in OWN_ROLES)]
    admins = {key: await world.admin(key, office=head) for key in keys}
    for number in range(8):
        some = random.sample(keys, random.choice((0, 1, 2, 2, 3)))
        admins[f"{number}: {' + '.join(some)}"] = await world.admin(*some, office=random.choice(offices))
    managers = [None, None, None, *random.sample(list(admins.values()), 5)]
    customers = [
        await world.customer(office=office, manager=manager, status=CustomerStatus.ACTIVE)
        for manager, office in zip(managers, offices * 2, strict=True)
    ]
    # One who is held by somebody far away, with whom no role has to do.
    away = await world.customer(office=lagos, manager=admins["account_manager"])
    for customer in (*customers, away):
        await profile(world, customer)
        await world.loan(customer)
    return House(admins, head, (*customers, away), customers[0], away)


house, database_url = shared(_build)


def _selection(fields: list[str]) -> str:
    below = BELOW | dict.fromkeys(OBJECTS, "{ __typename }") | dict.fromkeys(LEAVES, "")
    return " ".join(f"{field} {below.get(field, '{ totalCount }')}" for field in fields)


async def _explained(client: Client, customers: tuple[Customer, ...], admin: Admin) -> list[dict[str, Any]]:
    numbers = range(len(customers))
    declared = " ".join(f"$customer{number}: ID!" for number in numbers)
    asked = " ".join(f"_{n}: explainAccess(customerId: $customer{n}, adminId: $admin) {PART}" for n in numbers)
    ids = {f"customer{number}": gid(customer) for number, customer in enumerate(customers)}
    data = await client.data(f"query($admin: ID!, {declared}) {{ {asked} }}", ids | {"admin": gid(admin)})
    return list(data.values())


async def _read(client: Client, customers: tuple[Customer, ...], fields: list[str]) -> list[dict[str, Any] | None]:
    of_customer = f"{_selection(fields)} access {{ level reason withheldFields }} viewerActions {{ action allowed }}"
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {of_customer} }} }} }}"
    found: list[dict[str, Any] | None] = (await client.data(query, {"ids": [gid(one) for one in customers]}))["nodes"]
    return found


async def test_it_says_of_any_admin_what_the_api_shows_that_admin(api: Api, house: House) -> None:
    """Of every role, of random ones together, wherever they work, whoever's the customer is: field by field."""
    asker, boss = await house.asks(api, "compliance_officer"), await house.asks(api, "super_admin")
    [first, *_] = await _explained(asker, house.customers, house.admins["super_admin"])
    fields = [one["field"] for one in first["fields"]]
    whole = await _read(boss, house.customers, fields)
    levels = set()
    for who, admin in house.admins.items():
        explained = await _explained(asker, house.customers, admin)
        shown = await _read(await api.sign_in(admin), house.customers, fields)
        for customer, said, seen, everything in zip(house.customers, explained, shown, whole, strict=True):
            assert everything is not None
            levels.add((said["level"], said["reason"]))
            _assert_true(f"{who} of {customer.name}", said, seen, everything)
    assert len(levels) == 1 + 3 + 3, levels  # each level, by each rule


def _assert_true(where: str, said: dict[str, Any], seen: dict[str, Any] | None, whole: dict[str, Any]) -> None:
    shown = {one["field"] for one in said["fields"] if one["shown"]}
    assert (seen is None) is (said["level"] == "NONE"), where
    if seen is None:
        assert shown == set(), where
        return
    access, actions = seen.pop("access"), seen.pop("viewerActions")
    assert (access["level"], access["reason"]) == (said["level"], said["reason"]), where
    unnamed = {"auditTrail"} if said["level"] == "FULL" else set()  # which takes a permission, whatever the access
    assert set(access["withheldFields"]) == {one["field"] for one in said["fields"]} - shown - unnamed, where
    there = {field for field, value in whole.items() if value is not None and field not in ABOUT_THE_VIEWER}
    assert {field for field, value in seen.items() if value is not None} == shown & there, where
    may = {one["permission"]: one["allowed"] for one in said["mayChange"]}
    offered = {action["action"]: action["allowed"] for action in actions}
    for permission, action in ACTIONS.items():
        assert may[permission.upper().replace(".", "_")] is offered[action], f"{where}: {permission}"


async def test_every_field_of_a_customer_is_explained(api: Api, house: House) -> None:
    """But for those that are about the viewer, and not of the customer."""
    kind = build_schema()._schema.type_map["Customer"]
    [said] = await _explained(await house.asks(api, "auditor"), (house.here,), house.admins["auditor"])
    explained = [one["field"] for one in said["fields"]]
    assert len(set(explained)) == len(explained)
    assert set(explained) == kind.fields.keys() - ABOUT_THE_VIEWER  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", READERS)
async def test_of_oneself_it_agrees_with_the_customers_access(role: str, api: Api, house: House) -> None:
    client, admin = await house.asks(api, role), house.admins[role]
    for customer in house.customers:
        query = f"""{{ customer(id: "{gid(customer)}") {{ access {{ level reason withheldFields }} }}
            explainAccess(customerId: "{gid(customer)}", adminId: "{gid(admin)}") {{
              level reason signsIn signedIn fields {{ field shown }} }} }}"""
        data = await client.data(query)
        access, said = data["customer"]["access"], data["explainAccess"]
        assert (said["level"], said["reason"]) == (access["level"], access["reason"])
        assert sorted(one["field"] for one in said["fields"] if not one["shown"]) == access["withheldFields"]
        assert (said["signsIn"], said["signedIn"]) == (True, True)


async def test_the_whole_answer(api: Api, house: House) -> None:
    """The asker, who sees the outline, is told no more of the customer than that."""
    client, admin = await house.asks(api, "auditor"), house.admins["account_manager"]
    found = (await client.data(EXPLAIN, {"customer": gid(house.away), "admin": gid(admin)}))["explainAccess"]
    assert found["customer"] == {"displayName": house.away.name, "email": None}
    assert found["admin"] == {"name": admin.name, "status": "ACTIVE"}
    assert (found["level"], found["reason"]) == ("FULL", "ACCOUNT_MANAGER")
    assert found["summary"].startswith("Full access: the admin holds the customer's open assignment.")
    first, second = found["rules"]
    assert first == {
        "role": None,
        "scope": None,
        "speaksOf": "ACCOUNT_MANAGER",
        "applies": True,
        "decides": True,
        "level": "FULL",
        "shownWhenLimited": [],
        "why": "The admin holds the customer's open assignment, which gives full access whatever their roles.",
    }
    assert (second["role"], second["scope"], second["applies"]) == ({"key": "account_manager"}, "OWN_OFFICE", False)
    fields = {one["field"]: one for one in found["fields"]}
    assert fields["email"]["because"] == "Full access by the open assignment, which the admin holds."
    assert fields["auditTrail"] == {
        "field": "auditTrail",
        "shown": False,
        "because": "Takes `audit.read`, which none of the admin's roles grants.",
    }
    changes = {one["permission"]: one["allowed"] for one in found["mayChange"]}
    assert changes == {
        "CUSTOMER_WRITE": True,
        "CUSTOMER_STATUS": False,
        "CUSTOMER_ASSIGN": False,
        "CUSTOMER_REVEAL": False,
        "GROUP_MEMBERS_WRITE": False,
    }


@pytest.mark.parametrize("role", [*BUILT_IN_ROLES, "without_groups"])
async def test_it_takes_audit_read(role: str, api: Api, house: House) -> None:
    """Somebody else's attempt is on record as a denied one."""
    client = await house.asks(api, role)
    asked = {"customer": gid(house.here), "admin": gid(house.admins["auditor"])}
    if role in READERS:
        assert (await client.data(EXPLAIN, asked))["explainAccess"]["level"] == "LIMITED"
        return
    assert await client.codes(EXPLAIN, asked) == ["FORBIDDEN"]
    denied = select(AuditEvent.__table__.c.subject_id).where(
        AuditEvent.action == "explainAccess.denied", AuditEvent.actor_id == house.admins[role].id
    )
    assert [event.subject_id for event in await api.database.rows(denied)] == [house.here.id]


async def test_it_is_closed_to_borrowers_and_to_nobody(api: Api, house: House) -> None:
    asked = {"customer": gid(house.here), "admin": gid(house.admins["auditor"])}
    assert await (await api.sign_in(house.here)).codes(EXPLAIN, asked) == ["FORBIDDEN"]
    assert await api.anonymous.codes(EXPLAIN, asked) == ["UNAUTHENTICATED"]


async def test_who_is_not_in_sight_is_not_explained_and_nobody_else_either(api: Api, house: House) -> None:
    """The regional auditor sees who is nobody's in the office; anybody else is like nobody there, and unrecorded."""
    client, admin = await house.asks(api, "regional_auditor"), gid(house.admins["account_manager"])
    assert (await client.data(EXPLAIN, {"customer": gid(house.here), "admin": admin}))["explainAccess"] is not None
    await api.app.state.reads.flush()
    async with unchanged(api.database):
        for customer, who in (
            (gid(house.away), admin),
            (unknown(Kind.CUSTOMER), admin),
            (gid(house.here), unknown(Kind.ADMIN)),
        ):
            assert (await client.data(EXPLAIN, {"customer": customer, "admin": who}))["explainAccess"] is None
        await api.app.state.reads.flush()


async def test_an_id_of_another_kind_is_refused(api: Api, house: House) -> None:
    client, customer, admin = await house.asks(api, "auditor"), gid(house.here), gid(house.admins["auditor"])
    for one, other in ((admin, admin), (customer, customer), *((customer, malformed) for malformed in MALFORMED_IDS)):
        assert await client.codes(EXPLAIN, {"customer": one, "admin": other}) == ["BAD_USER_INPUT"]


async def test_who_asked_about_whom_is_on_record(api: Api, house: House) -> None:
    """Whatever the asker's roles; and the auditor reads it of a customer whom they see with limited access."""
    customer, subject = house.here, house.admins["team_member"]
    requests = set()
    for role in READERS:
        client = await house.asks(api, role)
        response = await client.post(EXPLAIN, {"customer": gid(customer), "admin": gid(subject)})
        requests.add(request := response.headers["x-request-id"])
        await api.app.state.reads.flush()
        of_request = select(AuditEvent.__table__).where(AuditEvent.request_id == request)
        events = {event.action: event for event in await api.database.rows(of_request)}
        read = {"customer.read"} if role == "compliance_officer" else set()
        assert events.keys() == {"customer.access_explained"} | read
        event = events["customer.access_explained"]
        assert (event.subject_kind, event.subject_id, event.customer_id) == ("customer", customer.id, customer.id)
        assert (event.actor_id, event.details) == (house.admins[role].id, {"admin_id": str(subject.id)})
        assert not event.denied
    edges = (await (await house.asks(api, "auditor")).data(EVENTS, {"customer": gid(customer)}))["auditEvents"]["edges"]
    told = [edge["node"]["details"] for edge in edges if edge["node"]["requestId"] in requests]
    assert told == [[{"field": "adminId", "after": gid(subject)}]] * 3


async def test_what_cannot_be_recorded_is_not_explained(
    api: Api, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The auditor's reads aren't audited, the question is."""
    client, auditor = await house.asks(api, "auditor"), house.admins["auditor"]
    monkeypatch.setattr(api.app.state.reads, "_most_waiting", 0)
    response = await client.post(EXPLAIN, {"customer": gid(house.here), "admin": gid(auditor)})
    assert response.status_code == 503
    assert response.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_whether_the_admin_can_use_it_at_all(api: Api, house: House) -> None:
    """Roles say what an inactive admin would see; that they see nothing is said, too."""
    client, world = await house.asks(api, "auditor"), World(api.database)

    async def asked(name: str, status: AdminStatus = AdminStatus.ACTIVE, **session: Any) -> tuple[Any, ...]:
        email = f"{name}@staff.example"
        admin = await world.admin("super_admin", office=house.head, status=status, email=email)
        if name != "absent":
            await api.sign_in(admin)
        async with api.database.begin() as transaction:
            if session:
                await transaction.execute(update(Session).where(Session.admin_id == admin.id).values(**session))
        found = (await client.data(EXPLAIN, {"customer": gid(house.here), "admin": gid(admin)}))["explainAccess"]
        assert found["level"] == "FULL"
        return found["signsIn"], found["signedIn"], found["summary"].removeprefix("Full access by Super admin.")

    none = " But the admin has no session now, and sees nothing until they sign in."
    shut = " But the account is {}: nobody can sign in with it, so that it sees nothing at all."
    assert await asked("present") == (True, True, "")
    assert await asked("absent") == (True, False, none)
    assert await asked("ended", revoked_at=now()) == (True, False, none)
    assert await asked("expired", expires_at=now() - timedelta(seconds=1)) == (True, False, none)
    for status in (AdminStatus.INACTIVE, AdminStatus.INVITED):
        assert await asked(status.lower(), status) == (False, False, shut.format(status))
