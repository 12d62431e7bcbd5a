"""`group.members`, filtered, searched and sorted: as the list of customers is, of the group's members alone."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import update

from gql.db.models import Admin, Customer, Group
from gql.db.queries import customer_few
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerStatus
from gql.domain.listing import CustomerOrderField
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import today
from tests.api.client import Api, Client, gid
from tests.api.mutations import as_admin, shared_lender
from tests.databases import DatabaseKind
from tests.factories import World
from tests.sql_counter import count_statements

MEMBERS = """
query($id: ID!, $f: SavedFilterInput, $s: String, $o: CustomerOrder, $n: Int, $a: String, $l: Int, $b: String) {
  group(id: $id) {
    members(filter: $f, search: $s, orderBy: $o, first: $n, after: $a, last: $l, before: $b) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor since addedBy { id } reason node { id } }
    }
  }
}
"""
CUSTOMERS = """
query($f: CustomerFilter, $s: String, $o: CustomerOrder) {
  customers(filter: $f, search: $s, orderBy: $o, first: 100) { totalCount edges { node { id } } }
}
"""


class Lender(NamedTuple):
    """A viewer for each role, a group, and those who are in it and who aren't."""

    admins: dict[str, Admin]
    group: Group
    other: Group
    members: list[Customer]
    ids: dict[str, str]


async def _build(world: World) -> Lender:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    admins = {role: await world.admin(role, office=lagos, name=f"Viewer {role}") for role in BUILT_IN_ROLES}
    managers = [admins["account_manager"], await world.admin("account_manager", office=lagos, name="Zed"), None]
    statuses, tiers = list(CustomerStatus), [*CustomerTier, None]
    people = [
        await world.customer(
            name=f"{['Ada', 'Bola', 'Chi', 'Dayo'][n % 4]} {n:02}",
            office=(lagos, kano)[n % 5 == 4],
            manager=managers[n % 3],
            status=statuses[n % len(statuses)] if n % 2 else CustomerStatus.ACTIVE,
        )
        for n in range(24)
    ]
    async with world.database.begin() as session:
        for n, one in enumerate(people):
            facts = {
                "tier": tiers[n % len(tiers)],
                "oldest_unpaid_due_on": today() - timedelta(days=n) if n % 3 else None,
            }
            await session.execute(update(Customer).where(Customer.id == one.id).values(facts))
    members = [one for n, one in enumerate(people) if n % 4 != 3]
    group, other = await world.group("SME"), await world.group("Farmers", members=people[::2])
    for place, one in enumerate(members):
        await world.membership(group, one, added_by=admins["super_admin"], reason=f"reason {place}")
    ids = {"lagos": gid(lagos), "other": gid(other), "zed": gid(managers[1])}
    return Lender(admins, group, other, members, ids)


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def members(client: Client, lender: Lender, **given: Any) -> dict[str, Any]:
    """The list."""
    asked = {"id": gid(lender.group), "n": 100} | given
    found: dict[str, Any] = (await client.data(MEMBERS, asked))["group"]["members"]
    return found


def ids_of(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in found["edges"]]


FILTERS: list[dict[str, Any]] = [
    {},
    {"status": ["ACTIVE"]},
    {"status": ["ACTIVE", "SUSPENDED"]},
    {"status": []},
    {"officeId": "lagos", "includeSubtree": True},
    {"hasAccountManager": False},
    {"hasAccountManager": True, "status": ["ACTIVE"]},
    {"accountManagerId": "zed"},
    {"groupId": "other"},
    {"tier": ["GOLD"]},
    {"created": {"from": "2020-01-01T00:00:00Z"}},
    {"daysPastDue": {"min": 5, "max": 15}},
    {"daysPastDue": {"max": 0}},
]
SEARCHES = [None, "ada", "Bola 0", "C0000"]
ORDERS = [None, *CustomerOrderField]


@pytest.mark.parametrize("role", ["super_admin", "group_administrator", "account_manager"])
async def test_it_is_the_list_of_customers_of_whom_are_members(
    role: str, shared: tuple[str, Lender], tmp_path: Path
) -> None:
    """For every order and filter; whoever lists customers in that way sees the members among them, and no others."""
    url, lender = shared
    among = {gid(one) for one in lender.members}
    async with as_admin(url, tmp_path, lender.admins[role]) as (_, client):
        for given in FILTERS:
            wanted = {
                name: lender.ids.get(value, value) if isinstance(value, str) else value for name, value in given.items()
            }
            for search in SEARCHES if not given else [None, "ada"]:
                for order in ORDERS if not (given or search) else ORDERS[:2]:
                    by = None if order is None else {"field": order, "direction": "DESC"}
                    listed = await client.data(CUSTOMERS, {"f": wanted, "s": search, "o": by or {"field": "NAME"}})
                    expected = [one for one in ids_of(listed["customers"]) if one in among]
                    found = await members(client, lender, f=wanted, s=search, o=by)
                    assert found["totalCount"] == len(expected), (given, search, order)
                    if order is None:
                        assert sorted(ids_of(found)) == sorted(expected), (given, search)
                        since = [edge["since"] for edge in found["edges"]]
                        assert all(one >= two for one, two in pairwise(since))
                    else:
                        assert ids_of(found) == expected, (given, search, order)


@pytest.mark.parametrize("few", [0, 5_000])
@pytest.mark.parametrize("order", ORDERS)
async def test_pages_are_the_whole_list_both_ways(
    order: CustomerOrderField | None,
    few: int,
    shared: tuple[str, Lender],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also of a group too large to read all of its members; with the facts of the membership on each edge."""
    monkeypatch.setattr(customer_few, "SMALL", few)
    url, lender = shared
    async with as_admin(url, tmp_path, lender.admins["super_admin"]) as (_, client):
        for direction in ("ASC", "DESC") if order else ("DESC",):
            by = None if order is None else {"field": order, "direction": direction}
            whole = await members(client, lender, o=by, f={"status": ["ACTIVE", "SUSPENDED", "PENDING"]})
            ordered: dict[str, Any] = {"o": by, "f": {"status": ["ACTIVE", "SUSPENDED", "PENDING"]}}
            forwards: list[Any] = []
            page = await members(client, lender, **ordered, n=4)
            while True:
                forwards += page["edges"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
                page = await members(client, lender, **ordered, n=4, a=page["pageInfo"]["endCursor"])
            assert forwards == whole["edges"]
            backwards: list[Any] = []
            page = await members(client, lender, **ordered, n=None, l=4)
            while True:
                backwards = page["edges"] + backwards
                if not page["pageInfo"]["hasPreviousPage"]:
                    break
                page = await members(client, lender, **ordered, n=None, l=4, b=page["pageInfo"]["startCursor"])
            assert backwards == whole["edges"]
            places = {gid(one): place for place, one in enumerate(lender.members)}
            for edge in whole["edges"]:
                assert edge["reason"] == f"reason {places[edge['node']['id']]}"
                assert edge["addedBy"] == {"id": gid(lender.admins["super_admin"])}


async def test_what_is_withheld_is_not_searched_by(shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Neither as a filter nor looked up: nothing below a group is a look-up that would be on record."""
    url, lender = shared
    one = lender.members[0]
    async with as_admin(url, tmp_path, lender.admins["group_administrator"]) as (_, client):
        assert ids_of(await members(client, lender, s=one.email)) == []
        assert ids_of(await members(client, lender, s=one.number)) == [gid(one)]
        assert ids_of(await members(client, lender, f={"tier": ["GOLD", "SILVER", "BRONZE", "PLATINUM"]})) == []
    async with as_admin(url, tmp_path, lender.admins["super_admin"]) as (_, client):
        assert ids_of(await members(client, lender, s=one.email)) == [gid(one)]
        assert ids_of(await members(client, lender, s=one.phone)) == [gid(one)]


async def test_two_groups_are_filtered_each_by_itself(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared
    document = """query($o: CustomerOrder) { groups(first: 2) { edges { node { id
        members(filter: {status: [ACTIVE]}, orderBy: $o, first: 100) { edges { node { id status } } } } } } }"""
    async with as_admin(url, tmp_path, lender.admins["super_admin"]) as (_, client):
        for order in (None, {"field": "NAME"}):
            found = {
                edge["node"]["id"]: edge["node"]["members"]
                for edge in (await client.data(document, {"o": order}))["groups"]["edges"]
            }
            for group in (lender.group, lender.other):
                listed = await client.data(CUSTOMERS, {"f": {"groupId": gid(group), "status": ["ACTIVE"]}})
                assert sorted(ids_of(found[gid(group)])) == sorted(ids_of(listed["customers"]))


async def test_malformed_arguments_are_told(shared: tuple[str, Lender], tmp_path: Path) -> None:
    url, lender = shared
    async with as_admin(url, tmp_path, lender.admins["super_admin"]) as (_, client):
        by_name = await members(client, lender, o={"field": "NAME"}, n=1)
        wrong: list[dict[str, Any]] = [
            {"s": " - "},
            {"f": {"groupId": gid(lender.members[0])}},
            {"n": 0},
            {"a": by_name["pageInfo"]["endCursor"]},
            {"a": by_name["pageInfo"]["endCursor"], "o": {"field": "NUMBER"}},
        ]
        for given in wrong:
            assert await client.codes(MEMBERS, {"id": gid(lender.group)} | given) == ["BAD_USER_INPUT"], given


async def test_who_may_not_list_members_gets_nothing(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin())
    assert await client.codes(MEMBERS, {"id": gid(await world.group())}) == ["FORBIDDEN"]


@pytest.mark.parametrize("order", [None, {"field": "NAME"}, {"field": "TIER"}])
async def test_statements_do_not_grow_with_the_members(order: Any, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    numbers = set()
    for how_many in (2, 30):
        group = await world.group(members=await world.customers(how_many))
        with count_statements(api.database) as counted:
            found = await client.data(MEMBERS, {"id": gid(group), "o": order, "f": {"status": ["ACTIVE"]}, "n": 100})
        assert found["group"]["members"]["totalCount"] == how_many
        numbers.add(len(counted.statements))
    assert len(numbers) == 1, numbers
