"""Walls that are built while customers join what they divide: nobody is on both sides afterwards."""

import asyncio
from typing import Any

from gql.domain.ids import Kind, to_global_id
from tests.api.keeping_groups import categorise, codes, wall_off
from tests.api.mutations import add
from tests.records import memberships
from tests.services.conftest import Crowd


async def _on_both_sides(crowd: Crowd, one: Any, two: Any) -> int:
    sides = [{row.customer_id for row in await memberships(crowd.database, group)} for group in (one, two)]
    return len(sides[0] & sides[1])


async def test_a_wall_between_groups_holds_against_who_joins_at_that_moment(crowd: Crowd) -> None:
    for _ in range(5):
        people = await crowd.world.customers(4)
        one, two = await crowd.world.group(members=people), await crowd.world.group()
        *added, built = await asyncio.gather(
            *(add(crowd.client, two, customer) for customer in people), wall_off(crowd.client, one, two)
        )
        both = await _on_both_sides(crowd, one, two)
        assert both == sum(not payload["userErrors"] for payload in added)
        assert codes(built) == (["MEMBERS_IN_BOTH"] if both else [])


async def test_so_does_one_between_categories(crowd: Crowd) -> None:
    for _ in range(5):
        low, high = await crowd.world.risk_category(), await crowd.world.risk_category()
        people = await crowd.world.customers(4)
        one = await crowd.world.group(risk_category=low, members=people)
        two = await crowd.world.group(risk_category=high)
        wish = {"id": to_global_id(Kind.RISK_CATEGORY, high.id), "name": high.name, "description": high.description}
        excluded = [to_global_id(Kind.RISK_CATEGORY, low.id)]
        *added, built = await asyncio.gather(
            *(add(crowd.client, two, customer) for customer in people),
            categorise(crowd.client, "updateRiskCategory", **wish, excludes=excluded),
        )
        both = await _on_both_sides(crowd, one, two)
        assert both == sum(not payload["userErrors"] for payload in added)
        assert codes(built) == (["NOT_ALLOWED"] if both else [])


async def test_of_two_groups_that_exclude_each_other_one_gets_each_customer(crowd: Crowd) -> None:
    people = await crowd.world.customers(8)
    one, two = await crowd.world.group("Vendors"), await crowd.world.group("Buyers")
    assert codes(await wall_off(crowd.client, one, two)) == []
    payloads = await asyncio.gather(*(add(crowd.client, group, who) for who in people for group in (one, two)))
    refused = [error["code"] for payload in payloads for error in payload["userErrors"]]
    assert refused == ["GROUP_CONFLICT"] * len(people)
    assert await _on_both_sides(crowd, one, two) == 0


async def test_two_who_wall_the_same_groups_off_do_not_wait_for_each_other(crowd: Crowd) -> None:
    """One does it; the other's version is stale by then, or all is so already."""
    one, two = await crowd.world.group("Vendors"), await crowd.world.group("Buyers")
    built = await asyncio.gather(*(wall_off(crowd.client, *pair) for pair in ((one, two), (two, one)) * 4))
    assert sum(payload["changed"] for payload in built) == 1
    assert {code for payload in built for code in codes(payload)} <= {"VERSION_CONFLICT"}
