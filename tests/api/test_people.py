"""Guarantors and next of kin: written down, struck out, at most so many; a guarantor who is a customer is related."""

from typing import Any

import pytest

from gql.db.models import Customer
from gql.domain.ids import Kind
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.factories import World
from tests.profiles import guarantor, next_of_kin
from tests.records import events, unchanged

ERRORS = "changed replayed userErrors { code message field }"
PERSON = "id name relationship phone email address addedBy { name }"
ADD_GUARANTOR = f"""mutation($input: AddGuarantorInput!) {{ addGuarantor(input: $input) {{ {ERRORS}
    guarantor {{ {PERSON} isCustomer customer {{ displayName }} }} customer {{ version guarantors {{ id }} }} }} }}"""
ADD_KIN = f"""mutation($input: AddNextOfKinInput!) {{ addNextOfKin(input: $input) {{ {ERRORS}
    nextOfKin {{ {PERSON} }} customer {{ version nextOfKin {{ id }} }} }} }}"""
REMOVE_GUARANTOR = f"""mutation($input: RemoveGuarantorInput!) {{ removeGuarantor(input: $input) {{ {ERRORS}
    customer {{ guarantors {{ id }} relatedCustomers {{ totalCount }} }} }} }}"""
REMOVE_KIN = f"""mutation($input: RemoveNextOfKinInput!) {{ removeNextOfKin(input: $input) {{ {ERRORS}
    customer {{ nextOfKin {{ id }} }} }} }}"""
RELATED = """query($id: ID!) { customer(id: $id) { relatedCustomers { edges { relation node { displayName } } }
    guarantors { name relationship customer { displayName } } } }"""
EMEKA = {
    "name": " Emeka Obi ",
    "relationship": "brother",
    "phone": "0803 123 4567",
    "email": " Emeka@Mail.EXAMPLE",
    "address": "2 Marina, Lagos",
}


async def send(client: Client, document: str, **given: Any) -> dict[str, Any]:
    """The payload of the document's one mutation; customers and records go by their IDs."""
    sent = {name: gid(value) if hasattr(value, "id") else value for name, value in given.items()}
    [payload] = (await client.data(document, {"input": sent})).values()
    found: dict[str, Any] = payload
    return found


async def related(client: Client, customer: Customer) -> tuple[list[tuple[str, str]], list[dict[str, Any]]]:
    """To whom the customer is related and how, and the guarantors."""
    found = (await client.data(RELATED, {"id": gid(customer)}))["customer"]
    edges = found["relatedCustomers"]["edges"]
    return [(edge["relation"], edge["node"]["displayName"]) for edge in edges], found["guarantors"]


@pytest.mark.parametrize(("document", "remove", "noun"), [
    (ADD_GUARANTOR, REMOVE_GUARANTOR, "guarantor"),
    (ADD_KIN, REMOVE_KIN, "nextOfKin"),
])  # fmt: skip
async def test_somebody_is_written_down_and_struck_out(
    api: Api, world: World, document: str, remove: str, noun: str
) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin", name="Ngozi")), await world.customer()

    payload = await send(client, document, customerId=customer, **EMEKA, idempotencyKey="k")

    person = payload[noun]
    assert (
        person.items()
        >= {
            "name": "Emeka Obi",
            "relationship": "brother",
            "phone": "+2348031234567",
            "email": "emeka@mail.example",
            "address": "2 Marina, Lagos",
            "addedBy": {"name": "Ngozi"},
        }.items()
    )
    lists = "guarantors" if noun == "guarantor" else noun
    assert payload["customer"] == {"version": 1, lists: [{"id": person["id"]}]}
    async with unchanged(api.database):
        again = await send(client, document, customerId=customer, **EMEKA, idempotencyKey="k")
        assert again == payload | {"replayed": True}
        given = EMEKA | {"phone": "none", "email": "none", "name": " ", "relationship": "x" * 201, "address": "a\nb"}
        assert codes(await send(client, document, customerId=customer, **given)) == ["INVALID"] * 5

    gone = await send(client, remove, **{f"{noun}Id": person["id"]}, idempotencyKey="g")

    assert gone["changed"]
    assert gone["customer"][lists] == []
    async with unchanged(api.database):
        assert await send(client, remove, **{f"{noun}Id": person["id"]}, idempotencyKey="g") == gone | {
            "replayed": True
        }
        twice = await send(client, remove, **{f"{noun}Id": person["id"]})
        assert (
            codes(twice) == codes(await send(client, remove, **{f"{noun}Id": unknown(_KINDS[noun])})) == ["NOT_FOUND"]
        )
    action = "customer.guarantor" if noun == "guarantor" else "customer.next_of_kin"
    [added], [removed] = await events(api.database, f"{action}_added"), await events(api.database, f"{action}_removed")
    assert added.details["after"] == removed.details["before"]
    assert added.details["after"]["phone"] == "+2348031234567"


_KINDS = {"guarantor": Kind.GUARANTOR, "nextOfKin": Kind.NEXT_OF_KIN}


async def test_a_guarantor_who_is_a_customer_is_related_and_the_other_way_round(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    ada, bola = await world.customer(name="Ada"), await world.customer(name="Bola")

    payload = await send(client, ADD_GUARANTOR, customerId=ada, guarantorCustomerId=bola, relationship="aunt")

    assert payload["guarantor"] | {"id": None, "addedBy": None} == {
        "id": None,
        "name": None,
        "relationship": "aunt",
        "phone": None,
        "email": None,
        "address": None,
        "addedBy": None,
        "isCustomer": True,
        "customer": {"displayName": "Bola"},
    }
    listed = [{"name": None, "relationship": "aunt", "customer": {"displayName": "Bola"}}]
    assert await related(client, ada) == ([("GUARANTOR", "Bola")], listed)
    assert await related(client, bola) == ([("GUARANTEED", "Ada")], [])
    async with unchanged(api.database):
        again = await send(client, ADD_GUARANTOR, customerId=ada, guarantorCustomerId=bola, relationship="aunt")
        assert (again["changed"], again["guarantor"]["id"]) == (False, payload["guarantor"]["id"])
        for whom, code in ((ada, "INVALID"), (unknown(Kind.CUSTOMER), "CUSTOMER_NOT_FOUND")):
            refused = await send(client, ADD_GUARANTOR, customerId=ada, guarantorCustomerId=whom)
            errors = [(error["code"], error["field"]) for error in refused["userErrors"]]
            assert errors == [(code, ["guarantorCustomerId"])]
        for both in (
            {},
            {"name": "Bola", "guarantorCustomerId": gid(bola)},
            {"guarantorCustomerId": gid(bola), "phone": "1"},
        ):
            given = {"input": {"customerId": gid(ada)} | both}
            assert await client.codes(ADD_GUARANTOR, given) == ["BAD_USER_INPUT"]

    gone = await send(client, REMOVE_GUARANTOR, guarantorId=payload["guarantor"]["id"])

    assert gone["customer"] == {"guarantors": [], "relatedCustomers": {"totalCount": 0}}
    assert await related(client, bola) == ([], [])


async def test_there_are_at_most_so_many(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    other = await world.customer()
    for n in range(10):
        await guarantor(world, customer, name=f"Guarantor {n}")
    for n in range(5):
        await next_of_kin(world, customer, f"Aunt {n}")
    async with unchanged(api.database):
        full = [
            await send(client, ADD_GUARANTOR, customerId=customer, name="One more"),
            await send(client, ADD_GUARANTOR, customerId=customer, guarantorCustomerId=other),
            await send(client, ADD_KIN, customerId=customer, name="One more"),
        ]
    assert [codes(payload) for payload in full] == [["LIMIT_REACHED"]] * 3


async def test_who_may_write_and_strike_out_whose(api: Api, world: World) -> None:
    """Who doesn't see a record is told what they would be of none; a linked guarantor must be seen in full, too."""
    office = await world.office()
    manager, colleague = [await world.admin("account_manager", office=office) for _ in range(2)]
    mine, theirs = (
        await world.customer(office=office, manager=manager),
        await world.customer(office=office, manager=colleague),
    )
    kin, written = await next_of_kin(world, mine), await guarantor(world, mine)
    linked = await guarantor(world, mine, as_customer=theirs)
    client = await api.sign_in(manager)
    roles = ("team_member", "compliance_officer", "account_manager")
    others = {role: await api.sign_in(await world.admin(role, office=office)) for role in roles}
    async with unchanged(api.database):
        hidden = await send(client, ADD_GUARANTOR, customerId=mine, guarantorCustomerId=theirs)
        assert codes(hidden) == ["CUSTOMER_NOT_FOUND"]
        assert codes(await send(client, REMOVE_GUARANTOR, guarantorId=linked)) == ["NOT_ALLOWED"]
        said = {
            "team_member": ["FORBIDDEN"],
            "compliance_officer": ["FORBIDDEN"],
            "account_manager": ["CUSTOMER_NOT_FOUND", "FORBIDDEN"],
        }
        for role, expected in said.items():
            other = others[role]
            assert codes(await send(other, ADD_KIN, customerId=mine, name="A")) == expected, role
            full = role == "compliance_officer"
            gone = ["FORBIDDEN"] if full else ["NOT_FOUND"] + ["FORBIDDEN"] * (role == "account_manager")
            assert codes(await send(other, REMOVE_KIN, nextOfKinId=kin)) == gone, role
            assert codes(await send(other, REMOVE_GUARANTOR, guarantorId=written)) == gone, role
    assert (await send(client, REMOVE_KIN, nextOfKinId=kin))["changed"]
    assert (await send(client, REMOVE_GUARANTOR, guarantorId=written))["changed"]
