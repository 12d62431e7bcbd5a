"""Periods in calendar days, weeks and months."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain.errors import BadUserInput
from gql.domain.periods import MOST_PARTS, Interval, Part, Period, period_of

TODAY = date(2026, 11, 23)  # a Monday
days = st.dates(max_value=TODAY)


@pytest.mark.parametrize(
    ("interval", "since", "until", "expected"),
    [
        (Interval.DAY, date(2026, 2, 27), date(2026, 3, 1), ["02-27 02-27", "02-28 02-28", "03-01 03-01"]),
        (Interval.WEEK, date(2026, 11, 13), date(2026, 11, 23), ["11-13 11-15", "11-16 11-22", "11-23 11-23"]),
        (Interval.WEEK, date(2026, 11, 16), date(2026, 11, 22), ["11-16 11-22"]),
        (Interval.MONTH, date(2026, 1, 31), date(2026, 3, 2), ["01-31 01-31", "02-01 02-28", "03-01 03-02"]),
        (Interval.MONTH, date(2026, 1, 5), date(2026, 1, 5), ["01-05 01-05"]),
    ],
)
def test_parts_are_those_of_the_calendar(interval: Interval, since: date, until: date, expected: list[str]) -> None:
    parts = period_of(since, until, interval, TODAY).parts()
    assert [f"{part.since:%m-%d} {part.until:%m-%d}" for part in parts] == expected


@given(since=days, length=st.integers(0, 4_000), interval=st.sampled_from(Interval))
def test_each_day_is_in_one_part_and_found_there(since: date, length: int, interval: Interval) -> None:
    until = date.fromordinal(min(since.toordinal() + length, TODAY.toordinal()))
    period = Period(since, until, interval)
    parts = period.parts()
    assert [parts[0].since, parts[-1].until] == [since, until]
    assert all(one.until + timedelta(days=1) == following.since for one, following in pairwise(parts))
    for place, part in enumerate(parts):
        assert part.since <= part.until
        assert period.place_of(part.since) == period.place_of(part.until) == place


def test_a_period_is_in_the_past_the_right_way_round_and_not_too_long() -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(BadUserInput, match="`until` lies in the future"):
        period_of(TODAY, tomorrow, Interval.DAY, TODAY)
    with pytest.raises(BadUserInput, match="`since` is after `until`"):
        period_of(TODAY, TODAY - timedelta(days=1), Interval.DAY, TODAY)
    with pytest.raises(BadUserInput, match="121 parts of a day; at most 120"):
        period_of(TODAY - timedelta(days=MOST_PARTS), TODAY, Interval.DAY, TODAY)
    with pytest.raises(BadUserInput, match="later `since`, or a longer `interval`"):
        period_of(date.min, TODAY, Interval.MONTH, TODAY)
    longest = period_of(TODAY - timedelta(days=MOST_PARTS - 1), TODAY, Interval.DAY, TODAY)
    assert len(longest.parts()) == MOST_PARTS
    assert period_of(TODAY, TODAY, Interval.MONTH, TODAY).parts() == [Part(TODAY, TODAY)]
