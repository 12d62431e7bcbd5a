"""Who leaves by a decision, by hand or by a rule, or comes back, at one moment: each once, and the count is true."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import select, update

from gql.db.models import Customer, DueRemoval, Group
from gql.domain.customer_status import StatusAction
from gql.domain.enums import CustomerStatus
from gql.services.group_upkeep import GroupUpkeep
from tests.api.client import gid
from tests.api.drifting import ACTIVE_ONLY, check, decide, outcomes, proposed
from tests.api.keeping_groups import codes as group_codes
from tests.api.keeping_groups import keep, remove
from tests.api.mutations import add
from tests.api.test_customer_status import change as change_status
from tests.records import current, events, memberships
from tests.services.conftest import RACERS, Crowd

LEAVE = [CustomerStatus.SUSPENDED]


async def open_in(crowd: Crowd, group: Group) -> list[Any]:
    """The customers of the open memberships, which are as many as the group counts."""
    found = [row.customer_id for row in await memberships(crowd.database, group) if row.until is None]
    assert len(found) == len(set(found)) == (await current(crowd.database, group)).member_count
    return found


async def test_a_member_who_is_accepted_and_removed_at_once_leaves_once(crowd: Crowd) -> None:
    """Several decisions, and removals by hand, about the same ten; some come back in between, if they may."""
    people = await crowd.world.customers(10, status=CustomerStatus.SUSPENDED)
    group = await crowd.world.group(members=people, criteria=ACTIVE_ONLY)
    await check(crowd.client, group)
    found = await proposed(crowd.client, group)

    decided, removed, added = await asyncio.gather(
        asyncio.gather(*(decide(crowd.client, group, found[::way]) for way in (1, -1, 1, -1))),
        asyncio.gather(*(remove(crowd.client, group, one) for one in people[:5])),
        asyncio.gather(*(add(crowd.client, group, one) for one in people)),
    )

    told = Counter(outcome for payload in decided for outcome in outcomes(payload))
    by_hand = sum(not group_codes(payload) for payload in removed)
    assert told["REMOVED"] + by_hand == 10
    assert set(told) <= {"REMOVED", "ALREADY_DECIDED", "MEMBERSHIP_ENDED"}
    assert all(group_codes(payload) for payload in added), "who is suspended joins nothing"
    assert await open_in(crowd, group) == []
    assert len(await events(crowd.database, "group.member_removed")) == 10


async def test_of_accepting_and_keeping_at_once_one_stands(crowd: Crowd) -> None:
    people = await crowd.world.customers(10, status=CustomerStatus.SUSPENDED)
    group = await crowd.world.group(members=people, criteria=ACTIVE_ONLY)
    await check(crowd.client, group)
    found = await proposed(crowd.client, group)

    payloads = await asyncio.gather(
        *(decide(crowd.client, group, [one], how) for one in found for how in ("ACCEPT", "KEEP"))
    )

    told = Counter(outcome for payload in payloads for outcome in outcomes(payload))
    assert told["REMOVED"] + told["KEPT"] == told["ALREADY_DECIDED"] == 10
    assert len(await open_in(crowd, group)) == told["KEPT"]


async def test_who_fits_again_at_that_moment_and_joins_anew_is_counted(crowd: Crowd) -> None:
    """Accepted, or fitting again: and who is out and active can come back at once."""
    people = await crowd.world.customers(10, status=CustomerStatus.SUSPENDED)
    group = await crowd.world.group(members=people, criteria=ACTIVE_ONLY)
    await check(crowd.client, group)
    found = await proposed(crowd.client, group)

    changing = asyncio.gather(*(change_status(crowd.client, StatusAction.REINSTATE, one) for one in people))
    decided, added = await asyncio.gather(
        asyncio.gather(*(decide(crowd.client, group, [one]) for one in found)),
        asyncio.gather(*(add(crowd.client, group, one) for one in people)),
    )
    await changing

    told = Counter(outcome for payload in decided for outcome in outcomes(payload))
    assert told["REMOVED"] + told["FITS_AGAIN"] == 10
    joined = sum(not group_codes(payload) for payload in added)
    assert len(await open_in(crowd, group)) == told["FITS_AGAIN"] + joined


async def test_several_upkeeps_remove_each_once_beside_removals_by_hand(crowd: Crowd) -> None:
    people = await crowd.world.customers(RACERS)
    groups = [await crowd.world.group(members=people, leave_by=LEAVE) for _ in range(2)]
    await asyncio.gather(*(change_status(crowd.client, StatusAction.SUSPEND, one) for one in people))
    upkeeps = [GroupUpkeep(crowd.database, batch=3) for _ in range(4)]

    await asyncio.gather(
        *(upkeep.work() for upkeep in upkeeps), *(remove(crowd.client, groups[0], one) for one in people[:5])
    )
    async with crowd.database.begin() as session:  # those whom somebody else was just removing wait for a moment
        await session.execute(update(DueRemoval).values(try_at=DueRemoval.asked_at))
    await GroupUpkeep(crowd.database).work()

    for group in groups:
        assert await open_in(crowd, group) == []
    assert len(await events(crowd.database, "group.member_removed")) == RACERS * 2
    assert await crowd.database.rows(select(DueRemoval.membership_id)) == []


async def test_nobody_leaves_by_a_rule_that_is_gone(crowd: Crowd) -> None:
    """Taken away while it is at work: whoever was removed was so before."""
    people = await crowd.world.customers(RACERS)
    group = await crowd.world.group(members=people, leave_by=LEAVE)
    async with crowd.database.begin() as session:
        await session.execute(update(Customer).values(status=CustomerStatus.SUSPENDED))
    gone = {"groupId": gid(group), "expectedVersion": 1, "removalRules": None}

    _, changed = await asyncio.gather(
        GroupUpkeep(crowd.database, batch=2).work(), keep(crowd.client, "updateGroup", **gone)
    )

    assert group_codes(changed) == []
    [event] = await events(crowd.database, "group.updated")
    assert all(one.at <= event.at for one in await events(crowd.database, "group.member_removed"))
    before = await open_in(crowd, group)
    async with crowd.database.begin() as session:
        await session.execute(update(DueRemoval).values(try_at=DueRemoval.asked_at))
    await GroupUpkeep(crowd.database).work()
    assert await open_in(crowd, group) == before


async def test_changes_of_status_beside_the_upkeep_lose_nobody(crowd: Crowd) -> None:
    """Written down, looked at and changed back: all are out who are suspended, and nobody who never was."""
    people = await crowd.world.customers(RACERS)
    group = await crowd.world.group(members=people, leave_by=LEAVE)
    stop = asyncio.Event()
    running = [
        asyncio.create_task(GroupUpkeep(crowd.database, pause_seconds=0.01, batch=4).run(stop)) for _ in range(2)
    ]

    async def there_and_back(one: Customer, *, back: bool) -> None:
        await change_status(crowd.client, StatusAction.SUSPEND, one)
        if back:
            await change_status(crowd.client, StatusAction.REINSTATE, one)

    await asyncio.gather(*(there_and_back(one, back=bool(n % 2)) for n, one in enumerate(people)))
    stop.set()
    await asyncio.gather(*running)
    async with crowd.database.begin() as session:
        await session.execute(update(DueRemoval).values(try_at=DueRemoval.asked_at))
    await GroupUpkeep(crowd.database).work()

    left = set(await open_in(crowd, group))
    assert left <= {one.id for n, one in enumerate(people) if n % 2}
    assert await crowd.database.rows(select(DueRemoval.membership_id)) == []
