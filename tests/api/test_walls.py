"""Walls: categories of risk, and groups, that no customer may be in at once; who joins and who builds keeps them."""

from typing import Any

import pytest

from gql.domain.enums import GroupStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, Client, gid
from tests.api.keeping_groups import CATEGORY, categorise, codes, document, remove, wall_off
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.api.test_keep_groups import KEEPERS
from tests.factories import World
from tests.records import current, events, unchanged

EXCLUDES = "query($id: ID!) { group(id: $id) { excludes { id } version } }"
TERMS = {"name": "In dispute", "description": "Customers who dispute what they owe."}


def cid(category: Any) -> str:
    """A category's global ID."""
    return to_global_id(Kind.RISK_CATEGORY, category.id)


async def excludes(client: Client, group: Any) -> list[str]:
    """The groups that are walled off from it."""
    found = (await client.data(EXCLUDES, {"id": gid(group)}))["group"]["excludes"]
    return [one["id"] for one in found]


async def test_a_category_is_made_and_changed_with_what_it_excludes(api: Api, world: World) -> None:
    """From both sides, and for additions at once."""
    low, odd = await world.risk_category(), await world.risk_category()
    client = await api.sign_in(await world.admin("compliance_officer"))
    customer = await world.customer()
    await world.group(risk_category=low, members=[customer])

    made = await categorise(client, "createRiskCategory", **TERMS, excludes=[cid(low)], idempotencyKey="k")

    assert (codes(made), made["changed"], made["category"]["excludes"]) == ([], True, [{"id": cid(low)}])
    key = made["category"]["id"]
    [event] = await events(api.database, "risk_category.created")
    assert event.details["after"] == {"excludes": [str(low.id)]}
    async with unchanged(api.database):
        again = await categorise(client, "createRiskCategory", **TERMS, excludes=[cid(low)], idempotencyKey="k")
        other = await categorise(client, "createRiskCategory", **TERMS, idempotencyKey="k")
        same = await categorise(client, "updateRiskCategory", id=key, **TERMS, excludes=[cid(low)])
    assert (again["replayed"], again["category"], codes(other)) == (True, made["category"], ["IDEMPOTENCY_CONFLICT"])
    assert (codes(same), same["changed"]) == ([], False)
    changed = await categorise(
        client, "updateRiskCategory", id=key, name="Disputed", description="As before.", excludes=[cid(odd)]
    )
    assert changed["category"] == {
        "id": key,
        "name": "Disputed",
        "description": "As before.",
        "excludes": [{"id": cid(odd)}],
    }


async def test_no_wall_is_built_through_the_middle_of_somebody(api: Api, world: World) -> None:
    """Of categories or of groups: who is on both sides is counted, and must be removed from one first."""
    low, high = await world.risk_category(), await world.risk_category()
    both, one = await world.customer(), await world.customer()
    cautious = await world.group("Cautious", risk_category=low, members=[both, one])
    bold = await world.group("Bold", risk_category=high, members=[both])
    client = await api.sign_in(await world.admin("super_admin"))
    wish = {"id": cid(high), "name": high.name, "description": high.description, "excludes": [cid(low)]}
    async with unchanged(api.database):
        refused = await categorise(client, "updateRiskCategory", **wish)
        assert codes(refused) == ["NOT_ALLOWED"]
        assert "both categories: 1." in refused["userErrors"][0]["message"]
        refused = await wall_off(client, bold, cautious)
        assert (codes(refused), refused["userErrors"][0]["currentMembers"]) == (["MEMBERS_IN_BOTH"], 1)
    await remove(client, bold, both)
    assert codes(await categorise(client, "updateRiskCategory", **wish)) == []
    assert codes(await wall_off(client, bold, cautious)) == []
    async with unchanged(api.database):
        assert codes(await add(client, bold, both)) == ["RISK_CATEGORY_CONFLICT", "GROUP_CONFLICT"]


async def test_groups_that_exclude_each_other_share_nobody(api: Api, world: World) -> None:
    """From both sides, named with the way out; until the wall is taken down."""
    member, other = await world.customer(), await world.customer()
    first, second = await world.group("Vendors", members=[member]), await world.group("Buyers", members=[other])
    client = await api.sign_in(await world.admin("group_administrator", office=await world.office()))
    boss = await api.sign_in(await world.admin("super_admin"))

    done = await wall_off(client, first, second, idempotencyKey="k")

    assert (codes(done), done["changed"], done["group"]["version"]) == ([], True, 2)
    assert (await excludes(client, first), await excludes(client, second)) == ([gid(second)], [gid(first)])
    for customer, group, name in ((member, second, "Vendors"), (other, first, "Buyers")):
        async with unchanged(api.database):
            [error] = (await add(boss, group, customer))["userErrors"]
        assert (error["code"], error["field"]) == ("GROUP_CONFLICT", ["customerId"])
        assert f"“{name}”, which excludes this group" in error["message"]
        assert error["conflictingGroup"]["id"] in (gid(first), gid(second))
    async with unchanged(api.database):
        assert (await wall_off(client, first, second, idempotencyKey="k"))["replayed"]
        assert (await wall_off(client, first, second, expectedVersion=2))["changed"] is False
        stale = await wall_off(client, first)
    assert (codes(stale), stale["group"]["version"]) == (["VERSION_CONFLICT"], 2)
    [event] = await events(api.database, "group.exclusions_set")
    assert event.details == {"before": [], "after": [str(second.id)], "reason": "Kept apart"}
    assert codes(await wall_off(client, first, expectedVersion=2)) == []
    assert (await excludes(client, second), codes(await add(boss, second, member))) == ([], [])
    assert (await current(api.database, second)).member_count == 2


async def test_why_no_wall_is_built(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    low, group = await world.risk_category("Low"), await world.group("Open")
    closed = await world.group("Closed", status=GroupStatus.ARCHIVED)
    async with unchanged(api.database):
        for given, expected in (
            (TERMS | {"name": "Low"}, ["NOT_ALLOWED"]),
            (TERMS | {"name": " ", "description": ""}, ["INVALID", "INVALID"]),
            (TERMS | {"excludes": [unknown(Kind.RISK_CATEGORY)]}, ["NOT_FOUND"]),
        ):
            assert codes(await categorise(client, "createRiskCategory", **given)) == expected
        itself = TERMS | {"id": cid(low), "excludes": [cid(low)]}
        assert codes(await categorise(client, "updateRiskCategory", **itself)) == ["INVALID"]
        missing = TERMS | {"id": unknown(Kind.RISK_CATEGORY), "excludes": []}
        assert codes(await categorise(client, "updateRiskCategory", **missing)) == ["NOT_FOUND"]
        assert codes(await wall_off(client, group, group)) == ["INVALID"]
        assert codes(await wall_off(client, closed, group)) == ["GROUP_ARCHIVED"]
        assert codes(await wall_off(client, group, excludedGroupIds=[unknown(Kind.GROUP)])) == ["INVALID"]
        assert codes(await wall_off(client, group, groupId=unknown(Kind.GROUP))) == ["GROUP_NOT_FOUND"]
        many = {"groupId": gid(group), "expectedVersion": 1, "reason": "Many", "excludedGroupIds": [gid(closed)] * 51}
        assert await client.codes(document("setGroupExclusions"), {"input": many}) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_builds_walls(role: str, api: Api, world: World) -> None:
    low, groups = await world.risk_category("Low"), [await world.group() for _ in range(2)]
    client = await api.sign_in(await world.admin(role))
    change = TERMS | {"id": cid(low), "excludes": []}
    if role in KEEPERS:
        assert codes(await categorise(client, "updateRiskCategory", **change)) == []
        assert codes(await wall_off(client, *groups)) == []
        return
    async with unchanged(api.database):
        assert codes(await categorise(client, "createRiskCategory", **TERMS)) == ["FORBIDDEN"]
        assert codes(await categorise(client, "updateRiskCategory", **change)) == ["FORBIDDEN"]
        assert codes(await wall_off(client, *groups)) == ["FORBIDDEN"]


async def test_without_sign_in_or_as_a_customer_nothing_happens(api: Api, world: World) -> None:
    groups, customer = [await world.group() for _ in range(2)], await api.sign_in(await world.customer())
    made = CATEGORY.replace("KIND", "CreateRiskCategory").replace("NAME", "createRiskCategory")
    walled = {"groupId": gid(groups[0]), "expectedVersion": 1, "reason": "Apart", "excludedGroupIds": []}
    async with unchanged(api.database):
        assert codes(await categorise(customer, "createRiskCategory", **TERMS)) == ["FORBIDDEN"]
        assert codes(await wall_off(customer, *groups)) == ["FORBIDDEN"]
        for text, given in ((made, TERMS), (document("setGroupExclusions"), walled)):
            assert await api.anonymous.codes(text, {"input": given}) == ["UNAUTHENTICATED"]
