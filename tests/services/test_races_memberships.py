"""Additions to groups at the same moment: the limit, the count, and the walls between groups hold exactly."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any

from gql.db.models import Group
from gql.domain.ids import Kind, to_global_id
from gql.services.job_runner import JobRunner
from gql.settings import Settings
from tests.api.client import gid
from tests.api.keeping_groups import codes as group_codes
from tests.api.keeping_groups import keep, remove
from tests.api.member_jobs import add_many, member_job
from tests.api.mutations import add, codes
from tests.records import current, events, memberships
from tests.services.conftest import RACERS, Crowd

PLACES = 5


def tally(payloads: Iterable[dict[str, Any]]) -> Counter[str]:
    """How often each answer was given."""
    return Counter(", ".join(codes(payload)) or "added" for payload in payloads)


async def assert_counted(crowd: Crowd, group: Group, members: int) -> None:
    """The group has so many members, by its row and by its memberships."""
    still_in = [row for row in await memberships(crowd.database, group) if row.until is None]
    assert len(still_in) == members
    assert len({row.customer_id for row in still_in}) == members
    assert (await current(crowd.database, group)).member_count == members


async def test_the_last_places_are_given_once_each(crowd: Crowd) -> None:
    """Twenty want the last five; those who come late read how full it is."""
    before, wanted = await crowd.world.customers(3), await crowd.world.customers(RACERS)
    group = await crowd.world.group(maximum=len(before) + PLACES, members=before)

    payloads = await asyncio.gather(*(add(crowd.client, group, customer) for customer in wanted))

    assert tally(payloads) == {"added": PLACES, "GROUP_FULL": RACERS - PLACES}
    await assert_counted(crowd, group, 8)
    told = [error for payload in payloads for error in payload["userErrors"]]
    assert {(error["currentMembers"], error["maximumMembers"]) for error in told} == {(8, 8)}
    counts = [payload["group"]["memberCount"] for payload in payloads if not codes(payload)]
    assert all(4 <= count <= 8 for count in counts)
    assert len(await events(crowd.database, "group.member_added")) == PLACES


async def test_without_a_limit_all_get_in_and_are_counted(crowd: Crowd) -> None:
    wanted, group = await crowd.world.customers(RACERS), await crowd.world.group()

    payloads = await asyncio.gather(*(add(crowd.client, group, customer) for customer in wanted))

    assert tally(payloads) == {"added": RACERS}
    await assert_counted(crowd, group, RACERS)


async def test_one_customer_joins_once(crowd: Crowd) -> None:
    """Named by whichever identifier."""
    customer, group = await crowd.world.customer(), await crowd.world.group()
    names: list[dict[str, Any]] = [
        {"customer": customer},
        {"email": customer.email},
        {"number": customer.number},
        {"customer": customer},
    ]

    payloads = await asyncio.gather(*(add(crowd.client, group, **name) for name in names * (RACERS // len(names))))

    assert tally(payloads) == {"added": 1, "ALREADY_MEMBER": RACERS - 1}
    await assert_counted(crowd, group, 1)


async def test_a_customer_ends_up_on_one_side_of_a_wall(crowd: Crowd) -> None:
    """Two groups whose risk categories exclude each other take the same customer at once: one of them does."""
    low = await crowd.world.risk_category("Low")
    high = await crowd.world.risk_category("High", excludes=[low])
    groups = [await crowd.world.group(risk_category=category) for category in (low, high)]
    people = await crowd.world.customers(RACERS // 2)

    payloads = await asyncio.gather(*(add(crowd.client, group, customer) for customer in people for group in groups))

    assert tally(payloads) == {"added": RACERS // 2, "RISK_CATEGORY_CONFLICT": RACERS // 2}
    taken = [row.customer_id for group in groups for row in await memberships(crowd.database, group)]
    assert sorted(taken) == sorted(customer.id for customer in people)


async def test_one_customer_joins_many_groups_at_once(crowd: Crowd) -> None:
    """Nothing in the way: each group counts them."""
    customer, groups = await crowd.world.customer(), [await crowd.world.group(maximum=1) for _ in range(10)]

    payloads = await asyncio.gather(*(add(crowd.client, group, customer) for group in groups))

    assert tally(payloads) == {"added": 10}
    for group in groups:
        await assert_counted(crowd, group, 1)


async def test_removals_and_additions_at_once_leave_a_true_count(crowd: Crowd) -> None:
    """Each member is removed once, whoever asks; a place that is given up can be taken at once, and no other."""
    members, wanted = await crowd.world.customers(RACERS // 2), await crowd.world.customers(RACERS // 2)
    group = await crowd.world.group(maximum=len(members), members=members)

    payloads = await asyncio.gather(
        *(remove(crowd.client, group, customer) for customer in members for _ in range(2)),
        *(add(crowd.client, group, customer) for customer in wanted),
    )

    removed, added = payloads[: 2 * len(members)], payloads[2 * len(members) :]
    assert Counter(", ".join(group_codes(one)) or "removed" for one in removed) == {
        "removed": len(members),
        "NOT_A_MEMBER": len(members),
    }
    told = tally(added)
    assert set(told) <= {"added", "GROUP_FULL"}
    await assert_counted(crowd, group, told["added"])


async def test_a_limit_that_is_lowered_holds_against_additions(crowd: Crowd) -> None:
    """Either it is lowered and no more get in, or more are in and it is not."""
    before, wanted = await crowd.world.customers(3), await crowd.world.customers(RACERS)
    group = await crowd.world.group("Founders circle", maximum=RACERS, members=before)
    lower = {"groupId": gid(group), "expectedVersion": 1, "maximumMembers": 6}

    lowered, *payloads = await asyncio.gather(
        keep(crowd.client, "updateGroup", **lower), *(add(crowd.client, group, customer) for customer in wanted)
    )

    added = tally(payloads)["added"]
    await assert_counted(crowd, group, 3 + added)
    if group_codes(lowered):
        assert (group_codes(lowered), added > 3) == (["MAXIMUM_EXCEEDED"], True)
    else:
        assert added == 3


async def test_a_group_gets_no_category_whose_wall_somebody_crosses_at_that_moment(crowd: Crowd) -> None:
    """Its members join a group of a category while it gets the one that this excludes: one of the two is refused."""
    low = await crowd.world.risk_category("Low")
    high = await crowd.world.risk_category("High", excludes=[low])
    category = to_global_id(Kind.RISK_CATEGORY, high.id)
    for number in range(5):
        people = await crowd.world.customers(4)
        walled = await crowd.world.group(risk_category=low)
        group = await crowd.world.group(f"Watched {number:04}", members=people)
        wish = {"groupId": gid(group), "expectedVersion": 1, "riskCategoryId": category}

        *payloads, changed = await asyncio.gather(
            *(add(crowd.client, walled, customer) for customer in people), keep(crowd.client, "updateGroup", **wish)
        )

        added = tally(payloads)["added"]
        if group_codes(changed):
            assert (group_codes(changed), added > 0) == (["RISK_CATEGORY_CONFLICT"], True)
        else:
            assert tally(payloads) == {"RISK_CATEGORY_CONFLICT": 4}


async def test_jobs_and_single_additions_share_the_places(crowd: Crowd) -> None:
    """Two jobs and twenty people want the last places: none is given twice, and each is told how it went."""
    group = await crowd.world.group(maximum=PLACES * 3)
    singly, *bulks = [await crowd.world.customers(RACERS) for _ in range(3)]
    jobs = [await add_many(crowd.client, group, customerIds=[gid(one) for one in bulk]) for bulk in bulks]
    runners = [JobRunner(crowd.database, Settings(), batch=3) for _ in bulks]

    payloads, *_ = await asyncio.gather(
        asyncio.gather(*(add(crowd.client, group, customer) for customer in singly)),
        *(runner.work() for runner in runners),
    )

    done = [(await member_job(crowd.client, begun["job"]["id"]))["counts"] for begun in jobs]
    assert all(counts["added"] + counts["refused"] == RACERS for counts in done)
    assert tally(payloads)["added"] + sum(counts["added"] for counts in done) == PLACES * 3
    await assert_counted(crowd, group, PLACES * 3)


async def test_jobs_of_two_groups_behind_a_wall_let_each_customer_into_one(crowd: Crowd) -> None:
    wanted = await crowd.world.customers(RACERS)
    low = await crowd.world.risk_category()
    groups = [
        await crowd.world.group(risk_category=low),
        await crowd.world.group(risk_category=await crowd.world.risk_category(excludes=[low])),
    ]
    for group in groups:
        await add_many(crowd.client, group, customerIds=[gid(one) for one in wanted])
    runners = [JobRunner(crowd.database, Settings(), batch=3) for _ in groups]

    await asyncio.gather(*(runner.work() for runner in runners))

    found = [row.customer_id for group in groups for row in await memberships(crowd.database, group)]
    assert sorted(found) == sorted(one.id for one in wanted)
