"""`relateCustomers` and `unrelateCustomers`: both sides at once, once each, and only between customers seen in full."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from gql.db.models import CustomerRelation
from gql.domain.enums import CustomerStatus
from tests.api.client import Api, gid
from tests.api.mutations import codes
from tests.api.test_people import related, send
from tests.factories import World
from tests.profiles import employment
from tests.records import events, unchanged

_SELECTION = "customer { version relatedCustomers { totalCount } } changed replayed userErrors { code message field }"
RELATE = f"mutation($input: RelateCustomersInput!) {{ relateCustomers(input: $input) {{ {_SELECTION} }} }}"
UNRELATE = f"mutation($input: UnrelateCustomersInput!) {{ unrelateCustomers(input: $input) {{ {_SELECTION} }} }}"
LOANS = """query($id: ID!) { customer(id: $id) { relatedCustomers(relation: EMPLOYEE) {
    totalCount edges { since addedBy { name } node { displayName loans { edges { node { number } } } } } } } }"""


async def pairs(api: Api) -> set[tuple[Any, Any, str]]:
    """Every row: customer, related customer, relation."""
    c = CustomerRelation.__table__.c
    return {tuple(row) for row in await api.database.rows(select(c.customer_id, c.related_id, c.relation))}


@pytest.mark.parametrize(
    ("relation", "inverse"), [("EMPLOYER", "EMPLOYEE"), ("EMPLOYEE", "EMPLOYER"), ("GUARANTEED", "GUARANTOR")]
)
async def test_two_customers_are_related_from_both_sides_and_not_any_more(
    api: Api, world: World, relation: str, inverse: str
) -> None:
    client = await api.sign_in(await world.admin("super_admin", name="Ngozi"))
    ada, bola = await world.customer(name="Ada"), await world.customer(name="Bola")
    link = {"customerId": ada, "relatedCustomerId": bola, "relation": relation}

    payload = await send(client, RELATE, **link, idempotencyKey="k")

    assert payload["customer"] == {"version": 1, "relatedCustomers": {"totalCount": 1}}
    guarantors = [{"name": None, "relationship": None, "customer": {"displayName": "Ada"}}]
    of_bola = guarantors if inverse == "GUARANTOR" else []
    assert await related(client, ada) == ([(relation, "Bola")], [])
    assert await related(client, bola) == ([(inverse, "Ada")], of_bola)
    async with unchanged(api.database):
        assert await send(client, RELATE, **link, idempotencyKey="k") == payload | {"replayed": True}
        assert not (await send(client, RELATE, **link))["changed"]
        other_way = {"customerId": bola, "relatedCustomerId": ada, "relation": inverse}
        assert not (await send(client, RELATE, **other_way))["changed"]
    told = await events(api.database, "customer.related")
    assert {(event.subject_id, event.details["after"]["relation"]) for event in told} == {
        (ada.id, relation),
        (bola.id, inverse),
    }

    assert (await send(client, UNRELATE, **other_way))["changed"]

    assert await related(client, ada) == await related(client, bola) == ([], [])
    async with unchanged(api.database):
        assert not (await send(client, UNRELATE, **link))["changed"]
    assert len(await events(api.database, "customer.unrelated")) == 2


async def test_one_manager_sees_a_companys_loans_together(api: Api, world: World) -> None:
    """Of the employees whom the manager sees; the employer is in the employee's employment."""
    boss, stranger = await world.admin("account_manager", name="Ngozi"), await world.admin("account_manager")
    company = await world.customer(manager=boss, name="Obi Ltd")
    seen, unseen = await world.customer(manager=boss, name="Ada"), await world.customer(manager=stranger, name="Bola")
    loan = await world.loan(seen)
    await employment(world, unseen, company)
    client = await api.sign_in(boss)
    await send(client, RELATE, customerId=company, relatedCustomerId=seen, relation="EMPLOYEE")

    found = (await client.data(LOANS, {"id": gid(company)}))["customer"]["relatedCustomers"]

    assert found["totalCount"] == 1
    [edge] = found["edges"]
    assert edge["since"]
    assert edge["addedBy"] == {"name": "Ngozi"}
    assert edge["node"] == {"displayName": "Ada", "loans": {"edges": [{"node": {"number": loan.number}}]}}
    employer = "query($id: ID!) { customer(id: $id) { employment { employer { displayName } } } }"
    by_manager = (await client.data(employer, {"id": gid(seen)}))["customer"]["employment"]["employer"]
    other = await api.sign_in(stranger)
    by_stranger = (await other.data(employer, {"id": gid(unseen)}))["customer"]["employment"]["employer"]
    assert (by_manager, by_stranger) == ({"displayName": "Obi Ltd"}, None)


async def test_of_many_at_once_from_both_sides_one_relates_and_there_is_one_employer(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    ada, bola, third = await world.customers(3)
    there = {"customerId": ada, "relatedCustomerId": bola, "relation": "EMPLOYER"}
    back = {"customerId": bola, "relatedCustomerId": ada, "relation": "EMPLOYEE"}
    elsewhere = {"customerId": third, "relatedCustomerId": ada, "relation": "EMPLOYEE"}
    payloads = await asyncio.gather(*(send(client, RELATE, **link) for link in (there, back, elsewhere) * 3))
    assert sum(payload["changed"] for payload in payloads) == 1
    assert {code for payload in payloads for code in codes(payload)} == {"NOT_ALLOWED"}
    assert len(await pairs(api)) == 2


async def test_a_relation_of_both_kinds_is_two_and_each_goes_alone(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    ada, bola = await world.customers(2)
    for relation in ("EMPLOYER", "GUARANTOR", "GUARANTEED"):
        assert (await send(client, RELATE, customerId=ada, relatedCustomerId=bola, relation=relation))["changed"]
    assert len(await pairs(api)) == 6
    await send(client, UNRELATE, customerId=ada, relatedCustomerId=bola, relation="GUARANTOR")
    assert await pairs(api) == {
        (ada.id, bola.id, "EMPLOYER"),
        (bola.id, ada.id, "EMPLOYEE"),
        (ada.id, bola.id, "GUARANTEED"),
        (bola.id, ada.id, "GUARANTOR"),
    }


async def test_both_must_be_seen_in_full_and_neither_be_archived(api: Api, world: World) -> None:
    office, away = await world.office(), await world.office()
    manager = await world.admin("account_manager", office=office)
    mine, second = await world.customers(2, office=office, manager=manager)
    outline, hidden = await world.customer(office=office), await world.customer(office=away)
    archived = await world.customer(office=away, manager=manager, status=CustomerStatus.ARCHIVED)
    client, borrower = await api.sign_in(manager), await api.sign_in(mine)
    expected = {
        "itself": (mine, mine, ["INVALID"]),
        "seen in part": (mine, outline, ["FORBIDDEN"]),
        "unseen": (mine, hidden, ["CUSTOMER_NOT_FOUND"]),
        "archived": (mine, archived, ["CUSTOMER_ARCHIVED"]),
        "from an archived one": (archived, mine, ["CUSTOMER_ARCHIVED"]),
        "from one seen in part": (outline, mine, ["FORBIDDEN"]),
        "from an unseen one": (hidden, mine, ["CUSTOMER_NOT_FOUND", "FORBIDDEN"]),
    }
    async with unchanged(api.database):
        for name, (customer, other, said) in expected.items():
            for document in (RELATE, UNRELATE):
                link = {"customerId": customer, "relatedCustomerId": other, "relation": "EMPLOYER"}
                assert codes(await send(client, document, **link)) == said, name
        no_customer = RELATE.replace("customer { version relatedCustomers { totalCount } }", "")
        link = {"customerId": mine, "relatedCustomerId": second, "relation": "EMPLOYER"}
        assert codes(await send(borrower, no_customer, **link)) == ["FORBIDDEN"]
    assert (await send(client, RELATE, **link))["changed"]
