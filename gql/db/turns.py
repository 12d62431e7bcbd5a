"""Keys that are asked for one by one in the same turn of the event loop, read together.

For resolvers, which mostly ask for one key and wait: whoever comes first reads for all, without a task or a future
where nobody else came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Read = Callable[[str, Sequence[Any]], Awaitable[Sequence[Any]]]
"""(loader's name, distinct keys) → values in the order of the keys."""


@dataclass(slots=True)
class _Turn:
    keys: dict[Hashable, None]
    answered: "asyncio.Future[Mapping[Hashable, Any]] | None" = None
    """For those who came after the first."""


@dataclass(slots=True)
class Turns:
    """One operation's."""

    read: Read
    is_alone: bool = False
    """Whether nobody else will ask until the first one has been answered: then nobody is waited for."""
    _now: dict[str, _Turn] = field(default_factory=dict)

    async def one(self, name: str, key: Hashable) -> Any:
        """The key's value. Raises what reading raises, for everybody who came in the turn."""
        if self.is_alone:
            return (await self.read(name, [key]))[0]
        turn = self._now.get(name)
        if turn is None:
            return await self._first(name, key)
        turn.keys[key] = None
        if turn.answered is None:
            turn.answered = asyncio.get_running_loop().create_future()
        return (await asyncio.shield(turn.answered))[key]

    async def _first(self, name: str, key: Hashable) -> Any:
        turn = self._now[name] = _Turn({key: None})
        try:
            try:
                await asyncio.sleep(0)  # whoever asks at the same time does so now
            finally:
                del self._now[name]
            keys = list(turn.keys)
            values = dict(zip(keys, await self.read(name, keys), strict=True))
        except BaseException as error:
            if turn.answered is not None:
                _pass_on(error, turn.answered)
            raise
        if turn.answered is not None and not turn.answered.done():
            turn.answered.set_result(values)
        return values[key]


def _pass_on(error: BaseException, answered: "asyncio.Future[Any]") -> None:
    if isinstance(error, Exception):
        answered.set_exception(error)
        answered.exception()  # seen: those who wait for it may have left
    else:
        answered.cancel()
