"""What is due while several look for it, while somebody cancels it, and while whoever does it is killed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import Admin, Customer, ScheduledAssignment
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.services.scheduled_assignments import record_scheduled
from gql.services.scheduled_starts import ScheduledStarts, run_scheduled_starts
from gql.settings import Settings
from tests.api.client import KEY
from tests.api.mutations import assign, codes
from tests.api.test_scheduled_assignments import assign_at, cancel
from tests.patience import PATIENCE
from tests.records import current, history, is_chain, outbox, unchanged
from tests.services.conftest import Crowd
from tests.vaults import DATA_KEY


async def due(crowd: Crowd, how_many: int, boss: Admin, to: Admin) -> list[ScheduledAssignment]:
    """So many customers whose assignment should begin now."""
    moment, people = now() - timedelta(seconds=5), await crowd.world.customers(how_many)
    return [await crowd.world.scheduled(customer, to, boss, effective_at=moment) for customer in people]


async def test_several_processes_begin_each_once(crowd: Crowd) -> None:
    boss, ada = await crowd.world.admin("super_admin"), await crowd.world.admin("account_manager")
    waiting = await due(crowd, 12, boss, ada)
    processes = [ScheduledStarts(crowd.database, "any") for _ in range(4)]

    started = sum(await asyncio.gather(*(process.start_due() for process in processes)))
    started += await processes[0].start_due()  # what two were at in the same moment, and both left to the other

    assert started == len(waiting)
    for scheduled in waiting:
        row = await current(crowd.database, scheduled)
        [customer] = await crowd.database.rows(
            select(Customer.account_manager_id, Customer.version).where(Customer.id == scheduled.customer_id)
        )
        assert (row.status, customer.account_manager_id, customer.version) == (ScheduleStatus.STARTED, ada.id, 2)
    assert len(await outbox(crowd.database)) == 2 * len(waiting)


async def test_of_a_cancelling_and_a_start_one_comes_first(crowd: Crowd) -> None:
    """Either it is cancelled and nothing has begun, or it has begun and the cancelling is refused."""
    boss, ada = await crowd.world.admin("super_admin"), await crowd.world.admin("account_manager")
    waiting, starts = await due(crowd, 10, boss, ada), ScheduledStarts(crowd.database, "any")
    cancelled, _ = await asyncio.gather(
        asyncio.gather(*(cancel(crowd.client, scheduled) for scheduled in waiting)), starts.start_due()
    )
    await starts.start_due()
    for scheduled, payload in zip(waiting, cancelled, strict=True):
        row = await current(crowd.database, scheduled)
        begun = row.status is ScheduleStatus.STARTED
        assert codes(payload) == (["NOT_ALLOWED"] if begun else [])
        assert payload["scheduledAssignment"]["status"] == row.status == ("STARTED" if begun else "CANCELLED")
        [customer] = await crowd.database.rows(
            select(Customer.account_manager_id).where(Customer.id == scheduled.customer_id)
        )
        assert customer.account_manager_id == (ada.id if begun else None)


async def test_who_looked_before_another_was_quicker_does_nothing(crowd: Crowd) -> None:
    boss, ada = await crowd.world.admin("super_admin"), await crowd.world.admin("account_manager")
    [begun, cancelled], starts = await due(crowd, 2, boss, ada), ScheduledStarts(crowd.database, "any")
    assert codes(await cancel(crowd.client, cancelled)) == []
    assert await starts.start_due() == 1
    async with unchanged(crowd.database):
        for scheduled in (begun, cancelled):
            assert await starts._try(scheduled.id, scheduled.customer_id) is False


async def test_of_many_who_schedule_one_customer_one_does(crowd: Crowd) -> None:
    ada, customer = await crowd.world.admin("account_manager"), await crowd.world.customer()
    at = now() + timedelta(days=1)
    payloads = await asyncio.gather(*(assign_at(crowd.client, customer, ada, at) for _ in range(10)))
    assert sorted(map(codes, payloads)) == [[], *[["ALREADY_SCHEDULED"]] * 9]
    assert len({payload["scheduled"]["id"] for payload in payloads}) == 1


async def test_an_assignment_by_hand_at_that_moment_leaves_a_chain(crowd: Crowd) -> None:
    boss, ada, bola = (
        await crowd.world.admin("super_admin"),
        *[await crowd.world.admin("account_manager") for _ in range(2)],
    )
    customer = await crowd.world.customer()
    scheduled = await crowd.world.scheduled(customer, ada, boss, effective_at=now() - timedelta(seconds=5))
    starts = ScheduledStarts(crowd.database, "any")
    by_hand, _ = await asyncio.gather(assign(crowd.client, customer, bola), starts.start_due())
    await starts.start_due()
    assert by_hand["changed"] is True
    assert (await current(crowd.database, scheduled)).status is ScheduleStatus.STARTED
    spans = await history(crowd.database, customer)
    assert is_chain(spans)
    assert {span.admin_id for span in spans} == {ada.id, bola.id}


async def test_one_that_fails_stops_no_other_and_is_tried_again(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the process is killed in the midst: nothing of it is left, and it begins with the next look."""
    boss, ada = await crowd.world.admin("super_admin"), await crowd.world.admin("account_manager")
    waiting, starts = await due(crowd, 3, boss, ada), ScheduledStarts(crowd.database, "any")

    def dies_once(session: object, actor: object, scheduled: ScheduledAssignment, *rest: object) -> None:
        if scheduled.id == waiting[0].id:
            raise ConnectionResetError
        record_scheduled(session, actor, scheduled, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr("gql.services.scheduled_starts.record_scheduled", dies_once)
        assert await starts.start_due() == 2
    row = await current(crowd.database, waiting[0])
    assert (row.status, row.decided_at) == (ScheduleStatus.PENDING, None)
    assert len(await outbox(crowd.database)) == 4
    assert await starts.start_due() == 1
    assert len(await outbox(crowd.database)) == 6


async def test_the_worker_begins_what_is_due_until_it_is_stopped(crowd: Crowd, database_url: str) -> None:
    boss, ada = await crowd.world.admin("super_admin"), await crowd.world.admin("account_manager")
    [scheduled] = await due(crowd, 1, boss, ada)
    settings = Settings.model_validate({"database_url": database_url, "secret_key": KEY, "data_keys": DATA_KEY})
    stop = asyncio.Event()
    running = asyncio.create_task(run_scheduled_starts(settings, stop))
    try:
        async with asyncio.timeout(PATIENCE):
            while not await is_started(crowd.database, scheduled):  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.02)
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await running


async def is_started(database: Database, scheduled: ScheduledAssignment) -> bool:
    return bool((await current(database, scheduled)).status is ScheduleStatus.STARTED)
