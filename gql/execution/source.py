"""The source of the functions that make dicts of rows, and reach what is below: column reads inline, guards before.

Names in it come from a validated document or from here: nothing that a client wrote is code.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    get_named_type,
    is_leaf_type,
)

from gql.execution.declarations import Column, Computed, Loaded
from gql.execution.leaves import completer, enum_names
from gql.execution.read import attribute
from gql.execution.render import Make, MakeOne, Reach
from gql.execution.shape import Shape, forbidden, shape_of

_AS_THEY_ARE = {
    "String": "{0}.__class__ is str",
    "ID": "{0}.__class__ is str",
    "Boolean": "{0}.__class__ is bool",
    "Int": "{0}.__class__ is int and -2147483648 <= {1} <= 2147483647",
}
"""Values of GraphQL's own scalars that JSON takes without more ado."""

_MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678, UTC)


@lru_cache(maxsize=128)
def _code(text: str) -> Sequence[CodeType]:
    """The code of lambdas. Compiling takes most of a plan's time, and most selections stand in several documents."""
    module = compile(text, "<plan>", "eval")
    return [constant for constant in module.co_consts if isinstance(constant, CodeType)]


class Source:
    """One selection's entries; `functions` and `one` compile them."""

    def __init__(self) -> None:
        self._entries: list[str] = []
        self._constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._columns: list[str] = []
        self._values = 0

    def typename(self, key: str, name: str) -> None:
        """An entry for `__typename`."""
        self._add(key, repr(name))

    def place(self, key: str) -> None:
        """An entry whose value is somebody else's to put there."""
        self._add(key, "None")

    def loading(self, key: str, declaration: Loaded) -> None:
        """An entry for a branch that is loaded by keys of the rows."""
        key_of = self._constant(declaration.key)
        if declaration.guard is None:
            self._branch(key, f"[*map({key_of}, rows)]")
        else:
            guard = self._constant(declaration.guard)
            self._branch(key, f"[{key_of}(row) if {guard}(row, context) else None for row in rows]")

    def values(self, key: str, definition: GraphQLField, declaration: Column | Computed) -> None:
        """An entry for a branch of values that the rows have."""
        read = self._read(definition, declaration)
        if declaration.guard is not None:
            read = f"{read} if {self._constant(declaration.guard)}(row, context) else None"
        self._branch(key, f"[{read} for row in rows]")

    def _branch(self, key: str, column: str) -> None:
        self._add(key, f"branch_{len(self._columns)}")
        self._columns.append(column)

    def leaf(self, key: str, definition: GraphQLField, declaration: Column | Computed) -> None:
        """An entry for a leaf, or for a list of leaves."""
        value = self._value()
        read = f"({value} := {self._read(definition, declaration)})"
        complete = self._constant(completer(definition.type))
        quick = self._quick(definition.type)
        if quick is None:
            self._guarded(key, declaration, f"{complete}({read})")
        else:
            test, ready = quick
            self._guarded(
                key, declaration, f"{ready.format(value)} if {test.format(read, value)} else {complete}({value})"
            )

    def objects(
        self,
        key: str,
        definition: GraphQLField,
        declaration: Column | Computed,
        one: MakeOne,
    ) -> None:
        """An entry for an object or a list of objects, each made by `one`."""
        shape, value = shape_of(definition.type), self._value()
        made = f"{self._constant(one)}({value if shape.item is None else 'item'}, context)"
        if shape.item is not None:
            made = f"[{made} if item is not None else {self._null(shape.item)} for item in {value}]"
        read = f"({value} := {self._read(definition, declaration)})"
        self._guarded(key, declaration, f"{made} if {read} is not None else {self._null(shape)}")

    def functions(self) -> tuple[Reach, Make]:
        """Compile those of all rows: to reach the branches, and to make dicts when the branches are there."""
        names = [f"branch_{number}" for number in range(len(self._columns))]
        columns = [f"column_{number}" for number in range(len(self._columns))]
        every = f"row, {', '.join(names)} in zip(rows, {', '.join(columns)}, strict=True)" if names else "row in rows"
        reach = f"lambda rows, context: [{', '.join(self._columns)}]"
        make = f"lambda {', '.join(['rows', 'context', *columns])}: [{{{', '.join(self._entries)}}} for {every}]"
        of_reach, of_make = self._compile(f"({reach}, {make})")
        return of_reach, of_make

    def one(self) -> MakeOne:
        """Compile the function of one row, (row, context) → dict, for a selection without branches."""
        [of_one] = self._compile(f"lambda row, context: {{{', '.join(self._entries)}}}")
        return of_one

    def _compile(self, text: str) -> Sequence[Callable[..., Any]]:
        scope = {"datetime": datetime, **self._constants}  # without the functions: a ring would wait for the collector
        return [FunctionType(code, scope) for code in _code(text)]

    def _add(self, key: str, expression: str) -> None:
        self._entries.append(f"{key!r}: {expression}")

    def _constant(self, value: Any) -> str:
        """The name of a value, which it keeps however often it is needed. All plans share the names' text."""
        if id(value) not in self._names:
            name = self._names[id(value)] = sys.intern(f"constant_{len(self._constants)}")
            self._constants[name] = value
        return self._names[id(value)]

    def _value(self) -> str:
        self._values += 1
        return f"value_{self._values}"

    def _read(self, definition: GraphQLField, declaration: Column | Computed) -> str:
        if isinstance(declaration, Column):
            return f"row.{attribute(definition)}"
        arguments = "row, context" if declaration.for_viewer else "row"
        return f"{self._constant(declaration.function)}({arguments})"

    def _quick(self, of_type: GraphQLOutputType) -> tuple[str, str] | None:
        """For the usual value of a leaf: a test, in which {0} reads and {1} repeats it, and what is ready then."""
        inner = of_type.of_type if isinstance(of_type, GraphQLNonNull) else of_type
        if isinstance(inner, GraphQLList):
            return None
        leaf: Any = get_named_type(inner)
        if leaf.name in _AS_THEY_ARE:
            return _AS_THEY_ARE[leaf.name], "{0}"
        if leaf.name == "DateTime" and leaf.serialize(_MOMENT) == _MOMENT.isoformat():
            return "{0}.__class__ is datetime", "{0}"  # orjson writes the same text, five times as fast
        names = enum_names(leaf) if isinstance(leaf, GraphQLEnumType) else None
        if names is not None:
            return "{0} is not None", f"{self._constant(names)}[{{0}}]"
        assert is_leaf_type(leaf)  # noqa: S101 - the caller's to know
        return "{0} is not None", f"{self._constant(leaf.serialize)}({{0}})"

    def _null(self, shape: Shape) -> str:
        return f"{self._constant(forbidden)}()" if shape.null_forbidden else "None"

    def _guarded(self, key: str, declaration: Column | Computed, expression: str) -> None:
        if declaration.guard is not None:
            expression = f"({expression}) if {self._constant(declaration.guard)}(row, context) else None"
        self._add(key, f"({expression})")
