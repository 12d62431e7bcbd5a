"""One execution of a plan: what it knows, what it has loaded, and how it waits."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from graphql.execution.values import VariableValues

_TURNS = 3
"""Turns of the event loop that a batch stays open: a branch is a task, and those a few levels deeper start later."""

Item = TypeVar("Item")


class Loads(Protocol):
    """What a plan asks of an operation's loaders."""

    async def batch(self, name: str, keys: Sequence[Hashable]) -> Sequence[Any]:
        """The values of distinct keys, in their order."""


@dataclass(slots=True)
class _Batch:
    """Keys that are asked of one loader together."""

    keys: dict[Hashable, None] = field(default_factory=dict)
    sent: "asyncio.Task[None] | None" = None


@dataclass(slots=True)
class Run:
    """The operation's context and variables, and what its loaders have answered so far."""

    context: Any
    variables: VariableValues
    info: Callable[[Any], Any]
    """What the resolver of a root field learns of the operation."""
    _known: dict[str, dict[Hashable, Any]] = field(default_factory=dict)
    _open: dict[str, _Batch] = field(default_factory=dict)

    async def load(self, loader: str, keys: list[Hashable | None]) -> list[Any]:
        """The values of keys, None for None. Each key is asked for once; branches side by side ask together."""
        known = self._known.setdefault(loader, {})
        wanted = [key for key in keys if key is not None and key not in known]
        if wanted:
            await asyncio.shield(self._join(loader, wanted))
        return [None if key is None else known[key] for key in keys]

    def _join(self, loader: str, keys: Iterable[Hashable]) -> "asyncio.Task[None]":
        """Add keys to the loader's next batch, which is sent a few turns of the loop later."""
        batch = self._open.get(loader)
        if batch is None or batch.sent is None:
            batch = self._open[loader] = _Batch()
            batch.sent = asyncio.create_task(self._send(loader, batch))
            # Where all who wait were cancelled, nobody else would look at how it ended.
            batch.sent.add_done_callback(lambda task: task.cancelled() or task.exception())
        batch.keys.update(dict.fromkeys(keys))
        return batch.sent

    async def _send(self, loader: str, batch: _Batch) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        del self._open[loader]
        known = self._known[loader]
        wanted = [key for key in batch.keys if key not in known]
        loads: Loads = self.context.loaders
        known.update(zip(wanted, await loads.batch(loader, wanted), strict=True))


async def side_by_side(work: Callable[[Item], Awaitable[Any]], items: Sequence[Item]) -> list[Any]:
    """What the work answers for each item. The first that fails ends the others, and all have ended when this does."""
    if len(items) == 1:
        return [await work(items[0])]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaited(work(item))) for item in items]
    return [task.result() for task in tasks]


async def _awaited(waiting: Awaitable[Any]) -> Any:
    return await waiting
