"""The outbox killed a hundred times at each step, and mail servers in trouble for longer."""

import asyncio
import os
from pathlib import Path
from time import monotonic

import pytest
import structlog
from sqlalchemy import update

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.domain.enums import OutboxStatus
from tests.databases import DatabaseKind
from tests.delivery.conftest import Until, until
from tests.delivery.dying import Step
from tests.delivery.mailserver import Mailbox
from tests.delivery.rounds import aftermath, nothing_waits
from tests.e2e.mail_trouble import TROUBLES, Office
from tests.e2e.test_mail_trouble import RETURNED

__all__ = ["until"]
TIMES = int(os.environ.get("SOAK_KILLS", "100"))
OUTAGE_SECONDS = 40
ASSIGNMENTS = 10
HOURS_OF_ATTEMPTS = 500


@pytest.mark.parametrize("step", Step)
async def test_a_hundred_deaths_at_a_step_lose_no_mail(
    database: Database, database_kind: DatabaseKind, database_url: str, until: Until, step: Step
) -> None:
    begun = monotonic()
    with structlog.testing.capture_logs():
        after = await aftermath(database, database_url, step, TIMES, until)
    print(
        f"\n{database_kind}, {step.value}: {TIMES} kills, {len(after.committed)} committed, "
        f"{len(after.mails)} mails, {after.doubled} of them more than once, {monotonic() - begun:.0f} s"
    )
    assert after.wrong == []
    assert len(after.committed) == (0 if step is Step.BEFORE_COMMIT else TIMES)


@pytest.mark.parametrize("name", TROUBLES)
async def test_after_a_long_trouble_all_mails_are_out_within_a_minute(
    database: Database, database_kind: DatabaseKind, database_url: str, tmp_path: Path, until: Until, name: str
) -> None:
    """With the settings as they are. Half-way, the mails are made to look as though it had gone on for hours."""
    trouble = TROUBLES[name]
    async with Office.open(database, database_url, tmp_path) as office:
        async with office.mail_server(trouble.mailbox() if trouble.mailbox else None):
            answered = []
            for number in range(ASSIGNMENTS):
                begun = monotonic()
                await office.assign(f"{name} {number}")
                answered.append(monotonic() - begun)
                await asyncio.sleep(OUTAGE_SECONDS / 2 / ASSIGNMENTS)
            async with database.begin() as session:
                waiting = update(OutboxMessage).where(OutboxMessage.status == OutboxStatus.PENDING)
                await session.execute(waiting.values(attempts=HOURS_OF_ATTEMPTS))
            await asyncio.sleep(OUTAGE_SECONDS / 2)
        async with office.mail_server(Mailbox()):
            returned = monotonic()
            await until(lambda: nothing_waits(database), seconds=RETURNED)
    print(
        f"\n{database_kind}, {name}: assignments answered within {max(answered) * 1e3:.0f} ms, "
        f"{3 * ASSIGNMENTS} mails out {monotonic() - returned:.0f} s after its return"
    )
    assert office.wrong == []
