"""What a seed run is told, and the chance that it draws from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

Row = dict[str, Any]
"""One table's row, by column."""

Rows = dict[str, list[Row]]
"""Rows by table."""

SMALLEST = 200
"""Fewer customers have no room for one of every kind that the demo promises."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class InvalidSize(ValueError):
    """A lender of so few customers can't be made."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of the lender, and the day that it is described on. Everything follows from these three."""

    customers: int
    seed: int
    today: date

    def __post_init__(self) -> None:
        if self.customers < SMALLEST:
            raise InvalidSize(f"The demo lender needs {SMALLEST} customers or more, not {self.customers}.")

    @property
    def now(self) -> datetime:
        """The present: the start of the day. Nothing in the demo happened after it."""
        return datetime.combine(self.today, time.min, UTC)

    @property
    def founded(self) -> datetime:
        """When the first office opened: five years ago."""
        return self.now - timedelta(days=5 * 365)

    @property
    def opened(self) -> datetime:
        """When the first customer came: a quarter of a year after the founding."""
        return self.founded + timedelta(days=90)

    def draw(self, of_what: str) -> "Draw":
        """A source of chance for one part of the lender, which what is drawn for another part doesn't disturb."""
        return Draw(f"lenddesk demo {self.seed} {of_what}")


class Draw(Random):
    """Chance that repeats itself: the same for the same seed."""

    def chance(self, probability: float) -> bool:
        """Whether something happens that does so with this probability."""
        return self.random() < probability

    def moment(self, start: datetime, end: datetime) -> datetime:
        """A whole second from `start` to `end`; `start` where that is the later one."""
        seconds = int((end - start).total_seconds())
        return start + timedelta(seconds=int(self.random() * seconds)) if seconds > 0 else start

    def id_at(self, moment: datetime) -> UUID:
        """A UUIDv7 as made at that moment."""
        milliseconds = (moment - _EPOCH) // _MILLISECOND
        bits = self.getrandbits(74)
        return UUID(int=milliseconds << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1)
