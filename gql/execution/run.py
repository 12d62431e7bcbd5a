"""One execution of a plan: what it knows, and what its loaders have answered so far."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from graphql.execution.values import VariableValues

Item = TypeVar("Item")
Answered = TypeVar("Answered")
LoaderSource = tuple[str, Hashable]
"""A loader's name, and what it takes besides keys."""


class LoadersFailed(Exception):
    """Some of what was wanted is known to have Failed. What the other loaders answered is there."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What is known of a key whose loader failed."""

    error: Exception


class Loads(Protocol):
    """What a plan asks of an operation's loaders. They answer or raise: no value is an exception."""

    def expect(self, askers: int) -> None:
        """So many root fields are about to be resolved side by side."""

    def at_hand(self, name: str, keys: Sequence[Any]) -> Sequence[Any] | None:
        """The values of distinct keys, in their order, where all of them are known already."""

    async def batch(self, name: str, argument: Any, keys: Sequence[Any]) -> Sequence[Any]:
        """The same, loaded."""


class _Source:
    """A loader with what it takes besides keys: the values that are known, and the keys that are wanted."""

    __slots__ = ("argument", "known", "name", "wanted")

    def __init__(self, name: str, argument: Hashable) -> None:
        self.name = name
        self.argument = argument
        self.known: dict[Hashable, Any] = {}
        self.wanted: dict[Hashable, None] = {}


class Run:
    """The operation's context and variables, and what its loaders know by now."""

    __slots__ = ("_sources", "_waiting", "context", "variables")

    def __init__(self, context: Any, variables: VariableValues) -> None:
        self.context = context
        self.variables = variables
        self._sources: dict[LoaderSource, _Source] = {}
        self._waiting: list[_Source] = []

    def want(self, source: LoaderSource, keys: Iterable[Hashable]) -> Mapping[Hashable, Any]:
        """Have these keys loaded by the next `load`; answers the mapping that then has them."""
        of_source = self._sources.get(source)
        if of_source is None:
            of_source = self._sources[source] = _Source(*source)
        known = of_source.known
        unknown = [key for key in keys if key not in known]
        if unknown:
            if not of_source.wanted:
                self._waiting.append(of_source)
            of_source.wanted.update(dict.fromkeys(unknown))
        return known

    async def load(self) -> None:
        """Load what is wanted: all loaders side by side, each asked once.

        Raises LoadersFailed once all of them have answered or failed.
        """
        waiting, self._waiting = self._waiting, []
        loads: Loads = self.context.loaders
        missing: list[tuple[_Source, list[Hashable]]] = []
        for source in waiting:
            keys, source.wanted = list(source.wanted), {}
            values = loads.at_hand(source.name, keys)
            if values is None:
                missing.append((source, keys))
            else:
                source.known.update(zip(keys, values, strict=True))
        if missing and not all(await side_by_side(self._batch, missing)):
            raise LoadersFailed

    async def _batch(self, wanted: tuple[_Source, list[Hashable]]) -> bool:
        """Ask one loader. Whether it answered."""
        source, keys = wanted
        loads: Loads = self.context.loaders
        try:
            values = await loads.batch(source.name, source.argument, keys)
            source.known.update(zip(keys, values, strict=True))
        except Exception as error:  # told for each field that asked
            source.known.update(dict.fromkeys(keys, Failed(error)))
            return False
        return True


async def side_by_side(work: Callable[[Item], Coroutine[Any, Any, Answered]], items: Sequence[Item]) -> list[Answered]:
    """What the work answers for each item. Work never fails; where this is cancelled, all of it has ended before.

    The first item's is done here, the others' each in a task, without what a TaskGroup does about failures.
    """
    tasks = [asyncio.create_task(work(item)) for item in items[1:]]
    try:
        return [await work(item) for item in items[:1]] + [await task for task in tasks]
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
