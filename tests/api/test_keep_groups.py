"""`createGroup` and `updateGroup`: what a group is, within its rules; refusals change nothing."""

from typing import Any

import pytest

from gql.domain.enums import AdminStatus, CapacityMode, GroupStatus
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, gid
from tests.api.keeping_groups import TERMS, codes, document, keep
from tests.api.mutations import add
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, unchanged

KEEPERS = {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
CATEGORIES = "{ riskCategories { id name excludes { name } } }"


async def test_a_group_is_made_with_all_that_it_is(api: Api, world: World) -> None:
    keeper, owner = await world.admin("group_administrator"), await world.admin("account_manager")
    low = await world.risk_category("Low")
    high = await world.risk_category("High", excludes=[low])
    client = await api.sign_in(keeper)
    given = TERMS | {
        "name": "  2026 SME Loans ",
        "ownerId": gid(owner),
        "minimumMembers": 5,
        "maximumMembers": 50,
        "capacityMode": "WARNING",
        "riskCategoryId": to_global_id(Kind.RISK_CATEGORY, low.id),
        "sensitivity": "SENSITIVE",
        "visibleToCustomers": True,
        "reviewIntervalDays": 30,
    }

    done = await keep(client, "createGroup", **given, idempotencyKey="k")

    assert codes(done) == []
    assert [one["code"] for one in done["warnings"]] == ["BELOW_MINIMUM"]
    group = done["group"]
    assert (group["name"], group["status"], group["memberCount"], group["version"]) == (
        "2026 SME Loans",
        "INACTIVE",
        0,
        1,
    )
    assert (group["owner"], group["riskCategory"], group["capacityMode"]) == ({"id": gid(owner)}, "Low", "WARNING")
    kept = {name: group[name] for name in given if name in group and name not in ("name",)}
    assert kept == {name: given[name] for name in kept}
    [event] = await events(api.database, "group.created")
    assert (event.actor_id, event.details["after"]["name"]) == (keeper.id, "2026 SME Loans")
    async with unchanged(api.database):
        again = await keep(client, "createGroup", **given, idempotencyKey="k")
        other = await keep(client, "createGroup", **TERMS, idempotencyKey="k")
    assert (again["replayed"], again["group"], again["warnings"]) == (True, group, done["warnings"])
    assert codes(other) == ["IDEMPOTENCY_CONFLICT"]
    assert (await client.data(CATEGORIES))["riskCategories"] == [
        {"id": to_global_id(Kind.RISK_CATEGORY, one.id), "name": name, "excludes": [{"name": excluded}]}
        for one, name, excluded in ((high, "High", "Low"), (low, "Low", "High"))
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"description": ""}, "description"),
        ({"criteriaText": "\t"}, "criteriaText"),
        ({"minimumMembers": 0}, "minimumMembers"),
        ({"maximumMembers": -1}, "maximumMembers"),
        ({"minimumMembers": 6, "maximumMembers": 5}, "minimumMembers"),
        ({"reviewIntervalDays": 367}, "reviewIntervalDays"),
        ({"sensitivity": "SENSITIVE"}, "reviewIntervalDays"),
    ],
)
async def test_what_no_group_can_be(wrong: dict[str, Any], field: str, api: Api, world: World) -> None:
    """Made so, or changed to it."""
    client = await api.sign_in(await world.admin("super_admin"))
    group = await world.group()
    async with unchanged(api.database):
        for mutation, given in (
            ("createGroup", TERMS | wrong),
            ("updateGroup", {"groupId": gid(group), "expectedVersion": 1} | wrong),
        ):
            refused = await keep(client, mutation, **given)
            assert (codes(refused), refused["userErrors"][0]["field"], refused["group"]) == (["INVALID"], [field], None)


async def test_everything_that_is_wrong_is_told_at_once(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    gone = await world.admin("account_manager", status=AdminStatus.INACTIVE)
    await world.group("2026 SME loans")
    wrong = {
        "description": " ",
        "maximumMembers": 0,
        "ownerId": gid(gone),
        "riskCategoryId": unknown(Kind.RISK_CATEGORY),
    }
    async with unchanged(api.database):
        refused = await keep(client, "createGroup", **TERMS | wrong)
        assert codes(refused) == ["INVALID", "INVALID", "NAME_TAKEN", "OWNER_NOT_ELIGIBLE", "RISK_CATEGORY_NOT_FOUND"]
        assert await client.codes(document("createGroup"), {"input": TERMS | {"ownerId": "nobody"}}) == [
            "BAD_USER_INPUT"
        ]


@pytest.mark.parametrize("name", ["Group1", "test", "New group 7", "Customers", "abc", "12", "My list"])
async def test_a_name_that_says_nothing_is_warned_of(name: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    done = await keep(client, "createGroup", **TERMS | {"name": name})
    assert [one["code"] for one in done["warnings"]] == ["NAME_VAGUE"]
    assert " SME Loans”" in done["warnings"][0]["message"]
    assert done["changed"]


@pytest.mark.parametrize(
    "name", ["2026 SME Loans", "Prime borrowers", "Grouped orders", "Test drivers of Kano", "VIPs of Lekki"]
)
async def test_a_telling_name_is_not(name: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    assert (await keep(client, "createGroup", **TERMS | {"name": name}))["warnings"] == []


async def test_what_is_new_is_changed_and_all_else_stays(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    made = (await keep(client, "createGroup", **TERMS, maximumMembers=9, reviewIntervalDays=7))["group"]
    new = {"name": "2027 SME Loans", "maximumMembers": None, "reviewIntervalDays": 14}
    done = await keep(client, "updateGroup", groupId=made["id"], expectedVersion=1, **new)
    assert (codes(done), done["changed"]) == ([], True)
    assert done["group"] == made | new | {"version": 2}
    [event] = await events(api.database, "group.updated")
    assert event.details == {
        "before": {"name": "2026 SME Loans", "maximum_members": 9, "review_interval_days": 7},
        "after": {"name": "2027 SME Loans", "maximum_members": None, "review_interval_days": 14},
    }
    async with unchanged(api.database):
        same = await keep(client, "updateGroup", groupId=made["id"], expectedVersion=2, **new)
        stale = await keep(client, "updateGroup", groupId=made["id"], expectedVersion=1, name="2028 SME Loans")
        null = {"input": {"groupId": made["id"], "expectedVersion": 2, "name": None}}
        assert await client.codes(document("updateGroup"), null) == ["BAD_USER_INPUT"]
    assert (codes(same), same["changed"]) == ([], False)
    assert (codes(stale), stale["group"]["version"]) == (["VERSION_CONFLICT"], 2)
    found = await client.data('{ groups(search: "2027") { edges { node { name } } } }')
    assert [edge["node"]["name"] for edge in found["groups"]["edges"]] == ["2027 SME Loans"]


async def test_a_limit_is_not_put_below_the_members(api: Api, world: World) -> None:
    """But as one that only warns; then others can join, and are told."""
    people, one_more = [await world.customer() for _ in range(3)], await world.customer()
    group = await world.group("Founders circle", members=people, maximum=3)
    client = await api.sign_in(await world.admin("super_admin"))
    lower = {"groupId": gid(group), "expectedVersion": 1, "maximumMembers": 2}
    async with unchanged(api.database):
        refused = await keep(client, "updateGroup", **lower)
        assert codes(refused) == ["MAXIMUM_EXCEEDED"]
        assert refused["userErrors"][0]["currentMembers"] == 3
        assert codes(await add(client, group, one_more)) == ["GROUP_FULL"]
    done = await keep(client, "updateGroup", **lower, capacityMode="WARNING")
    assert (codes(done), [one["code"] for one in done["warnings"]]) == ([], ["OVER_MAXIMUM"])
    added = await add(client, group, one_more)
    assert (codes(added), [one["code"] for one in added["warnings"]]) == ([], ["GROUP_OVER_MAXIMUM"])
    row = await current(api.database, group)
    assert (row.member_count, row.maximum_members, row.capacity_mode) == (4, 2, CapacityMode.WARNING)


async def test_a_risk_category_is_not_given_against_a_wall(api: Api, world: World) -> None:
    low = await world.risk_category()
    high, odd = await world.risk_category(excludes=[low]), await world.risk_category()
    both, one = await world.customer(), await world.customer()
    await world.group(risk_category=low, members=[both])
    group = await world.group("Watched accounts", members=[both, one])
    client = await api.sign_in(await world.admin("super_admin"))

    def given(category: Any) -> dict[str, Any]:
        return {
            "groupId": gid(group),
            "expectedVersion": 1,
            "riskCategoryId": to_global_id(Kind.RISK_CATEGORY, category.id),
        }

    async with unchanged(api.database):
        refused = await keep(client, "updateGroup", **given(high))
    assert (codes(refused), refused["userErrors"][0]["currentMembers"]) == (["RISK_CATEGORY_CONFLICT"], 1)
    assert codes(await keep(client, "updateGroup", **given(odd))) == []


async def test_an_archived_group_stays_as_it_is(api: Api, world: World) -> None:
    group = await world.group("Old loans", status=GroupStatus.ARCHIVED)
    client = await api.sign_in(await world.admin("super_admin"))
    async with unchanged(api.database):
        refused = await keep(client, "updateGroup", groupId=gid(group), expectedVersion=1, name="Older loans")
        assert codes(refused) == ["GROUP_ARCHIVED"]
        missing = {"groupId": unknown(Kind.GROUP), "expectedVersion": 1}
        assert codes(await keep(client, "updateGroup", **missing)) == ["GROUP_NOT_FOUND"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_only_who_keeps_groups_makes_and_changes_them(role: str, api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin(role))
    group = await world.group("Prime borrowers")
    update = {"groupId": gid(group), "expectedVersion": 1, "name": "Best borrowers"}
    if role in KEEPERS:
        assert codes(await keep(client, "createGroup", **TERMS)) == []
        assert codes(await keep(client, "updateGroup", **update)) == []
        return
    async with unchanged(api.database):
        for mutation, given in (("createGroup", TERMS), ("updateGroup", update)):
            assert codes(await keep(client, mutation, **given)) == ["FORBIDDEN"]


async def test_without_sign_in_or_as_a_customer_nothing_happens(api: Api, world: World) -> None:
    customer, group = await api.sign_in(await world.customer()), await world.group()
    update = {"groupId": gid(group), "expectedVersion": 1, "name": "Best borrowers"}
    async with unchanged(api.database):
        for mutation, given in (("createGroup", TERMS), ("updateGroup", update)):
            assert await api.anonymous.codes(document(mutation), {"input": given}) == ["UNAUTHENTICATED"]
            assert codes(await keep(customer, mutation, **given)) == ["FORBIDDEN"]
