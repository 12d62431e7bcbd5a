"""Pages of a list: what a client asks for, and the opaque cursors that say where a page starts.

A cursor holds the sort value and ID of a row (a keyset), so that page 1,000 costs what page 1 costs and rows that
come or go elsewhere neither repeat nor skip any.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import orjson

from gql.domain.errors import BadUserInput
from gql.domain.ids import url_text

DEFAULT_PAGE = 25
LARGEST_PAGE = 100

SortValue = str | int | datetime | date

Row = TypeVar("Row")
AnyEdge = TypeVar("AnyEdge")


class Sort(NamedTuple):
    """An order of a list: the name and type of its key, and its direction. Ties are broken by ID.

    No cursor has a date for its key: that is for orders within sections of a list, which have cursors of their own.
    With `then`, the name of a second key, which is text, ties are broken by that first.
    """

    name: str
    type: type[str] | type[int] | type[datetime] | type[date]
    descending: bool = False
    then: str | None = None


class Position(NamedTuple):
    """A place in an order: after the row with this key and ID, and with this second key if the order has one."""

    value: SortValue
    id: UUID
    then: str | None = None


class PageRequest(NamedTuple):
    """Up to `size` rows of an order, forwards from its start or backwards from its end, between two places."""

    size: int
    sort: Sort
    backward: bool = False
    after: Position | None = None
    before: Position | None = None
    brief: bool = False
    """Whether rows will do that have only what lists show most."""
    bare: bool = False
    """Whether edges will do, too, that have nothing but such a row and its place."""


def in_brief(page: PageRequest, is_bare: bool) -> PageRequest:
    """The same page of such rows, and of such edges."""
    return page._replace(brief=True, bare=is_bare)


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("PostgreSQL stores no such character")
    value.encode()  # raises for half a surrogate pair
    return value


def _integer(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise ValueError("beyond the databases' integers")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.utcoffset() != timedelta(0):
        raise ValueError("not in UTC")
    return moment


_READERS: dict[type, Callable[[Any], SortValue]] = {str: _text, int: _integer, datetime: _moment}
"""From JSON; they raise ValueError for what would make a database fail."""


def encode_cursor(sort: Sort, position: Position) -> str:
    """An opaque cursor, good for that order only."""
    value = position.value.isoformat() if isinstance(position.value, datetime) else position.value
    second = () if position.then is None else (position.then,)
    raw = orjson.dumps((sort.name, value, position.id.hex, *second))
    return url_text(raw).rstrip("=")


def decode_cursor(sort: Sort, text: str, argument: str) -> Position:
    """The place that `encode_cursor` wrote down. Raises BadUserInput for anything else."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        name, value, key, *second = json.loads(raw)
        then = _text(*second) if sort.then is not None else None
        if (
            name == sort.name
            and isinstance(value, int if sort.type is int else str)
            and len(second) == (then is not None)
        ):
            return Position(_READERS[sort.type](value), UUID(hex=key), then)
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise BadUserInput(f"`{argument}` is not a cursor of this list in this order. Pass one that this list returned.")


def page_request(sort: Sort, first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """The page that a connection's arguments ask for. Raises BadUserInput where they contradict or exceed a bound."""
    if first is not None and last is not None:
        raise BadUserInput("Pass `first` or `last`, not both.")
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= LARGEST_PAGE:
            raise BadUserInput(f"`{name}` must be between 1 and {LARGEST_PAGE}.")
    return PageRequest(
        size=first or last or DEFAULT_PAGE,
        sort=sort,
        backward=last is not None,
        after=decode_cursor(sort, after, "after") if after is not None else None,
        before=decode_cursor(sort, before, "before") if before is not None else None,
    )


@dataclass(slots=True)
class Edge(Generic[Row]):
    """A row in a list, with its place there."""

    node: Row
    position: Position
    sort: Sort


@dataclass(slots=True)
class Page(Generic[AnyEdge]):
    """Some rows of a list. `total` is the key by which the whole list is counted, if anyone asks."""

    edges: list[AnyEdge]
    sort: Sort
    has_next_page: bool
    has_previous_page: bool
    total: Hashable
