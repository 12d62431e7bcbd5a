"""Mails to send, and quick dispatchers to send them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

import pytest
from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.delivery.dispatcher import Dispatcher, Pace
from gql.delivery.mail import MailComposer
from gql.delivery.retry import Retry
from gql.delivery.smtp import SmtpTransport
from gql.delivery.transport import Transport
from gql.domain.ids import new_id
from gql.services.outbox import enqueue_mail
from tests.patience import PATIENCE

QUICK = Pace(
    poll_seconds=0.01,
    lease_seconds=60,
    send_seconds=40,
    retry=Retry(first_seconds=0.01, longest_seconds=0.05),
)
SENDER = "Savanna Credit <no-reply@savanna.example>"
FOR_MANAGER = {
    "customer_name": "Adaeze Okafor",
    "customer_number": "C-100042",
    "manager_name": "Tunde Balogun",
    "previous_manager_name": None,
    "assigned_by_name": "Ngozi Eze",
    "reason": None,
}


async def enqueue(database: Database, count: int = 1, **changes: Any) -> list[UUID]:
    """Commit messages to a manager, to m0@…, m1@… and so on; answers their ids in that order."""
    subject = new_id()
    async with database.begin() as session:
        for number in range(count):
            message: dict[str, Any] = {
                "template": "account_manager_assigned_manager",
                "recipient": f"m{number}@savanna.example",
                "payload": FOR_MANAGER,
                **changes,
            }
            enqueue_mail(session, subject_id=subject, **message)
    statement = select(OutboxMessage.id).where(OutboxMessage.subject_id == subject).order_by(OutboxMessage.recipient)
    return [row.id for row in await database.rows(statement)]


async def stored(database: Database, key: UUID) -> Any:
    """A message's row as it is now."""
    columns = OutboxMessage.__table__.c
    return (await database.rows(select(*columns).where(columns.id == key)))[0]


def dispatcher_to(database: Database, port: int, pace: Pace = QUICK, **changes: Any) -> Dispatcher:
    """A dispatcher to the mail server on that port."""
    return dispatcher_over(database, SmtpTransport(f"smtp://127.0.0.1:{port}", timeout=20), replace(pace, **changes))


def dispatcher_over(database: Database, transport: Transport, pace: Pace = QUICK) -> Dispatcher:
    """A dispatcher to anywhere."""
    return Dispatcher(database, transport, MailComposer(SENDER), pace)


@asynccontextmanager
async def running(*dispatchers: Dispatcher) -> AsyncIterator[asyncio.Event]:
    """Run dispatchers until the block ends, or the event that it yields is set."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for dispatcher in dispatchers:
            tasks.create_task(dispatcher.run(stop))
        try:
            yield stop
        finally:
            stop.set()


class Until(Protocol):
    """Wait until a condition holds."""

    async def __call__(self, holds: Callable[[], bool | Awaitable[bool]], seconds: float = PATIENCE) -> None:
        """Fails the test when it takes longer."""


@pytest.fixture
def until() -> Until:
    """Wait until a condition holds, or fail."""

    async def wait(holds: Callable[[], bool | Awaitable[bool]], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while True:
                answer = holds()
                if answer if isinstance(answer, bool) else await answer:
                    return
                await asyncio.sleep(0.02)

    return wait
