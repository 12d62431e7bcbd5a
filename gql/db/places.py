"""So many at a time: whoever comes later waits, in order, and not for ever."""

import asyncio
from collections import deque
from typing import Final

_Waiting = tuple[float, "asyncio.Future[None]"]


class Places:
    """Places that are taken and given back. Belongs to one event loop.

    One timer serves all who wait: under load nearly everybody does, for a moment, and a timer for each takes longer
    than the rest of the waiting. None is cancelled, so that an idle process has at most one, which then ends.
    """

    def __init__(self, places: int, seconds: float) -> None:
        self._free = places
        self._seconds: Final = seconds
        self._waiting: deque[_Waiting] = deque()
        self._is_timed = False

    async def take(self) -> None:
        """Have a place. Raises TimeoutError where none is given back within the seconds."""
        if self._free:
            self._free -= 1
            return
        loop = asyncio.get_running_loop()
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append((loop.time() + self._seconds, place))
        if not self._is_timed:
            self._is_timed = True
            loop.call_later(self._seconds, self._end_overdue, loop)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():  # it had just been given
                self.give_back()
            raise

    def give_back(self) -> None:
        """Let go of a place: to whoever has waited longest, if anybody does."""
        while self._waiting:
            _, place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1

    def _end_overdue(self, loop: asyncio.AbstractEventLoop) -> None:
        moment = loop.time()
        while self._waiting and (self._waiting[0][0] <= moment or self._waiting[0][1].done()):
            _, place = self._waiting.popleft()
            if not place.done():
                place.set_exception(TimeoutError())
        self._is_timed = bool(self._waiting)
        if self._waiting:
            loop.call_at(self._waiting[0][0], self._end_overdue, loop)
