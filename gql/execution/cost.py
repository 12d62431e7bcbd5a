"""The cost of an operation: the nodes it may return, estimated from its page sizes once variables are known.

A field that takes `first`, as a Relay connection does, counts its page, a field that takes `ids` counts these;
everything beneath is multiplied by them. Fields asked for twice count twice.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from gql.execution.syntax import OperationSyntax

DEFAULT_PAGE = 25


_MOST_KEPT = 64


class OperationCost:
    """What one operation costs, kept for the page sizes that it came with so far."""

    def __init__(self, schema: GraphQLSchema, syntax: OperationSyntax) -> None:
        self._schema = schema
        self._syntax = syntax
        self._sizing: tuple[str, ...] | None = None
        self._nodes: dict[tuple[int | None, ...], int] = {}

    def nodes(self, variables: Mapping[str, Any]) -> int:
        """The most nodes that the operation can return with these coerced variables."""
        if self._sizing is not None:
            known = self._nodes.get(self._sizes(variables))
            if known is not None:
                return known
        operation, fragments = self._syntax.parsed()
        estimate = _Estimate(self._schema, fragments, variables)
        nodes = estimate.nodes(operation)
        self._sizing = tuple(sorted(estimate.asked_for))  # always the same: all sizes are looked at
        if len(self._nodes) < _MOST_KEPT:
            self._nodes[self._sizes(variables)] = nodes
        return nodes

    def _sizes(self, variables: Mapping[str, Any]) -> tuple[int | None, ...]:
        values = (variables.get(name) for name in self._sizing or ())
        return tuple(_size_of(value) for value in values)


def _size_of(value: Any) -> int | None:
    """What matters of a variable: a page size, the length of a list, or whether there is a value."""
    if value is None or isinstance(value, int):
        return value
    return len(value) if isinstance(value, list) else 1


def _default(definition: GraphQLField) -> int:
    """The page of a field where no size is asked for."""
    size = definition.args["first"].default_value
    return size if isinstance(size, int) else DEFAULT_PAGE


class _Estimate:
    """Estimates one operation once; a fragment is estimated once, too."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self.asked_for: set[str] = set()
        """The variables that decide sizes."""
        self._of_fragment: dict[str, int] = {}

    def nodes(self, operation: OperationDefinitionNode) -> int:
        """The most nodes that the operation can return."""
        return self._below(self._schema.get_root_type(operation.operation), operation.selection_set)

    def _below(self, parent: GraphQLNamedType | None, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        total = 0
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    total += self._field(parent, selection)
                case InlineFragmentNode(type_condition=condition):
                    of_type = parent if condition is None else self._schema.get_type(condition.name.value)
                    total += self._below(of_type, selection.selection_set)
                case FragmentSpreadNode():
                    total += self._fragment(selection.name.value)
        return total

    def _fragment(self, name: str) -> int:
        if name not in self._of_fragment:
            fragment = self._fragments[name]
            on = self._schema.get_type(fragment.type_condition.name.value)
            self._of_fragment[name] = self._below(on, fragment.selection_set)
        return self._of_fragment[name]

    def _field(self, parent: GraphQLNamedType | None, node: FieldNode) -> int:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        definition = parent.fields.get(node.name.value)
        if definition is None:  # introspection, which has a bound of its own
            return 0
        below = self._below(get_named_type(definition.type), node.selection_set)
        size = self._size(definition, node)
        return below if size is None else size * (1 + below)

    def _size(self, definition: GraphQLField, node: FieldNode) -> int | None:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        if "first" in definition.args:
            sizes = [self._value(given[name]) for name in ("first", "last") if name in given]
            asked = [size for size in sizes if isinstance(size, int)]
            # A negative size is refused when the field is resolved: it must not make up for what others return.
            return max(0, *asked) if asked else _default(definition)
        if "ids" in definition.args:
            ids = self._value(given.get("ids"))
            return len(ids) if isinstance(ids, list) else int(ids is not None)  # one value stands for a list of it
        return None

    def _value(self, node: ValueNode | None) -> Any:
        match node:
            case VariableNode(name=name):
                self.asked_for.add(name.value)
                return self._variables.get(name.value)
            case IntValueNode(value=value):
                return int(value)
            case ListValueNode(values=values):
                return list(values)
            case None | NullValueNode():
                return None
        return node
