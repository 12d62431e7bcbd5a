"""The connections that stay open for subscriptions: how many a user has, and that none outlives its session."""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Final
from uuid import UUID

from gql.auth.authenticate import lasting_sessions
from gql.db.engine import Database
from gql.domain.errors import RateLimited, Unavailable
from gql.domain.viewer import AdminViewer, CustomerViewer

MOST_PER_USER: Final = 5
_CHECK_SECONDS: Final = 0.5
"""How long a connection lasts beyond its session, at most, besides the check itself."""


class Stream:
    """One connection. `ended` is set when its session has ended, or the server stops."""

    def __init__(self, user: UUID, session_id: UUID) -> None:
        self.user = user
        self.session_id = session_id
        self.ended = asyncio.Event()
        self.server_stops = False


class Streams:
    """All of them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: set[Stream] = set()
        self._of_user: Counter[UUID] = Counter()

    def open(self, viewer: AdminViewer | CustomerViewer) -> Stream:
        """A connection of the viewer's, until it is closed. Raises RateLimited where they have too many."""
        user = viewer.admin_id if isinstance(viewer, AdminViewer) else viewer.customer_id
        if self._of_user[user] >= MOST_PER_USER:
            raise RateLimited(f"You have {MOST_PER_USER} connections open already. Close one.")
        stream = Stream(user, viewer.session_id)
        self._of_user[user] += 1
        self._open.add(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """It has ended, for whatever reason."""
        self._open.remove(stream)
        self._of_user[stream.user] -= 1
        if not self._of_user[stream.user]:
            del self._of_user[stream.user]

    async def run(self, stop: asyncio.Event) -> None:
        """End the connections whose sessions have ended, until `stop`."""
        while not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_CHECK_SECONDS):
                    await stop.wait()
            if self._open and not stop.is_set():
                await self._end_those_without_session()

    def end_all(self) -> None:
        """The server stops, and doesn't wait for what would never end."""
        for stream in self._open:
            stream.server_stops = True
            stream.ended.set()

    async def _end_those_without_session(self) -> None:
        watched = list(self._open)
        try:
            lasting = await lasting_sessions(self._database, [stream.session_id for stream in watched])
        except Unavailable:
            return  # nothing can be told to them either: each event is preceded by a check of its own
        for stream in watched:
            if stream.session_id not in lasting:
                stream.ended.set()
