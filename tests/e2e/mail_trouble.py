"""A lender whose mail server has trouble: real server, real mail server, and assignments that go on meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.domain.enums import OutboxStatus
from tests.api.client import gid
from tests.delivery.mailserver import Mailbox, serving
from tests.delivery.rounds import Round
from tests.e2e.conftest import SIGN_IN, free_port
from tests.e2e.killing import Restarted
from tests.e2e.register import ASSIGN
from tests.factories import PASSWORD, World

SECONDS = 8
"""Within which an assignment is answered: far more than it takes, and less than a wait for a silent mail server."""
MANY = 100_000


async def _answer_slowly() -> None:
    await asyncio.sleep(15)


def _refusing(**answers: str) -> Mailbox:
    mailbox = Mailbox()
    for name, answer in answers.items():
        getattr(mailbox, name).extend([answer] * MANY)
    return mailbox


@dataclass(frozen=True)
class Trouble:
    """A mail server's trouble; without a mailbox, nobody listens. `error` is what a mail that met it has on record."""

    mailbox: Callable[[], Mailbox] | None
    error: str | None


TROUBLES = {
    "down": Trouble(None, "SMTPConnectError"),
    "slow": Trouble(lambda: Mailbox(on_sender=_answer_slowly), None),
    "busy": Trouble(lambda: _refusing(sender_answers="451 Busy"), "SMTPSenderRefused 451"),
    "full": Trouble(lambda: _refusing(recipient_answers="452 Full"), "SMTPRecipientRefused 452"),
    "hangs up after DATA": Trouble(lambda: _refusing(data_answers="drop"), "SMTPServerDisconnected"),
}
FOR_GOOD = Trouble(lambda: _refusing(data_answers="554 Spam"), "SMTPDataError 554")


@dataclass
class Office:
    """A console that assigns, the server behind it, and what has come of the mails."""

    world: World
    http: httpx.AsyncClient
    url: str
    token: str
    smtp_port: int
    rounds: list[Round] = field(default_factory=list)
    boxes: list[Mailbox] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, database: Database, url: str, folder: Path, **settings: str) -> AsyncIterator["Office"]:
        """A server on that database, and somebody signed in who may assign anybody."""
        world, smtp_port = World(database), free_port()
        boss = await world.admin("super_admin")
        await world.password(boss)
        server = Restarted(url, folder, {"SMTP_URL": f"smtp://127.0.0.1:{smtp_port}", **settings})
        await server.start()
        try:
            async with httpx.AsyncClient(timeout=30) as http:
                office = cls(world, http, server.url, "", smtp_port)
                variables = {"email": boss.email, "password": PASSWORD, "audience": "ADMIN"}
                office.token = (await office._ask(SIGN_IN, variables))["signIn"]["accessToken"]
                yield office
        finally:
            server.kill()

    @asynccontextmanager
    async def mail_server(self, mailbox: Mailbox | None) -> AsyncIterator[None]:
        """The mail server is like this until the block ends, and away then."""
        if mailbox is None:
            yield
            return
        self.boxes.append(mailbox)
        async with serving(mailbox, self.smtp_port):
            yield

    async def assign(self, token: str) -> Round:
        """One assignment, which must go well in good time."""
        each = await Round.build(self.world, token)
        self.rounds.append(each)
        wish = {"customerId": gid(each.customer), "accountManagerId": gid(each.new), "reason": each.token}
        async with asyncio.timeout(SECONDS):
            answer = (await self._ask(ASSIGN, {"input": wish}))["assignAccountManager"]
        assert (answer["changed"], answer["userErrors"]) == (True, [])
        return each

    async def has_met(self, each: Round, trouble: Trouble) -> bool:
        """Whether the mails of an assignment were tried in vain, in the trouble's own way."""
        if trouble.error is None:
            return self.boxes[-1].connections > 0
        rows = await self.world.database.rows(select(OutboxMessage.recipient, OutboxMessage.last_error))
        return {row.last_error for row in rows if row.recipient in each.recipients} == {trouble.error}

    async def count(self, status: OutboxStatus) -> int:
        """Mails of that status."""
        return len(await self.world.database.rows(select(OutboxMessage.id).where(OutboxMessage.status == status)))

    @property
    def wrong(self) -> list[str]:
        """Who was not mailed, or by mails that differ."""
        ids = defaultdict(set)
        for mailbox in self.boxes:
            for mail in mailbox.mails:
                ids[str(mail["To"])].add(str(mail["Message-ID"]))
        wanted = [recipient for each in self.rounds for recipient in each.recipients]
        return [
            f"{recipient}: {len(ids[recipient])} different mails" for recipient in wanted if len(ids[recipient]) != 1
        ]

    async def _ask(self, query: str, variables: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": query, "variables": variables}
        answer = (await self.http.post(f"{self.url}/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer
        return answer["data"]
