"""Rules of groups that a machine checks: kept with the group, obeyed by additions, and who has drifted from them."""

from typing import Any

import pytest

from gql.db.models import Group
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, Client, gid
from tests.api.keeping_groups import TERMS, codes, document, keep
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, unchanged

GROUP = "query($id: ID!) { group(id: $id) { criteria } }"
DRIFT = "query($id: ID!) { groupDrift(groupId: $id) { count sample { id } } }"


async def words(client: Client, group_id: str) -> str | None:
    """The rule as people read it."""
    found: str | None = (await client.data(GROUP, {"id": group_id}))["group"]["criteria"]
    return found


async def drift(client: Client, group: Group) -> dict[str, Any] | None:
    """Who doesn't fit any more."""
    found: dict[str, Any] | None = (await client.data(DRIFT, {"id": gid(group)}))["groupDrift"]
    return found


async def test_a_rule_is_kept_obeyed_changed_and_taken_away(api: Api, world: World) -> None:
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    here, there = await world.customer(office=lagos), await world.customer(office=kano)
    client = await api.sign_in(await world.admin("super_admin"))
    rule = {"all": [{"status": ["ACTIVE"]}, {"office": {"ids": [gid(lagos)]}}]}

    made = await keep(client, "createGroup", **TERMS, criteria=rule, idempotencyKey="k")

    assert codes(made) == []
    group_id = made["group"]["id"]
    assert await words(client, group_id) == "status is ACTIVE and office is Lagos"
    async with unchanged(api.database):
        assert (await keep(client, "createGroup", **TERMS, criteria=rule, idempotencyKey="k"))["replayed"]
    await keep(client, "activateGroup", groupId=group_id, reason="Ready")
    assert codes(await add(client, group_id, here)) == []
    [error] = (await add(client, group_id, there))["userErrors"]
    assert (error["code"], error["criterion"]) == ("NOT_ELIGIBLE", "office is Lagos")
    changed = await keep(
        client, "updateGroup", groupId=group_id, expectedVersion=2, criteria={"not": {"tier": ["GOLD"]}}
    )
    assert (codes(changed), changed["changed"]) == ([], True)
    assert await words(client, group_id) == "not (tier is GOLD)"
    assert codes(await add(client, group_id, there)) == []
    await keep(client, "updateGroup", groupId=group_id, expectedVersion=3, criteria=None)
    assert await words(client, group_id) is None
    renamed = await keep(client, "updateGroup", groupId=group_id, expectedVersion=4, name="2027 SME Loans")
    assert codes(renamed) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"all": []},
        {"status": []},
        {"daysPastDue": {}},
        {"outstanding": {"currency": "naira", "minimumMinor": 1}},
        {"status": ["ACTIVE"], "tier": ["GOLD"]},
    ],
)
async def test_a_rule_that_is_none_is_refused(wrong: dict[str, Any], api: Api, world: World) -> None:
    client, group = await api.sign_in(await world.admin("super_admin")), await world.group()
    async with unchanged(api.database):
        for mutation, given in (("createGroup", TERMS), ("updateGroup", {"groupId": gid(group), "expectedVersion": 1})):
            asked = {"input": given | {"criteria": wrong}}
            assert await client.codes(document(mutation), asked) == ["BAD_USER_INPUT"]


async def test_a_rule_asks_nothing_that_is_withheld_from_who_makes_it(api: Api, world: World) -> None:
    """Or they would learn by a few rules, and who can't join, what a customer owes. What others made can be kept."""
    client = await api.sign_in(await world.admin("group_administrator"))
    open_rule, closed = {"not": {"status": ["PENDING"]}}, {"any": [{"status": ["ACTIVE"]}, {"tier": ["GOLD"]}]}
    group = await world.group("Gold members", criteria={"tier": {"in": ["GOLD"]}})
    update = {"groupId": gid(group), "expectedVersion": 1}
    async with unchanged(api.database):
        for mutation, given in (("createGroup", TERMS), ("updateGroup", update)):
            refused = await keep(client, mutation, **given, criteria=closed)
            assert (codes(refused), refused["userErrors"][0]["field"]) == (["FORBIDDEN"], ["criteria"])
    assert codes(await keep(client, "createGroup", **TERMS, criteria=open_rule)) == []
    same = {"tier": ["GOLD"]}
    assert codes(await keep(client, "updateGroup", **update, name="Golden members", criteria=same)) == []
    portfolio = await api.sign_in(await world.admin("portfolio_manager"))
    assert codes(await keep(portfolio, "createGroup", **TERMS | {"name": "2027 loans"}, criteria=closed)) == []


async def test_a_rule_names_offices_that_are_there(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        refused = await keep(client, "createGroup", **TERMS, criteria={"office": {"ids": [unknown(Kind.OFFICE)]}})
    assert (codes(refused), refused["userErrors"][0]["field"]) == (["INVALID"], ["criteria"])


async def test_members_who_do_not_fit_any_more_are_named(api: Api, world: World) -> None:
    """As far as the viewer sees them, and may be told what the rule asks; those who were never in it are not."""
    home, away = await world.office("Lagos"), await world.office("Kano")
    fits, lapsed, gone = [
        await world.customer(office=home, status=status)
        for status in (CustomerStatus.ACTIVE, CustomerStatus.SUSPENDED, CustomerStatus.SUSPENDED)
    ]
    far = await world.customer(office=away, status=CustomerStatus.INACTIVE)
    await world.customer(office=home, status=CustomerStatus.SUSPENDED)
    group = await world.group(members=[fits, lapsed, far], criteria={"status": {"in": ["ACTIVE"]}})
    await world.membership(group, gone, since=world.moment(), until=world.moment())
    for role, expected in (("super_admin", {lapsed.id, far.id}), ("group_administrator", {lapsed.id})):
        client = await api.sign_in(await world.admin(role, office=home))
        found = await drift(client, group)
        assert found == {"count": len(expected), "sample": [{"id": one["id"]} for one in found["sample"]]}  # type: ignore[index]
        assert {one["id"] for one in found["sample"]} == {gid(one) for one in (lapsed, far) if one.id in expected}
    limited = await api.sign_in(await world.admin("group_administrator", office=home))
    boss = await api.sign_in(await world.admin("super_admin"))
    version = (await current(api.database, group)).version
    tier = {"groupId": gid(group), "expectedVersion": version, "criteria": {"tier": ["GOLD"]}}
    assert codes(await keep(boss, "updateGroup", **tier)) == []
    assert (await drift(boss, group) or {})["count"] == 3
    assert await drift(limited, group) == {"count": 0, "sample": []}, "the tier is withheld from them"


async def test_without_a_rule_or_a_group_there_is_no_drift(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    assert await drift(client, await world.group()) is None
    assert (await client.data(DRIFT, {"id": unknown(Kind.GROUP)}))["groupDrift"] is None
    assert await client.codes(DRIFT, {"id": "nothing"}) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_whoever_reads_members_reads_drift(role: str, api: Api, world: World) -> None:
    office = await world.office()
    lapsed = await world.customer(office=office, status=CustomerStatus.SUSPENDED)
    group = await world.group(members=[lapsed], criteria={"status": {"in": ["ACTIVE"]}})
    found = await drift(await api.sign_in(await world.admin(role, office=office)), group)
    assert found == {"count": 1, "sample": [{"id": gid(lapsed)}]}


async def test_customers_and_nobody_read_none(api: Api, world: World) -> None:
    group = await world.group()
    assert await api.anonymous.codes(DRIFT, {"id": gid(group)}) == ["UNAUTHENTICATED"]
    assert await (await api.sign_in(await world.customer())).codes(DRIFT, {"id": gid(group)}) == ["FORBIDDEN"]


async def test_a_rule_can_be_read_edited_and_sent_again(api: Api, world: World) -> None:
    lagos = await world.office("Lagos")
    client = await api.sign_in(await world.admin("super_admin"))
    rule = {
        "all": [
            {"status": ["ACTIVE", "PENDING"]},
            {"not": {"office": {"ids": [gid(lagos)], "includeSubtree": True}}},
            {"any": [{"tier": ["GOLD", None]}, {"tag": ["vip"]}, {"accountAge": {"min": 3}}]},
            {"outstanding": {"currency": "NGN", "minimumMinor": 1, "maximumMinor": 5_000_000_000}},
            {"daysPastDue": {"max": 30}},
            {"product": ["Payday"]},
        ]
    }
    made = await keep(client, "createGroup", **TERMS, criteria=rule)
    asked = "query($id: ID!) { group(id: $id) { criteriaValue } }"
    read = (await client.data(asked, {"id": made["group"]["id"]}))["group"]["criteriaValue"]
    assert read == rule
    again = await keep(client, "updateGroup", groupId=made["group"]["id"], expectedVersion=1, criteria=read)
    assert (codes(again), again["changed"]) == ([], False)
    free = await world.group()
    assert (await client.data(asked, {"id": gid(free)}))["group"]["criteriaValue"] is None
