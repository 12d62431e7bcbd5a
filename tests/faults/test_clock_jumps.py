"""The clock jumps ahead or back by hours: histories stay in order, pages whole, and nobody is locked out by it."""

from collections.abc import AsyncIterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from gql.db.models import Admin
from gql.domain.time import now
from tests.api.client import Api, Client, gid, open_api
from tests.factories import PASSWORD, World
from tests.faults.clock import Clock
from tests.faults.load import ADD, ASSIGN

HISTORY = """
    query($id: ID!) { customer(id: $id) {
        accountManager { id }
        assignmentHistory(first: 20) { edges { node { startedAt endedAt accountManager { id } } } } } }
"""
MEMBERS = """
    query($id: ID!, $after: String) { group(id: $id) { memberCount
        members(first: 2, after: $after) { edges { node { id } since } pageInfo { hasNextPage endCursor } } } }
"""
SIGN_IN = """
    mutation($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) {
        accessToken refreshToken userErrors { code } } }
"""
REFRESH = """
    mutation($token: String!) { refreshSession(input: { refreshToken: $token }) {
        accessToken refreshToken userErrors { code } } }
"""
LOOK_UP = '{ customers(first: 5, search: "%s") { edges { node { id } } } }'
OFFICES = "{ offices(first: 1) { totalCount } }"


@pytest.fixture
async def api(database_url: str, tmp_path: Path, clock: Clock) -> AsyncIterator[Api]:
    async with open_api(database_url, tmp_path, lookups_per_minute=3) as opened:
        yield opened


@pytest.fixture
def world(api: Api) -> World:
    return World(api.database)


async def assign(api: Api, boss: Admin, customer: Any, manager: Admin) -> None:
    """By whoever has signed in just before, by the clock as it is."""
    client = await api.sign_in(boss)
    wish = {"customerId": gid(customer), "accountManagerId": gid(manager)}
    payload = (await client.data(ASSIGN, {"input": wish}))["assignAccountManager"]
    assert (payload["changed"], payload["userErrors"]) == (True, [])


async def test_a_history_stays_a_chain_in_its_order(api: Api, world: World, clock: Clock) -> None:
    """Whenever the clock says that it was: each begins where the one before it ended, the last one is open."""
    boss = await world.admin("super_admin")
    customer = await world.customer()
    managers = [await world.admin("account_manager") for _ in range(6)]
    await assign(api, boss, customer, managers[0])
    with clock.off(hours=-3):
        await assign(api, boss, customer, managers[1])
        await assign(api, boss, customer, managers[2])
    with clock.off(minutes=8):
        await assign(api, boss, customer, managers[3])
    await assign(api, boss, customer, managers[4])
    await assign(api, boss, customer, managers[5])

    found = (await (await api.sign_in(boss)).data(HISTORY, {"id": gid(customer)}))["customer"]
    spans = [edge["node"] for edge in found["assignmentHistory"]["edges"]]  # newest first
    assert [span["accountManager"]["id"] for span in spans] == [gid(manager) for manager in reversed(managers)]
    assert spans[0]["endedAt"] is None
    assert found["accountManager"] == spans[0]["accountManager"]
    for later, earlier in pairwise(spans):
        assert earlier["endedAt"] == later["startedAt"] > earlier["startedAt"]


async def test_pages_by_time_have_each_member_once(api: Api, world: World, clock: Clock) -> None:
    """Also those who were added while somebody was paging, and the clock was wrong."""
    boss = await world.admin("super_admin")
    group, customers = await world.group(), await world.customers(9)

    async def add(customer: Any) -> None:
        wish = {"groupId": gid(group), "customerId": gid(customer)}
        payload = (await (await api.sign_in(boss)).data(ADD, {"input": wish}))["addGroupMember"]
        assert payload["userErrors"] == []

    for number, hours in enumerate((0, 5, -5, 0, 2, -2)):
        with clock.off(hours=hours):
            await add(customers[number])
    seen: list[str] = []
    after, late, reader = None, iter(((-9, 6), (9, 7), (0, 8))), await api.sign_in(boss)
    while True:
        found = (await reader.data(MEMBERS, {"id": gid(group), "after": after}))["group"]
        page = found["members"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
        for hours, number in islice(late, 1):
            with clock.off(hours=hours):
                await add(customers[number])
    assert len(seen) == len(set(seen))
    assert set(seen) >= {gid(customer) for customer in customers[:6]}
    assert found["memberCount"] == 9


async def signed_in(api: Api, email: str, password: str = PASSWORD) -> Any:
    return (await api.anonymous.data(SIGN_IN, {"email": email, "password": password}))["signIn"]


async def codes(api: Api, token: str) -> list[str]:
    return await Client(api.http, {"Authorization": f"Bearer {token}"}).codes(OFFICES)


async def test_a_clock_set_back_prolongs_no_access_token_and_ends_no_session(
    api: Api, world: World, clock: Clock
) -> None:
    boss = await world.admin("super_admin")
    await world.password(boss)
    with clock.off(hours=3):
        tokens = await signed_in(api, boss.email)
        assert await codes(api, tokens["accessToken"]) == []
    assert await codes(api, tokens["accessToken"]) == ["UNAUTHENTICATED"]
    fresh = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
    assert fresh["userErrors"] == []
    assert await codes(api, fresh["accessToken"]) == []


async def test_a_clock_that_was_ahead_for_a_while_ends_no_session(api: Api, world: World, clock: Clock) -> None:
    boss = await world.admin("super_admin")
    await world.password(boss)
    tokens = await signed_in(api, boss.email)
    with clock.off(hours=7):
        assert await codes(api, tokens["accessToken"]) == ["UNAUTHENTICATED"]
        tokens = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
        assert tokens["userErrors"] == []
    again = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
    assert again["userErrors"] == []


async def test_failed_sign_ins_lock_nobody_out_until_a_wrong_clock_comes_true(
    api: Api, world: World, clock: Clock
) -> None:
    """Nor does a clock that is set back a little let somebody try without end."""
    boss = await world.admin("super_admin")
    await world.password(boss)
    variables = {"email": boss.email, "password": "wrong"}
    with clock.off(hours=30):
        for _ in range(5):
            await api.anonymous.post(SIGN_IN, variables)
        assert await api.anonymous.codes(SIGN_IN, variables) == ["RATE_LIMITED"]
    assert (await signed_in(api, boss.email))["userErrors"] == []

    for _ in range(5):
        await api.anonymous.post(SIGN_IN, variables)
    with clock.off(minutes=-5):
        assert await api.anonymous.codes(SIGN_IN, variables) == ["RATE_LIMITED"]


async def test_look_ups_are_not_refused_until_a_wrong_clock_comes_true(api: Api, world: World, clock: Clock) -> None:
    manager = await world.admin("account_manager")
    customer = await world.customer(manager=manager)
    administrator = await world.admin("group_administrator")
    query = LOOK_UP % customer.email
    with clock.off(minutes=8):
        groups = await api.sign_in(administrator)
        for _ in range(3):
            assert await groups.codes(query) == []
        assert await groups.codes(query) == ["RATE_LIMITED"]
    assert await (await api.sign_in(administrator)).codes(query) == []


async def test_the_clock_of_these_tests_is_the_products(clock: Clock) -> None:
    right = now()
    with clock.off(hours=2):
        assert (now() - right).total_seconds() > 7_000
    assert (now() - right).total_seconds() < 60
