"""`canAddMember` says beforehand what `addGroupMember` would answer, and changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gql.domain.ids import Kind
from gql.domain.memberships import REMEDIES, AddMemberErrorCode
from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, Client, gid
from tests.api.mutations import add, as_admin, shared_lender
from tests.api.reading import unknown
from tests.api.test_add_group_member_refusals import Lender, _build
from tests.databases import DatabaseKind
from tests.factories import World
from tests.records import unchanged
from tests.sql_counter import count_statements

CAN = """
query($group: ID!, $customer: ID!) {
  canAddMember(groupId: $group, customerId: $customer) {
    allowed warnings { code message }
    blockers { code message remedy currentMembers maximumMembers criterion conflictingGroup { id } }
  }
}
"""


@pytest.fixture(scope="module")
def shared(database_kind: DatabaseKind) -> Iterator[tuple[str, Lender]]:
    with shared_lender(database_kind, _build) as lender:
        yield lender


async def can_add(client: Client, group: str, customer: str) -> dict[str, Any]:
    """What it answers."""
    found: dict[str, Any] = (await client.data(CAN, {"group": group, "customer": customer}))["canAddMember"]
    assert found["allowed"] is (not found["blockers"])
    return found


@pytest.mark.parametrize("viewer", ["full", "limited"])
async def test_it_says_what_the_addition_then_answers(viewer: str, shared: tuple[str, Lender], tmp_path: Path) -> None:
    """Of every customer and every group; those who could join are left for the next test."""
    url, lender = shared
    allowed = set()
    async with as_admin(url, tmp_path, getattr(lender, viewer)) as (api, client), unchanged(api.database):
        for customer_name, customer in lender.customers.items():
            for group_name, group in lender.groups.items():
                said = await can_add(client, gid(group), gid(customer))
                if said["allowed"]:
                    allowed.add((customer_name, group_name))
                    continue
                told = (await add(client, group, customer))["userErrors"]
                assert all(blocker.pop("remedy").endswith(".") for blocker in said["blockers"])
                assert [error.pop("field") for error in told], (customer_name, group_name)
                assert said["blockers"] == told
    assert allowed == {("active", group) for group in ("open", "low", "odd", "high")} | {
        ("walled", "open"),
        ("walled", "joined"),
    }


async def test_who_can_join_does_with_the_warnings_that_were_told(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    people = [await world.customer() for _ in range(2)]
    group = await world.group(maximum=2, members=people[:1])
    said = await can_add(client, gid(group), gid(people[1]))
    added = await add(client, group, people[1])
    assert (said["allowed"], said["warnings"]) == (True, added["warnings"])
    assert [one["code"] for one in said["warnings"]] == ["GROUP_NEARLY_FULL"]


async def test_who_is_not_visible_is_not_there(api: Api, world: World) -> None:
    home, away = await world.office(), await world.office()
    client = await api.sign_in(await world.admin("group_administrator", office=home))
    hidden, group = await world.customer(office=away), await world.group()
    for customer in (gid(hidden), unknown(Kind.CUSTOMER)):
        assert [one["code"] for one in (await can_add(client, gid(group), customer))["blockers"]] == [
            "CUSTOMER_NOT_FOUND"
        ]
    nowhere = await can_add(client, unknown(Kind.GROUP), gid(hidden))
    assert [one["code"] for one in nowhere["blockers"]] == ["CUSTOMER_NOT_FOUND", "GROUP_NOT_FOUND"]


@pytest.mark.parametrize("role", BUILT_IN_ROLES)
async def test_each_role_is_told_what_it_may(role: str, api: Api, world: World) -> None:
    office = await world.office()
    admin = await world.admin(role, office=office)
    customer, group = await world.customer(office=office, manager=None), await world.group()
    client = await api.sign_in(admin)
    said = [one["code"] for one in (await can_add(client, gid(group), gid(customer)))["blockers"]]
    keeps = role in {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"}
    assert said == ([] if keeps else ["FORBIDDEN"])


async def test_customers_and_nobody_can_not_ask(api: Api, world: World) -> None:
    customer, group = await world.customer(), await world.group()
    asked = {"group": gid(group), "customer": gid(customer)}
    assert await api.anonymous.codes(CAN, asked) == ["UNAUTHENTICATED"]
    assert await (await api.sign_in(customer)).codes(CAN, asked) == ["FORBIDDEN"]
    boss = await api.sign_in(await world.admin("super_admin"))
    assert await boss.codes(CAN, asked | {"group": gid(customer)}) == ["BAD_USER_INPUT"]


async def test_a_check_takes_no_more_statements_however_many_groups_are_in_the_way(api: Api, world: World) -> None:
    low, client = await world.risk_category(), await api.sign_in(await world.admin("super_admin"))
    group = await world.group(risk_category=await world.risk_category(excludes=[low]))
    counts = set()
    for walls in (1, 3):
        customer = await world.customer()
        for _ in range(walls):
            await world.group(risk_category=low, members=[customer])
        with count_statements(api.database) as recorder:
            found = await client.data(CAN, {"group": gid(group), "customer": gid(customer)})
        assert len(found["canAddMember"]["blockers"]) == walls
        counts.add(len(recorder))
    assert len(counts) == 1, counts
    assert max(counts) <= 10, counts


def test_every_reason_has_a_remedy() -> None:
    """But those of idempotency keys, which a question has none of."""
    assert set(AddMemberErrorCode) - REMEDIES.keys() == {
        AddMemberErrorCode.IDEMPOTENCY_CONFLICT,
        AddMemberErrorCode.IDEMPOTENCY_IN_FLIGHT,
    }
