"""How a plan asks a root field's resolver: by what the field declares where that will do, else by the schema's own.

The schema's resolver is Strawberry's: it makes objects of inputs, and passes extensions one by one. The declaration
says what comes out at its end; of a query also where inputs are given, which it then gets as mappings by Python names.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from gql.execution.declarations import Root
from gql.execution.run import Run

Arguments = Mapping[str, Any]
OfVariables = Callable[[VariableValues], Arguments]
Ask = Callable[[Run, Callable[[], Any]], Any]
"""(run, what a resolver of the schema learns of the operation, where it is needed) → the field's value, to be awaited
or not.
"""


def asking(
    definition: GraphQLField,
    declaration: Root,
    node: FieldNode,
    kept: Callable[[OfVariables], OfVariables],
    *,
    of_query: bool,
    brief: bool,
) -> Ask:
    """For a field with these arguments; `kept` keeps what doesn't depend on variables, `brief` rows will do."""
    direct, resolve = declaration.direct, definition.resolve
    assert resolve is not None  # noqa: S101 - of a declared field
    names = _python_names(definition, {argument.name.value for argument in node.arguments or ()})
    if direct is None or not (of_query or _are_leaves(definition, names)):
        return _Resolver(resolve, kept(partial(_coerced, definition, node)))
    return _Direct(direct, node.name.value, brief, kept(partial(_renamed, names, definition, node)))


class _Resolver:
    """By the schema's own resolver."""

    __slots__ = ("_arguments", "_resolve")

    def __init__(self, resolve: Callable[..., Any], arguments: OfVariables) -> None:
        self._resolve = resolve
        self._arguments = arguments

    def __call__(self, run: Run, info: Callable[[], Any]) -> Any:
        return self._resolve(None, info(), **self._arguments(run.variables))


class _Direct:
    """By the declaration."""

    __slots__ = ("_arguments", "_brief", "_direct", "_name")

    def __init__(
        self, direct: Callable[[Any, str, Arguments, bool], Any], name: str, brief: bool, arguments: OfVariables
    ) -> None:
        self._direct = direct
        self._name = name
        self._brief = brief
        self._arguments = arguments

    def __call__(self, run: Run, info: Callable[[], Any]) -> Any:
        return self._direct(run.context, self._name, self._arguments(run.variables), self._brief)


def _coerced(definition: GraphQLField, node: FieldNode, variables: VariableValues) -> Arguments:
    return get_argument_values(definition, node, variables)


def _renamed(
    names: Mapping[str, str], definition: GraphQLField, node: FieldNode, variables: VariableValues
) -> Arguments:
    given = get_argument_values(definition, node, variables)
    return {names[name]: _by_python_names(definition.args[name].type, value) for name, value in given.items()}


def _by_python_names(of_type: GraphQLInputType, value: Any) -> Any:
    """A coerced value, with the names that the schema's classes have in the place of GraphQL's, at any depth."""
    inner = get_nullable_type(of_type)
    if isinstance(inner, GraphQLList) and isinstance(value, list):
        return [_by_python_names(inner.of_type, item) for item in value]
    if isinstance(inner, GraphQLInputObjectType) and value is not None:
        fields = inner.fields
        return {_python_name(fields[name]): _by_python_names(fields[name].type, item) for name, item in value.items()}
    return value


def _python_names(definition: GraphQLField, given: set[str]) -> Mapping[str, str]:
    """Of the arguments that may have a value, by GraphQL's."""
    return {
        name: _python_name(argument)
        for name, argument in definition.args.items()
        if name in given or argument.default_value is not Undefined
    }


def _are_leaves(definition: GraphQLField, names: Iterable[str]) -> bool:
    """Whether none of the arguments is an input object, or a list of them."""
    return all(is_leaf_type(get_named_type(definition.args[name].type)) for name in names)


def _python_name(argument: GraphQLArgument | GraphQLInputField) -> str:
    name: str = argument.extensions["strawberry-definition"].python_name
    return name
