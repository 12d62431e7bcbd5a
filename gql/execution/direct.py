"""Resolvers that do what a field declares, without Strawberry's detour by arguments, extensions and permissions.

They are used in the place of Strawberry's own where graphql-core executes: the same declaration is behind both, guards
included. Fields without one, and those of root types, keep theirs.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, MiddlewareManager

from gql.execution.declarations import Column, Computed, Loaded, declaration_of
from gql.execution.read import reader

Resolver = Callable[..., Any]


class DirectResolvers(MiddlewareManager):
    """Tells the executor which function to call for a field, by the one that the schema has."""

    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self._direct = {
            field.resolve: direct
            for kind in schema.type_map.values()
            if isinstance(kind, GraphQLObjectType)
            for field in kind.fields.values()
            if field.resolve is not None and (direct := _direct(field)) is not None
        }

    def get_field_resolver(self, field_resolver: Resolver) -> Resolver:
        """The direct one, or the field's own."""
        return self._direct.get(field_resolver, field_resolver)


@lru_cache(maxsize=4)
def direct_resolvers(schema: GraphQLSchema) -> DirectResolvers:
    """Made once for each schema."""
    return DirectResolvers(schema)


def _direct(definition: GraphQLField) -> Resolver | None:
    declaration = declaration_of(definition)
    if isinstance(declaration, Loaded):
        return _loaded(declaration)
    if isinstance(declaration, Column | Computed):
        value = reader(definition, declaration)
        return lambda row, info: value(row, info.context)
    return None


def _loaded(declaration: Loaded) -> Resolver:
    name, key_of, argument_of, guard = declaration.loader, declaration.key, declaration.argument, declaration.guard

    def resolve(row: Any, info: Any, **arguments: Any) -> Any:
        context = info.context
        if guard is not None and not guard(row, context):
            return None
        key = key_of(row)
        if key is None:
            return None
        return context.loaders.load(name, key, None if argument_of is None else argument_of(arguments))

    return resolve
