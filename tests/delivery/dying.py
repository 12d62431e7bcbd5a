"""Processes that do real work and kill themselves at one step of it: of an assignment's commit, of a mail's delivery.

Nothing in the product knows of the steps. A child is put to death from outside: by the events of the database's
connection, and by a transport round the real one.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import event
from sqlalchemy.orm import Session

from gql.db.engine import Database
from gql.delivery.mail import Mail
from gql.delivery.smtp import SmtpTransport
from gql.delivery.transport import Connection, Transport
from gql.domain.enums import SubjectKind
from gql.domain.roles import SUPER_ADMIN
from gql.domain.viewer import AdminViewer
from gql.services import assignments
from gql.services.assignments import AssignAccountManager
from gql.services.audit import Actor
from tests.delivery.conftest import QUICK, dispatcher_over
from tests.forks import FORKS

_WITHIN = 30


class Step(Enum):
    """Where a process dies. The first two are an assignment's, the others a dispatcher's."""

    BEFORE_COMMIT = "before the commit"
    AFTER_COMMIT = "after the commit"
    BEFORE_CLAIM = "before the claim is committed"
    AFTER_CLAIM = "after the claim"
    BEFORE_DATA = "before the mail is sent"
    AFTER_DATA = "after the mail server has taken the mail"
    BEFORE_MARK = "before the delivery is committed"
    AFTER_MARK = "after the delivery is committed"

    @property
    def is_of_assignment(self) -> bool:
        """Whether the process that dies is one that assigns."""
        return self in (Step.BEFORE_COMMIT, Step.AFTER_COMMIT)


@dataclass(frozen=True)
class Job:
    """What a child is to do: the assignment, or, without one, to deliver to a mail server's port."""

    database_url: str
    port: int
    step: Step
    boss_id: UUID
    office_id: UUID
    wish: AssignAccountManager


Plant = Callable[[Job], None]
"""Plants a bug in a child before it starts."""


def die(*_anything: Any) -> None:
    """SIGKILL to oneself: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


async def let_die(job: Job, plant: Plant | None = None) -> None:
    """Run a child, which must have died by its own hand."""
    child = FORKS.Process(target=run, args=(job, plant), daemon=True)
    child.start()
    await asyncio.to_thread(child.join, _WITHIN)
    code = child.exitcode
    child.kill()
    assert code == -signal.SIGKILL, f"{job.step.value}: ended with {code}"


def run(job: Job, plant: Plant | None) -> None:
    """A child's whole life."""
    if plant is not None:
        plant(job)
    database = Database(job.database_url)
    commits = {Step.BEFORE_COMMIT: 1, Step.BEFORE_CLAIM: 1, Step.BEFORE_MARK: 2}
    committed = {Step.AFTER_COMMIT: 1, Step.AFTER_CLAIM: 1, Step.AFTER_MARK: 2}
    if job.step in commits:  # everything has been written by then, and COMMIT is about to be sent
        event.listen(database.writer.sync_engine, "commit", at_the(commits[job.step], die))
    if job.step in committed:
        event.listen(Session, "after_commit", at_the(committed[job.step], die))
    asyncio.run(assign(database, job) if job.step.is_of_assignment else deliver(database, job))


def at_the(number: int, act: Callable[..., None]) -> Callable[..., None]:
    """A listener that acts at the first, second or whichever call."""
    calls = count(1)

    def listener(*arguments: Any) -> None:
        if next(calls) == number:
            act(*arguments)

    return listener


async def assign(database: Database, job: Job) -> None:
    """The assignment, by a super admin."""
    viewer = AdminViewer(job.boss_id, uuid4(), job.office_id, (SUPER_ADMIN,))
    actor = Actor(SubjectKind.ADMIN, job.boss_id)
    await assignments.assign_account_manager(database, actor, viewer, job.wish, "any")


async def deliver(database: Database, job: Job) -> None:
    """Send what waits, for as long as it lives."""
    transport = Deadly(SmtpTransport(f"smtp://127.0.0.1:{job.port}"), job.step)
    # The next dispatcher doesn't wait long; and by its one connection, no mail is on its way while another is noted.
    pace = replace(QUICK, send_seconds=0.5, lease_seconds=1.5, connections=1)
    await dispatcher_over(database, transport, pace).run(asyncio.Event())


class Deadly:
    """A transport that doesn't survive the first mail's sending, or, by the step, what comes before or after it."""

    def __init__(self, transport: Transport, step: Step) -> None:
        self._transport = transport
        self._step = step

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """The real connection, with death round it."""
        async with self._transport.connect() as connection:
            yield DeadlyConnection(connection, self._step)


@dataclass
class DeadlyConnection:
    """The same for one connection."""

    connection: Connection
    step: Step

    async def send(self, mail: Mail) -> None:
        """Hand a mail over."""
        if self.step is Step.BEFORE_DATA:
            die()
        await self.connection.send(mail)
        if self.step is Step.AFTER_DATA:
            die()
