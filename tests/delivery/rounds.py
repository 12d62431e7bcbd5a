"""Assignments and deliveries that die at one step, again and again, and what is wrong with the mails afterwards."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import Admin, Assignment, Customer, OutboxMessage
from gql.domain.enums import OutboxStatus
from gql.services.assignments import AssignAccountManager
from tests.delivery.conftest import QUICK, Until, dispatcher_to, running
from tests.delivery.dying import Job, Plant, Step, assign, let_die
from tests.delivery.mailserver import Mailbox, serving
from tests.factories import World


@dataclass
class Round:
    """One assignment, of people who are in no other: an address tells whose mail it is."""

    token: str
    customer: Customer
    old: Admin
    new: Admin

    @classmethod
    async def build(cls, world: World, token: str) -> "Round":
        """A customer whom one manager has and another is to have."""
        old, new = await world.admin("account_manager"), await world.admin("account_manager")
        return cls(token, await world.customer(manager=old), old, new)

    @property
    def recipients(self) -> tuple[str, str, str]:
        """Who must hear of it."""
        return self.customer.email, self.new.email, self.old.email

    @property
    def wish(self) -> AssignAccountManager:
        """The assignment."""
        return AssignAccountManager(self.customer.id, self.new.id, reason=self.token)


@dataclass
class Aftermath:
    """What there was when all had died and a healthy dispatcher had come."""

    rounds: list[Round]
    committed: set[str]
    mails: list[tuple[str, str]]
    """Recipient and Message-ID of each mail that the mail server took."""

    @property
    def wrong(self) -> list[str]:
        """Everything that breaks a promise."""
        ids = defaultdict(set)
        for recipient, message_id in self.mails:
            ids[recipient].add(message_id)
        found = []
        for each in self.rounds:
            for recipient in each.recipients:
                known = len(ids.pop(recipient, ()))
                if each.token in self.committed and known != 1:
                    found.append(f"{each.token}: committed, and {known} different mails to {recipient}")
                elif each.token not in self.committed and known:
                    found.append(f"{each.token}: rolled back, and mailed to {recipient}")
        return found + [f"a mail to {recipient}, of whom nothing is known" for recipient in ids]

    @property
    def doubled(self) -> int:
        """Mails that came more than once, with one Message-ID."""
        return sum(times > 1 for times in Counter(self.mails).values())


async def aftermath(
    database: Database, database_url: str, step: Step, times: int, until: Until, plant: Plant | None = None
) -> Aftermath:
    """Let processes die at the step so many times, then deliver all that waits, and look at what came."""
    world, mailbox = World(database), Mailbox()
    boss = await world.admin("super_admin")
    rounds = [await Round.build(world, f"round {number}") for number in range(times)]
    async with serving(mailbox) as port:
        for each in rounds:
            job = Job(database_url, port, step, boss.id, boss.office_id, each.wish)
            if not step.is_of_assignment:
                await assign(database, job)
            await let_die(job, plant)
        async with running(dispatcher_to(database, port, QUICK)):
            await until(lambda: nothing_waits(database), seconds=180)
    rows = await database.rows(select(Assignment.reason).where(Assignment.reason.is_not(None)))
    mails = [(str(mail["To"]), str(mail["Message-ID"])) for mail in mailbox.mails]
    return Aftermath(rounds, {row.reason for row in rows}, mails)


async def nothing_waits(database: Database) -> bool:
    """Whether every mail was delivered or given up."""
    return not await database.rows(
        select(OutboxMessage.id).where(OutboxMessage.status == OutboxStatus.PENDING).limit(1)
    )
