"""Compile an operation into a plan, from the schema and its fields' declarations.

For each selection on an object type a function is generated that makes all rows' dicts in one comprehension. What has
nothing to load beneath is made inline; the rest are branches. Root fields that aren't covered (introspection, fields
without a declaration beneath) are left to graphql-core.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, Generic, TypeVar

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from gql.execution.asking import asking
from gql.execution.collect import Collector
from gql.execution.declarations import Brief, Column, Computed, Loaded, Root, declaration_of
from gql.execution.leaves import completer
from gql.execution.plan import NotPlanned, Plan, RootField
from gql.execution.render import AbstractRenderer, Branch, ObjectRenderer, Renderer
from gql.execution.run import LoaderSource
from gql.execution.shape import shape_of
from gql.execution.source import Source

Kept = TypeVar("Kept")
OfVariables = Callable[[VariableValues], Kept]

_BARE_EDGE = {"node", "cursor", "__typename"}


class NotCompilable(Exception):
    """A root field has something that plans don't cover."""


def compile_operation(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
) -> Plan:
    """The plan of a valid operation, for these values of the variables in its `@include` and `@skip`."""
    root = schema.get_root_type(operation.operation)
    assert root is not None  # noqa: S101 - or the operation would not be valid
    compiler = _Compiler(schema, Collector(schema, fragments, variables))
    return Plan(root, list(compiler.roots(root, operation.selection_set)))


class _Compiler:
    def __init__(self, schema: GraphQLSchema, collector: Collector) -> None:
        self._schema = schema
        self._collector = collector

    def roots(
        self, root: GraphQLObjectType, selections: SelectionSetNode
    ) -> Iterable[RootField | tuple[str, str] | NotPlanned]:
        for key, nodes in self._collector.fields(root, [selections]).items():
            if nodes[0].name.value == "__typename":
                yield key, root.name
                continue
            try:
                yield self._root(root, key, nodes)
            except NotCompilable:
                yield NotPlanned(key)

    def _root(self, root: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> RootField:
        definition = root.fields.get(nodes[0].name.value)
        declaration = None if definition is None else declaration_of(definition)
        if definition is None or not isinstance(declaration, Root):
            raise NotCompilable(nodes[0].name.value)
        branch = _branch(definition, self._renderer(definition, nodes))
        bare = [_bare(node) for node in nodes]
        brief = self._is_brief(definition, declaration.brief, nodes)
        kept, of_query = partial(_kept_without_variables, bare[0]), root is self._schema.query_type
        ask = asking(definition, declaration, bare[0], kept, of_query=of_query, brief=brief)
        return RootField(key, ask, bare, definition, branch)

    def _renderer(self, definition: GraphQLField, nodes: list[FieldNode]) -> Renderer | None:
        """What renders the field's objects; None for leaves."""
        of_type: Any = get_named_type(definition.type)
        if is_leaf_type(of_type):
            return None
        selections = [node.selection_set for node in nodes if node.selection_set is not None]
        if is_abstract_type(of_type):
            possible = self._schema.get_possible_types(of_type)
            return AbstractRenderer([(each, self._object(each, selections)) for each in possible])
        return self._object(of_type, selections)

    def _object(self, parent: GraphQLObjectType, selections: list[SelectionSetNode]) -> ObjectRenderer:
        source = Source()
        branches: list[Branch] = []
        for key, nodes in self._collector.fields(parent, selections).items():
            name = nodes[0].name.value
            if name == "__typename":
                source.typename(key, parent.name)
                continue
            branch = self._field(source, key, parent.fields[name], nodes)
            if branch is not None:
                branches.append(branch)
        return ObjectRenderer(branches, source)

    def _field(self, source: Source, key: str, definition: GraphQLField, nodes: list[FieldNode]) -> Branch | None:
        """Add the field's entry to the source; answers the branch, where it takes one."""
        declaration = declaration_of(definition)
        renderer = self._renderer(definition, nodes)
        if isinstance(declaration, Loaded):
            source.loading(key, declaration)
            shorten = self._shorten(definition, declaration.brief, nodes)
            return _branch(definition, renderer, _loader_source(definition, declaration, nodes[0], shorten))
        if not isinstance(declaration, Column | Computed):
            raise NotCompilable(nodes[0].name.value)
        if renderer is None:
            source.leaf(key, definition, declaration)
            return None
        one = renderer.one() if isinstance(renderer, ObjectRenderer) else None
        if one is None or _is_list_of_lists(definition):
            source.values(key, definition, declaration)
            return _branch(definition, renderer)
        source.objects(key, definition, declaration, one)
        return None

    def _is_brief(self, definition: GraphQLField, brief: Brief | None, nodes: list[FieldNode]) -> bool:
        """Whether no more of a connection's nodes is selected than brief rows have."""
        if brief is None:
            return False
        return self._names(definition, nodes, ("edges", "node")) <= brief.fields | {"__typename"}

    def _shorten(
        self, definition: GraphQLField, brief: Brief | None, nodes: list[FieldNode]
    ) -> Callable[[Hashable], Hashable]:
        """What makes of a loader's argument the one for the rows that will do."""
        if brief is None or not self._is_brief(definition, brief, nodes):
            return _as_it_is
        is_bare = self._names(definition, nodes, ("edges",)) <= _BARE_EDGE
        return lambda argument: brief.shorten(argument, is_bare)

    def _names(self, definition: GraphQLField, nodes: list[FieldNode], path: Sequence[str]) -> set[str]:
        """The fields that are selected beneath a field, at the end of a path of fields."""
        parent: Any = get_named_type(definition.type)
        selections = [node.selection_set for node in nodes if node.selection_set is not None]
        below = list(self._collector.fields(parent, selections).values())
        if not path:
            return {each[0].name.value for each in below}
        there = [each for each in below if each[0].name.value == path[0]]
        return set().union(*(self._names(parent.fields[path[0]], each, path[1:]) for each in there))


def _branch(
    definition: GraphQLField, renderer: Renderer | None, source: OfVariables[LoaderSource] | None = None
) -> Branch:
    complete = completer(definition.type) if renderer is None else None
    return Branch(shape_of(definition.type), renderer, complete, source)


def _is_list_of_lists(definition: GraphQLField) -> bool:
    item = shape_of(definition.type).item
    return item is not None and item.item is not None


def _as_it_is(argument: Hashable) -> Hashable:
    return argument


def _loader_source(
    definition: GraphQLField, declaration: Loaded, node: FieldNode, shorten: Callable[[Hashable], Hashable]
) -> OfVariables[LoaderSource]:
    argument = declaration.argument
    if argument is None:
        return _of_loader_alone(declaration.loader)
    loader, bare = declaration.loader, _bare(node)

    def source(variables: VariableValues) -> LoaderSource:
        return loader, shorten(argument(get_argument_values(definition, bare, variables)))

    return _kept_without_variables(node, source)


@lru_cache(maxsize=256)
def _of_loader_alone(loader: str) -> OfVariables[LoaderSource]:
    source = loader, None
    return lambda variables: source


def _bare(node: FieldNode) -> FieldNode:
    """The field without what is selected beneath: a plan that kept that would keep the document's whole tree."""
    return replace(node, selection_set=None)


def _kept_without_variables(node: FieldNode, of: OfVariables[Kept]) -> OfVariables[Kept]:
    """The same function; where the field's arguments are all literals, it is asked until it has answered once."""
    if any(_has_variables(argument.value) for argument in node.arguments or ()):
        return of
    return _Once(of)


class _Once(Generic[Kept]):
    """What a function answers, which is asked, and kept, until it has answered once."""

    __slots__ = ("_of", "_value")

    def __init__(self, of: OfVariables[Kept]) -> None:
        self._of: OfVariables[Kept] | None = of

    def __call__(self, variables: VariableValues) -> Kept:
        if self._of is not None:
            self._value = self._of(variables)
            self._of = None
        return self._value


def _has_variables(value: ValueNode) -> bool:
    match value:
        case VariableNode():
            return True
        case ListValueNode(values=values):
            return any(_has_variables(item) for item in values)
        case ObjectValueNode(fields=fields):
            return any(_has_variables(field.value) for field in fields)
    return False
