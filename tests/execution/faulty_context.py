"""The context of operations on `tests.execution.faulty`: loaders as the lender's are, over a few boxes."""

import asyncio
import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiodataloader import DataLoader


class Wrong(Exception):
    """What fields and loaders raise."""


async def _text(context: "Faulty", keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    return [context.boxes[key].text for key in keys]


async def _broken(context: "Faulty", keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    raise Wrong("this loader always fails")


async def _pages(context: "Faulty", keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    found = [context.boxes[key].boxes for key in keys]
    return [boxes[:argument] if isinstance(boxes, list) else boxes for boxes in found]


async def _by_id(context: "Faulty", keys: Sequence[Any], argument: Any) -> Sequence[Any]:
    return [context.boxes.get(key) for key in keys]


BATCHES: Mapping[str, Callable[..., Any]] = {
    "box": _by_id,
    "thing": _by_id,
    "text": _text,
    "broken": _broken,
    "page": _pages,
}


class Loads:
    """Loaders as the lender's are, over the boxes."""

    def __init__(self, context: "Faulty") -> None:
        self._context = context
        self._loaders: dict[tuple[str, Hashable], DataLoader[Any, Any]] = {}

    def expect(self, askers: int) -> None:
        """Nobody is waited for."""

    def at_hand(self, name: str, keys: Sequence[Any]) -> None:
        """Nothing is."""

    async def batch(self, name: str, argument: Any, keys: Sequence[Any]) -> Sequence[Any]:
        """Notes that it was asked."""
        self._context.asked.append((name, argument, tuple(keys)))
        answered: Sequence[Any] = await BATCHES[name](self._context, keys, argument)
        return answered

    def load(self, name: str, key: Hashable, argument: Hashable = None) -> "asyncio.Future[Any]":
        """One key."""
        loader = self._loaders.get((name, argument))
        if loader is None:
            batch: Any = functools.partial(self._batch_list, name, argument)
            loader = self._loaders[name, argument] = DataLoader(batch)
        return asyncio.shield(loader.load(key))

    async def _batch_list(self, name: str, argument: Any, keys: list[Any]) -> list[Any]:
        return list(await self.batch(name, argument, keys))


@dataclass
class Faulty:
    """The context of one operation, and what it did: root fields resolved, loaders asked."""

    boxes: Mapping[str, Any]
    resolved: list[str] = field(default_factory=list)
    asked: list[tuple[str, Any, tuple[Any, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Forget what was loaded."""
        self.loaders = Loads(self)
