"""Run a plan's selections level by level: every loader is asked once a level, whatever the number of rows.

A frame is a selection with all rows that reached it. Opening one goes down as far as nothing has to be loaded, and
notes what has; once that is there, the frames below are opened. At the end frames are rendered from the last opened to
the first, so that whatever stands below is ready.

Most frames of a page have one row, so that what counts is how little is done for a frame, not only for a row.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from gql.execution.render import AbstractRenderer, Branch, ObjectRenderer, Renderer
from gql.execution.run import Run
from gql.execution.shape import forbidden


class Ready(Protocol):
    """A branch's values, JSON-ready once the frames below are rendered."""

    def column(self) -> list[Any]:
        """One value for each row of the frame."""


class _Frame:
    """One object type's selection and its rows."""

    __slots__ = ("branches", "made", "renderer", "rows")

    def __init__(self, renderer: ObjectRenderer, rows: Sequence[Any]) -> None:
        self.renderer = renderer
        self.rows = rows
        self.branches: Sequence[Ready] = ()
        self.made: list[Any] = []

    def render(self, context: Any) -> None:
        """Make the rows' dicts."""
        if self.rows:
            _, make = self.renderer.functions
            self.made = make(self.rows, context, *[branch.column() for branch in self.branches])


class _Mixed:
    """Rows of an interface or union: each is made in the frame of its own type."""

    __slots__ = ("frames", "made", "rows")

    def __init__(self, rows: int) -> None:
        self.frames: list[tuple[list[int], _Frame]] = []
        self.rows = rows
        self.made: list[Any] = []

    def render(self, context: Any) -> None:
        """Put the rows' dicts in the rows' order."""
        self.made = [None] * self.rows
        for places, frame in self.frames:
            for place, value in zip(places, frame.made, strict=True):
                self.made[place] = value


class _Leaves:
    __slots__ = ("_values",)

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def column(self) -> list[Any]:
        return self._values


class _Below:
    """Objects, or lists of them, whose dicts another frame makes."""

    __slots__ = ("_branch", "_frame", "_values")

    def __init__(self, branch: Branch, values: Sequence[Any], frame: _Frame | _Mixed) -> None:
        self._branch = branch
        self._values = values
        self._frame = frame

    def column(self) -> list[Any]:
        return self._branch.shape.refill(self._values, self._frame.made)


class _Loading:
    """Values by a loader: each distinct key is rendered once, and its value shared by all rows that have the key."""

    __slots__ = ("_distinct", "_keys", "_known", "branch", "values")

    def __init__(
        self, branch: Branch, keys: list[Hashable | None], distinct: dict[Hashable, None], known: Mapping[Hashable, Any]
    ) -> None:
        self.branch = branch
        self._keys = keys
        self._distinct = distinct
        self._known = known
        self.values: Ready | None = None

    def loaded(self) -> list[Any]:
        """One value for each distinct key."""
        known = self._known
        return [known[key] for key in self._distinct]

    def column(self) -> list[Any]:
        assert self.values is not None  # noqa: S101 - nothing is rendered before all is loaded
        values, keys = self.values.column(), self._keys
        if len(values) == len(keys):
            return values  # each row has a key of its own
        of_key: dict[Hashable | None, Any] = dict(zip(self._distinct, values, strict=True))
        of_key[None] = None
        return [of_key[key] for key in keys]


class Levels:
    """The frames of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._context = run.context
        self._frames: list[_Frame | _Mixed] = []
        self._waiting: list[_Loading] = []

    def open(self, branch: Branch, values: Sequence[Any]) -> Ready:
        """Open a branch for the values that its rows have."""
        if branch.below is None:
            assert branch.complete is not None  # noqa: S101 - a branch has a renderer below, or completes leaves
            return _Leaves(list(map(branch.complete, values)))
        rows = branch.shape.flatten(values)
        if branch.below.__class__ is ObjectRenderer:
            return _Below(branch, values, self._frame(branch.below, rows))
        return _Below(branch, values, self._mixed(branch.below, rows))

    async def finish(self) -> None:
        """Load level after level, then render everything."""
        while self._waiting:
            await self._run.load()
            waiting, self._waiting = self._waiting, []
            for loading in waiting:
                loading.values = self.open(loading.branch, loading.loaded())
        context = self._context
        for frame in reversed(self._frames):
            frame.render(context)

    def _load(self, branch: Branch, keys: list[Hashable | None]) -> Ready:
        """Note what a branch has to load for the keys that its rows have."""
        distinct = dict.fromkeys(keys)
        if None in distinct:
            if branch.shape.null_forbidden:
                forbidden()
            del distinct[None]
            if not distinct:
                return _Leaves(keys)  # arguments that are wrong are no error where nobody may read the field
        assert branch.source is not None  # noqa: S101 - the caller's to know
        loading = _Loading(branch, keys, distinct, self._run.want(branch.source(self._run.variables), distinct))
        self._waiting.append(loading)
        return loading

    def _frame(self, renderer: ObjectRenderer, rows: Sequence[Any]) -> _Frame:
        frame = _Frame(renderer, rows)
        self._frames.append(frame)
        if rows and renderer.branches:
            reach, _ = renderer.functions
            frame.branches = [
                self.open(branch, column) if branch.source is None else self._load(branch, column)
                for branch, column in zip(renderer.branches, reach(rows, self._context), strict=True)
            ]
        return frame

    def _mixed(self, renderer: Renderer, rows: Sequence[Any]) -> _Mixed:
        assert isinstance(renderer, AbstractRenderer)  # noqa: S101 - the other kind of renderer
        mixed = _Mixed(len(rows))
        self._frames.append(mixed)
        mixed.frames += self._of_each_type(renderer, rows)
        return mixed

    def _of_each_type(self, renderer: AbstractRenderer, rows: Sequence[Any]) -> Iterator[tuple[list[int], _Frame]]:
        places: dict[ObjectRenderer, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(renderer.of(row), []).append(place)
        for of_type, of_rows in places.items():
            yield of_rows, self._frame(of_type, [rows[place] for place in of_rows])
