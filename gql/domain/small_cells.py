"""Which figures of a table are left out because they stand for too few customers (ADR 0036).

The cells of a table are disjoint, and their sum is told beside them. So whoever leaves out one cell has to leave out
another: the sum less all that is told would be it.
"""

from collections.abc import Sequence
from typing import Final

SMALLEST_CELL: Final = 5
"""Figures that stand for fewer customers are not told."""


def is_small(customers: int) -> bool:
    """Whether figures stand for so few that they would be one's own. Nobody at all has nothing to tell."""
    return 0 < customers < SMALLEST_CELL


def suppressed_cells(customers: Sequence[int], besides: frozenset[int] = frozenset()) -> frozenset[int]:
    """The places of the cells that are left out, by how many customers each stands for.

    Those that are small, and with them the smallest of the others, until what is left out stands together for enough,
    which is more than one cell then; or all of them. Those of `besides` are left out anyway, and help.
    """
    small = {place for place, number in enumerate(customers) if is_small(number)}
    out = small | {place for place in besides if customers[place]}
    if not small:
        return frozenset(out)
    others = sorted((number, place) for place, number in enumerate(customers) if number and place not in out)
    for _, place in others:
        if not is_small(sum(customers[one] for one in out)):
            break
        out.add(place)
    return frozenset(out)
