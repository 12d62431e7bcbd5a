"""Structural limits, checked before validation by one walk that is linear in the document.

A fragment is measured once and its measure reused at each spread, so that fragments which spread fragments, a few
hundred bytes that stand for billions of fields, cost no more than their text.
"""

import sys
from dataclasses import dataclass, fields, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a document may have. Depth doesn't count `edges` and `node`; fields are counted after spreading.

    Comparing the fields of one key is quadratic in validation, hence `repeats`: how often one selection set, with its
    inline fragments, may ask for a key.
    """

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 15
    aliases: int = 30
    root_fields: int = 10
    directives: int = 10
    operations: int = 5
    fields: int = 300
    typenames: int = 300
    repeats: int = 20
    nodes: int = 5_000
    mutations: int = 5
    introspection_depth: int = 20
    introspection_fields: int = 1_500
    once: frozenset[str] = frozenset()
    """Root fields that a document may have once only."""

    def lifted(self) -> "Limits":
        """Without bounds on how much there is of anything; what may stand once still may."""
        most: dict[str, Any] = {limit.name: sys.maxsize for limit in fields(self) if limit.name != "once"}
        return replace(self, **most)


class TooComplex(Exception):
    """A document exceeds a limit; the message says which, and by what."""


_PASS_THROUGH = frozenset({"edges", "node"})
_INTROSPECTION = frozenset({"__schema", "__type"})

_TOLD = {
    "depth": "has a depth of {}",
    "root_fields": "has {} root fields",
    "typenames": "asks for `__typename` {} times",
    "repeats": "repeats a field {} times in one place",
    "introspection_depth": "has an introspection depth of {}",
    "introspection_fields": "has {} introspection fields",
}


@dataclass(slots=True)
class Measure:
    """What a selection set comes to, fragments included."""

    depth: int = 0
    fields: int = 0
    typenames: int = 0
    repeats: int = 0
    aliases: int = 0
    directives: int = 0
    introspection_depth: int = 0
    introspection_fields: int = 0

    def add(self, below: "Measure") -> None:
        """Count what stands beside what was counted so far."""
        self.depth = max(self.depth, below.depth)
        self.fields += below.fields
        self.typenames += below.typenames
        self.repeats = max(self.repeats, below.repeats)
        self.aliases += below.aliases
        self.directives += below.directives
        self.introspection_depth = max(self.introspection_depth, below.introspection_depth)
        self.introspection_fields += below.introspection_fields


class _Walker:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measures: dict[str, Measure] = {}
        self._root_fields: dict[str, dict[str, int]] = {}

    def measure(self, selections: SelectionSetNode | None) -> Measure:
        found = Measure()
        if selections is not None:
            keys: dict[str, int] = {}
            self._count(selections, found, keys)
            found.repeats = max(found.repeats, *keys.values(), 0)
        return found

    def _count(self, selections: SelectionSetNode, found: Measure, keys: dict[str, int]) -> None:
        """Add what is selected to `found`, and how often each response key stands here to `keys`."""
        for selection in selections.selections:
            if selection.directives:
                found.directives += len(selection.directives)
            match selection:
                case FieldNode(name=name, alias=alias):
                    key = name.value if alias is None else alias.value
                    keys[key] = keys.get(key, 0) + 1
                    if alias is not None:
                        found.aliases += 1
                    if name.value == "__typename":
                        found.typenames += 1
                    else:
                        found.add(self._of_field(name.value, selection.selection_set))
                case InlineFragmentNode():
                    self._count(selection.selection_set, found, keys)
                case FragmentSpreadNode(name=name):
                    found.add(self._of_fragment(name.value))
                case _:
                    raise TypeError(selection)

    def _of_field(self, name: str, selections: SelectionSetNode | None) -> Measure:
        found = self.measure(selections)
        if name in _INTROSPECTION:
            found.introspection_depth, found.introspection_fields = found.depth + 1, found.fields + 1
            found.depth = found.fields = 0
        else:
            found.depth += name not in _PASS_THROUGH
            found.fields += 1
        return found

    def _of_fragment(self, name: str) -> Measure:
        if name not in self._measures:
            self._measures[name] = Measure()  # a cycle ends here; validation refuses it
            fragment = self._fragments.get(name)
            if fragment is not None:
                measure = self.measure(fragment.selection_set)
                measure.directives += len(fragment.directives or ())
                self._measures[name] = measure
        return self._measures[name]

    def has_spread(self, fragment: FragmentDefinitionNode) -> bool:
        """Whether this fragment was part of what has been measured."""
        name = fragment.name.value
        return name in self._measures and self._fragments[name] is fragment

    def root_fields(self, selections: SelectionSetNode) -> dict[str, int]:
        """How often each field stands at the root, fragments included; `__typename` is free."""
        counts: dict[str, int] = {}
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    found = {} if selection.name.value == "__typename" else {selection.name.value: 1}
                case InlineFragmentNode():
                    found = self.root_fields(selection.selection_set)
                case FragmentSpreadNode():
                    found = self._root_fields_of(selection.name.value)
                case _:
                    raise TypeError(selection)
            for name, times in found.items():
                counts[name] = counts.get(name, 0) + times
        return counts

    def _root_fields_of(self, name: str) -> dict[str, int]:
        if name not in self._root_fields:
            self._root_fields[name] = {}
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._root_fields[name] = self.root_fields(fragment.selection_set)
        return self._root_fields[name]


@dataclass(frozen=True, slots=True)
class Structure:
    """What is known of a document when it has been walked."""

    introspects: bool
    repeats: bool
    """Whether a selection set asks for a key more than once, with its inline fragments."""


def check(document: DocumentNode, limits: Limits) -> Structure:
    """Walk the document. Raises TooComplex where it exceeds a limit."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    _within("operations", len(operations), limits.operations)
    walker = _Walker(fragments)
    introspects = repeats = False
    for operation in operations:
        measure = walker.measure(operation.selection_set)
        measure.directives += len(operation.directives or ())
        _all_within(measure, limits)
        repeats = repeats or measure.repeats > 1
        roots = walker.root_fields(operation.selection_set)
        _within("root_fields", sum(roots.values()), limits.root_fields)
        if operation.operation is OperationType.MUTATION:
            _within("mutations", sum(roots.values()), limits.mutations)
        for name in limits.once & roots.keys():
            _within(f"`{name}` fields", roots[name], 1)
        introspects = introspects or not _INTROSPECTION.isdisjoint(roots)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode) and not walker.has_spread(definition):
            _all_within(walker.measure(definition.selection_set), limits)  # validation compares its fields, too
    return Structure(introspects, repeats)


def _all_within(measure: Measure, limits: Limits) -> None:
    for name in Measure.__slots__:
        _within(name, getattr(measure, name), getattr(limits, name))


def _within(what: str, value: int, most: int) -> None:
    if value > most:
        told = _TOLD.get(what, f"has {{}} {what}").format(value if value < 10**9 else "too many")
        raise TooComplex(f"The document {told}; at most {most} are allowed.")
