"""What a compiled selection consists of: branches that need rows of their own, and a function that makes dicts."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from gql.execution.declarations import Guard
from gql.execution.leaves import Complete, Unexpected
from gql.execution.run import Source
from gql.execution.shape import Shape

Make = Callable[..., list[Any]]
"""Generated: (rows, context, *columns of branches) → dicts."""


Value = Callable[[Any, Any], Any]
"""(row, context) → a field's value, guard included."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Values by a loader, for keys of the rows; no key where the guard says no."""

    key: Callable[[Any], Hashable | None]
    source: Callable[[VariableValues], Source]
    guard: Guard | None

    def keys(self, rows: Sequence[Any], context: Any) -> list[Hashable | None]:
        """One a row."""
        key, guard = self.key, self.guard
        if guard is None:
            return [key(row) for row in rows]
        return [key(row) if guard(row, context) else None for row in rows]


@dataclass(frozen=True, slots=True)
class Branch:
    """A field that is loaded, or that has something loaded beneath: objects go to a renderer, leaves are completed."""

    value: Value | Loading
    shape: Shape
    below: "Renderer | None"
    complete: Complete | None


@dataclass(frozen=True, slots=True, eq=False)
class ObjectRenderer:
    """One object type's selection. Without branches, `one` makes the dict of a single row: (row, context) → dict."""

    branches: Sequence[Branch]
    make: Make
    one: Callable[[Any, Any], dict[str, Any]] | None


class AbstractRenderer:
    """A selection on an interface or union.

    A row's Python class decides its type, so that `is_type_of` is asked once a class.
    """

    def __init__(self, possible: Sequence[tuple[GraphQLObjectType, ObjectRenderer]]) -> None:
        self._possible = possible
        self._of_class: dict[type, ObjectRenderer] = {}

    def of(self, row: Any) -> ObjectRenderer:
        """The renderer for the row's own type. Raises Unexpected where it is of none."""
        found = self._of_class.get(type(row))
        if found is None:
            for object_type, renderer in self._possible:
                if object_type.is_type_of is not None and object_type.is_type_of(row, None):  # type: ignore[arg-type]
                    found = self._of_class[type(row)] = renderer
                    break
            else:
                raise Unexpected("a row of no possible type")
        return found


Renderer = ObjectRenderer | AbstractRenderer
