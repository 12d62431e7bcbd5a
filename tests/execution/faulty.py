"""A schema in which everything may go wrong: nothing of a lender, all kinds of declarations.

A box's field holds what its row says: an exception is raised by whatever computes it, and what isn't of the field's
type can't be serialised.
"""

import functools
from collections.abc import Callable
from enum import Enum
from typing import Any

import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from gql.execution.declarations import METADATA_KEY, Arguments, Loaded
from gql.permissions import Anyone, NullWhereWithheld
from gql.schema import fields, roots
from gql.schema.fields import given
from tests.execution.faulty_context import Wrong

column = functools.partial(fields.column, "A column.")
MOST = 3
"""The largest page."""


@strawberry.enum
class Colour(Enum):
    """Of a box."""

    RED = "red"
    BLUE = "blue"


class Even:
    """A scalar whose serialiser takes even numbers only."""

    @staticmethod
    def write(value: Any) -> str:
        """Write one."""
        if value % 2:
            raise Wrong(f"{value} is odd")
        return f"even {value}"


class Row:
    """A box, or a tag: what it doesn't say is null."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return [] if name in ("boxes", "shelves", "things", "matrix") else None


class TagRow(Row):
    """The other kind of thing."""


class StrangeRow(Row):
    """A thing of no type."""


def _computed(name: str) -> Any:
    """What the row has; where that is an exception, it is raised."""

    def read(row: Any) -> Any:
        value = getattr(row, name)
        if isinstance(value, Exception):
            raise value
        return value

    return fields.computed(read, description="Computed.")


def _loaded(loader: str, name: str) -> Any:
    return fields.loaded(loader, lambda row: getattr(row, name), description="Loaded.")


def _page(loader: str, guard: Callable[[Any, Any], bool] | None = None) -> Any:
    """Loaded with an argument, which may be more than `MOST`."""

    def request(arguments: Arguments) -> int:
        size: int = arguments.get("size") or 1
        if size > MOST:
            raise Wrong(f"at most {MOST}")
        return size

    def resolve(root: Any, info: strawberry.Info[Any, Any], size: int | None = strawberry.UNSET) -> Any:
        return info.context.loaders.load(loader, root.id, request({"size": given(size)}))

    declared = Loaded(loader, lambda row: row.id, request, guard)
    extensions: list[Any] = [] if guard is None else [NullWhereWithheld(guard)]
    return strawberry.field(resolver=resolve, metadata={METADATA_KEY: declared}, extensions=extensions)


def _is_open(row: Any, context: Any) -> bool:
    if isinstance(row.closed, Exception):
        raise row.closed
    return not row.closed


@strawberry.interface
class Thing:
    """A box or a tag."""

    id: strawberry.ID = column()
    strict: int = column()
    owner: "Box | None" = _loaded("box", "owner")


@strawberry.type
class Tag(Thing):
    """The other kind of thing."""

    id: strawberry.ID = column()
    strict: int = column()
    owner: "Box | None" = _loaded("box", "owner")
    text: str = column()

    @classmethod
    def is_type_of(cls, row: Any, _info: Any) -> bool:
        """Of the tags' rows."""
        return isinstance(row, TagRow)


@strawberry.type
class Box(Thing):
    """Has everything once where null is allowed, and once where it isn't."""

    id: strawberry.ID = column()
    strict: int = column()
    owner: "Box | None" = _loaded("box", "owner")
    maybe: int | None = column()
    sum: int = _computed("sum")
    may_sum: int | None = fields.computed(lambda row: 10 // row.sum, description="Computed.")
    colour: Colour | None = column()
    even: Even | None = column()
    strict_even: Even = column()
    numbers: list[int] | None = column()
    matrix: list[list[int] | None] = column()
    secret: int | None = column(guard=_is_open)
    inner: "Inner | None" = _computed("inner")
    strict_inner: "Inner" = _computed("strict_inner")
    inners: list["Inner | None"] | None = _computed("inners")
    box: "Box | None" = _computed("box")
    strict_box: "Box" = _computed("strict_box")
    boxes: list["Box | None"] = _computed("boxes")
    strict_boxes: list["Box"] | None = _computed("strict_boxes")
    shelves: list[list["Box"] | None] = _computed("shelves")
    strict_shelves: list[list["Box"]] | None = _computed("strict_shelves")
    things: list[Thing | None] = _computed("things")
    strict_owner: "Box" = _loaded("box", "owner")
    thing: Thing | None = _loaded("thing", "thing")
    broken: "Box | None" = _loaded("broken", "id")
    strict_broken: "Box" = _loaded("broken", "id")
    text: str | None = _loaded("text", "id")
    page: list["Box"] | None = _page("page")
    strict_page: list["Box"] = _page("page")
    guarded_page: list["Box"] | None = _page("page", _is_open)

    @classmethod
    def is_type_of(cls, row: Any, _info: Any) -> bool:
        """Of the boxes' rows."""
        return type(row) is Row


@strawberry.type
class Inner:
    """Has nothing that is loaded, so that it is made inline."""

    strict: int = column()
    maybe: int | None = column()
    inner: "Inner | None" = _computed("inner")
    strict_inner: "Inner" = _computed("strict_inner")


class Never(BasePermission):
    """Refuses."""

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        """Raises Wrong."""
        raise Wrong("not for you")


def _root(of_type: Any, needs: BasePermission | None = None) -> Any:
    return roots.root(of_type, needs=needs or Anyone(), description="A root field.")


async def _box(info: strawberry.Info[Any, Any], id: str = "whole") -> Any:
    info.context.resolved.append(info.field_name)
    if id not in info.context.boxes:
        raise Wrong(f"no box {id}")
    return info.context.boxes[id]


async def _boxes(info: strawberry.Info[Any, Any], ids: list[str]) -> Any:
    info.context.resolved.append(info.field_name)
    return [info.context.boxes.get(id) for id in ids]


async def _size(info: strawberry.Info[Any, Any], of: int = 1) -> Any:
    info.context.resolved.append(info.field_name)
    return of


@strawberry.type
class Query:
    """Boxes, and what can't be had."""

    box: Box | None = _root(Box | None)(_box)
    strict_box: Box = _root(Box)(_box)
    boxes: list[Box | None] | None = _root(list[Box | None] | None)(_boxes)
    strict_boxes: list[Box] | None = _root(list[Box] | None)(_boxes)
    refused: Box | None = _root(Box | None, Never())(_box)
    strict_refused: Box = _root(Box, Never())(_box)
    size: int | None = _root(int | None)(_size)


async def _put(info: strawberry.Info[Any, Any], sum: int, fail: bool = False) -> Any:
    context = info.context
    context.resolved.append(f"put {sum}")
    if fail:
        raise Wrong(f"can't put {sum}")
    context.boxes = context.boxes | {"changed": Row(id="changed", strict=1, sum=sum, owner="changed")}
    context.renew()
    return context.boxes["changed"]


@strawberry.type
class Mutation:
    """Puts numbers into the box `changed`, which owns itself."""

    put: Box | None = _root(Box | None)(_put)
    strict_put: Box = _root(Box)(_put)


SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[Box, Tag],
    config=StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", serialize=Even.write)}),
)
