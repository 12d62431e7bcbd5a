"""Complete leaf values: from what a row holds to what JSON holds, by the field's type.

A `None` where the type forbids it, or a value that isn't of the type, raises: the plan then gives way to the careful
walk, which says what is wrong and where.
"""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    is_leaf_type,
)

Complete = Callable[[Any], Any]


class Unexpected(Exception):
    """The plan met what only the careful walk can answer."""


@lru_cache(maxsize=1024)
def completer(of_type: GraphQLOutputType) -> Complete:
    """The function that completes values of a leaf type, or of lists of one."""
    if isinstance(of_type, GraphQLNonNull):
        names = enum_names(of_type.of_type) if isinstance(of_type.of_type, GraphQLEnumType) else None
        if names is not None:
            return names.__getitem__  # null is no member, either
        inner = completer(of_type.of_type)

        def not_null(value: Any) -> Any:
            completed = inner(value)
            if completed is None:
                raise Unexpected("null in a field that is never null")
            return completed

        return not_null
    if isinstance(of_type, GraphQLList):
        item = completer(of_type.of_type)

        def listed(value: Any) -> Any:
            return None if value is None else [*map(item, value)]

        return listed
    if not is_leaf_type(of_type):
        raise TypeError(of_type)
    serialize = _serializer(of_type)

    def nullable(value: Any) -> Any:
        return None if value is None else serialize(value)

    return nullable


def _serializer(leaf: GraphQLLeafType) -> Complete:
    if isinstance(leaf, GraphQLEnumType):
        names = enum_names(leaf)
        if names is not None:
            return names.__getitem__
    return leaf.serialize


@lru_cache(maxsize=1024)
def enum_names(leaf: GraphQLEnumType) -> dict[Any, str] | None:
    """Each member's name; None where values aren't members of a Python enum."""
    wrapped: Any = getattr(leaf, "wrapped_cls", None)
    if not (isinstance(wrapped, type) and issubclass(wrapped, Enum)):
        return None
    return {member: leaf.serialize(member) for member in wrapped}
