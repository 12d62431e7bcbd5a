"""Sends what waits in the outbox, at least once each, whatever fails meanwhile.

A round claims due messages in one short transaction, sends them outside any, and writes each outcome down at once. A
crash in between leaves the message claimed; when its lease ends it is due again, and goes out with the same
Message-ID. Logs hold ids, templates, attempts and classes of errors: no person's data.
"""

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from time import monotonic

import structlog

from gql.db.engine import Database
from gql.delivery.failures import Deferred, DeliveryFailure, PutOff, Rejected, TransportDown
from gql.delivery.mail import MailComposer
from gql.delivery.outbox import LONGEST_WAIT, Claimed, Settlement, claim_due, settle
from gql.delivery.retry import Retry
from gql.delivery.transport import Connection, Transport
from gql.domain.enums import OutboxStatus
from gql.domain.time import now

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a dispatcher works; times in seconds.

    A message is only begun while `send_seconds`, the bound of one sending, fits into the rest of the lease. So no
    message is with two dispatchers at a time.
    """

    poll_seconds: float = 1.0
    lease_seconds: float = 60.0
    send_seconds: float = 30.0
    batch: int = 50
    connections: int = 4
    retry: Retry = field(default_factory=Retry)

    def __post_init__(self) -> None:
        if self.send_seconds >= self.lease_seconds:
            raise ValueError("a lease must be longer than a sending")
        if max(self.lease_seconds, self.retry.longest_seconds) >= LONGEST_WAIT.total_seconds():
            raise ValueError("a lease or a pause between attempts can't be told from a clock that was wrong")


@dataclass(slots=True)
class _Round:
    """Claimed messages on their way. `down` is set once the transport is known to take no mail at all."""

    waiting: deque[Claimed]
    lease_ends: float
    stop: asyncio.Event
    down: TransportDown | None = None
    delivered: int = 0

    def next(self, send_seconds: float) -> Claimed | None:
        """The next message to send, or None when there is none or no time for it."""
        if not self.waiting or self.down or self.stop.is_set() or monotonic() + send_seconds > self.lease_ends:
            return None
        return self.waiting.popleft()


class Dispatcher:
    """Brings mails from one database's outbox to one transport. Any number may run, in any number of processes."""

    def __init__(
        self, database: Database, transport: Transport, composer: MailComposer, pace: Pace | None = None
    ) -> None:
        self._database = database
        self._transport = transport
        self._composer = composer
        self._pace = pace or Pace()
        self._last_delivery = -inf
        """When a mail got through, by the monotonic clock."""

    async def run(self, stop: asyncio.Event) -> None:
        """Send what becomes due until `stop` is set; then finish what is being sent, hand back the rest and return.

        Goes on after any failure of database or mail server.
        """
        while not stop.is_set():
            if not await self._survive_round(stop):
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pace.poll_seconds)

    async def send_due(self, stop: asyncio.Event) -> bool:
        """One round. Answers whether another one should follow at once.

        Raises what the database raises when nothing could be claimed; a failing mail is not raised but recorded.
        """
        lease_ends = monotonic() + self._pace.lease_seconds
        lease = timedelta(seconds=self._pace.lease_seconds)
        claimed = await claim_due(self._database, limit=self._pace.batch, lease=lease)
        work = _Round(deque(claimed), lease_ends, stop)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._pace.connections, len(claimed))):
                tasks.create_task(self._send_over_one_connection(work))
        await self._put_back(work)
        # A mail server that takes nothing gets a round a poll, not as many as the machine can do.
        return len(claimed) == self._pace.batch and work.down is None and work.delivered > 0

    async def _survive_round(self, stop: asyncio.Event) -> bool:
        try:
            return await self.send_due(stop)
        except Exception as error:  # whatever it was, the mails that wait must go out once it is over
            _log.error("outbox_round_failed", error=type(error).__name__)
            return False

    async def _send_over_one_connection(self, work: _Round) -> None:
        async with self._transport.connect() as connection:
            while (message := work.next(self._pace.send_seconds)) is not None:
                try:
                    await self._send(connection, message)
                except TransportDown as failure:
                    work.down = failure
                    outcome = self._failed(message, failure)
                except DeliveryFailure as failure:
                    outcome = self._failed(message, failure)
                else:
                    self._last_delivery = monotonic()
                    work.delivered += 1
                    outcome = Settlement(message, OutboxStatus.DELIVERED)
                await self._record(work, [outcome])

    async def _send(self, connection: Connection, message: Claimed) -> None:
        """Compose and send one mail in bounded time; every failure comes out as a DeliveryFailure."""
        try:
            async with asyncio.timeout(self._pace.send_seconds):
                await connection.send(self._composer.compose(message))
        except DeliveryFailure:
            raise
        except TimeoutError as error:
            raise Deferred(type(error).__name__) from error
        except Exception as error:  # a fault of ours, such as an unknown template: it waits for a mended version
            raise PutOff(type(error).__name__) from error

    def _failed(self, message: Claimed, failure: DeliveryFailure) -> Settlement:
        retry = self._pace.retry
        if isinstance(failure, Rejected) or retry.is_last(message.attempt, now() - message.created_at):
            return Settlement(message, OutboxStatus.DEAD, error=failure.code)
        outage = not isinstance(failure, PutOff) or retry.is_outage(monotonic() - self._last_delivery)
        retry_at = now() + timedelta(seconds=retry.delay(message.attempt, outage=outage))
        return Settlement(message, OutboxStatus.PENDING, error=failure.code, retry_at=retry_at)

    async def _put_back(self, work: _Round) -> None:
        """Settle what was claimed and not begun: it failed too if the transport is down, and is due at once if not."""
        if not work.waiting:
            return
        if work.down is not None:
            outcomes = [self._failed(message, work.down) for message in work.waiting]
        else:
            outcomes = [Settlement(message, OutboxStatus.PENDING, retry_at=now()) for message in work.waiting]
        await self._record(work, outcomes)

    async def _record(self, work: _Round, outcomes: list[Settlement]) -> None:
        """Write outcomes down, trying again while the lease lasts: what isn't written is sent a second time."""
        while True:
            try:
                await settle(self._database, outcomes)
            except Exception as error:  # the lease, not an exception, ends our trying
                _log.error("outbox_outcome_not_written", error=type(error).__name__, messages=_ids(outcomes))
                if work.stop.is_set() or monotonic() + self._pace.poll_seconds > work.lease_ends:
                    return
                await asyncio.sleep(self._pace.poll_seconds)
            else:
                _tell(outcomes)
                return


def _ids(outcomes: list[Settlement]) -> list[str]:
    return [str(outcome.message.id) for outcome in outcomes]


def _tell(outcomes: list[Settlement]) -> None:
    for outcome in outcomes:
        message = outcome.message
        log = _log.bind(message=str(message.id), template=message.template, attempt=message.attempt)
        if outcome.status is OutboxStatus.DELIVERED:
            log.info("mail_delivered")
        elif outcome.status is OutboxStatus.DEAD:
            log.error("mail_given_up", error=outcome.error)
        elif outcome.error is not None:
            log.warning("mail_delayed", error=outcome.error)
