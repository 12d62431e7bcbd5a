"""Bugs to be planted in a process that dies: each breaks one promise of the outbox."""

import smtplib
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.delivery.mail import Mail, MailComposer
from gql.delivery.outbox import Claimed
from gql.domain.enums import OutboxStatus
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.services import assignments, notifications
from gql.services.outbox import enqueue_mail
from tests.delivery import dying
from tests.delivery.dying import Job
from tests.forks import plant


def sent_before_the_commit(job: Job) -> None:
    """An assignment sends its mails itself, while its transaction is open."""

    def send(_session: AsyncSession, *, recipient: str, **_facts: Any) -> None:
        with smtplib.SMTP("127.0.0.1", job.port) as server:
            head = f"To: {recipient}\r\nMessage-ID: <{new_id()}@savanna.example>\r\n\r\n"
            server.sendmail("no-reply@savanna.example", [recipient], head)

    plant(notifications, "enqueue_mail", send)


def written_after_the_commit(_job: Job) -> None:
    """An assignment writes its mails in a second transaction, when it is done."""
    assign, written = assignments.assign_account_manager, []

    def remember(_session: AsyncSession, **facts: Any) -> None:
        written.append(facts)

    async def assign_then_write(database: Database, *rest: Any) -> Any:
        assigned = await assign(database, *rest)
        async with database.begin() as session:
            for facts in written:
                enqueue_mail(session, **facts)
        return assigned

    plant(notifications, "enqueue_mail", remember)
    plant(assignments, "assign_account_manager", assign_then_write)


def marked_before_it_is_sent(job: Job) -> None:
    """A dispatcher notes a delivery before it happens."""
    send = dying.DeadlyConnection.send

    async def mark_then_send(connection: dying.DeadlyConnection, mail: Mail) -> None:
        database = Database(job.database_url)
        delivered = {"status": OutboxStatus.DELIVERED, "delivered_at": now()}
        async with database.begin() as session:
            await session.execute(update(OutboxMessage).where(OutboxMessage.id == mail.id).values(delivered))
        await send(connection, mail)

    plant(dying.DeadlyConnection, "send", mark_then_send)


def a_message_id_for_each_attempt(_job: Job) -> None:
    """A mail that is sent again is another one to whoever gets it."""
    compose = MailComposer.compose

    def compose_anew(composer: MailComposer, message: Claimed) -> Mail:
        mail = compose(composer, message)
        mail.message.replace_header("Message-ID", f"<{new_id()}@savanna.example>")
        return mail

    plant(MailComposer, "compose", compose_anew)
