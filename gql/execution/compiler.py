"""Compile a query operation into a plan, from the schema and its fields' declarations.

For each selection on an object type a function is generated that makes all rows' dicts in one comprehension: column
reads inline, guards before them, branches' values zipped in. What isn't covered (introspection, mutations, fields
without a declaration) has no plan and is executed the stock way.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from gql.execution.collect import Collector
from gql.execution.declarations import Column, Computed, Loaded, Root, declaration_of
from gql.execution.leaves import completer
from gql.execution.plan import Plan, RootField
from gql.execution.render import AbstractRenderer, Branch, Computing, Loading, ObjectRenderer, Renderer, Shape, Values

_PLAIN_TEXT = frozenset({"String", "ID"})


class NotCompilable(Exception):
    """The operation has something that plans don't cover."""


def compile_query(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: VariableValues,
) -> Plan:
    """The plan of a valid query, for these values of the variables in its `@include` and `@skip`.

    Raises NotCompilable.
    """
    if operation.operation is not OperationType.QUERY or schema.query_type is None:
        raise NotCompilable("not a query")
    compiler = _Compiler(schema, Collector(schema, fragments, variables))
    return Plan(list(compiler.roots(schema.query_type, operation.selection_set)))


class _Compiler:
    def __init__(self, schema: GraphQLSchema, collector: Collector) -> None:
        self._schema = schema
        self._collector = collector

    def roots(self, query: GraphQLObjectType, selections: SelectionSetNode) -> Iterable[RootField | tuple[str, str]]:
        for key, nodes in self._collector.fields(query, [selections]).items():
            if nodes[0].name.value == "__typename":
                yield key, query.name
                continue
            definition = query.fields.get(nodes[0].name.value)
            if definition is None or definition.resolve is None or not isinstance(declaration_of(definition), Root):
                raise NotCompilable(nodes[0].name.value)
            branch = self._branch(definition, nodes, Computing(lambda row, context: row, None))
            yield RootField(key, definition.resolve, nodes, _arguments(definition, nodes[0]), definition, branch)

    def _renderer(self, of_type: Any, nodes: list[FieldNode]) -> Renderer:
        selections = [node.selection_set for node in nodes if node.selection_set is not None]
        if is_abstract_type(of_type):
            possible = self._schema.get_possible_types(of_type)
            return AbstractRenderer([(each, self._object(each, selections)) for each in possible])
        return self._object(of_type, selections)

    def _object(self, parent: GraphQLObjectType, selections: list[SelectionSetNode]) -> ObjectRenderer:
        source = _Source()
        branches: list[Branch] = []
        for key, nodes in self._collector.fields(parent, selections).items():
            name = nodes[0].name.value
            if name == "__typename":
                source.add(key, repr(parent.name))
                continue
            definition = parent.fields[name]
            declaration = declaration_of(definition)
            if isinstance(declaration, Column | Computed) and is_leaf_type(get_named_type(definition.type)):
                source.add(key, self._leaf(source, definition, declaration))
                continue
            branches.append(self._branch(definition, nodes, _values(definition, nodes[0])))
            source.add(key, source.branch())
        return ObjectRenderer(branches, source.function())

    @staticmethod
    def _leaf(source: "_Source", definition: GraphQLField, declaration: Column | Computed) -> str:
        if isinstance(declaration, Computed):
            value = f"{source.constant(declaration.function)}(row, context)"
        else:
            value = f"row.{_attribute(definition)}"
        complete = source.constant(completer(definition.type))
        if get_named_type(definition.type).name in _PLAIN_TEXT and not isinstance(
            _nullable(definition.type), GraphQLList
        ):
            value = f"value if (value := {value}).__class__ is str else {complete}(value)"
        else:
            value = f"{complete}({value})"
        if declaration.guard is not None:
            value = f"({value}) if {source.constant(declaration.guard)}(row, context) else None"
        return f"({value})"

    def _branch(self, definition: GraphQLField, nodes: list[FieldNode], values: Values) -> Branch:
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return Branch(values, _shape(definition.type), None, completer(definition.type))
        return Branch(values, _shape(definition.type), self._renderer(named, nodes), None)


class _Source:
    """The source of one generated function."""

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._constants: dict[str, Any] = {}
        self._branches = 0

    def add(self, key: str, expression: str) -> None:
        """The next entry of the dict."""
        self._entries.append(f"{key!r}: {expression}")

    def constant(self, value: Any) -> str:
        """The name by which the function knows a value."""
        name = f"constant_{len(self._constants)}"
        self._constants[name] = value
        return name

    def branch(self) -> str:
        """The name of the next branch's value for the row."""
        self._branches += 1
        return f"branch_{self._branches - 1}"

    def function(self) -> Callable[..., list[Any]]:
        """Compile. Names come from a validated document or from here: nothing a client wrote is code."""
        names = [f"branch_{number}" for number in range(self._branches)]
        columns = [f"column_{number}" for number in range(self._branches)]
        every = (
            f"for row, {', '.join(names)} in zip(rows, {', '.join(columns)}, strict=True)"
            if names
            else "for row in rows"
        )
        lines = [
            f"def make({', '.join(['rows', 'context', *columns])}):",
            f"    return [{{{', '.join(self._entries)}}} {every}]",
        ]
        scope = dict(self._constants)
        exec(compile("\n".join(lines), "<plan>", "exec"), scope)  # noqa: S102 - see the docstring
        function: Callable[..., list[Any]] = scope["make"]
        return function


def _values(definition: GraphQLField, node: FieldNode) -> Values:
    declaration = declaration_of(definition)
    match declaration:
        case Column(guard=guard):
            read = attrgetter(_attribute(definition))
            return Computing(lambda row, context: read(row), guard)
        case Computed(function=function, guard=guard):
            return Computing(function, guard)
        case Loaded(loader=loader, key=key, guard=guard):
            return Loading(loader, key, _arguments(definition, node), guard)
    raise NotCompilable(node.name.value)


def _attribute(definition: GraphQLField) -> str:
    """The attribute of the row that a column is."""
    name: str = (definition.extensions or {})["strawberry-definition"].python_name
    return name


def _arguments(definition: GraphQLField, node: FieldNode) -> Callable[[VariableValues], Mapping[str, Any]]:
    if not definition.args:
        return lambda variables: {}
    return lambda variables: get_argument_values(definition, node, variables)


def _nullable(of_type: GraphQLOutputType) -> GraphQLOutputType:
    return of_type.of_type if isinstance(of_type, GraphQLNonNull) else of_type


def _shape(of_type: GraphQLOutputType) -> Shape:
    forbidden = isinstance(of_type, GraphQLNonNull)
    inner = _nullable(of_type)
    return Shape(forbidden, _shape(inner.of_type) if isinstance(inner, GraphQLList) else None)
