"""From a committed message to a delivered mail, through failures of every part."""

import asyncio
import io
import logging
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from gql.db.engine import Database
from gql.delivery.dispatcher import Pace
from gql.delivery.files import FileTransport
from gql.delivery.outbox import outbox_summary, requeue_dead
from gql.domain.enums import OutboxStatus
from gql.domain.ids import new_id
from gql.services.outbox import enqueue_mail
from tests.delivery.conftest import (
    FOR_MANAGER,
    QUICK,
    Until,
    dispatcher_over,
    dispatcher_to,
    enqueue,
    running,
    stored,
)
from tests.delivery.mailserver import Mailbox, parse, serving


async def delivered(database: Database, count: int) -> bool:
    return (await outbox_summary(database)).counts[OutboxStatus.DELIVERED] == count


async def test_a_mail_server_that_is_down_then_refuses_then_accepts(database: Database, until: Until) -> None:
    async with serving(Mailbox()) as port:
        pass  # now nobody listens there
    [key] = await enqueue(database)
    mailbox = Mailbox()
    mailbox.recipient_answers.extend(["451 Try later", "451 Try later"])

    async def failed_to_connect() -> bool:
        return bool((await stored(database, key)).last_error == "SMTPConnectError")

    async with running(dispatcher_to(database, port)):
        await until(failed_to_connect)
        tries_before = (await stored(database, key)).attempts
        async with serving(mailbox, port):
            await until(lambda: delivered(database, 1))
    row = await stored(database, key)
    assert mailbox.message_ids == [f"<{key}@savanna.example>"]
    assert mailbox.mails[0]["To"] == "m0@savanna.example"
    assert row.attempts >= tries_before + 2  # one of those before may have met the server that was up by then
    assert row.last_error == "SMTPRecipientRefused 451"
    assert row.delivered_at >= row.created_at


async def test_a_refusal_for_good_ends_it_and_harms_no_other_until_requeued(database: Database, until: Until) -> None:
    refused, accepted = await enqueue(database, 2)
    mailbox = Mailbox(refused={"m0@savanna.example": "550 5.1.1 No such user m0@savanna.example"})
    async with serving(mailbox) as port, running(dispatcher_to(database, port)):
        await until(lambda: delivered(database, 1))
        await until(lambda: is_dead(database, 1))
        row = await stored(database, refused)
        assert (row.attempts, row.last_error) == (1, "SMTPRecipientRefused 550")
        assert mailbox.message_ids == [f"<{accepted}@savanna.example>"]

        mailbox.refused.clear()
        assert await requeue_dead(database) == 1
        await until(lambda: delivered(database, 2))
    assert mailbox.message_ids[1] == f"<{refused}@savanna.example>"


async def is_dead(database: Database, count: int) -> bool:
    return (await outbox_summary(database)).counts[OutboxStatus.DEAD] == count


async def test_a_mail_is_given_up_after_the_last_attempt(database: Database, until: Until) -> None:
    [key] = await enqueue(database)
    mailbox = Mailbox()
    mailbox.data_answers.extend(["451 Not now"] * 10)
    retry = replace(QUICK.retry, attempts=3, days=0)
    async with serving(mailbox) as port, running(dispatcher_to(database, port, retry=retry)):
        await until(lambda: is_dead(database, 1))
    row = await stored(database, key)
    assert (row.attempts, row.last_error) == (3, "SMTPDataError 451")


async def test_an_address_that_is_none_and_a_template_nobody_knows(database: Database, until: Until) -> None:
    [bad_address] = await enqueue(database, recipient="m0@savanna.example\r\nBcc: thief@evil.example")
    [unknown] = await enqueue(database, template="mail_of_a_newer_version")
    mailbox = Mailbox()

    async def both_failed() -> bool:
        return await is_dead(database, 1) and (await stored(database, unknown)).last_error is not None

    async with serving(mailbox) as port, running(dispatcher_to(database, port)):
        await until(both_failed)
    assert (await stored(database, bad_address)).last_error == "InvalidAddress"
    waiting = await stored(database, unknown)
    assert (waiting.status, waiting.last_error) == (OutboxStatus.PENDING, "TemplateNotFound")
    assert mailbox.envelopes == []


async def test_what_was_rolled_back_is_never_sent(database: Database, until: Until) -> None:
    with pytest.raises(ZeroDivisionError):
        await enqueue_and_fail(database)
    await enqueue(database, recipient="committed@savanna.example")
    mailbox = Mailbox()
    async with serving(mailbox) as port, running(dispatcher_to(database, port)):
        await until(lambda: delivered(database, 1))
        await asyncio.sleep(0.05)
    assert [mail["To"] for mail in mailbox.mails] == ["committed@savanna.example"]


async def enqueue_and_fail(database: Database) -> None:
    async with database.begin() as session:
        enqueue_mail(
            session,
            template="account_manager_assigned_manager",
            recipient="rolled.back@savanna.example",
            subject_id=new_id(),
            payload=FOR_MANAGER,
        )
        await session.flush()
        raise ZeroDivisionError


async def test_two_dispatchers_share_fifty_mails_and_send_none_twice(
    database: Database, database_url: str, until: Until
) -> None:
    keys = await enqueue(database, 50)
    mailbox, other = Mailbox(), Database(database_url)
    async with serving(mailbox) as port:
        first, second = (dispatcher_to(each, port, batch=10, connections=2) for each in (database, other))
        async with running(first, second):
            await until(lambda: delivered(database, 50))
    assert Counter(mailbox.message_ids) == Counter(f"<{key}@savanna.example>" for key in keys)
    assert {(await stored(database, key)).attempts for key in keys} == {1}
    await other.close()


async def test_stopping_finishes_the_mail_in_flight_and_hands_the_others_back(database: Database, until: Until) -> None:
    keys = await enqueue(database, 3)
    arrived, may_answer = asyncio.Event(), asyncio.Event()

    async def answer_slowly() -> None:
        arrived.set()
        await may_answer.wait()

    mailbox = Mailbox(on_data=answer_slowly)
    async with serving(mailbox) as port:
        async with running(dispatcher_to(database, port, connections=1)) as stop:
            await arrived.wait()
            stop.set()
            may_answer.set()
        assert await delivered(database, 1)
        assert len(mailbox.envelopes) == 1
        async with running(dispatcher_to(database, port)):
            await until(lambda: delivered(database, 3), seconds=QUICK.lease_seconds / 2)  # no lease has to end
    assert Counter(mailbox.message_ids) == Counter(f"<{key}@savanna.example>" for key in keys)
    assert {(await stored(database, key)).attempts for key in keys} == {1}  # handing back is no attempt


async def test_a_server_too_slow_for_the_lease_delays_mails_but_never_doubles_the_claim(
    database: Database, until: Until
) -> None:
    [key] = await enqueue(database)

    async def answer_never() -> None:
        mailbox.on_data = None
        await asyncio.sleep(1.5)

    mailbox = Mailbox(on_data=answer_never)
    mailbox.data_answers.append("451 Too late")
    async with serving(mailbox) as port, running(dispatcher_to(database, port, send_seconds=0.5, lease_seconds=1)):
        await until(lambda: delivered(database, 1))
    row = await stored(database, key)
    assert row.attempts >= 2  # more where the machine was too busy for half a second
    assert row.last_error == "TimeoutError"
    assert len(mailbox.envelopes) == 1


async def test_a_database_that_fails_for_a_while_stops_nothing_for_good(database: Database, until: Until) -> None:
    await enqueue(database)
    mailbox = Mailbox()
    await rename_table(database, "outbox_messages", "gone")
    with structlog.testing.capture_logs() as logs:
        async with serving(mailbox) as port, running(dispatcher_to(database, port)):
            await until(lambda: any(entry["event"] == "outbox_round_failed" for entry in logs))
            await rename_table(database, "gone", "outbox_messages")
            await until(lambda: delivered(database, 1))
    assert len(mailbox.envelopes) == 1


async def test_an_outcome_that_cannot_be_written_is_written_later_without_a_second_mail(
    database: Database, until: Until
) -> None:
    await enqueue(database)

    async def lose_the_table() -> None:
        await rename_table(database, "outbox_messages", "gone")

    mailbox = Mailbox(on_data=lose_the_table)
    with structlog.testing.capture_logs() as logs:
        async with serving(mailbox) as port, running(dispatcher_to(database, port)):
            await until(lambda: any(entry["event"] == "outbox_outcome_not_written" for entry in logs))
            await rename_table(database, "gone", "outbox_messages")
            await until(lambda: delivered(database, 1))
    assert len(mailbox.envelopes) == 1


async def rename_table(database: Database, old: str, new: str) -> None:
    async with database.begin() as session:
        await session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


async def test_files_instead_of_a_mail_server(database: Database, tmp_path: Path, until: Until) -> None:
    keys = await enqueue(database, 5)
    async with running(dispatcher_over(database, FileTransport(tmp_path))):
        await until(lambda: delivered(database, 5))
    names = os.listdir(tmp_path)
    assert all(name.endswith(".eml") for name in names)
    found = [parse((tmp_path / name).read_bytes())["Message-ID"] for name in names]
    assert Counter(found) == Counter(f"<{key}@savanna.example>" for key in keys)


async def test_logs_tell_what_happened_and_name_nobody(
    database: Database, until: Until, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, logger="gql")
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.CRITICAL, logger="mail.log")  # the test's own mail server
    lines = io.StringIO()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(lines),
    )
    try:
        refused, delayed, kept = await enqueue(database, 3)
        mailbox = Mailbox()
        mailbox.recipient_answers.extend(["550 No such user m0@savanna.example", "451 m1@savanna.example is full"])
        async with serving(mailbox) as port, running(dispatcher_to(database, port, connections=1)):
            await until(lambda: delivered(database, 2))
    finally:
        structlog.reset_defaults()
    written = lines.getvalue() + caplog.text + "".join(capfd.readouterr())
    for key, event in ((refused, "mail_given_up"), (delayed, "mail_delayed"), (kept, "mail_delivered")):
        [line] = [line for line in lines.getvalue().splitlines() if str(key) in line and event in line]
        assert '"attempt": 1' in line
    assert "SMTPRecipientRefused 550" in written
    for private in ("savanna.example", "m0", "m1@", "Adaeze", "Okafor", "Tunde", "Ngozi", "No such user"):
        assert private not in written


def test_a_lease_must_be_longer_than_a_sending() -> None:
    with pytest.raises(ValueError, match="lease"):
        Pace(lease_seconds=10, send_seconds=10)
