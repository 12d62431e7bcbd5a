"""Inputs of fields below others are read by names that are made of GraphQL's: those of the classes must be the same."""

from collections.abc import Iterator

from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type, is_input_object_type, is_object_type

from gql.schema.assembly import build_schema
from gql.schema.fields import by_python_names


def inputs_below(schema: GraphQLSchema) -> Iterator[GraphQLInputObjectType]:
    """Those of fields that are none of a root type, and the ones within."""
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    found: list[GraphQLInputObjectType] = []
    for kind in schema.type_map.values():
        if is_object_type(kind) and kind not in roots:
            arguments = [argument for field in kind.fields.values() for argument in field.args.values()]
            found += [each for each in map(get_named_type, (a.type for a in arguments)) if is_input_object_type(each)]
    seen: set[str] = set()
    while found:
        one = found.pop()
        if one.name not in seen:
            seen.add(one.name)
            yield one
            within = (get_named_type(field.type) for field in one.fields.values())
            found += [each for each in within if is_input_object_type(each)]


def test_names_of_inputs_are_made_of_graphqls() -> None:
    inputs = list(inputs_below(build_schema()._schema))
    assert {"SavedFilterInput", "CustomerOrder"} <= {each.name for each in inputs}
    for each in inputs:
        for name, field in each.fields.items():
            assert list(by_python_names({name: None})) == [field.extensions["strawberry-definition"].python_name], each
