"""The plain leaves of a selection, read by one generated function, where graphql-core executes the rest of it.

A leaf is plain where it is a column of its row, or computed from it: guards included, as in plans.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from gql.execution.declarations import Column, Computed, declaration_of
from gql.execution.render import MakeOne
from gql.execution.source import Source

GroupedFields = dict[str, Any]
"""graphql-core's: lists of field details by response key."""

MOST_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Plain:
    """`make` gives a row's dict, with None in the places of the `others`, which are not plain."""

    make: MakeOne
    others: frozenset[str]


@dataclass(slots=True)
class PlainLeaves:
    """One tree's, which must be kept as long: selections are known by where their fields' nodes are."""

    _kept: dict[tuple[Any, ...], Plain] = field(default_factory=dict)

    def of(self, parent: GraphQLObjectType, fields: GroupedFields) -> Plain:
        """The plain leaves of a selection on the type."""
        key = parent, tuple((name, id(details[0].node)) for name, details in fields.items())
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MOST_KEPT:  # as many as conditions on variables give
                self._kept.clear()
            found = self._kept[key] = _plain(parent, fields)
        return found


def _plain(parent: GraphQLObjectType, fields: GroupedFields) -> Plain:
    source, others = Source(), set()
    for key, details in fields.items():
        name = details[0].node.name.value
        definition = parent.fields.get(name)
        declaration = None if definition is None else declaration_of(definition)
        if name == "__typename":
            source.typename(key, parent.name)
        elif (
            definition is not None
            and isinstance(declaration, Column | Computed)
            and is_leaf_type(get_named_type(definition.type))
        ):
            source.leaf(key, definition, declaration)
        else:
            source.place(key)
            others.add(key)
    return Plain(source.one(), frozenset(others))
