"""A field's type around its named type: which levels are lists, and where null is forbidden."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType

from gql.execution.leaves import Unexpected


@dataclass(frozen=True, slots=True)
class Shape:
    """One level of it. `item` is the shape of a list's items; None where the value is no list."""

    null_forbidden: bool
    item: "Shape | None" = None

    def flatten(self, values: Sequence[Any], into: list[Any]) -> None:
        """Append all that is not null, in order. Raises Unexpected for a forbidden null."""
        for value in values:
            if value is None:
                if self.null_forbidden:
                    forbidden()
            elif self.item is None:
                into.append(value)
            else:
                self.item.flatten(value, into)

    def refill(self, values: Sequence[Any], rendered: Iterator[Any]) -> list[Any]:
        """The values with everything that is not null replaced by the next of `rendered`."""
        if self.item is None:
            return [None if value is None else next(rendered) for value in values]
        return [None if value is None else self.item.refill(value, rendered) for value in values]


@lru_cache(maxsize=1024)
def shape_of(of_type: GraphQLOutputType) -> Shape:
    """The shape of a type, one for all plans."""
    null_forbidden = isinstance(of_type, GraphQLNonNull)
    inner = of_type.of_type if isinstance(of_type, GraphQLNonNull) else of_type
    return Shape(null_forbidden, shape_of(inner.of_type) if isinstance(inner, GraphQLList) else None)


def forbidden() -> Any:
    """For a null where the type forbids it: the careful walk knows how far it goes up."""
    raise Unexpected("null in a field that is never null")
