"""How a plan makes JSON-ready values: where values come from, and what becomes of all rows of a selection at once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from gql.execution.declarations import Guard
from gql.execution.leaves import Complete, Unexpected
from gql.execution.run import Run, side_by_side


class Values(Protocol):
    """Where a field's values come from: a column, a function, or a loader."""

    @property
    def needs_loading(self) -> bool:
        """Whether a loader has to be asked."""

    def of(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """The values for the rows, in their order; only where nothing needs loading."""

    async def loaded(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """The same, where a loader has to be asked."""


@dataclass(frozen=True, slots=True)
class Computing:
    """Values by a function of (row, context): attributes and computed fields."""

    function: Callable[[Any, Any], Any]
    guard: Guard | None
    needs_loading: bool = False

    def of(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """One call a row; null where the guard says no."""
        function, guard, context = self.function, self.guard, run.context
        if guard is None:
            return [function(row, context) for row in rows]
        return [function(row, context) if guard(row, context) else None for row in rows]

    async def loaded(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Nothing to wait for."""
        return self.of(rows, run)


@dataclass(frozen=True, slots=True)
class Loading:
    """Values by a loader, for keys of the rows."""

    loader: str
    key: Callable[[Any, Mapping[str, Any], Any], Hashable | None]
    arguments: Callable[[VariableValues], Mapping[str, Any]]
    guard: Guard | None
    needs_loading: bool = True

    def of(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Never asked for."""
        raise TypeError(self.loader)

    async def loaded(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """One loader call for all rows."""
        key, guard, context = self.key, self.guard, run.context
        arguments = self.arguments(run.variables)
        if guard is None:
            keys = [key(row, arguments, context) for row in rows]
        else:
            keys = [key(row, arguments, context) if guard(row, context) else None for row in rows]
        return await run.load(self.loader, keys)


class Renderer(Protocol):
    """Makes JSON-ready values of the rows of one (object or abstract) type."""

    @property
    def needs_loading(self) -> bool:
        """Whether anything beneath waits."""

    def render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Without waiting; only where nothing beneath needs loading."""

    async def load_and_render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """The same, level by level."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A field's type around its named type: which levels are lists, and where null is forbidden."""

    null_forbidden: bool
    item: "Shape | None" = None
    """The shape of a list's items; None where the value is no list."""

    def flatten(self, values: Sequence[Any], into: list[Any]) -> None:
        """Append all that is not null, in order. Raises Unexpected for a forbidden null."""
        for value in values:
            if value is None:
                if self.null_forbidden:
                    raise Unexpected("null in a field that is never null")
            elif self.item is None:
                into.append(value)
            else:
                self.item.flatten(value, into)

    def refill(self, values: Sequence[Any], rendered: Any) -> list[Any]:
        """The values with everything that is not null replaced by the next of `rendered`, an iterator."""
        if self.item is None:
            return [None if value is None else next(rendered) for value in values]
        return [None if value is None else self.item.refill(value, rendered) for value in values]


@dataclass(frozen=True, slots=True)
class Branch:
    """A field whose values aren't a plain leaf of the row: objects, lists of them, or leaves that are loaded."""

    values: Values
    shape: Shape
    below: Renderer | None
    complete: Complete | None
    """For leaves, in place of `below`."""

    @property
    def needs_loading(self) -> bool:
        """Whether anything here or beneath waits."""
        return self.values.needs_loading or (self.below is not None and self.below.needs_loading)

    def render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """The field's JSON-ready values, one a row."""
        values = self.values.of(rows, run)
        if self.below is None:
            return self._leaves(values)
        flat: list[Any] = []
        self.shape.flatten(values, flat)
        return self.shape.refill(values, iter(self.below.render(flat, run)))

    async def load_and_render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """The same, waiting where it must."""
        values = await self.values.loaded(rows, run)
        if self.below is None:
            return self._leaves(values)
        flat: list[Any] = []
        self.shape.flatten(values, flat)
        if not flat:
            return self.shape.refill(values, iter(()))
        if self.below.needs_loading:
            rendered = await self.below.load_and_render(flat, run)
        else:
            rendered = self.below.render(flat, run)
        return self.shape.refill(values, iter(rendered))

    def _leaves(self, values: list[Any]) -> list[Any]:
        complete = self.complete
        assert complete is not None  # noqa: S101 - a branch has one of the two
        return [complete(value) for value in values]


Make = Callable[..., list[Any]]
"""Generated: (rows, context, *columns of branches) → dicts."""


class ObjectRenderer:
    """One object type's selection: branches, and the generated function that makes the dicts."""

    def __init__(self, branches: Sequence[Branch], make: Make) -> None:
        self._branches = branches
        self._make = make
        self.needs_loading = any(branch.needs_loading for branch in branches)

    def render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Without waiting."""
        return self._make(rows, run.context, *(branch.render(rows, run) for branch in self._branches))

    async def load_and_render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Branches that wait do so side by side."""
        waiting = [branch for branch in self._branches if branch.needs_loading]
        waited = await side_by_side(lambda branch: branch.load_and_render(rows, run), waiting)
        ready = iter(waited)
        columns = [next(ready) if branch.needs_loading else branch.render(rows, run) for branch in self._branches]
        return self._make(rows, run.context, *columns)


class AbstractRenderer:
    """A selection on an interface or union: rows go to the renderer of their own type.

    A row's Python class decides its type, so that `is_type_of` is asked once a class.
    """

    def __init__(self, possible: Sequence[tuple[GraphQLObjectType, Renderer]]) -> None:
        self._possible = possible
        self._of_class: dict[type, Renderer] = {}
        self.needs_loading = any(renderer.needs_loading for _, renderer in possible)

    def render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Without waiting."""
        made: list[Any] = [None] * len(rows)
        for renderer, places in self._by_renderer(rows).items():
            self._put(made, places, renderer.render([rows[place] for place in places], run))
        return made

    async def load_and_render(self, rows: Sequence[Any], run: Run) -> list[Any]:
        """Type after type."""
        made: list[Any] = [None] * len(rows)
        for renderer, places in self._by_renderer(rows).items():
            of_type = [rows[place] for place in places]
            if renderer.needs_loading:
                self._put(made, places, await renderer.load_and_render(of_type, run))
            else:
                self._put(made, places, renderer.render(of_type, run))
        return made

    @staticmethod
    def _put(made: list[Any], places: Sequence[int], rendered: Sequence[Any]) -> None:
        for place, value in zip(places, rendered, strict=True):
            made[place] = value

    def _by_renderer(self, rows: Sequence[Any]) -> dict[Renderer, list[int]]:
        places: dict[Renderer, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(self._renderer_of(row), []).append(place)
        return places

    def _renderer_of(self, row: Any) -> Renderer:
        found = self._of_class.get(type(row))
        if found is None:
            for object_type, renderer in self._possible:
                if object_type.is_type_of is not None and object_type.is_type_of(row, None):  # type: ignore[arg-type]
                    found = self._of_class[type(row)] = renderer
                    break
            else:
                raise Unexpected("a row of no possible type")
        return found
