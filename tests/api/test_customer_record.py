"""`createCustomer` and `updateCustomer`: who may write what into the record, and that it is written once."""

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import func, select

from gql.db.models import Customer, Office
from gql.domain.enums import CustomerStatus, OfficeStatus
from gql.domain.ids import Kind
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, unchanged

CREATE = """
mutation($input: CreateCustomerInput!) {
  createCustomer(input: $input) {
    customer { id number displayName kind email phone status version office { name } accountManager { name } }
    replayed userErrors { code message field }
  }
}
"""
UPDATE = """
mutation($input: UpdateCustomerInput!) {
  updateCustomer(input: $input) {
    customer { displayName kind email phone version } changed replayed userErrors { code message field }
  }
}
"""
FOUND = "query($search: String!) { customers(search: $search) { edges { node { number } } } }"


async def create(client: Client, office: Office | str, **given: Any) -> dict[str, Any]:
    """The payload of registering somebody; what is given takes the place of what is usual."""
    usual = {"kind": "PERSON", "name": "Adaeze Okafor", "email": "adaeze@mail.example", "phone": "0803 123 4567"}
    where = office if isinstance(office, str) else gid(office)
    payload: dict[str, Any] = (await client.data(CREATE, {"input": usual | {"officeId": where} | given}))[
        "createCustomer"
    ]
    return payload


async def change(client: Client, customer: Customer | str, version: int = 1, **given: Any) -> dict[str, Any]:
    """The payload of changing a record."""
    whose = customer if isinstance(customer, str) else gid(customer)
    variables = {"input": {"customerId": whose, "expectedVersion": version} | given}
    payload: dict[str, Any] = (await client.data(UPDATE, variables))["updateCustomer"]
    return payload


async def count(api: Api) -> int:
    """How many customers there are."""
    [row] = await api.database.rows(select(func.count().label("n")).select_from(Customer))
    return int(row.n)


async def test_a_customer_is_registered_and_found(api: Api, world: World) -> None:
    """In the forms in which names, emails and phones are stored and searched."""
    lagos = await world.office("Lagos")
    client = await api.sign_in(await world.admin("team_member", office=lagos))

    payload = await create(client, lagos, email="  Adaeze@Mail.EXAMPLE ", name=" Adaeze Okafor ")

    customer = payload["customer"]
    assert re.fullmatch(r"LD-\d{8}", customer["number"])
    assert customer | {"id": None, "number": None} == {
        "id": None,
        "number": None,
        "displayName": "Adaeze Okafor",
        "kind": "PERSON",
        "email": "adaeze@mail.example",
        "phone": "+2348031234567",
        "status": "PENDING",
        "version": 1,
        "office": {"name": "Lagos"},
        "accountManager": None,
    }
    for search in (customer["number"], "adaeze@mail.example", "+234 803 123 4567", "okafor"):
        found = (await client.data(FOUND, {"search": search}))["customers"]["edges"]
        assert [edge["node"]["number"] for edge in found] == [customer["number"]]
    [event] = await events(api.database, "customer.created")
    assert event.details["after"]["name"] == "Adaeze Okafor"


async def test_all_that_is_wrong_is_told_at_once(api: Api, world: World) -> None:
    closed = await world.office("Closed", status=OfficeStatus.INACTIVE)
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        wrong = await create(client, closed, name=" ", email="nobody", phone="12")
        nowhere = await create(client, unknown(Kind.OFFICE))
    assert codes(wrong) == ["OFFICE_INACTIVE", "INVALID_NAME", "INVALID_EMAIL", "INVALID_PHONE"]
    assert codes(nowhere) == ["OFFICE_NOT_FOUND"]


@pytest.mark.parametrize("name", ["x" * 201, "Ada\nOkafor", "Ada\0"])
async def test_what_is_no_name_is_refused(api: Api, world: World, name: str) -> None:
    lagos = await world.office()
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        assert codes(await create(client, lagos, name=name)) == ["INVALID_NAME"]


async def test_an_email_and_a_phone_are_one_customers(api: Api, world: World) -> None:
    """Also of one whom the viewer doesn't see; in whatever form it is written."""
    lagos, kano = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("portfolio_manager", office=lagos))
    await world.customer(office=kano, email="adaeze@mail.example")
    await world.customer(office=kano, phone="+2348031234567")
    own = await world.customer(office=lagos)
    async with unchanged(api.database):
        assert codes(await create(client, lagos, email="ADAEZE@mail.example")) == ["EMAIL_TAKEN", "PHONE_TAKEN"]
        assert codes(await create(client, lagos, email="other@mail.example")) == ["PHONE_TAKEN"]
        assert codes(await change(client, own, email="Adaeze@mail.example")) == ["EMAIL_TAKEN"]
        assert codes(await change(client, own, phone="08031234567")) == ["PHONE_TAKEN"]


async def test_of_many_registrations_of_one_person_at_once_one_is_made(api: Api, world: World) -> None:
    lagos = await world.office()
    client = await api.sign_in(await world.admin("super_admin"))
    payloads = await asyncio.gather(*(create(client, lagos) for _ in range(6)))
    assert sorted(map(str, map(codes, payloads))) == sorted(map(str, [[], *[["EMAIL_TAKEN", "PHONE_TAKEN"]] * 5]))
    assert await count(api) == 1


async def test_of_many_who_take_one_email_at_once_one_gets_it(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customers = await world.customers(6)
    payloads = await asyncio.gather(*(change(client, one, email="one@mail.example") for one in customers))
    assert sorted(map(str, map(codes, payloads))) == sorted(map(str, [[], *[["EMAIL_TAKEN"]] * 5]))
    rows = [await current(api.database, customer) for customer in customers]
    assert sorted(row.version for row in rows) == [1] * 5 + [2]


async def test_a_number_that_is_taken_is_drawn_again(api: Api, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lagos = await world.office()
    await world.customer(number="LD-00000007")
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("gql.services.customer_records.secrets.randbelow", lambda _: next(drawn))
    client = await api.sign_in(await world.admin("super_admin"))
    assert (await create(client, lagos))["customer"]["number"] == "LD-00000008"


async def test_a_record_is_changed_in_what_was_given(api: Api, world: World) -> None:
    boss = await world.admin("super_admin")
    client, customer = await api.sign_in(boss), await world.customer(name="Ada Obi")

    payload = await change(client, customer, name="Ada Okafor", phone="0803 123 4567")

    assert payload["changed"]
    assert payload["customer"] == {
        "displayName": "Ada Okafor",
        "kind": customer.kind,
        "email": customer.email,
        "phone": "+2348031234567",
        "version": 2,
    }
    [event] = await events(api.database, "customer.updated")
    assert event.details == {
        "before": {"name": "Ada Obi", "phone": customer.phone},
        "after": {"name": "Ada Okafor", "phone": "+2348031234567"},
    }
    found = (await client.data(FOUND, {"search": "okafor"}))["customers"]["edges"]
    assert [edge["node"]["number"] for edge in found] == [customer.number]


async def test_a_change_that_changes_nothing_leaves_the_version(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    async with unchanged(api.database):
        same = await change(client, customer, email=customer.email.upper(), name=f" {customer.name} ")
    assert (codes(same), same["changed"], same["customer"]["version"]) == ([], False, 1)


async def test_a_stale_version_is_refused_with_the_present_state(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    await change(client, customer, name="The First")
    async with unchanged(api.database):
        late = await change(client, customer, name="The Second")
    assert codes(late) == ["VERSION_CONFLICT"]
    assert (late["customer"]["displayName"], late["customer"]["version"]) == ("The First", 2)


async def test_an_archived_record_stays_as_it_is(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(status=CustomerStatus.ARCHIVED)
    async with unchanged(api.database):
        assert codes(await change(client, customer, name="New Name")) == ["CUSTOMER_ARCHIVED"]


async def test_a_key_repeats_both(api: Api, world: World) -> None:
    lagos = await world.office()
    client = await api.sign_in(await world.admin("super_admin"))
    first = await create(client, lagos, idempotencyKey="k")
    changed = await change(client, first["customer"]["id"], name="Ada", idempotencyKey="k")
    async with unchanged(api.database):
        again = await create(client, lagos, idempotencyKey="k")
        changed_again = await change(client, first["customer"]["id"], name="Ada", idempotencyKey="k")
        conflict = await create(client, lagos, idempotencyKey="k", name="Somebody Else")
        other = await change(client, first["customer"]["id"], name="Obi", idempotencyKey="k")
    assert (again["customer"]["id"], again["replayed"]) == (first["customer"]["id"], True)
    assert changed_again == changed | {"replayed": True}
    assert codes(conflict) == codes(other) == ["IDEMPOTENCY_CONFLICT"]


MAY_CREATE = {
    "super_admin": {"own", "beneath", "elsewhere"},
    "portfolio_manager": {"own", "beneath"},
    "team_member": {"own"},
}
MAY_CHANGE = {
    "super_admin": {"own book", "someone's", "nobody's", "elsewhere"},
    "portfolio_manager": {"own book", "someone's", "nobody's"},
    "team_member": {"own book", "nobody's"},
}
ROLES = (
    "super_admin",
    "compliance_officer",
    "portfolio_manager",
    "group_administrator",
    "account_manager",
    "collections_officer",
    "team_member",
    "auditor",
)


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_register_where_and_change_whom(api: Api, world: World, role: str) -> None:
    """Whoever holds the customer may, whatever their role; `viewerActions` has told it."""
    home = await world.office("Lagos")
    offices = {"own": home, "beneath": await world.office(parent=home), "elsewhere": await world.office()}
    viewer, someone = await world.admin(role, office=home), await world.admin("account_manager", office=home)
    customers = {
        "own book": await world.customer(office=offices["elsewhere"], manager=viewer),
        "someone's": await world.customer(office=home, manager=someone),
        "nobody's": await world.customer(office=home),
        "elsewhere": await world.customer(office=offices["elsewhere"]),
    }
    client = await api.sign_in(viewer)
    for where, office in offices.items():
        said = codes(await create(client, office, email=f"{where}@mail.example", phone=f"080312345{len(where)}9"))
        assert said == ([] if where in MAY_CREATE.get(role, ()) else ["FORBIDDEN"]), where
    for whose, customer in customers.items():
        document = "query($id: ID!) { customer(id: $id) { viewerActions { action reason } } }"
        seen = (await client.data(document, {"id": gid(customer)}))["customer"]
        payload = await change(client, customer, name="Changed Name")
        if whose in MAY_CHANGE.get(role, {"own book"}):
            assert (codes(payload), payload["changed"]) == ([], True), whose
        elif seen is None:
            assert codes(payload)[0] == "CUSTOMER_NOT_FOUND"
        else:
            assert codes(payload) == ["FORBIDDEN"], whose
        told = {} if seen is None else {a["action"]: a["reason"] for a in seen["viewerActions"]}
        assert seen is None or (told["UPDATE"] is None) is payload["changed"]
        row = await current(api.database, customer)
        assert row.version == (2 if payload["changed"] else 1)


async def test_nobody_and_customers_write_nothing(api: Api, world: World) -> None:
    lagos, customer = await world.office(), await world.customer()
    borrower = await api.sign_in(customer)
    given = {"kind": "PERSON", "name": "A", "email": "a@b.example", "phone": "08031234567", "officeId": gid(lagos)}
    async with unchanged(api.database):
        assert await api.anonymous.codes(CREATE, {"input": given}) == ["UNAUTHENTICATED"]
        whose = {"input": {"customerId": gid(customer), "expectedVersion": 1, "name": "Mine"}}
        assert await api.anonymous.codes(UPDATE, whose) == ["UNAUTHENTICATED"]
        assert codes(await create(borrower, lagos)) == ["FORBIDDEN"]
        assert codes(await change(borrower, customer, name="Mine")) == ["FORBIDDEN"]
