"""`removeGroupMember`: out of the group at once, and on record for auditors; refusals change nothing."""

from typing import Any

import pytest

from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, gid
from tests.api.keeping_groups import REMOVE, codes, remove
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, memberships, unchanged

FORMER = """
query($id: ID!) { group(id: $id) { memberCount members { totalCount } formerMembers(first: 10) {
  totalCount edges { node { id until reason removedBy { id } removalReason customer { id } } }
} } }
"""
KEEPERS = {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}


async def test_who_is_removed_is_out_and_the_membership_on_record(api: Api, world: World) -> None:
    office = await world.office()
    keeper = await world.admin("group_administrator", office=office)
    first, second = [await world.customer(office=office) for _ in range(2)]
    group = await world.group(members=[first, second])
    client = await api.sign_in(keeper)

    done = await remove(client, group, first)

    assert codes(done) == []
    assert done["group"] == {"id": gid(group), "memberCount": 1}
    ended = done["membership"]
    assert (ended["removedBy"], ended["removalReason"], ended["customer"]) == (
        {"id": gid(keeper)},
        "Paid back",
        {"id": gid(first)},
    )
    assert ended["until"] >= ended["since"]
    [event] = await events(api.database, "group.member_removed")
    assert (event.actor_id, event.subject_id, event.details["reason"]) == (keeper.id, group.id, "Paid back")
    assert event.customer_id == first.id
    assert codes(await add(client, group, first)) == [], "they can come back"
    assert (await current(api.database, group)).member_count == 2
    assert len(await memberships(api.database, group)) == 3


async def test_a_customer_is_named_as_when_they_are_added(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    people = [await world.customer() for _ in range(2)]
    group = await world.group(members=people)
    assert codes(await remove(client, group, email=people[0].email.upper())) == []
    assert codes(await remove(client, group, number=people[1].number.lower())) == []
    assert (await current(api.database, group)).member_count == 0
    async with unchanged(api.database):
        for wrong in ({}, {"email": "a@b.example", "number": "C1"}, {"customerId": gid(group)}):
            given = {"groupId": gid(group), "reason": "Paid back", **wrong}
            assert await client.codes(REMOVE, {"input": given}) == ["BAD_USER_INPUT"]
        given = {"groupId": gid(group), "customerId": gid(people[0]), "reason": " "}
        assert await client.codes(REMOVE, {"input": given}) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("status", [CustomerStatus.SUSPENDED, CustomerStatus.BLACKLISTED, CustomerStatus.ARCHIVED])
@pytest.mark.parametrize("of_group", [GroupStatus.SUSPENDED, GroupStatus.ARCHIVED])
async def test_whoever_must_go_can_go(status: CustomerStatus, of_group: GroupStatus, api: Api, world: World) -> None:
    customer = await world.customer(status=status)
    group = await world.group(status=of_group, members=[customer])
    assert codes(await remove(await api.sign_in(await world.admin("super_admin")), group, customer)) == []


async def test_who_falls_below_the_minimum_is_warned(api: Api, world: World) -> None:
    people = [await world.customer() for _ in range(3)]
    group = await world.group(members=people, minimum=2)
    client = await api.sign_in(await world.admin("super_admin"))
    assert (await remove(client, group, people[0]))["warnings"] == []
    done = await remove(client, group, people[1], idempotencyKey="k")
    assert [warning["code"] for warning in done["warnings"]] == ["BELOW_MINIMUM"]
    assert "1 members, fewer than the 2" in done["warnings"][0]["message"]
    async with unchanged(api.database):
        again = await remove(client, group, people[1], idempotencyKey="k")
        other = await remove(client, group, people[2], idempotencyKey="k")
    assert (again["replayed"], again["warnings"], again["membership"]) == (True, done["warnings"], done["membership"])
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]


async def test_why_nobody_is_removed(api: Api, world: World) -> None:
    """Also who was a member and is not any more; who isn't visible is not there, in the group or not."""
    home, away = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("group_administrator", office=home))
    member, other, hidden = [await world.customer(office=office) for office in (home, home, away)]
    group = await world.group(members=[member, hidden])
    await remove(client, group, member)
    async with unchanged(api.database):
        for customer, expected in (
            (member, ["NOT_A_MEMBER"]),
            (other, ["NOT_A_MEMBER"]),
            (hidden, ["CUSTOMER_NOT_FOUND"]),
        ):
            assert codes(await remove(client, group, customer)) == expected
        nowhere = {"groupId": unknown(Kind.GROUP), "customerId": unknown(Kind.CUSTOMER)}
        assert codes(await remove(client, group, **nowhere)) == ["CUSTOMER_NOT_FOUND", "GROUP_NOT_FOUND"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_removes(role: str, api: Api, world: World) -> None:
    office = await world.office()
    admin = await world.admin(role, office=office)
    customer = await world.customer(office=office)
    group = await world.group(members=[customer])
    client = await api.sign_in(admin)
    if role in KEEPERS:
        assert codes(await remove(client, group, customer)) == []
        return
    async with unchanged(api.database):
        assert codes(await remove(client, group, customer)) == ["FORBIDDEN"]


async def test_without_sign_in_or_as_a_customer_nothing_happens(api: Api, world: World) -> None:
    customer = await world.customer()
    group = await world.group(members=[customer])
    own = await api.sign_in(customer)
    async with unchanged(api.database):
        given = {"input": {"groupId": gid(group), "customerId": gid(customer), "reason": "Out"}}
        assert await api.anonymous.codes(REMOVE, given) == ["UNAUTHENTICATED"]
        assert codes(await remove(own, group, customer)) == ["FORBIDDEN"]


async def former(api: Api, admin: Any, group: Any) -> Any:
    """What an admin is shown of who was in the group."""
    return (await (await api.sign_in(admin)).data(FORMER, {"id": gid(group)}))["group"]["formerMembers"]


async def test_auditors_see_who_was_in_the_group_as_far_as_they_see_the_customer(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    keeper = await world.admin("super_admin")
    one, two, hidden = [await world.customer(office=office) for office in (home, home, away)]
    group = await world.group(members=[one, two, hidden])
    client = await api.sign_in(keeper)
    for customer in (one, hidden, two):
        await remove(client, group, customer)

    seen = await former(api, await world.admin("auditor"), group)

    assert seen["totalCount"] == 3
    nodes = [edge["node"] for edge in seen["edges"]]
    assert [node["customer"]["id"] for node in nodes] == [gid(two), gid(hidden), gid(one)], "the last first"
    assert {(node["removedBy"]["id"], node["removalReason"]) for node in nodes} == {(gid(keeper), "Paid back")}
    node = "query($id: ID!) { node(id: $id) { ... on Membership { removalReason } } }"
    for role, found in (("auditor", {"removalReason": "Paid back"}), ("collections_officer", None)):
        viewer = await api.sign_in(await world.admin(role, office=home))
        assert (await viewer.data(node, {"id": nodes[0]["id"]}))["node"] == found
    assert await former(api, await world.admin("group_administrator", office=home), group) is None
