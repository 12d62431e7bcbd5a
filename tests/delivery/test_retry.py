"""When a mail is tried again: soon after an outage, politely where the trouble is the mail's own, and not for ever."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from gql.db.engine import Database
from gql.db.models import OutboxMessage
from gql.delivery.dispatcher import Pace
from gql.delivery.retry import Retry
from gql.domain.enums import OutboxStatus
from gql.domain.time import now
from tests.delivery.conftest import dispatcher_to, enqueue, stored
from tests.delivery.mailserver import Mailbox, serving

LONG_TRIED = 500
"""Attempts after which every delay is the longest."""
RETURNED = 60
"""Seconds from a mail server's return within which everything must be out."""
IN_TIME = RETURNED - Pace().send_seconds - Pace().poll_seconds
"""The longest wait that leaves time for a sending that was under way then, and for the poll."""


def test_backoff_starts_small_and_grows_less_far_in_an_outage() -> None:
    soonest, latest = Retry(jitter=lambda: 0.0), Retry(jitter=lambda: 1.0)
    assert (soonest.delay(1), latest.delay(1)) == (1, 2)
    assert [latest.delay(attempt) for attempt in (2, 3, 4)] == [4, 8, 16]
    assert latest.delay(9) == latest.delay(1_500) == 300
    assert latest.delay(4, outage=True) == 16
    assert latest.delay(5, outage=True) == latest.delay(1_500, outage=True) == 20
    assert all(1 <= Retry().delay(1) <= 2 for _ in range(100))


def test_a_sending_that_times_out_the_longest_delay_and_a_poll_fit_into_a_minute() -> None:
    assert Retry().outage_seconds < IN_TIME


def test_the_delays_before_an_outage_is_known_are_no_longer_than_those_of_one() -> None:
    """A mail's first attempts follow each other within seconds; once its steps grow, the outage is known."""
    soonest, waited, attempt = Retry(jitter=lambda: 0.0), 0.0, 1
    while not soonest.is_outage(waited):
        assert Retry(jitter=lambda: 1.0).delay(attempt) <= IN_TIME
        waited += soonest.delay(attempt)
        attempt += 1


def test_a_mail_is_given_up_by_attempts_and_age_together() -> None:
    retry, week = Retry(), timedelta(days=7)
    assert not retry.is_last(1_500, timedelta(days=3))  # nobody could be reached since Friday
    assert not retry.is_last(1_499, week)  # the dispatcher stood still
    assert retry.is_last(1_500, week)


async def tried_before(database: Database, key: UUID) -> None:
    """Let a mail look as though it had failed for hours."""
    async with database.begin() as session:
        await session.execute(update(OutboxMessage).where(OutboxMessage.id == key).values(attempts=LONG_TRIED))


async def waits(database: Database, key: UUID) -> float:
    """Seconds until the next attempt."""
    row: Any = await stored(database, key)
    assert (row.status, row.attempts) == (OutboxStatus.PENDING, LONG_TRIED + 1)
    seconds: float = (row.not_before - now()).total_seconds()
    return seconds


Trouble = Callable[[Mailbox], None]
TROUBLES: dict[str, Trouble] = {
    "451 to the sender": lambda mailbox: mailbox.sender_answers.append("451 Busy"),
    "451 to the recipient": lambda mailbox: mailbox.recipient_answers.append("451 Busy"),
    "452 to the mail": lambda mailbox: mailbox.data_answers.append("452 Full"),
    "hangs up": lambda mailbox: mailbox.data_answers.append("drop"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_after_hours_of_an_outage_the_next_attempt_is_seconds_away(database: Database, trouble: str) -> None:
    [key] = await enqueue(database)
    await tried_before(database, key)
    mailbox = Mailbox()
    TROUBLES[trouble](mailbox)
    async with serving(mailbox) as port:
        await dispatcher_to(database, port, Pace()).send_due(asyncio.Event())
    assert 0 < await waits(database, key) < IN_TIME


async def test_the_same_where_nobody_listens_also_for_mails_that_were_not_begun(database: Database) -> None:
    keys = await enqueue(database, 10)
    for key in keys:
        await tried_before(database, key)
    async with serving(Mailbox()) as port:
        pass
    await dispatcher_to(database, port, Pace()).send_due(asyncio.Event())
    for key in keys:
        assert 0 < await waits(database, key) < IN_TIME


ONE_BY_ONE: dict[str, tuple[Trouble, bool]] = {
    "452 to the recipient": (lambda mailbox: mailbox.recipient_answers.append("452 Mailbox full"), True),
    "452 to the mail": (lambda mailbox: mailbox.data_answers.append("452 Too much for one day"), True),
    "421 to the mail": (lambda mailbox: mailbox.data_answers.append("421 Going down"), False),
    "451 to the sender": (lambda mailbox: mailbox.sender_answers.append("451 Busy"), False),
    "hangs up": (lambda mailbox: mailbox.data_answers.append("drop"), False),
    "takes too long": (lambda mailbox: setattr(mailbox, "on_data", partial(asyncio.sleep, 3)), False),
}


@pytest.mark.parametrize("trouble", ONE_BY_ONE)
async def test_while_others_are_taken_a_mail_waits_longer_where_the_trouble_is_its_own(
    database: Database, trouble: str
) -> None:
    """A server that comes and goes is none of the mail's own."""
    cause, is_own = ONE_BY_ONE[trouble]
    mailbox = Mailbox()
    async with serving(mailbox) as port:
        dispatcher = dispatcher_to(database, port, Pace(), send_seconds=1.5)
        await enqueue(database)
        await dispatcher.send_due(asyncio.Event())
        assert len(mailbox.envelopes) == 1
        [key] = await enqueue(database)
        await tried_before(database, key)
        cause(mailbox)
        await dispatcher.send_due(asyncio.Event())
    wait = await waits(database, key)
    if is_own:
        assert Retry().longest_seconds / 2 - 1 < wait <= Retry().longest_seconds
    else:
        assert 0 < wait < IN_TIME


async def test_a_server_that_takes_nothing_is_not_asked_without_a_pause(database: Database) -> None:
    """A full round that delivered nothing is not followed by the next at once, however many mails wait."""
    await enqueue(database, 6)
    refusing, taking = Mailbox(), Mailbox()
    refusing.data_answers.extend(["451 Busy"] * 6)
    pace = replace(Pace(), batch=2)
    async with serving(refusing) as port:
        assert not await dispatcher_to(database, port, pace).send_due(asyncio.Event())
    async with serving(taking) as port:
        assert await dispatcher_to(database, port, pace).send_due(asyncio.Event())
