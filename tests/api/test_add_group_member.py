"""`addGroupMember` puts a customer into a group, and everything that shows the group agrees."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text

from gql.db.models import Admin, Customer
from gql.domain.enums import SubjectKind
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import ADD, add, add_input, codes
from tests.factories import World
from tests.records import current, events, memberships, outbox, unchanged


class Desk(NamedTuple):
    """A portfolio manager, who signs in."""

    boss: Admin
    client: Client


@pytest.fixture
async def desk(api: Api, world: World) -> Desk:
    boss = await world.admin("portfolio_manager")
    return Desk(boss, await api.sign_in(boss))


async def test_a_customer_joins_a_group(api: Api, world: World, desk: Desk) -> None:
    customer, other = await world.customers(2)
    group = await world.group(members=[other])
    before = now()

    payload = await add(desk.client, group, customer, reason="Borrows for a shop")

    assert codes(payload) == []
    assert payload["warnings"] == []
    assert payload["group"] == {"id": gid(group), "memberCount": 2}
    [_, row] = await memberships(api.database, group)
    assert before <= row.since <= now()
    assert (row.customer_id, row.until, row.added_by_id) == (customer.id, None, desk.boss.id)
    facts = {"until": None, "reason": "Borrows for a shop", "addedBy": {"id": gid(desk.boss)}}
    membership, edge = payload["membership"], payload["membershipEdge"]
    assert membership.items() >= {**facts, "customer": {"id": gid(customer)}, "group": {"id": gid(group)}}.items()
    assert edge.items() >= {**facts, "node": {"id": gid(customer)}, "since": membership["since"]}.items()
    assert (await current(api.database, group)).member_count == 2


def _by_email(customer: Customer) -> dict[str, str]:
    return {"email": customer.email}


def _by_shouted_email(customer: Customer) -> dict[str, str]:
    return {"email": f" {customer.email.upper()}\n"}


def _by_number(customer: Customer) -> dict[str, str]:
    return {"number": customer.number}


def _by_small_number(customer: Customer) -> dict[str, str]:
    return {"number": f" {customer.number.lower()} "}


@pytest.mark.parametrize("identified", [_by_email, _by_shouted_email, _by_number, _by_small_number])
async def test_a_customer_is_found_by_what_staff_have_at_hand(
    api: Api, world: World, desk: Desk, identified: Callable[[Customer], dict[str, str]]
) -> None:
    """The whole email or the number, in whatever case it was typed; it needs no ID."""
    customer = await world.customer(email="ngozi.eze@mail.example", number="C004711")
    group = await world.group()

    payload = await add(desk.client, group, **identified(customer))

    assert codes(payload) == []
    assert payload["membership"]["customer"] == {"id": gid(customer)}
    [event] = await events(api.database, "group.member_added")
    assert event.details["found_by"] == next(iter(identified(customer)))


_LISTS = """
query($group: ID!, $customer: ID!) {
  group(id: $group) {
    memberCount
    members { totalCount edges { cursor since until reason addedBy { id } node { id } } }
  }
  customer(id: $customer) { version groups { totalCount edges { since until reason addedBy { id } node { id } } } }
  customers(filter: {groupId: $group}) { totalCount nodes: edges { node { id } } }
  groups { edges { node { id memberCount } } }
}
"""


async def test_all_lists_agree_afterwards(api: Api, world: World, desk: Desk) -> None:
    """The members listing in its order, the customer's Groups tab, the filter, and the group's count."""
    customer, *others = await world.customers(3)
    group = await world.group(members=others)

    payload = await add(desk.client, group, customer, reason="Since May")

    data = await desk.client.data(_LISTS, {"group": gid(group), "customer": gid(customer)})
    edges = data["group"]["members"]["edges"]
    assert edges[0] == payload["membershipEdge"]
    assert [edge["node"]["id"] for edge in edges] == [gid(customer), gid(others[1]), gid(others[0])]
    assert data["group"]["memberCount"] == data["group"]["members"]["totalCount"] == 3
    tab = data["customer"]["groups"]
    shared = ("since", "until", "reason", "addedBy")
    assert tab["totalCount"] == 1
    assert tab["edges"] == [{name: payload["membershipEdge"][name] for name in shared} | {"node": {"id": gid(group)}}]
    assert data["customers"]["totalCount"] == 3
    assert data["groups"]["edges"] == [{"node": {"id": gid(group), "memberCount": 3}}]
    assert data["customer"]["version"] == 1, "joining a group is no change of the customer's record"


async def test_the_listing_goes_on_after_the_new_member(api: Api, world: World, desk: Desk) -> None:
    """The edge's cursor is one of the listing's own: a console pages on from it."""
    customer, *others = await world.customers(3)
    group = await world.group(members=others)

    cursor = (await add(desk.client, group, customer))["membershipEdge"]["cursor"]

    query = "query($id: ID!, $after: String) { group(id: $id) { members(after: $after) { edges { node { id } } } } }"
    data = await desk.client.data(query, {"id": gid(group), "after": cursor})
    listed = [edge["node"]["id"] for edge in data["group"]["members"]["edges"]]
    assert listed == [gid(others[1]), gid(others[0])]


async def test_the_addition_is_on_record_and_sends_no_mail(api: Api, world: World, desk: Desk) -> None:
    customer, group = await world.customer(), await world.group()

    response = await desk.client.post(ADD, add_input(group, customer, reason="Since May"))

    [membership] = await memberships(api.database, group)
    [event] = await events(api.database, "group.member_added")
    assert (event.actor_kind, event.actor_id) == (SubjectKind.ADMIN, desk.boss.id)
    assert (event.subject_kind, event.subject_id) == ("group", group.id)
    assert event.request_id == response.headers["X-Request-Id"]
    assert event.details == {
        "customer_id": str(customer.id),
        "membership_id": str(membership.id),
        "found_by": "customerId",
        "reason": "Since May",
    }
    assert await outbox(api.database) == []


async def test_who_has_left_may_come_back(api: Api, world: World, desk: Desk) -> None:
    """As a new membership; the past one stays as it was."""
    customer, group = await world.customer(), await world.group()
    past = await world.membership(group, customer, until=now())

    payload = await add(desk.client, group, customer)

    assert (codes(payload), payload["group"]["memberCount"]) == ([], 1)
    rows = await memberships(api.database, group)
    assert [(row.id == past.id, row.until is None) for row in rows] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("members", "maximum", "message"),
    [
        (3, 5, None),
        (4, 5, "The group is full now."),
        (7, 10, None),
        (8, 10, "The group has room for 1 more."),
        (0, 1, "The group is full now."),
        (5, None, None),
    ],
)
async def test_a_group_that_fills_up_says_so(
    world: World, desk: Desk, members: int, maximum: int | None, message: str | None
) -> None:
    """From nine tenths on, and the customer is in all the same."""
    customer, *others = await world.customers(members + 1)
    group = await world.group(maximum=maximum, members=others)

    payload = await add(desk.client, group, customer)

    assert codes(payload) == []
    assert payload["group"]["memberCount"] == members + 1
    warned = [] if message is None else [{"code": "GROUP_NEARLY_FULL", "message": message}]
    assert payload["warnings"] == warned


async def test_a_customer_who_meets_the_criteria_joins(api: Api, world: World, desk: Desk) -> None:
    """Of an office beneath the one that the criteria name."""
    lagos = await world.office("Lagos")
    ikeja = await world.office("Ikeja", parent=lagos)
    customer = await world.customer(office=ikeja)
    in_lagos = {"office": {"in": [str(lagos.id)], "include_subtree": True}}
    group = await world.group(criteria={"all": [{"status": {"in": ["ACTIVE"]}}, in_lagos]})
    client = await api.sign_in(await world.admin("super_admin"))

    assert codes(await add(client, group, customer)) == []


async def test_groups_of_categories_that_do_not_exclude_each_other_share_customers(
    api: Api, world: World, desk: Desk
) -> None:
    """Nor does a wall stand once the customer has left the other group."""
    low, watch = await world.risk_category("Low"), await world.risk_category("Watch")
    high = await world.risk_category("High", excludes=[low])
    customer = await world.customer()
    await world.membership(await world.group(risk_category=low), customer, until=now())

    for category in (watch, high, None):
        assert codes(await add(desk.client, await world.group(risk_category=category), customer)) == []


@pytest.mark.parametrize("table", ["audit_events", "idempotency_keys"])
async def test_a_failure_half_way_leaves_nothing_behind(api: Api, world: World, desk: Desk, table: str) -> None:
    """Membership, count and record are one transaction."""
    customer, group = await world.customer(), await world.group()

    async def rename(one: str, other: str) -> None:
        async with api.database.begin() as session:
            await session.execute(text(f"ALTER TABLE {one} RENAME TO {other}"))

    async with unchanged(api.database):
        await rename(table, "elsewhere")
        failed = await desk.client.codes(ADD, add_input(group, customer, idempotencyKey="k"))
        await rename("elsewhere", table)

    assert failed == ["INTERNAL_SERVER_ERROR"]
    assert codes(await add(desk.client, group, customer, idempotencyKey="k")) == []


async def test_several_customers_are_added_in_one_request(world: World, desk: Desk) -> None:
    """Each answer shows the group as that addition left it."""
    one, two = await world.customers(2)
    group = await world.group()
    document = """
    mutation($one: AddGroupMemberInput!, $two: AddGroupMemberInput!) {
      one: addGroupMember(input: $one) { group { memberCount members { totalCount } } }
      two: addGroupMember(input: $two) { group { memberCount members { totalCount } } }
    }"""
    inputs: dict[str, Any] = {"one": add_input(group, one)["input"], "two": add_input(group, two)["input"]}

    data = await desk.client.data(document, inputs)

    assert data["one"]["group"] == {"memberCount": 1, "members": {"totalCount": 1}}
    assert data["two"]["group"] == {"memberCount": 2, "members": {"totalCount": 2}}
