"""No mail is lost, and none doubled without need, when a process is killed at the worst moment."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path

import pytest

from gql.db.engine import Database
from gql.delivery.outbox import outbox_summary
from gql.delivery.worker import run_worker
from gql.domain.enums import OutboxStatus
from gql.settings import Settings
from tests.delivery.conftest import Until, dispatcher_to, enqueue, running, stored
from tests.delivery.crashing import RECIPIENTS
from tests.delivery.mailserver import Mailbox, parse, serving

ROOT = Path(__file__).parents[2]


async def process(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.delivery.crashing", *arguments, cwd=ROOT)


async def all_delivered(database: Database, count: int) -> bool:
    return (await outbox_summary(database)).counts[OutboxStatus.DELIVERED] == count


@pytest.mark.parametrize("way", ["smtp", "files"])
async def test_a_process_killed_after_its_commit_leaves_each_mail_to_be_delivered_once(
    database: Database, database_url: str, tmp_path: Path, until: Until, way: str
) -> None:
    assert await (await process("commit", database_url)).wait() == -signal.SIGKILL

    mailbox, stop = Mailbox(), asyncio.Event()
    async with serving(mailbox) as port, asyncio.TaskGroup() as tasks:
        smtp_url = f"smtp://127.0.0.1:{port}" if way == "smtp" else None
        settings = Settings.model_validate(
            {"database_url": database_url, "var_dir": tmp_path, "smtp_url": smtp_url, "outbox_poll_seconds": 0.02}
        )
        tasks.create_task(run_worker(settings, stop))
        await until(lambda: all_delivered(database, len(RECIPIENTS)))
        await asyncio.sleep(0.1)  # time for a second delivery, if there were one
        stop.set()
    files = sorted((tmp_path / "mail").glob("*")) if way == "files" else []
    mails = mailbox.mails + [parse(file.read_bytes()) for file in files]
    assert Counter(mail["To"] for mail in mails) == Counter(RECIPIENTS)
    assert (await outbox_summary(database)).oldest_waiting is None


@pytest.mark.parametrize(("moment", "arrivals"), [("before the mail", 1), ("after the mail", 2)])
async def test_a_dispatcher_killed_while_it_sends(
    database: Database, database_url: str, until: Until, moment: str, arrivals: int
) -> None:
    """Killed before the mail has left, it arrives once; after, but before that is written down, twice with one id."""
    [key] = await enqueue(database)
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        victim = await process("dispatch", database_url, str(port))

        async def kill() -> None:
            mailbox.on_sender = mailbox.on_data = None
            victim.kill()
            await victim.wait()

        if moment == "after the mail":
            mailbox.on_data = kill
        else:
            mailbox.on_sender = kill
        assert await asyncio.wait_for(victim.wait(), 20) == -signal.SIGKILL
        row = await stored(database, key)
        assert (row.status, row.attempts) == (OutboxStatus.PENDING, 1)

        async with running(dispatcher_to(database, port)):
            await until(lambda: all_delivered(database, 1))
    assert mailbox.message_ids == [f"<{key}@savanna.example>"] * arrivals
    assert (await stored(database, key)).attempts == 2
