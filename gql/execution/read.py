"""How a field that isn't loaded is read from its row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from graphql import GraphQLField

from gql.execution.declarations import Column, Computed
from gql.execution.render import Value


def attribute(definition: GraphQLField) -> str:
    """The attribute of the row that a column is."""
    name: str = (definition.extensions or {})["strawberry-definition"].python_name
    return name


def reader(definition: GraphQLField, declaration: Column | Computed) -> Value:
    """The function of (row, context) that reads the field: None where its guard says no."""
    value = _unguarded(definition, declaration)
    guard = declaration.guard
    if guard is None:
        return value
    return lambda row, context: value(row, context) if guard(row, context) else None


def _unguarded(definition: GraphQLField, declaration: Column | Computed) -> Value:
    if isinstance(declaration, Computed) and declaration.for_viewer:
        return declaration.function
    read: Callable[[Any], Any] = (
        attrgetter(attribute(definition)) if isinstance(declaration, Column) else declaration.function
    )
    return lambda row, context: read(row)
