"""A field's type around its named type: which levels are lists, and where null is forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType

from gql.execution.leaves import Unexpected


@dataclass(frozen=True, slots=True)
class Shape:
    """One level of it. `item` is the shape of a list's items; None where the value is no list."""

    null_forbidden: bool
    item: "Shape | None" = None

    def flatten(self, values: Sequence[Any]) -> Sequence[Any]:
        """All that is not null and no list, in order. Raises Unexpected for a forbidden null."""
        found = [value for value in values if value is not None]
        if self.null_forbidden and len(found) != len(values):
            forbidden()
        return found if self.item is None else self.item.flatten(list(chain.from_iterable(found)))

    def refill(self, values: Sequence[Any], made: list[Any]) -> list[Any]:
        """The values with what is made of all that `flatten` finds in them in its place."""
        if self.item is not None:
            lists = [value for value in values if value is not None]
            items = self.item.refill(list(chain.from_iterable(lists)), made)
            if len(values) == 1 and lists:
                return [items]
            rest = iter(items)
            return [None if value is None else list(islice(rest, len(value))) for value in values]
        if len(made) == len(values):
            return made
        rest = iter(made)
        return [None if value is None else next(rest) for value in values]


@lru_cache(maxsize=1024)
def shape_of(of_type: GraphQLOutputType) -> Shape:
    """The shape of a type, one for all plans."""
    null_forbidden = isinstance(of_type, GraphQLNonNull)
    inner = of_type.of_type if isinstance(of_type, GraphQLNonNull) else of_type
    return Shape(null_forbidden, shape_of(inner.of_type) if isinstance(inner, GraphQLList) else None)


def forbidden() -> Any:
    """For a null where the type forbids it: the careful walk knows how far it goes up."""
    raise Unexpected("null in a field that is never null")
