"""A mail server in every kind of trouble: assignments go on, and all mails are out within a minute of its return."""

import asyncio
from functools import partial
from pathlib import Path

from gql.db.engine import Database
from gql.domain.enums import OutboxStatus
from tests.command import environment
from tests.delivery.conftest import Until, until
from tests.delivery.mailserver import Mailbox
from tests.delivery.rounds import nothing_waits
from tests.e2e.killing import run
from tests.e2e.mail_trouble import FOR_GOOD, TROUBLES, Office
from tests.forks import FORKS

__all__ = ["until"]
RETURNED = 60
QUICK = {"OUTBOX_POLL_SECONDS": "0.1"}


async def test_assignments_go_on_and_all_mails_go_out_once_the_mail_server_is_back(
    database: Database, database_url: str, tmp_path: Path, until: Until
) -> None:
    async with Office.open(database, database_url, tmp_path, **QUICK) as office:
        for name, trouble in TROUBLES.items():
            async with office.mail_server(trouble.mailbox() if trouble.mailbox else None):
                each = await office.assign(name)
                await until(partial(office.has_met, each, trouble), seconds=20)
                await office.assign(f"{name}, once more")
        assert not await nothing_waits(database)
        async with office.mail_server(Mailbox()):
            await until(lambda: nothing_waits(database), seconds=RETURNED)
    assert office.wrong == []


async def test_what_is_refused_for_good_is_kept_apart_and_can_be_put_back(
    database: Database, database_url: str, tmp_path: Path, until: Until
) -> None:
    async with Office.open(database, database_url, tmp_path, **QUICK) as office:
        assert FOR_GOOD.mailbox is not None
        async with office.mail_server(FOR_GOOD.mailbox()):
            each = await office.assign("refused")
            await until(lambda: nothing_waits(database), seconds=20)
        assert await office.has_met(each, FOR_GOOD)
        assert await office.count(OutboxStatus.DEAD) == len(each.recipients)
        async with office.mail_server(Mailbox()):
            arguments = (["outbox", "--requeue"], environment(database_url, tmp_path), tmp_path / "outbox.log")
            command = FORKS.Process(target=run, args=arguments, daemon=True)
            command.start()
            await asyncio.to_thread(command.join, 20)
            assert command.exitcode == 0, (tmp_path / "outbox.log").read_text()
            await until(lambda: nothing_waits(database), seconds=RETURNED)
        assert await office.count(OutboxStatus.DELIVERED) == len(each.recipients)
    assert office.wrong == []
