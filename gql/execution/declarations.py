"""The four ways to declare a field, as data that rides on the Strawberry field.

A field's value is a **column** of its row, **computed** from the row by a sync function, **loaded** by a key (one
value, many, or a page) or a **root** async function. Plain Strawberry executes the resolvers that `schema/fields.py`
and `schema/roots.py` make of these; a compiler can read them back by `declaration_of` and batch by level.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLField

METADATA_KEY: Final = "declaration"

Arguments = Mapping[str, Any]
Guard = Callable[[Any, Any], bool]
"""Whether the field may be read: (row, context) → bool. Synchronous, one look-up; where it says no, null."""


@dataclass(frozen=True, slots=True)
class Column:
    """The attribute of the row that has the field's Python name."""

    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """A sync function of the row, or with `for_viewer` of (row, context), without input or output."""

    function: Callable[..., Any]
    for_viewer: bool = False
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """A connection whose rows may come with less in them, where no more of its nodes is selected than these fields."""

    fields: frozenset[str]
    """By their GraphQL names."""
    shorten: Callable[[Any, bool], Hashable] = lambda argument, is_bare: argument
    """Makes of a loader's argument the one for such rows; `is_bare` where edges need nothing but node and cursor."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a loader answers for a key of the row. A key of None is null.

    `argument` makes of the field's arguments what the loader takes besides keys, a page request say; it may raise.
    The same key and argument always mean the same value, so that a value is rendered once for all rows that share it.
    """

    loader: str
    key: Callable[[Any], Hashable | None]
    argument: Callable[[Arguments], Hashable] | None = None
    guard: Guard | None = None
    brief: Brief | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """An async function on a root type.

    `direct` takes (context, the field's name, arguments by their Python names, whether brief rows will do), permission
    included, and does what the field's resolver does. Inputs are mappings by their Python names, too; a mutation
    that is given any asks the resolver.
    """

    direct: Callable[[Any, str, Arguments, bool], Awaitable[Any]] | None = None
    guard: Guard | None = None
    brief: Brief | None = None


Declaration = Column | Computed | Loaded | Root


def declaration_of(field: GraphQLField) -> Declaration | None:
    """The declaration behind a field of the executable schema; None for introspection's own."""
    definition = (field.extensions or {}).get("strawberry-definition")
    return None if definition is None else definition.metadata.get(METADATA_KEY)
