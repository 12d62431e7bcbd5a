"""Lists in sections, which follow each other: each has an order of its own, and is read only where a page reaches
into it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from gql.domain.paging import Edge, PageRequest, Position, Sort, SortValue

Read = Callable[[PageRequest], Awaitable[list[Edge[Any]]]]


class Section(NamedTuple):
    """A part of a list. The number tells it from the others in cursors, whichever way the list runs; 0 to 9."""

    number: int
    sort: Sort
    """The order within, in its direction."""
    read: Read | None
    """At most `size + 1` edges of a page of it, in the order in which the page reads them; None where it is empty."""


async def read_sections(page: PageRequest, sections: Sequence[Section]) -> list[Edge[Any]]:
    """At most `page.size + 1` edges of a page, in the order in which it reads them. `sections` are in the list's order.

    A place is the section's number before the place in it. Where the list has a second key and a section has not, the
    section's key is the second.
    """
    edges: list[Edge[Any]] = []
    for section in reversed(sections) if page.backward else sections:
        within = _within(section, sections, page, page.size - len(edges))
        if within is None or section.read is None:
            continue
        found = await section.read(within)
        edges += [Edge(edge.node, _place(section, edge.position, page.sort), page.sort) for edge in found]
        if len(edges) > page.size:
            break
    return edges


def _place(section: Section, there: Position, sort: Sort) -> Position:
    if sort.then is not None and section.sort.then is None:
        return Position(str(section.number), there.id, str(there.value))
    return Position(f"{section.number}{there.value}", there.id, there.then)


def _within(section: Section, sections: Sequence[Section], page: PageRequest, size: int) -> PageRequest | None:
    """What a page asks for of one section, in that section's terms; None where its bounds leave the section out."""
    numbers = [each.number for each in sections]
    here = numbers.index(section.number)
    bounds: dict[str, Position | None] = {"after": None, "before": None}
    for name, position in (("after", page.after), ("before", page.before)):
        if position is None:
            continue
        value = str(position.value)
        # What no list has returned is taken for the beginning.
        known = value[:1].isdecimal() and int(value[0]) in numbers
        there, key = (numbers.index(int(value[0])), value[1:]) if known else (0, "")
        if there == here:
            bounds[name] = _position_in(section.sort, key, position)
        elif (there > here) == (name == "after"):
            return None
    return PageRequest(size, section.sort, page.backward, after=bounds["after"], before=bounds["before"])


def _position_in(sort: Sort, key: str, position: Position) -> Position:
    if sort.then is None and position.then is not None:
        return Position(position.then, position.id)
    value: SortValue = _day(key) if sort.type is date else key
    return Position(value, position.id, position.then)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def in_order(edges: Sequence[Edge[Any]], page: PageRequest) -> list[Edge[Any]]:
    """At most `size + 1` edges of a section of which all are there, in the order in which the page reads them."""
    after, before = (None if at is None else _text_key(at) for at in (page.after, page.before))
    within = [
        edge
        for edge in sorted(edges, key=lambda edge: _text_key(edge.position), reverse=page.backward)
        if (after is None or _text_key(edge.position) > after) and (before is None or _text_key(edge.position) < before)
    ]
    return within[: page.size + 1]


def _text_key(position: Position) -> tuple[str, UUID]:
    return str(position.value), position.id
