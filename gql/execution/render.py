"""What a compiled selection consists of: branches that need rows of their own, and a function that makes dicts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from graphql import GraphQLObjectType
from graphql.execution.values import VariableValues

from gql.execution.leaves import Complete, Unexpected
from gql.execution.run import LoaderSource
from gql.execution.shape import Shape

Reach = Callable[[Sequence[Any], Any], Sequence[list[Any]]]
"""Generated: (rows, context) → for each branch what the rows have: a loader's keys, None for none, or values."""
Make = Callable[..., list[Any]]
"""Generated: (rows, context, *columns of branches) → dicts."""
MakeOne = Callable[[Any, Any], dict[str, Any]]
"""Generated: (row, context) → dict."""


class Generated(Protocol):
    """A selection's functions, to be compiled."""

    def functions(self) -> tuple[Reach, Make]:
        """Compile the functions of all rows."""

    def one(self) -> MakeOne:
        """Compile the function of a single row of a selection without branches."""


Value = Callable[[Any, Any], Any]
"""(row, context) → a field's value, guard included."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A field that is loaded, or that has something loaded beneath: objects go to a renderer, leaves are completed."""

    shape: Shape
    below: "Renderer | None"
    complete: Complete | None
    source: Callable[[VariableValues], LoaderSource] | None = None
    """Of a field that is loaded."""


class ObjectRenderer:
    """One object type's selection. Its functions are compiled when first needed, and their source let go then."""

    def __init__(self, branches: Sequence[Branch], source: Generated) -> None:
        self.branches = branches
        self._source = source

    @cached_property
    def functions(self) -> tuple[Reach, Make]:
        """Those of all rows: to reach the branches, and to make dicts once they are there."""
        made = self._source.functions()
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
