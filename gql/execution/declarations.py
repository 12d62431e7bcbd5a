"""The four ways to declare a field, as data that rides on the Strawberry field.

A field's value is a **column** of its row, **computed** from the row by a sync function, **loaded** by a key (one
value, many, or a page) or a **root** async function. Plain Strawberry executes the resolvers that
`schema/fields.py` makes of these; a compiler can read them back by `declaration_of` and batch by level.
"""

from collections.abc import Callable, Hashable, Mapping
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
    """A sync function of (row, context), without input or output."""

    function: Callable[[Any, Any], Any]
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the loader of that name answers for a key made of (row, arguments, context). A key of None is null."""

    loader: str
    key: Callable[[Any, Arguments, Any], Hashable | None]
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Root:
    """An async function of (context, arguments), on a root type."""

    guard: Guard | None = None


Declaration = Column | Computed | Loaded | Root


def declaration_of(field: GraphQLField) -> Declaration | None:
    """The declaration behind a field of the executable schema; None for introspection's own."""
    definition = (field.extensions or {}).get("strawberry-definition")
    return None if definition is None else definition.metadata.get(METADATA_KEY)
