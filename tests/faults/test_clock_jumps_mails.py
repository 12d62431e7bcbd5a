"""The clock jumps ahead and back while mails wait: none of them waits until the wrong time has come."""

from datetime import timedelta

import pytest

from gql.db.engine import Database
from gql.delivery.dispatcher import Pace
from gql.delivery.outbox import LONGEST_WAIT, Settlement, claim_due, outbox_summary, settle
from gql.delivery.retry import Retry
from gql.domain.enums import OutboxStatus
from gql.domain.time import now
from tests.delivery.conftest import enqueue, stored
from tests.faults.clock import Clock

MINUTE = timedelta(minutes=1)
AHEAD = pytest.mark.parametrize("ahead", [{"hours": 5}, {"days": 4_000}], ids=["hours", "years"])


@AHEAD
async def test_a_mail_written_by_a_clock_ahead_is_sent_when_it_is_right(
    database: Database, clock: Clock, ahead: dict[str, int]
) -> None:
    with clock.off(**ahead):
        [key] = await enqueue(database)
    assert [message.id for message in await claim_due(database, limit=10, lease=MINUTE)] == [key]


@AHEAD
async def test_what_was_claimed_or_put_off_by_a_clock_ahead_is_due_when_it_is_right(
    database: Database, clock: Clock, ahead: dict[str, int]
) -> None:
    """Also where whoever claimed it has died."""
    keys = set(await enqueue(database, 2))
    with clock.off(**ahead):
        claimed = await claim_due(database, limit=10, lease=MINUTE)
        later = now() + timedelta(minutes=5)
        await settle(database, [Settlement(claimed[0], OutboxStatus.PENDING, error="down", retry_at=later)])
    assert {message.id for message in await claim_due(database, limit=10, lease=MINUTE)} == keys
    assert await claim_due(database, limit=10, lease=MINUTE) == []


async def test_with_a_clock_set_back_a_lease_and_a_pause_last_no_longer_than_a_bound(
    database: Database, clock: Clock
) -> None:
    keys = set(await enqueue(database, 2))
    claimed = await claim_due(database, limit=10, lease=MINUTE)
    pause = now() + timedelta(minutes=5)
    await settle(database, [Settlement(claimed[0], OutboxStatus.PENDING, error="down", retry_at=pause)])
    with clock.off(minutes=-30):
        assert await claim_due(database, limit=10, lease=MINUTE) == []
    with clock.off(hours=-3):
        assert {message.id for message in await claim_due(database, limit=10, lease=MINUTE)} == keys


async def test_a_delivery_counts_whatever_the_clock_did_meanwhile(database: Database, clock: Clock) -> None:
    [key] = await enqueue(database)
    claimed = await claim_due(database, limit=10, lease=MINUTE)
    with clock.off(hours=-3):
        await settle(database, [Settlement(claimed[0], OutboxStatus.DELIVERED)])
    assert (await stored(database, key)).status is OutboxStatus.DELIVERED
    assert (await outbox_summary(database)).oldest_waiting is None


def test_no_pause_may_be_as_long_as_what_is_taken_for_a_wrong_clock() -> None:
    with pytest.raises(ValueError, match="clock"):
        Pace(retry=Retry(longest_seconds=LONGEST_WAIT.total_seconds()))
    with pytest.raises(ValueError, match="clock"):
        Pace(lease_seconds=LONGEST_WAIT.total_seconds())
