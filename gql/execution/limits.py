"""Structural limits, checked before validation by one walk that is linear in the document.

A fragment is measured once and its measure reused at each spread, so that fragments which spread fragments, a few
hundred bytes that stand for billions of fields, cost no more than their text.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a document may have. Depth doesn't count `edges` and `node`; fields are counted after spreading."""

    characters: int = 15_000
    tokens: int = 1_000
    depth: int = 15
    aliases: int = 30
    root_fields: int = 10
    directives: int = 10
    operations: int = 5
    fields: int = 300
    nodes: int = 5_000
    mutations: int = 5
    introspection_depth: int = 20
    introspection_fields: int = 1_500
    once: frozenset[str] = frozenset()
    """Root fields that a document may have once only."""


class TooComplex(Exception):
    """A document exceeds a limit; the message says which, and by what."""


_PASS_THROUGH = frozenset({"edges", "node"})
_INTROSPECTION = frozenset({"__schema", "__type"})


class Measure(NamedTuple):
    """What a selection set comes to, fragments included."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    introspection_depth: int = 0
    introspection_fields: int = 0


def _sum(parts: Iterable[Measure]) -> Measure:
    total = Measure()
    for part in parts:
        total = Measure(
            max(total.depth, part.depth),
            total.fields + part.fields,
            total.aliases + part.aliases,
            total.directives + part.directives,
            max(total.introspection_depth, part.introspection_depth),
            total.introspection_fields + part.introspection_fields,
        )
    return total


class _Walker:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._measures: dict[str, Measure] = {}
        self._root_fields: dict[str, dict[str, int]] = {}

    def measure(self, selections: SelectionSetNode | None) -> Measure:
        if selections is None:
            return Measure()
        return _sum(self._of(selection) for selection in selections.selections)

    def _of(self, selection: SelectionNode) -> Measure:
        own = Measure(directives=len(selection.directives or ()))
        match selection:
            case FieldNode():
                return _sum((own, self._of_field(selection)))
            case InlineFragmentNode():
                return _sum((own, self.measure(selection.selection_set)))
            case FragmentSpreadNode():
                return _sum((own, self._of_fragment(selection.name.value)))
        raise TypeError(selection)

    def _of_field(self, field: FieldNode) -> Measure:
        name = field.name.value
        aliases = 0 if field.alias is None else 1
        if name == "__typename":
            return Measure(aliases=aliases)
        below = self.measure(field.selection_set)
        if name in _INTROSPECTION:
            return Measure(
                aliases=aliases + below.aliases,
                directives=below.directives,
                introspection_depth=below.depth + 1,
                introspection_fields=below.fields + 1,
            )
        return below._replace(
            depth=below.depth + (name not in _PASS_THROUGH), fields=below.fields + 1, aliases=below.aliases + aliases
        )

    def _of_fragment(self, name: str) -> Measure:
        if name not in self._measures:
            self._measures[name] = Measure()  # a cycle ends here; validation refuses it
            fragment = self._fragments.get(name)
            if fragment is not None:
                own = Measure(directives=len(fragment.directives or ()))
                self._measures[name] = _sum((own, self.measure(fragment.selection_set)))
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


def check(document: DocumentNode, limits: Limits) -> bool:
    """Raise TooComplex where the document exceeds a limit; tell whether it introspects."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    _within("operations", len(operations), limits.operations)
    walker = _Walker(fragments)
    introspects = False
    for operation in operations:
        measure = walker.measure(operation.selection_set)
        measure = measure._replace(directives=measure.directives + len(operation.directives or ()))
        for name, value in measure._asdict().items():
            _within(name, value, getattr(limits, name))
        roots = walker.root_fields(operation.selection_set)
        _within("root_fields", sum(roots.values()), limits.root_fields)
        if operation.operation is OperationType.MUTATION:
            _within("mutations", sum(roots.values()), limits.mutations)
        for name in limits.once & roots.keys():
            _within(f"`{name}` fields", roots[name], 1)
        introspects = introspects or not _INTROSPECTION.isdisjoint(roots)
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode) and not walker.has_spread(definition):
            # Validation refuses it, but only after comparing all its fields.
            _within("fields", walker.measure(definition.selection_set).fields, limits.fields)
    return introspects


def _within(what: str, value: int, most: int) -> None:
    if value > most:
        many = value if value < 10**9 else "too many"
        raise TooComplex(f"The document has {many} {what.replace('_', ' ')}; at most {most} are allowed.")
