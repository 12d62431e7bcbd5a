"""What a seed run is told, and the chance that it draws from."""

from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import asyncpg.pgproto.pgproto  # type: ignore[import-untyped]

Row = dict[str, Any]
"""One table's row, by column."""

Rows = dict[str, list[Row]]
"""Rows by table."""

Batch = dict[str, list[NamedTuple]]
"""The same for tables of many rows: those of one table are of one type, whose fields are its columns."""

T = TypeVar("T")

SMALLEST = 200
"""Fewer customers have no room for one of every kind that the demo promises."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION_7 = 0x7 << 76 | 0b10 << 62
_LOW_BITS = (1 << 62) - 1


class InvalidSize(ValueError):
    """A lender of so few customers can't be made."""


@dataclass(frozen=True)
class Plan:
    """The size of the lender, and the day that it is described on. Everything follows from these three."""

    customers: int
    seed: int
    today: date

    def __post_init__(self) -> None:
        if self.customers < SMALLEST:
            raise InvalidSize(f"The demo lender needs {SMALLEST} customers or more, not {self.customers}.")

    @cached_property
    def now(self) -> datetime:
        """The present: the start of the day. Nothing in the demo happened after it."""
        return datetime.combine(self.today, time.min, UTC)

    @cached_property
    def founded(self) -> datetime:
        """When the first office opened: five years ago."""
        return self.now - timedelta(days=5 * 365)

    @cached_property
    def opened(self) -> datetime:
        """When the first customer came: a quarter of a year after the founding."""
        return self.founded + timedelta(days=90)

    def draw(self, of_what: str) -> "Draw":
        """A source of chance for one part of the lender, which what is drawn for another part doesn't disturb."""
        return Draw(f"lenddesk demo {self.seed} {of_what}")


class Weighted(Generic[T]):
    """Options of which some are drawn more often than others; the sums of their shares are made once."""

    def __init__(self, options: Sequence[T], shares: Sequence[int]) -> None:
        self.options = options
        self.sums = list(accumulate(shares))
        self.total, self.last = float(self.sums[-1]), len(options) - 1


class Draw(Random):
    """Chance that repeats itself: the same for the same seed.

    A large lender takes a hundred million draws: `pick`, `randint` and `weighted` are `choice`, `randint` and `choices`
    of `random` without what those look at on each call, and the same on each version of Python.
    """

    def chance(self, probability: float) -> bool:
        """Whether something happens that does so with this probability."""
        return self.random() < probability

    def below(self, end: int) -> int:
        """A whole number from 0 to `end - 1`."""
        bits = end.bit_length()
        number = self.getrandbits(bits)
        while number >= end:
            number = self.getrandbits(bits)
        return number

    def randint(self, a: int, b: int) -> int:
        """A whole number from `a` to `b`."""
        return a + self.below(b - a + 1)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def weighted(self, among: Weighted[T]) -> T:
        """One of the options, by their shares."""
        return among.options[bisect(among.sums, self.random() * among.total, 0, among.last)]

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A whole second from `start` to `end`; `start` where that is the later one."""
        span = end - start
        seconds = span.days * 86_400 + span.seconds
        return start + timedelta(seconds=int(self.random() * seconds)) if seconds > 0 else start

    def id_at(self, moment: datetime) -> UUID:
        """A UUIDv7 as made at that moment."""
        return self.id_in(time_of_id(moment))

    def id_in(self, time_of_id: int) -> UUID:
        """The same, from the moment's `time_of_id`."""
        bits = self.getrandbits(74)
        return _uuid((time_of_id | (bits >> 62) << 64 | bits & _LOW_BITS).to_bytes(16, "big"))


_uuid: Callable[[bytes], UUID] = asyncpg.pgproto.pgproto.UUID
"""A UUID that equals any other, made in a fifth of the time."""


def time_of_id(moment: datetime) -> int:
    """What all UUIDv7s made at that moment have in common; for those who make many."""
    since = moment - _EPOCH
    return (since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000) << 80 | _VERSION_7


def time_of_id_in(second: int) -> int:
    """The same for a whole second since 1970."""
    return second * 1_000 << 80 | _VERSION_7
