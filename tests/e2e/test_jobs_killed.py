"""A job whose server is killed in its midst goes on in the next server, and does no customer twice."""

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from gql.db.engine import Database
from gql.db.models import Admin, Assignment, Job, JobItem, OutboxMessage
from gql.domain.jobs import ItemOutcome, JobStatus
from gql.domain.time import now
from tests.api.client import gid
from tests.e2e.conftest import App, serving, wait_until
from tests.factories import PASSWORD, World

_CUSTOMERS = 1_000
"""Five batches."""
_BEGIN = """mutation($input: ReassignBookInput!) {
  reassignBook(input: $input) { job { id } userErrors { code } }
}"""
_HOW_FAR = "query($id: ID!) { job(id: $id) { status done counts { moved } } }"


def test_a_job_goes_on_after_its_server_was_killed(database_url: str, tmp_path: Path) -> None:
    boss, ada, bola = asyncio.run(_lender(database_url))
    with serving(database_url, tmp_path) as server:
        console = server.sign_in(boss.email, password=PASSWORD)
        asked = {"fromAdminId": gid(ada), "to": [{"adminId": gid(bola), "weight": 1}], "reason": "Leaves"}
        begun = console.data(_BEGIN, {"input": asked})["reassignBook"]
        assert begun["userErrors"] == []
        job_id = begun["job"]["id"]
        wait_until(lambda: _job(console, job_id)["done"] > 0, "the first batch is done")
        server.process.kill()
        server.process.wait(10)

    done = asyncio.run(_end_lease(database_url))
    assert 0 < done < _CUSTOMERS, "it was to be killed in the midst"
    with serving(database_url, tmp_path) as server:
        console = server.sign_in(boss.email, password=PASSWORD)
        wait_until(lambda: _job(console, job_id)["status"] == "DONE", "the job goes on to its end")
        assert _job(console, job_id)["counts"] == {"moved": _CUSTOMERS}

    outcomes, spans, mails = asyncio.run(_left_behind(database_url, bola))
    assert outcomes == {ItemOutcome.MOVED: _CUSTOMERS}
    assert spans == [(_CUSTOMERS, _CUSTOMERS)]
    assert mails == {
        "account_manager_assigned_customer": _CUSTOMERS,
        "book_changed_manager": 2,
        "job_ended_requester": 1,
    }


def _job(console: App, job_id: str) -> dict[str, Any]:
    time.sleep(0.02)
    found: dict[str, Any] = console.data(_HOW_FAR, {"id": job_id})["job"]
    return found


async def _lender(database_url: str) -> tuple[Admin, Admin, Admin]:
    database = Database(database_url)
    try:
        world = World(database)
        boss = await world.admin("super_admin")
        ada, bola = await world.admin("account_manager"), await world.admin("account_manager")
        await world.password(boss)
        for _ in range(_CUSTOMERS):
            await world.customer(manager=ada)
    finally:
        await database.close()
    return boss, ada, bola


async def _end_lease(database_url: str) -> int:
    """As it does by itself, in half a minute. Answers how far the job has come."""
    database = Database(database_url)
    try:
        async with database.begin() as session:
            await session.execute(update(Job).where(Job.status == JobStatus.RUNNING).values(lease_until=now()))
            return (await session.scalars(select(Job.done))).one()
    finally:
        await database.close()


async def _left_behind(database_url: str, manager: Admin) -> tuple[Any, Any, Any]:
    """The outcomes; the open assignments of the manager, and of how many customers; and the mails that wait."""
    database = Database(database_url)
    spans = select(func.count(), func.count(Assignment.customer_id.distinct())).where(
        Assignment.admin_id == manager.id, Assignment.ended_at.is_(None)
    )
    try:
        outcomes = Counter(row.outcome for row in await database.rows(select(JobItem.outcome)))
        found = [tuple(row) for row in await database.rows(spans)]
        mails = Counter(row.template for row in await database.rows(select(OutboxMessage.template)))
    finally:
        await database.close()
    return outcomes, found, mails
