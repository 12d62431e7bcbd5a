"""Collect the fields of a selection set for one object type, as the specification's CollectFields does.

Done once per document, not once per row: what depends on variables (`@include`, `@skip`) is decided by the values
that the operation came with, and a plan is good for these values only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import VariableValues, get_directive_values

_CONDITIONS = frozenset({"include", "skip"})


@dataclass(slots=True)
class Collector:
    """Collects with one operation's fragments and variables."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    _applies: dict[tuple[str, str], bool] = field(default_factory=dict)

    def fields(
        self, parent: GraphQLObjectType, selection_sets: Iterable[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """Field nodes by response key, in the order of their first occurrence; duplicates lie together."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        for selections in selection_sets:
            self._collect(parent, selections, found, spread)
        return found

    def _collect(
        self,
        parent: GraphQLObjectType,
        selections: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for selection in selections.selections:
            if not self._included(selection):
                continue
            match selection:
                case FieldNode():
                    key = selection.alias.value if selection.alias else selection.name.value
                    found.setdefault(key, []).append(selection)
                case InlineFragmentNode(type_condition=condition):
                    if condition is None or self._on(parent, condition):
                        self._collect(parent, selection.selection_set, found, spread)
                case FragmentSpreadNode(name=name) if name.value not in spread:
                    spread.add(name.value)
                    fragment = self.fragments[name.value]
                    if self._on(parent, fragment.type_condition):
                        self._collect(parent, fragment.selection_set, found, spread)

    def _included(self, selection: SelectionNode) -> bool:
        skip: Any = get_directive_values(GraphQLSkipDirective, selection, self.variables)
        if skip and skip["if"] is True:
            return False
        include: Any = get_directive_values(GraphQLIncludeDirective, selection, self.variables)
        return not (include and include["if"] is False)

    def _on(self, parent: GraphQLObjectType, condition: NamedTypeNode) -> bool:
        """Whether a fragment on that type applies to the object type."""
        key = parent.name, condition.name.value
        if key not in self._applies:
            conditional = self.schema.get_type(condition.name.value)
            self._applies[key] = conditional is parent or (
                isinstance(conditional, GraphQLInterfaceType | GraphQLUnionType)
                and self.schema.is_sub_type(conditional, parent)
            )
        return self._applies[key]


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in _CONDITIONS:
            for argument in node.arguments or ():
                if isinstance(argument.value, VariableNode):
                    self.variables.add(argument.value.name.value)


def condition_variables(
    operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The variables that decide which fields there are; their values tell one plan of a document from another."""
    visitor = _Conditions()
    for node in (operation, *fragments):
        visit(node, visitor)
    return tuple(sorted(visitor.variables))
