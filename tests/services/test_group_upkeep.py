"""Groups kept up by themselves: each is looked at once a day, to the end, whoever is stopped or fails in between."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gql.db.engine import Database
from gql.db.models import Customer, Group, GroupCheck, Membership, Notification, ProposedRemoval
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.ids import new_id
from gql.domain.proposed_removals import ProposalStatus
from gql.domain.time import now
from gql.services import group_checks, group_digests, notifications
from gql.services.criteria_facts import criteria_facts_of
from gql.services.group_checks import check_batch
from gql.services.group_upkeep import GroupUpkeep, run_group_upkeep
from gql.settings import Settings
from tests.api.drifting import ACTIVE_ONLY
from tests.factories import World


async def proposals(database: Database, group: Group | None = None) -> Sequence[Any]:
    """All, or a group's."""
    c: Any = ProposedRemoval.__table__.c
    statement = select(ProposedRemoval.__table__).order_by(c.id)
    return await database.rows(statement if group is None else statement.where(c.group_id == group.id))


async def check_of(database: Database, group: Group) -> Any:
    """How far a group was looked at."""
    table = GroupCheck.__table__
    [row] = await database.rows(select(table).where(table.c.group_id == group.id))
    return row


async def put(database: Database, **values: Any) -> None:
    """Change what is known of all looks."""
    async with database.begin() as session:
        await session.execute(update(GroupCheck).values(**values))


async def drifted(world: World, how_many: int = 3) -> Group:
    """A group of so many who don't fit, and one who does."""
    lapsed = await world.customers(how_many, status=CustomerStatus.SUSPENDED)
    return await world.group(members=[*lapsed, await world.customer()], criteria=ACTIVE_ONLY)


async def test_each_group_with_a_rule_is_looked_at_once_a_day(database: Database) -> None:
    world = World(database)
    groups = [await drifted(world) for _ in range(2)]
    archived = await drifted(world)
    await world.group(members=await world.customers(1, status=CustomerStatus.SUSPENDED))
    async with database.begin() as session:
        await session.execute(update(Group).where(Group.id == archived.id).values(status=GroupStatus.ARCHIVED))

    upkeep = GroupUpkeep(database)
    assert (await upkeep.work(), await upkeep.work()) == (2, 0)

    found = Counter(row.group_id for row in await proposals(database))
    assert found == {group.id: 3 for group in groups}
    await put(database, checked_at=now() - timedelta(days=1))
    assert await GroupUpkeep(database).work() == 2
    assert len(await proposals(database)) == 6, "nobody is proposed twice"


async def test_no_batch_has_more_than_its_members_and_the_next_goes_on_where_it_ended(database: Database) -> None:
    """By whoever comes: the second one is another's, once the lease is over."""
    group = await drifted(World(database), 5)
    first, second = new_id(), new_id()

    assert await check_batch(database, group.id, first, batch=2)
    assert len(await proposals(database)) == 2
    assert not await check_batch(database, group.id, second, batch=2), "the first one is at it"
    assert len(await proposals(database)) == 2
    assert await GroupUpkeep(database).work() == 0
    await put(database, lease_until=now() - timedelta(seconds=1))
    assert await check_batch(database, group.id, second, batch=2)
    assert not await check_batch(database, group.id, first, batch=2)
    assert await check_batch(database, group.id, second, batch=2)
    assert not await check_batch(database, group.id, second, batch=2)

    assert len({row.membership_id for row in await proposals(database)}) == len(await proposals(database)) == 5
    done = await check_of(database, group)
    assert done.checked_at is not None
    assert (done.began_at, done.after_id, done.lease_by, done.lease_until) == (None, None, None, None)


async def test_the_statements_of_a_batch_do_not_depend_on_its_members(database: Database) -> None:
    world, sent = World(database), Counter[int]()
    for how_many in (2, 40):
        group = await drifted(world, how_many)
        statements: list[str] = []
        end = database.listen(lambda statement, _parameters, to=statements: to.append(statement))  # type: ignore[misc]
        await check_batch(database, group.id, new_id())
        end()
        sent[how_many] = len(statements)
    assert sent[2] == sent[40] < 20


async def test_several_at_once_share_the_work(database: Database) -> None:
    world = World(database)
    groups = [await drifted(world, 6) for _ in range(3)]

    await asyncio.gather(*(GroupUpkeep(database, batch=2).work() for _ in range(4)))

    found = await proposals(database)
    assert Counter(row.group_id for row in found) == {group.id: 6 for group in groups}
    assert len({row.membership_id for row in found}) == 18
    assert {row.status for row in found} == {ProposalStatus.PROPOSED}


async def test_a_group_that_fails_waits_and_keeps_nobody_from_theirs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(database)
    poor, good = [await drifted(world) for _ in range(2)]
    facts_of = criteria_facts_of
    failing = {poor.id}

    async def failing_for_one(session: Any, dialect: Any, rows: Any, *rest: Any) -> Any:
        if any(group.id in failing for group in session.identity_map.values() if isinstance(group, Group)):
            raise RuntimeError("broken")
        return await facts_of(session, dialect, rows, *rest)

    monkeypatch.setattr(group_checks, "criteria_facts_of", failing_for_one)
    await GroupUpkeep(database).work()

    assert {row.group_id for row in await proposals(database)} == {good.id}
    waiting = await check_of(database, poor)
    assert (waiting.failures, waiting.lease_by, waiting.checked_at) == (1, None, None)
    assert waiting.lease_until > now()
    assert await GroupUpkeep(database).work() == 0, "it is not tried at once"
    await put(database, lease_until=now())
    await GroupUpkeep(database).work()
    assert (await check_of(database, poor)).failures == 2
    failing.clear()
    await put(database, lease_until=now())
    await GroupUpkeep(database).work()
    assert {row.group_id for row in await proposals(database)} == {good.id, poor.id}
    assert (await check_of(database, poor)).failures == 0


async def test_a_group_that_is_archived_meanwhile_is_left_as_it_is(database: Database) -> None:
    group = await drifted(World(database))
    holder = new_id()
    assert await check_batch(database, group.id, holder, batch=1)
    async with database.begin() as session:
        await session.execute(update(Group).where(Group.id == group.id).values(status=GroupStatus.ARCHIVED))
    assert not await check_batch(database, group.id, holder, batch=1)
    assert len(await proposals(database)) == 1
    assert await GroupUpkeep(database).work() == 0


async def test_a_stop_ends_it_after_the_batch_that_is_under_way(database: Database) -> None:
    group, stop = await drifted(World(database), 5), asyncio.Event()
    stop.set()
    assert await GroupUpkeep(database, batch=1).work(stop) == 0
    assert await proposals(database, group) == []


async def _until_proposed(database: Database, how_many: int) -> None:
    for _ in range(1_000):
        if len(await proposals(database)) == how_many:
            return
        await asyncio.sleep(0.01)
    pytest.fail("nobody was proposed")


async def test_it_runs_until_it_is_stopped_and_survives_a_broken_database(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await drifted(World(database))
    broken = Database(database_url)
    stop, rows, failures = asyncio.Event(), broken.rows, iter([OSError("gone")])

    async def failing_once(*arguments: Any, **options: Any) -> Any:
        for failure in failures:
            raise failure
        return await rows(*arguments, **options)

    monkeypatch.setattr(broken, "rows", failing_once)
    running = asyncio.create_task(GroupUpkeep(broken, pause_seconds=0.01).run(stop))
    await _until_proposed(database, 3)
    stop.set()
    await running
    await broken.close()


async def test_the_worker_does_it_with_a_connection_of_its_own(database: Database, database_url: str) -> None:
    await drifted(World(database))
    stop = asyncio.Event()
    running = asyncio.create_task(run_group_upkeep(Settings.model_validate({"database_url": database_url}), stop))
    await _until_proposed(database, 3)
    stop.set()
    await running


async def test_whoever_ends_a_membership_ends_what_is_proposed_about_it(database: Database) -> None:
    """By a trigger: also where nobody thought of it."""
    world = World(database)
    await drifted(world, 2)
    await GroupUpkeep(database).work()
    [gone, still] = await proposals(database)
    moment = now()
    async with database.begin() as session:
        await session.execute(update(Membership).where(Membership.id == gone.membership_id).values(until=moment))
        await session.execute(update(Customer).where(Customer.id == still.customer_id).values(version=2))
    [ended, untouched] = await proposals(database)
    assert (ended.status, ended.decided_at) == (ProposalStatus.OBSOLETE, moment)
    assert untouched == still


async def test_an_owner_who_can_not_be_told_keeps_no_other_from_hearing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told once whatever failed is mended."""
    world = World(database)
    owners = [await world.admin("super_admin") for _ in range(2)]
    lapsed = await world.customers(1, status=CustomerStatus.SUSPENDED)
    poisoned, _ = [await world.group(members=lapsed, criteria=ACTIVE_ONLY, owner=owner) for owner in owners]

    def refuse_one(session: Any, to: Any, **facts: Any) -> None:
        if facts["group_id"] == poisoned.id:
            raise RuntimeError("no such template")
        notifications.tell(session, to, **facts)

    with monkeypatch.context() as broken:
        broken.setattr(group_digests, "tell", refuse_one)
        await GroupUpkeep(database).work()
        assert await told(database) == [owners[1].id]
    await GroupUpkeep(database).work()
    assert await told(database) == sorted(owner.id for owner in owners)


async def told(database: Database) -> list[Any]:
    """Who was told that a group has drifted."""
    c: Any = Notification.__table__.c
    return sorted(row.admin_id for row in await database.rows(select(c.admin_id).where(c.event == "GROUP_DRIFTED")))
