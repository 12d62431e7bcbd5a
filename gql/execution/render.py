"""What a compiled selection consists of: branches that need rows of their own, and a function that makes dicts."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from gql.execution.declarations import Guard
from gql.execution.leaves import Complete, Unexpected
from gql.execution.run import LoaderSource
from gql.execution.shape import Shape

Make = Callable[..., list[Any]]
"""Generated: (rows, context, *columns of branches) → dicts."""
MakeOne = Callable[[Any, Any], dict[str, Any]]
"""Generated: (row, context) → dict."""


class Generated(Protocol):
    """A selection's functions, to be compiled."""

    def make(self) -> Make:
        """Compile the function of all rows."""

    def one(self) -> MakeOne:
        """Compile the function of a single row of a selection without branches."""


Value = Callable[[Any, Any], Any]
"""(row, context) → a field's value, guard included."""


@dataclass(frozen=True, slots=True)
class Loading:
    """Values by a loader, for keys of the rows; no key where the guard says no."""

    key: Callable[[Any], Hashable | None]
    source: Callable[[VariableValues], LoaderSource]
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


class ObjectRenderer:
    """One object type's selection. Its function is compiled when it is first needed, and its source let go then."""

    def __init__(self, branches: Sequence[Branch], source: "Generated") -> None:
        self.branches = branches
        self._source = source

    @cached_property
    def make(self) -> Make:
        """The function of all rows."""
        made = self._source.make()
        del self._source
        return made

    def one(self) -> MakeOne | None:
        """The function of a single row; None where there are branches. For the compiler, before anything is made."""
        return None if self.branches else self._source.one()


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
