"""Processes that a test lets die: `python -m tests.delivery.crashing commit URL` and `… dispatch URL PORT`."""

import asyncio
import os
import signal
import sys

from gql.db.engine import Database
from gql.domain.ids import new_id
from gql.services.outbox import enqueue_mail
from tests.delivery.conftest import FOR_MANAGER, dispatcher_to

RECIPIENTS = ("customer@mail.example", "new.manager@savanna.example", "old.manager@savanna.example")


async def commit_and_die(url: str) -> None:
    """Commit three mails; be gone before anything can be done with them."""
    async with Database(url).begin() as session:
        for recipient in RECIPIENTS:
            enqueue_mail(
                session,
                template="account_manager_assigned_manager",
                recipient=recipient,
                subject_id=new_id(),
                payload=FOR_MANAGER,
            )
    os.kill(os.getpid(), signal.SIGKILL)


async def dispatch(url: str, port: int) -> None:
    """Deliver mails, with a short lease, until killed."""
    await dispatcher_to(Database(url), port, send_seconds=0.5, lease_seconds=0.6).run(asyncio.Event())


if __name__ == "__main__":
    if sys.argv[1] == "commit":
        asyncio.run(commit_and_die(sys.argv[2]))
    else:
        asyncio.run(dispatch(sys.argv[2], int(sys.argv[3])))
