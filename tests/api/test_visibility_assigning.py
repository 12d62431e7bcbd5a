"""Assigning makes a customer exclusive at once: for the payload, for what follows in the operation, for each list."""

from typing import Any, NamedTuple

import pytest

from gql.db.models import Admin, Customer, Group
from gql.domain.roles import Level, Permission, Role, Scope
from tests.api.client import Api, Client, gid
from tests.factories import World

DISPATCHER = Role(
    key="dispatcher",
    name="Dispatcher",
    description="Hands out customers who are nobody's, and sees no others.",
    permissions=frozenset(
        {
            Permission.CUSTOMER_READ,
            Permission.CUSTOMER_ASSIGN,
            Permission.GROUP_READ,
            Permission.GROUP_MEMBERS_READ,
            Permission.GROUP_MEMBERS_WRITE,
        }
    ),
    assigned=Level.NONE,
    unassigned=Level.FULL,
    scope=Scope.OWN_OFFICE,
)

_ASSIGN = """assignAccountManager(input: { customerId: $customer, accountManagerId: $manager }) {
    changed
    customer { displayName accountManager { name } access { level reason } email }
    assignment { accountManager { name book { totalCount } } customer { id } }
    userErrors { code }
}"""
ASSIGN = f"mutation($customer: ID!, $manager: ID!) {{ {_ASSIGN} }}"
ASSIGN_THEN_ADD = f"""mutation($customer: ID!, $manager: ID!, $group: ID!) {{
    {_ASSIGN}
    addGroupMember(input: {{ groupId: $group, customerId: $customer }}) {{
        membershipEdge {{ node {{ id }} }} userErrors {{ code }}
    }}
}}"""
WAYS = """query($customer: ID!, $manager: ID!, $group: ID!, $term: String!) {
    customer(id: $customer) { displayName }
    node(id: $customer) { id }
    customers { totalCount edges { node { displayName } } }
    found: customers(search: $term) { totalCount }
    admin(id: $manager) { book { totalCount edges { node { displayName } } } }
    group(id: $group) { memberCount members { totalCount edges { node { displayName } } } }
}"""


class Case(NamedTuple):
    """A customer who is nobody's, in a group, and who shall manage them."""

    customer: Customer
    manager: Admin
    group: Group

    @property
    def variables(self) -> dict[str, str]:
        """For the operations above."""
        ids = {"customer": gid(self.customer), "manager": gid(self.manager), "group": gid(self.group)}
        return ids | {"term": self.customer.email}


@pytest.fixture
async def case(world: World) -> Case:
    """The case of each test."""
    await world.role(DISPATCHER)
    manager = await world.admin("account_manager", name="Ada Manager")
    customer = await world.customer(name="Bola Ade")
    return Case(customer, manager, await world.group(members=[customer]))


async def _sees(client: Client, case: Case) -> set[bool]:
    """Whether the ways lead to the customer: one answer where they agree."""
    data = await client.data(WAYS, case.variables)
    lists: list[Any] = [data["customers"], data["admin"]["book"], data["group"]["members"]]
    held = [case.customer.name in [edge["node"]["displayName"] for edge in page["edges"]] for page in lists]
    assert data["group"]["memberCount"] == 1, "a true count, whoever looks"
    assert [page["totalCount"] for page in lists] == [int(one) for one in held]
    return {data["customer"] is not None, data["node"] is not None, data["found"]["totalCount"] == 1, *held}


async def test_who_hands_a_customer_over_loses_sight_with_the_same_request(api: Api, case: Case, world: World) -> None:
    client = await api.sign_in(await world.admin("dispatcher"))
    before = await client.data("query($id: ID!) { customer(id: $id) { access { level } } }", {"id": gid(case.customer)})
    assert before == {"customer": {"access": {"level": "FULL"}}}

    payload = (await client.data(ASSIGN, case.variables))["assignAccountManager"]

    assert payload == {
        "changed": True,
        "customer": None,
        "assignment": {"accountManager": {"name": "Ada Manager", "book": {"totalCount": 0}}, "customer": None},
        "userErrors": [],
    }
    assert await _sees(client, case) == {False}
    again = (await client.data(ASSIGN, case.variables))["assignAccountManager"]
    assert (again["changed"], again["userErrors"]) == (False, [{"code": "CUSTOMER_NOT_FOUND"}])


async def test_what_follows_in_the_same_operation_obeys_too(api: Api, case: Case, world: World) -> None:
    client = await api.sign_in(await world.admin("dispatcher"))

    added = (await client.data(ASSIGN_THEN_ADD, case.variables))["addGroupMember"]

    assert added == {"membershipEdge": None, "userErrors": [{"code": "CUSTOMER_NOT_FOUND"}]}


async def test_a_portfolio_manager_keeps_sight_of_whom_they_assign(api: Api, case: Case, world: World) -> None:
    client = await api.sign_in(await world.admin("portfolio_manager"))

    payload = (await client.data(ASSIGN, case.variables))["assignAccountManager"]

    assert payload["customer"] == {
        "displayName": "Bola Ade",
        "accountManager": {"name": "Ada Manager"},
        "access": {"level": "FULL", "reason": "ROLE_ASSIGNED"},
        "email": case.customer.email,
    }
    assert payload["assignment"] == {
        "accountManager": {"name": "Ada Manager", "book": {"totalCount": 1}},
        "customer": {"id": gid(case.customer)},
    }
    assert await _sees(client, case) == {True}


async def test_those_who_look_on_obey_from_their_next_request(api: Api, case: Case, world: World) -> None:
    """The new manager sees all; a colleague of the same role nothing any more; who serves the office an outline."""
    manager = await api.sign_in(case.manager)
    colleague = await api.sign_in(await world.admin("account_manager"))
    team = await api.sign_in(await world.admin("team_member"))
    levels = "query($customer: ID!) { customer(id: $customer) { access { level } email } }"

    async def seen() -> list[Any]:
        answers = [await client.data(levels, case.variables) for client in (manager, colleague, team)]
        return [a["customer"] and (a["customer"]["access"]["level"], a["customer"]["email"]) for a in answers]

    full, outline = ("FULL", case.customer.email), ("LIMITED", None)
    assert await seen() == [outline, outline, full]
    await (await api.sign_in(await world.admin("super_admin"))).data(ASSIGN, case.variables)
    assert await seen() == [full, None, outline]
    assert await _sees(manager, case) == {True}
    assert await _sees(colleague, case) == {False}
