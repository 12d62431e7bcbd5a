"""Fields of the root types: a permission, an async function, and the record of whatever it denies."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission, PermissionExtension

from gql.context import Context
from gql.execution.declarations import METADATA_KEY, Arguments, Brief, Root
from gql.resolvers.denials import on_record
from gql.schema.fields import Info


def root(
    graphql_type: Any, *, needs: BasePermission, description: str, brief: frozenset[str] | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """A field of a root type: an async function of (info, arguments). `needs` ends the request where it isn't met.

    `brief` are the fields that nodes must have where `is_brief` says so of the function's `info`.
    """
    return functools.partial(_root, strawberry.field, graphql_type, needs, description, brief=brief)


def is_brief(info: Any) -> bool:
    """Whether a connection's nodes need no more than the field's `brief`. Strawberry's own execution doesn't know."""
    return isinstance(info, _Asked) and info.brief


def stream(graphql_type: Any, *, needs: BasePermission, description: str) -> Callable[[Callable[..., Any]], Any]:
    """A field of the subscription type: an async function of (info, arguments) that answers an async generator."""
    return functools.partial(_root, strawberry.subscription, graphql_type, needs, description)


class _DeniedOnRecord(FieldExtension):
    """Around a root field and its permission: whatever says no, is recorded in one place."""

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Info, **arguments: Any) -> Any:
        """The field's answer."""
        return await on_record(info.context, info.field_name, arguments, next_(source, info, **arguments))


class _Asked(NamedTuple):
    """What our root fields and permissions know of `Info`."""

    context: Context
    field_name: str
    brief: bool


def _root(
    make: Callable[..., Any],
    graphql_type: Any,
    needs: BasePermission,
    description: str,
    function: Callable[..., Any],
    brief: frozenset[str] | None = None,
) -> Any:
    guard = PermissionExtension([needs], use_directives=False)
    ask = functools.partial(function, None) if "self" in inspect.signature(function).parameters else function

    async def permitted(asked: _Asked, arguments: Arguments) -> Any:
        if not needs.has_permission(None, asked, **arguments):  # type: ignore[arg-type]
            guard._on_unauthorized(needs)
        return await ask(info=asked, **arguments)

    def direct(context: Context, name: str, arguments: Arguments, brief: bool) -> Awaitable[Any]:
        return on_record(context, name, arguments, permitted(_Asked(context, name, brief), arguments))

    return make(
        resolver=function,
        graphql_type=graphql_type,
        description=description,
        extensions=[guard, _DeniedOnRecord()],  # the last is outermost
        metadata={METADATA_KEY: Root(direct, brief=None if brief is None else Brief(brief))},
    )
