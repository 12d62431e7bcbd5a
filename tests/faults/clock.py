"""The clock of this process, for a test to set wrong and right again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo

import pytest

from gql.domain import time


class Clock:
    """What `gql.domain.time.now` goes by. `ahead` is how far it is from the true time."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self, zone: tzinfo) -> datetime:
        """As `datetime.now`."""
        return datetime.now(zone) + self.ahead

    @contextmanager
    def off(self, **by: float) -> Iterator[None]:
        """Wrong by so much while the block lasts: `hours=-3` is behind."""
        before, self.ahead = self.ahead, self.ahead + timedelta(**by)
        try:
            yield
        finally:
            self.ahead = before


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Right, to begin with."""
    made = Clock()
    monkeypatch.setattr(time, "datetime", made)
    return made
