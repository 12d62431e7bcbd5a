"""What `proposeRebalance` is asked and answers: books, whom they can spare, the band to get into, and a plan.

A load is a number: of customers, or of minor units of money. Everybody's should lie within one band round the mean;
what lies outside, summed over all managers, is the imbalance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

MOST_CUSTOMERS: Final = 20_000
MOST_MANAGERS: Final = 100
MOST_MOVES: Final = 1_000
"""As many as `reassignBook` takes."""
USUAL_TOLERANCE: Final = 5
DO_NOT_MOVE: Final = "do not move"
"""The tag of customers who stay with their manager, unless other tags are named."""


class BalanceBy(StrEnum):
    """What everybody should have alike of."""

    COUNT = "COUNT"
    OUTSTANDING = "OUTSTANDING"
    ARREARS = "ARREARS"


class Band(NamedTuple):
    """Between which loads everybody should be, both included."""

    lowest: int
    highest: int

    def outside(self, load: int) -> int:
        """How far a load lies outside."""
        return max(0, load - self.highest, self.lowest - load)


@dataclass(frozen=True, slots=True)
class Holder:
    """An account manager who takes part, with the whole load. `takes_from` None: customers of every office."""

    admin_id: UUID
    load: int
    customers: int
    takes_from: frozenset[UUID] | None = None


class Movable(NamedTuple):
    """A customer who may change hands. Of those of one weight, the first that are given move first."""

    customer_id: UUID
    admin_id: UUID
    office_id: UUID
    weight: int


class Move(NamedTuple):
    """A customer changes hands."""

    customer_id: UUID
    from_admin_id: UUID
    to_admin_id: UUID
    weight: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a plan must keep to. `most_customers` is nobody's to exceed; None: as many as they like."""

    most_moves: int
    most_customers: int | None = None


@dataclass(frozen=True, slots=True)
class After:
    """What somebody would have."""

    load: int
    customers: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Moves, the most useful first, and what everybody has when all are made."""

    moves: tuple[Move, ...]
    after: Mapping[UUID, After]


def band_round_mean(loads: Sequence[int], tolerance_percent: int) -> Band:
    """The mean, give or take so many per cent; always wide enough that whole numbers can be split into it."""
    total, parts = sum(loads), len(loads)
    lowest = -(-total * (100 - tolerance_percent) // (100 * parts))
    highest = total * (100 + tolerance_percent) // (100 * parts)
    return Band(min(lowest, total // parts), max(highest, -(-total // parts)))


def imbalance(loads: Iterable[int], band: Band) -> int:
    """What lies outside the band, of all together."""
    return sum(map(band.outside, loads))
