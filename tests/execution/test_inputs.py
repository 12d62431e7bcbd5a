"""What a plan gives a query's function for an input is what Strawberry gives it: every field, at any depth."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_input_object_type,
)
from strawberry.types.arguments import convert_argument

from gql.execution.asking import _by_python_names
from gql.schema.assembly import build_schema
from gql.schema.fields import plain

SCHEMA = build_schema()


def arguments() -> Iterator[Any]:
    """Of queries: those that are inputs."""
    query = SCHEMA._schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        for argument_name, argument in field.args.items():
            if is_input_object_type(get_named_type(argument.type)):
                yield pytest.param(argument, id=f"{name}({argument_name})")


def filled(of_type: Any, depth: int) -> Any:
    """A coerced value with every field; those that hold others of their own kind end at the depth."""
    inner = get_nullable_type(of_type)
    if isinstance(inner, GraphQLList):
        return [filled(inner.of_type, depth)]
    if isinstance(inner, GraphQLInputObjectType):
        fields = inner.fields.items()
        kept = [
            (name, field) for name, field in fields if depth or not is_input_object_type(get_named_type(field.type))
        ]
        return {name: filled(field.type, depth - 1) for name, field in kept}
    return f"a {inner}"


@pytest.mark.parametrize("argument", list(arguments()))
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_inputs_are_the_same_on_both_ways(argument: Any, depth: int) -> None:
    converter = SCHEMA.schema_converter
    value, of_class = filled(argument.type, depth), argument.extensions["strawberry-definition"].type
    by_strawberry = plain(convert_argument(value, of_class, converter.scalar_registry, converter.config))
    assert by_strawberry
    assert plain(_by_python_names(argument.type, value)) == by_strawberry
