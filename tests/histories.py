"""Whether what clients saw of one customer's account manager is linearizable.

That is: as if each operation had happened at one moment between its beginning and its end, one after the other
(Herlihy and Wing, 1990). In general this is hard to decide. Here it takes no more than sorting, because the record says
in which order the writes took effect: it is a chain of assignments, one for each version of the customer.

With that order given, an operation has its place: the write that made version v, then the reads that saw it. A history
is linearizable exactly when no operation has a place before that of another one that ended before it began. Where
several places would do (a customer who isn't shown was anybody else's), the earliest of them leaves most to the others.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from heapq import heappop, heappush
from typing import NamedTuple


class FaultKind(StrEnum):
    """What can be wrong with a history."""

    LOST = auto()
    """A write was acknowledged, and is not in the chain."""
    TWICE = auto()
    """A write is in the chain more than once."""
    UNASKED = auto()
    """The chain has an assignment that nobody asked for, or that was refused, or of another manager."""
    OVERWRITTEN = auto()
    """A write that expected one version followed another."""
    WRONG_VALUE = auto()
    """A read paired a version with a manager that it never had, or saw a version that never was."""
    OUT_OF_ORDER = auto()
    """An operation took effect before another one that had ended before it began: a stale read, or a reordering."""
    SHOWN_TO_ANOTHER = auto()
    """A manager saw the customer in a version in which somebody else looked after them."""
    HIDDEN = auto()
    """A manager did not see the customer while looking after them, or a write was refused without a reason."""


class Fault(NamedTuple):
    """One thing that is wrong."""

    kind: FaultKind
    about: str


@dataclass(frozen=True, slots=True)
class Link:
    """An assignment as the record has it; the first of a chain made version 1. `token` names the write that made it."""

    assignment: str
    manager: str
    token: str | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The answer to a write: this is the open assignment, and whether the write has made it."""

    assignment: str
    changed: bool


class Refused:
    """The answer to a write whose expected version was not the present one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """The wish for a manager, and how it ended: with no answer, it may have been done or not, or may yet be."""

    token: str
    manager: str
    begun: float
    ended: float | None = None
    expected: int | None = None
    answer: Acknowledged | Refused | None = None

    def __post_init__(self) -> None:
        assert (self.ended is None) == (self.answer is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What somebody saw: version and manager, or nobody. Without `reader`, somebody who sees everybody."""

    begun: float
    ended: float
    reader: str | None = None
    version: int | None = None
    manager: str | None = None


Place = tuple[int, int]
"""A version, and 0 for the write that made it or 1 for reads of it."""


@dataclass(slots=True)
class _Step:
    """An operation with the places that it may have: one, or the reads of those versions that `may_be` lets through."""

    begun: float
    ended: float
    about: str
    place: Place | None = None
    may_be: Callable[[int], bool] | None = None


def faults(chain: Sequence[Link], operations: Sequence[Write | Read]) -> list[Fault]:
    """All that is wrong; none where the history is linearizable and nothing is lost, doubled or shown to others."""
    return _Checker(chain).check(operations)


@dataclass
class _Checker:
    chain: Sequence[Link]
    found: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._version_of = {link.assignment: number for number, link in enumerate(self.chain, 1)}

    def check(self, operations: Sequence[Write | Read]) -> list[Fault]:
        writes = {operation.token: operation for operation in operations if isinstance(operation, Write)}
        made = self._made_by(writes)
        steps = [step for operation in operations for step in self._steps(operation, made)]
        self._in_order(steps)
        return self.found

    def _add(self, kind: FaultKind, about: str) -> None:
        self.found.append(Fault(kind, about))

    def _made_by(self, writes: dict[str, Write]) -> dict[str, int]:
        """The version that each write made; faults of the chain by itself."""
        made: dict[str, int] = {}
        for version, link in enumerate(self.chain, 1):
            if link.token is None and version == 1:
                continue
            write = None if link.token is None else writes.get(link.token)
            if write is None or isinstance(write.answer, Refused) or write.manager != link.manager:
                self._add(FaultKind.UNASKED, f"version {version}: {link}, {write}")
            elif write.token in made:
                self._add(FaultKind.TWICE, f"versions {made[write.token]} and {version}: {write}")
            else:
                made[write.token] = version
        return made

    def _steps(self, operation: Write | Read, made: dict[str, int]) -> Iterator[_Step]:
        if isinstance(operation, Read):
            yield from self._read(operation)
        elif isinstance(operation.answer, Refused):
            assert operation.ended is not None
            yield _Step(operation.begun, operation.ended, str(operation), may_be=lambda v: v != operation.expected)
        else:
            yield from self._written(operation, made.get(operation.token))

    def _written(self, write: Write, version: int | None) -> Iterator[_Step]:
        about, ended = str(write), float("inf") if write.ended is None else write.ended
        if isinstance(write.answer, Acknowledged):
            told = self._version_of.get(write.answer.assignment)
            if told is None or (write.answer.changed and told != version):
                self._add(FaultKind.LOST, about)
                return
            if not write.answer.changed:
                if version is not None:
                    self._add(FaultKind.UNASKED, f"version {version}, said to have changed nothing: {about}")
                if self.chain[told - 1].manager != write.manager:
                    self._add(FaultKind.WRONG_VALUE, about)
                yield _Step(write.begun, ended, about, place=(told, 1))
                return
        if version is not None:
            if write.expected not in (None, version - 1):
                self._add(FaultKind.OVERWRITTEN, f"version {version}: {about}")
            yield _Step(write.begun, ended, about, place=(version, 0))

    def _read(self, read: Read) -> Iterator[_Step]:
        if read.version is None:
            yield _Step(
                read.begun, read.ended, str(read), may_be=lambda version: self.chain[version - 1].manager != read.reader
            )
            return
        if not 1 <= read.version <= len(self.chain) or self.chain[read.version - 1].manager != read.manager:
            self._add(FaultKind.WRONG_VALUE, str(read))
            return
        if read.reader not in (None, read.manager):
            self._add(FaultKind.SHOWN_TO_ANOTHER, str(read))
        yield _Step(read.begun, read.ended, str(read), place=(read.version, 1))

    def _in_order(self, steps: list[_Step]) -> None:
        """Go through the steps as they began; each must have a place that is not before what had ended by then."""
        under_way: list[tuple[float, Place]] = []
        latest: Place = (1, 0)
        for step in sorted(steps, key=lambda step: step.begun):
            while under_way and under_way[0][0] < step.begun:
                latest = max(latest, heappop(under_way)[1])
            place = step.place or self._earliest(step, latest)
            if place is None:
                self._add(FaultKind.HIDDEN, f"at version {latest[0]} or later: {step.about}")
            elif place < latest:
                self._add(FaultKind.OUT_OF_ORDER, f"after version {latest[0]}: {step.about}")
            else:
                heappush(under_way, (step.ended, place))

    def _earliest(self, step: _Step, latest: Place) -> Place | None:
        assert step.may_be is not None
        for version in range(latest[0], len(self.chain) + 1):
            if step.may_be(version):
                return version, 1
        return None
