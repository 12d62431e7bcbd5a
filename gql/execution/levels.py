"""Run a plan's selections level by level: every loader is asked once a level, whatever the number of rows.

A frame is a selection with all rows that reached it. Opening one goes down as far as nothing has to be loaded, and
notes what has; once that is there, the frames below are opened. At the end frames are rendered from the last opened to
the first, so that whatever stands below is ready.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gql.execution.leaves import Complete
from gql.execution.render import AbstractRenderer, Branch, Loading, ObjectRenderer, Renderer
from gql.execution.run import Run
from gql.execution.shape import Shape, forbidden


class Ready(Protocol):
    """A branch's values, JSON-ready once the frames below are rendered."""

    def column(self) -> list[Any]:
        """One value for each row of the frame."""


@dataclass(slots=True)
class Frame:
    """One object type's selection and its rows."""

    renderer: ObjectRenderer
    rows: Sequence[Any]
    branches: list[Ready] = field(default_factory=list)
    made: list[Any] = field(default_factory=list)

    def render(self, context: Any) -> None:
        """Make the rows' dicts."""
        self.made = self.renderer.make(self.rows, context, *(branch.column() for branch in self.branches))


@dataclass(slots=True)
class _Mixed:
    """Rows of an interface or union: each is made in the frame of its own type."""

    frames: list[tuple[list[int], Frame]]
    rows: int
    made: list[Any] = field(default_factory=list)

    def render(self, context: Any) -> None:
        """Put the rows' dicts in the rows' order."""
        self.made = [None] * self.rows
        for places, frame in self.frames:
            for place, value in zip(places, frame.made, strict=True):
                self.made[place] = value


@dataclass(slots=True)
class _Leaves:
    values: list[Any]

    def column(self) -> list[Any]:
        return self.values


@dataclass(slots=True)
class _Below:
    """Objects, or lists of them, whose dicts another frame makes."""

    shape: Shape
    values: Sequence[Any]
    frame: Frame | _Mixed

    def column(self) -> list[Any]:
        return self.shape.refill(self.values, iter(self.frame.made))


@dataclass(slots=True)
class _Loading:
    """Values by a loader: each distinct key is rendered once, and its value shared by all rows that have the key."""

    branch: Branch
    keys: list[Hashable | None]
    known: Mapping[Hashable, Any]
    distinct: list[Hashable]
    values: Ready | None = None

    def column(self) -> list[Any]:
        assert self.values is not None  # noqa: S101 - nothing is rendered before all is loaded
        of_key: dict[Hashable, Any] = dict(zip(self.distinct, self.values.column(), strict=True))
        if self.branch.shape.null_forbidden:
            return [forbidden() if key is None else of_key[key] for key in self.keys]
        of_key[None] = None
        return [of_key[key] for key in self.keys]


class Levels:
    """The frames of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._frames: list[Frame | _Mixed] = []
        self._waiting: list[_Loading] = []

    def branch(self, branch: Branch, rows: Sequence[Any]) -> Ready:
        """Open a branch for rows."""
        context, value = self._run.context, branch.value
        if not isinstance(value, Loading):
            return self._values(branch, [value(row, context) for row in rows])
        keys = value.keys(rows, context)
        distinct = [key for key in dict.fromkeys(keys) if key is not None]
        # Arguments that are wrong are no error where nobody may read the field.
        known = self._run.want(value.source(self._run.variables), distinct) if distinct else {}
        loading = _Loading(branch, keys, known, distinct)
        self._waiting.append(loading)
        return loading

    async def finish(self) -> None:
        """Load level after level, then render everything."""
        while self._waiting:
            await self._run.load()
            waiting, self._waiting = self._waiting, []
            for loading in waiting:
                values = [loading.known[key] for key in loading.distinct]
                loading.values = self._values(loading.branch, values)
        context = self._run.context
        for frame in reversed(self._frames):
            frame.render(context)

    def _values(self, branch: Branch, values: list[Any]) -> Ready:
        if branch.below is None:
            return _Leaves(_completed(branch.complete, values))
        flat: list[Any] = []
        branch.shape.flatten(values, flat)
        return _Below(branch.shape, values, self._open(branch.below, flat))

    def _open(self, renderer: Renderer, rows: Sequence[Any]) -> Frame | _Mixed:
        if isinstance(renderer, AbstractRenderer):
            mixed = _Mixed([], len(rows))
            self._frames.append(mixed)
            mixed.frames += self._of_each_type(renderer, rows)
            return mixed
        return self._open_object(renderer, rows)

    def _of_each_type(self, renderer: AbstractRenderer, rows: Sequence[Any]) -> Iterator[tuple[list[int], Frame]]:
        places: dict[ObjectRenderer, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(renderer.of(row), []).append(place)
        for of_type, of_rows in places.items():
            yield of_rows, self._open_object(of_type, [rows[place] for place in of_rows])

    def _open_object(self, renderer: ObjectRenderer, rows: Sequence[Any]) -> Frame:
        frame = Frame(renderer, rows)
        self._frames.append(frame)
        if rows:
            frame.branches += [self.branch(branch, rows) for branch in renderer.branches]
        else:
            frame.branches += [_Leaves([]) for _ in renderer.branches]
        return frame


def _completed(complete: Complete | None, values: list[Any]) -> list[Any]:
    assert complete is not None  # noqa: S101 - a branch has a renderer below, or completes leaves
    return [complete(value) for value in values]
