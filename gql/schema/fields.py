"""The four ways to declare a field (see `gql.execution.declarations`), as Strawberry fields.

Plain Strawberry executes what these make; the declaration that rides along lets an engine read the same schema
without calling a resolver for every field.
"""

import dataclasses
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from keyword import iskeyword
from typing import Annotated, Any, Final, cast

import strawberry

from gql.context import Context
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, url_text
from gql.domain.paging import PageRequest, Sort, in_brief, page_request
from gql.domain.time import now, today
from gql.execution.declarations import (
    METADATA_KEY,
    Arguments,
    Brief,
    Column,
    Computed,
    Declaration,
    Guard,
    Loaded,
)
from gql.permissions import NullWhereWithheld
from gql.resolvers.arguments import moment_of

Info = strawberry.Info[Context, None]
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""What a client's clock may be ahead of ours: who asks about this moment has asked about no future one."""

First = Annotated[int | None, strawberry.argument(description="So many from the start of the list: 1 to 100, or 25.")]
After = Annotated[str | None, strawberry.argument(description="Only what comes after this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="So many from the end of the list: 1 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="Only what comes before this cursor.")]


def _field(declaration: Declaration, description: str, **options: Any) -> Any:
    if declaration.guard is not None:
        options["extensions"] = [NullWhereWithheld(declaration.guard)]
    return strawberry.field(description=description, metadata={METADATA_KEY: declaration}, **options)


def column(description: str, *, name: str | None = None, guard: Guard | None = None) -> Any:
    """An attribute of the row, called as the field is in the class; `name` is what clients call it."""
    return _field(Column(guard), description, name=name)


def computed(
    function: Callable[[Any], Any] | None = None,
    *,
    description: str,
    for_viewer: Callable[[Any, Context], Any] | None = None,
    guard: Guard | None = None,
) -> Any:
    """A sync function of the row, or (`for_viewer`) of the row and the context."""
    if for_viewer is not None:

        def resolve(root: Any, info: Info) -> Any:
            return for_viewer(root, info.context)

        return _field(Computed(for_viewer, for_viewer=True, guard=guard), description, resolver=resolve)
    assert function is not None  # noqa: S101 - a declaration error, found at import

    def resolve_row(root: Any) -> Any:
        return function(root)

    return _field(Computed(function, guard=guard), description, resolver=resolve_row)


def global_id(kind: Kind) -> Any:
    """The `id` of a type that implements Node."""
    tag = kind.value

    def encode(row: Any) -> str:
        return url_text(tag + row.id.bytes)

    return computed(encode, description="Opaque and globally unique; pass it back as is.")


def loaded(loader: str, key: Callable[[Any], Hashable | None], *, description: str, guard: Guard | None = None) -> Any:
    """What a loader of `gql.db.loaders` answers for a key of the row; null for a key of None."""

    def resolve(root: Any, info: Info) -> Any:
        found = key(root)
        return None if found is None else info.context.loaders.load(loader, found)

    return _field(Loaded(loader, key, guard=guard), description, resolver=resolve)


def connection(
    loader: str,
    parent: Callable[[Any], Hashable],
    sort: Sort,
    *,
    description: str,
    guard: Guard | None = None,
    brief: frozenset[str] | None = None,
) -> Any:
    """A page of a list below the row, by a loader that takes a page request besides its keys, the parents.

    `brief` are the fields of its nodes that the rows of a brief page have, where there is such a page.
    """

    def request(arguments: Arguments) -> PageRequest:
        return page_request(sort, *(arguments.get(name) for name in ("first", "after", "last", "before")))

    def resolve(
        root: Any,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        return info.context.loaders.load(loader, parent(root), request(paging(first, after, last, before)))

    shorter = None if brief is None else Brief(brief, in_brief)
    return _field(Loaded(loader, parent, request, guard, shorter), description, resolver=resolve)


def declared(declaration: Declaration, description: str, resolver: Callable[..., Any]) -> Any:
    """A field whose arguments none of the above has; the resolver must answer what the declaration says."""
    return _field(declaration, description, resolver=resolver)


def loaded_since(loader: str, key: Callable[[Any], Hashable], *, description: str, guard: Guard | None = None) -> Any:
    """What a loader answers for a key of the row and the day that the client names, which is not in the future."""

    def begin(arguments: Arguments) -> date:
        since: date = arguments["since"]
        if since > today():
            raise BadUserInput("`since` lies in the future. Pass today or an earlier day.")
        return since

    def resolve(
        root: Any, info: Info, since: Annotated[date, strawberry.argument(description="The first day of the period.")]
    ) -> Any:
        return info.context.loaders.load(loader, key(root), begin({"since": since}))

    return _field(Loaded(loader, key, begin, guard), description, resolver=resolve)


def loaded_at(loader: str, key: Callable[[Any], Hashable], *, description: str, guard: Guard | None = None) -> Any:
    """What a loader answers for a key of the row and the moment that the client names, which is not in the future."""

    def moment(arguments: Arguments) -> datetime:
        at = cast("datetime", moment_of(arguments, "at"))
        if at > now() + _CLOCKS_DIFFER:
            raise BadUserInput("`at` lies in the future. Pass this moment or an earlier one.")
        return at

    def resolve(
        root: Any, info: Info, at: Annotated[datetime, strawberry.argument(description="The moment, with an offset.")]
    ) -> Any:
        return info.context.loaders.load(loader, key(root), moment({"at": at}))

    return _field(Loaded(loader, key, moment, guard), description, resolver=resolve)


def paging(first: int | None, after: str | None, last: int | None, before: str | None) -> dict[str, Any]:
    """A connection's arguments, None for those that were left out."""
    return {"first": given(first), "after": given(after), "last": given(last), "before": given(before)}


def given(value: Any) -> Any:
    """The value, or None where the client left it out."""
    return None if value is strawberry.UNSET else value


def plain(value: Any) -> Mapping[str, Any]:
    """An input as the mapping of what the client gave, by Python names; empty for none. Those within, too.

    Plans have such mappings already.
    """
    if value is strawberry.UNSET or value is None:
        return {}
    if isinstance(value, dict):
        return value
    found = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {name: _plain_within(item) for name, item in found.items() if item is not strawberry.UNSET}


def _plain_within(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain_within(item) for item in value]
    return plain(value) if dataclasses.is_dataclass(value) else value


_CAPITAL: Final = re.compile("[A-Z]")


def by_python_names(value: Any) -> Any:
    """What graphql-core makes of a field's arguments, by the names by which `plain` has them."""
    if isinstance(value, list):
        return [by_python_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_python_name(name): by_python_names(item) for name, item in value.items()}


def _python_name(name: str) -> str:
    snake = _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", name)
    return f"{snake}_" if iskeyword(snake) else snake


def idempotency_key() -> Any:
    """The `idempotencyKey` of a mutation's input."""
    return strawberry.field(
        default=strawberry.UNSET,
        description=(
            "A key of the client's own: the same request again, within a day at least, repeats the answer. While the "
            "first is being worked on, the second waits for a second at most."
        ),
    )


def replayed() -> Any:
    """The `replayed` of a mutation that takes an idempotency key."""
    return column("Whether this was done before, under the same `idempotencyKey`, and is only told again.")


def describe(enum: type[Enum], description: str, called: str | None = None, **values: str) -> Any:
    """Make a domain enum a GraphQL one, each value described; `called` is its name where that is another."""
    strawberry.enum(enum, name=called, description=description)
    definition: Any = enum.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = values[value.name]
    return enum


def argument(description: str) -> Any:
    """The description of an argument, for Annotated."""
    return strawberry.argument(description=description)
