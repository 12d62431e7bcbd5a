"""Pages of lists below each row of a list: every parent has a page of its own."""

from dataclasses import dataclass
from json import dumps
from typing import Any

from gql.db.models import Admin, Customer, Group, Office
from tests.api.client import Api, gid
from tests.api.paging_lists import read_page
from tests.api.reading import rows, shared
from tests.factories import World


@dataclass(frozen=True)
class Crossed:
    """Four customers, each in three groups, joined in no order that names would give; the outsider is in none."""

    office: Office
    viewer: Admin
    outsider: Customer
    customers: list[Customer]
    groups: list[Group]
    joined: list[tuple[Customer, Group]]
    """In the order in which they joined."""

    @property
    def newest_first(self) -> list[tuple[str, str]]:
        """The IDs of customer and group of each membership."""
        return [(gid(customer), gid(group)) for customer, group in reversed(self.joined)]


async def _crossed(world: World) -> Crossed:
    office = await world.office("Only")
    viewer = await world.admin("super_admin", office=office)
    outsider = await world.customer(office=office, name="A")
    customers = [await world.customer(office=office, name=name, manager=viewer) for name in "BCDE"]
    groups = [await world.group(name) for name in "XYZ"]
    joined = [(customers[n * 3 % 4], groups[n * 2 % 3]) for n in range(12)]
    assert len({(customer.id, group.id) for customer, group in joined}) == 12
    for customer, group in joined:
        await world.membership(group, customer)
    return Crossed(office, viewer, outsider, customers, groups, joined)


crossed, database_url = shared(_crossed)


async def test_each_customer_has_the_first_of_their_own_groups(api: Api, crossed: Crossed) -> None:
    client = await api.sign_in(crossed.viewer)
    query = """
    { customers { edges { node { id groups(first: 2) {
      totalCount pageInfo { hasNextPage hasPreviousPage } edges { node { id } }
    } } } } }
    """
    found = {node["id"]: node["groups"] for node in rows((await client.data(query))["customers"])}
    empty = {"hasNextPage": False, "hasPreviousPage": False}
    assert found.pop(gid(crossed.outsider)) == {"totalCount": 0, "pageInfo": empty, "edges": []}
    assert len(found) == 4
    for customer in crossed.customers:
        expected = [group for one, group in crossed.newest_first if one == gid(customer)]
        groups = found[gid(customer)]
        assert [node["id"] for node in rows(groups)] == expected[:2]
        assert groups["totalCount"] == 3
        assert groups["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}


async def test_each_group_has_the_last_of_its_own_members(api: Api, crossed: Crossed) -> None:
    client = await api.sign_in(crossed.viewer)
    query = """
    { groups { edges { node { id members(last: 3) {
      totalCount pageInfo { hasNextPage hasPreviousPage } edges { node { id } }
    } } } } }
    """
    for node in rows((await client.data(query))["groups"]):
        expected = [customer for customer, one in crossed.newest_first if one == node["id"]]
        assert [member["id"] for member in rows(node["members"])] == expected[1:]
        assert node["members"]["totalCount"] == 4
        assert node["members"]["pageInfo"] == {"hasNextPage": False, "hasPreviousPage": True}


async def test_cursors_of_one_parents_list_bound_the_lists_of_all(api: Api, crossed: Crossed) -> None:
    """The place is a moment here: each group shows its members who joined between the two."""
    client = await api.sign_in(crossed.viewer)
    one = "query($id: ID!) { group(id: $id) { members(PAGE) ROWS } }"
    page = await read_page(client, one, {"id": gid(crossed.groups[0])}, first=100)
    newest, oldest = page.cursors[0], page.cursors[-1]
    bounded = f"members(after: {dumps(newest)}, before: {dumps(oldest)}) {{ edges {{ node {{ id }} }} }}"
    found = rows((await client.data(f"{{ groups {{ edges {{ node {{ id {bounded} }} }} }} }}"))["groups"])
    newest_first = crossed.newest_first
    places = [place for place, (_, group) in enumerate(newest_first) if group == gid(crossed.groups[0])]
    between = newest_first[places[0] + 1 : places[-1]]
    members = {node["id"]: [member["id"] for member in rows(node["members"])] for node in found}
    assert members == {gid(group): [one for one, of in between if of == gid(group)] for group in crossed.groups}
    assert len(members[gid(crossed.groups[0])]) == 2


async def test_the_same_list_twice_with_other_pages_is_two_lists(api: Api, crossed: Crossed) -> None:
    client = await api.sign_in(crossed.viewer)
    query = """
    query($id: ID!) { admin(id: $id) {
      first: book(first: 1) { edges { node { displayName } } }
      last: book(last: 1) { edges { node { displayName } } }
      all: book { totalCount edges { node { displayName } } }
    } }
    """
    admin = (await client.data(query, {"id": gid(crossed.viewer)}))["admin"]
    of: dict[str, Any] = {name: [node["displayName"] for node in rows(admin[name])] for name in admin}
    assert of == {"first": ["B"], "last": ["E"], "all": ["B", "C", "D", "E"]}


async def test_a_bad_page_of_a_nullable_list_is_null_and_spares_the_rest(api: Api, crossed: Crossed) -> None:
    client = await api.sign_in(crossed.viewer)
    query = "query($id: ID!) { customer(id: $id) { displayName groups(first: 0) { totalCount } loans { totalCount } } }"
    answer = await client.answer(query, {"id": gid(crossed.customers[0])})
    assert answer["data"] == {"customer": {"displayName": "B", "groups": None, "loans": {"totalCount": 0}}}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["customer", "groups"], "BAD_USER_INPUT")
