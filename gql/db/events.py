"""What has changed, told to whoever waits for it in any process: topics and IDs, after the commit and never before.

PostgreSQL carries it (NOTIFY goes out with the commit). On SQLite it stays within the process.
"""

import asyncio
import functools
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from weakref import WeakSet

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import ARRAY, Text, bindparam, column, func, select
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy.ext.asyncio import AsyncSession

from gql.domain.errors import Unavailable

_CHANNEL: Final = "lenddesk_events"
_MOST_WAITING: Final = 64
"""Events that a subscriber may be behind. One who is slower is let go, and asks anew for what is now."""

_IN_ONE: Final = 60
"""Events of a notification, of which PostgreSQL takes 8,000 bytes."""

_texts = func.unnest(bindparam("texts", type_=ARRAY(Text()))).table_valued(column("text", Text()), name="told")
_NOTIFY: Final = select(func.pg_notify(_CHANNEL, _texts.render_derived().c.text))

_WITH_COMMIT: Final = "events to be told with the commit"

Connect = Callable[[], Awaitable[Any]]
"""Opens a connection of asyncpg's."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something has changed about a subject. Whoever is told reads what they may see of it."""

    topic: str
    subject_id: UUID
    detail_id: UUID


def publish_with_commit(session: AsyncSession, event: Event) -> None:
    """Have it told when the session's transaction commits, with all others that wait for that."""
    session.info.setdefault(_WITH_COMMIT, []).append(event)


def taken_to_publish(session: AsyncSession) -> Sequence[Event]:
    """What waits for the commit that comes now."""
    waiting: list[Event] = session.info.pop(_WITH_COMMIT, [])
    return waiting


class Subscription:
    """The events of one topic and subject, in the order of their commits, until it is forgotten."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[Event | None] = asyncio.Queue()
        self._is_lost = False

    def put(self, event: Event) -> None:
        """Told by the bus."""
        if self._waiting.qsize() < _MOST_WAITING:
            self._waiting.put_nowait(event)
        else:
            self.lose()

    def lose(self) -> None:
        """From now on events may be missing."""
        if not self._is_lost:
            self._is_lost = True
            self._waiting.put_nowait(None)  # for whoever waits already

    async def next(self) -> Event:
        """The next event. Raises Unavailable where some may have been missed: none is left out silently."""
        event = await self._waiting.get()
        if self._is_lost or event is None:
            raise Unavailable("Events may have been missed. Read what you need, and subscribe again.")
        return event


class EventBus:
    """One process's. `connect` opens the connection that listens, on PostgreSQL; None on SQLite."""

    def __init__(self, connect: Connect | None) -> None:
        self._connect = connect
        self._listening: Any = None
        self._opening = asyncio.Lock()
        self._subscriptions: dict[tuple[str, UUID], WeakSet[Subscription]] = {}

    async def publish(self, session: AsyncSession, event: Event) -> None:
        """Tell of it when the session's transaction commits; nobody hears of it where that is rolled back."""
        await self.publish_all(session, [event])

    async def publish_all(self, session: AsyncSession, events: Sequence[Event]) -> None:
        """Tell of many at once. A notification has several: each costs every process that listens a wake-up."""
        if self._connect is None:
            if events:
                deliver = functools.partial(self._deliver_all, events)
                sqlalchemy_event.listen(session.sync_session, "after_commit", deliver, once=True)
            return
        lines = [f"{event.topic} {event.subject_id} {event.detail_id}" for event in events]
        texts = ["\n".join(lines[n : n + _IN_ONE]) for n in range(0, len(lines), _IN_ONE)]
        if texts:
            await session.execute(_NOTIFY, {"texts": texts})

    async def subscribe(self, topic: str, subject_id: UUID) -> Subscription:
        """To what is committed from now on. It ends when nobody holds it any more. Raises Unavailable."""
        if self._connect is not None:
            await self._listen(self._connect)
        subscription, key = Subscription(), (topic, subject_id)
        weakref.finalize(subscription, self._forget, key)  # before it is added: the last to be told is told first
        self._subscriptions.setdefault(key, WeakSet()).add(subscription)
        return subscription

    def _forget(self, key: tuple[str, UUID]) -> None:
        if not self._subscriptions.get(key, True):
            del self._subscriptions[key]

    async def close(self) -> None:
        """Hear no more."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.close(timeout=5)

    async def _listen(self, connect: Connect) -> None:
        async with self._opening:
            if self._listening is not None:
                return
            try:
                listening = await connect()
                listening.add_termination_listener(self._lost)
                await listening.add_listener(_CHANNEL, self._told)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                raise Unavailable from error
            self._listening = listening

    def _told(self, _connection: Any, _pid: int, _channel: str, text: str) -> None:
        of_lines = (line.split() for line in text.splitlines())
        self._deliver_all(
            [Event(topic, UUID(subject_id), UUID(detail_id)) for topic, subject_id, detail_id in of_lines]
        )

    def _deliver_all(self, events: Sequence[Event], _session: Any = None) -> None:
        for event in events:
            for subscription in list(self._subscriptions.get((event.topic, event.subject_id), ())):
                subscription.put(event)

    def _lost(self, connection: Any) -> None:
        """What is committed until the next connection listens is told to nobody: all subscribers must know."""
        if self._listening is connection or self._listening is None:
            self._listening = None
            for subscription in [one for some in self._subscriptions.values() for one in some]:
                subscription.lose()
