"""Keyset pages: the SQL of a page's bounds and order, and the page made of the rows that come back.

Statements are built once per shape (which bounds there are) and run with bound values.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select, String, Text, Uuid, bindparam, tuple_

from gql.domain.paging import Edge, Page, PageRequest, Position, Sort

AnyEdge = TypeVar("AnyEdge", bound=Edge[Any])


class PageShape(NamedTuple):
    """All of a page request that shows in the SQL."""

    sort: str
    reverse: bool
    """Whether rows are read in descending order: a descending list forwards, or an ascending one backwards."""
    after: bool
    before: bool
    descending: bool
    then: str | None = None
    brief: bool = False
    bare: bool = False


def shape_of(page: PageRequest) -> PageShape:
    """The shape of a request."""
    return PageShape(
        sort=page.sort.name,
        reverse=page.sort.descending != page.backward,
        after=page.after is not None,
        before=page.before is not None,
        descending=page.sort.descending,
        then=page.sort.then,
        brief=page.brief,
        bare=page.bare,
    )


def order_of(shape: PageShape) -> Callable[[Any], list[ColumnElement[Any]]]:
    """The order in which rows are read, from a collection of columns that has the sort key and `id`."""

    def order(columns: Any) -> list[ColumnElement[Any]]:
        keys = [columns[name] for name in (shape.sort, shape.then, "id") if name is not None]
        return [key.desc() for key in keys] if shape.reverse else keys

    return order


def within(statement: Select[Any], shape: PageShape, key: ColumnElement[Any], tie: ColumnElement[Any]) -> Select[Any]:
    """Keep the rows between the page's bounds, in an order without a second key."""
    return between(statement, shape, [key, tie])


def between(statement: Select[Any], shape: PageShape, keys: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """The same in any order: `keys` are its key, its second one if it has one, and the ID."""
    key, *then, _ = keys
    place = tuple_(*keys)
    key_type = Text() if isinstance(key.type, String) else key.type  # the column says the collation, not the value
    for name, wanted, beyond in (
        ("after", shape.after, not shape.descending),
        ("before", shape.before, shape.descending),
    ):
        if wanted:
            second = [bindparam(f"{name}_then", type_=Text()) for _ in then]
            bound = tuple_(bindparam(f"{name}_key", type_=key_type), *second, bindparam(f"{name}_id", type_=Uuid()))
            statement = statement.where(place > bound if beyond else place < bound)
    return statement


def parameters(page: PageRequest) -> dict[str, Any]:
    """The bound values: one row more than asked for tells whether the list goes on."""
    bound: dict[str, Any] = {"page_rows": page.size + 1}
    for name, position in (("after", page.after), ("before", page.before)):
        if position is not None:
            bound[f"{name}_key"] = position.value
            if position.then is not None:
                bound[f"{name}_then"] = position.then
            bound[f"{name}_id"] = position.id
    return bound


def to_page(page: PageRequest, edges: Sequence[AnyEdge], total: Hashable) -> Page[AnyEdge]:
    """The page made of at most `size + 1` edges in the order in which they were read."""
    kept = list(edges[: page.size])
    more = len(edges) > page.size
    if page.backward:
        kept.reverse()
        return Page(kept, page.sort, has_next_page=page.before is not None, has_previous_page=more, total=total)
    return Page(kept, page.sort, has_next_page=more, has_previous_page=page.after is not None, total=total)


def edge(row: Any, sort: Sort) -> Edge[Any]:
    """A row whose sort key is an attribute of its own."""
    return Edge(row, position(row, sort), sort)


def position(row: Any, sort: Sort) -> Position:
    """Where a row stands that has the keys of the order as attributes."""
    return Position(getattr(row, sort.name), row.id, None if sort.then is None else getattr(row, sort.then))
