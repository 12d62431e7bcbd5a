"""The tree of offices, as each office and the one above it."""

from collections.abc import Iterator, Mapping
from uuid import UUID


def up_from(office_id: UUID, parents: Mapping[UUID, UUID | None]) -> Iterator[UUID]:
    """An office and those above it, each once: even where some fault made a ring of them."""
    passed: set[UUID] = set()
    place: UUID | None = office_id
    while place is not None and place not in passed:
        yield place
        passed.add(place)
        place = parents.get(place)
