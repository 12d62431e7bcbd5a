"""The fields that a document selects, type by type, as the careful walk asks for them.

Made of the syntax tree anew whenever something went wrong: plans keep nothing of this.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_object_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from gql.execution.collect import Collector
from gql.execution.declarations import Column, Computed, Declaration, Loaded, declaration_of
from gql.execution.read import reader
from gql.execution.render import Value
from gql.execution.run import LoaderSource


class Selected:
    """A field of an object type, with all nodes that were merged into it."""

    def __init__(self, collector: Collector, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> None:
        self.parent = parent
        self.key = key
        self.nodes = nodes
        self.name = nodes[0].name.value
        self._collector = collector
        self._below: dict[str, list[Selected]] = {}

    @cached_property
    def definition(self) -> GraphQLField:
        """The schema's; `__typename` has none."""
        definition: GraphQLField = self.parent.fields[self.name]
        return definition

    @cached_property
    def declaration(self) -> Declaration | None:
        """How its value is come by."""
        return declaration_of(self.definition)

    @cached_property
    def value(self) -> Value:
        """Reads it from a row, where it isn't loaded."""
        assert isinstance(self.declaration, Column | Computed)  # noqa: S101 - or the operation had no plan
        return reader(self.definition, self.declaration)

    @cached_property
    def arguments(self) -> Mapping[str, Any]:
        """Coerced. Raises GraphQLError for what only execution can refuse."""
        return get_argument_values(self.definition, self.nodes[0], self._variables)

    @cached_property
    def source(self) -> LoaderSource:
        """Where it is loaded. Raises what its argument's function raises."""
        assert isinstance(self.declaration, Loaded)  # noqa: S101 - the caller's to know
        argument = self.declaration.argument
        return self.declaration.loader, None if argument is None else argument(self.arguments)

    @property
    def _variables(self) -> VariableValues:
        return self._collector.variables

    def below(self, object_type: GraphQLObjectType) -> "list[Selected]":
        """The fields that are selected on its objects of that type."""
        found = self._below.get(object_type.name)
        if found is None:
            selections = [node.selection_set for node in self.nodes if node.selection_set is not None]
            found = self._below[object_type.name] = selected_fields(self._collector, object_type, selections)
        return found

    def object_type(self, row: Any) -> GraphQLObjectType:
        """The row's type, of those that the field may have. Raises GraphQLError where it is of none."""
        of_type: Any = get_named_type(self.definition.type)
        if is_object_type(of_type):
            return of_type
        schema: GraphQLSchema = self._collector.schema
        for possible in schema.get_possible_types(of_type):
            if possible.is_type_of is not None and possible.is_type_of(row, None):  # type: ignore[arg-type]
                return possible
        raise GraphQLError(
            f"Abstract type '{of_type}' must resolve to an Object type at runtime for field"
            f" '{self.parent}.{self.name}'. Either the '{of_type}' type should provide a 'resolve_type' function or"
            " each possible type should provide an 'is_type_of' function."
        )


def selected_fields(
    collector: Collector, parent: GraphQLObjectType, selections: Sequence[SelectionSetNode]
) -> list[Selected]:
    """The fields that these selections have on the type, in the answer's order."""
    fields = collector.fields(parent, selections)
    return [Selected(collector, parent, key, nodes) for key, nodes in fields.items()]
