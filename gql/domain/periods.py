"""A period in parts of a day, a week or a month. Days are the lender's, by UTC; both ends of a part belong to it."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from gql.domain.errors import BadUserInput

MOST_PARTS: Final = 120
"""Four months of days, or ten years of months: more than a chart shows."""


class Interval(StrEnum):
    """How long a part is. Weeks begin on Mondays."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Part(NamedTuple):
    """The days from `since` to `until`, both included."""

    since: date
    until: date


class Period(NamedTuple):
    """A period, and how it is cut."""

    since: date
    until: date
    interval: Interval

    def parts(self) -> list[Part]:
        """Calendar days, weeks or months, the first and the last as far as they lie within the period."""
        return list(self._parts())

    def _parts(self) -> Iterator[Part]:
        begin = self.since
        while begin <= self.until:
            last = min(_last_day(begin, self.interval), self.until)
            yield Part(begin, last)
            if last == self.until:
                return
            begin = last + timedelta(days=1)

    def place_of(self, day: date) -> int:
        """Which of the parts a day of the period is in, from 0 on."""
        return _number(day, self.interval) - _number(self.since, self.interval)


def period_of(since: date, until: date, interval: Interval, today: date) -> Period:
    """A period that is no longer than can be shown. Raises BadUserInput."""
    if until > today:
        raise BadUserInput("`until` lies in the future. Pass today or an earlier day, or leave it out.")
    if since > until:
        raise BadUserInput("`since` is after `until`. Pass the earlier day as `since`.")
    period = Period(since, until, interval)
    parts = period.place_of(until) + 1
    if parts > MOST_PARTS:
        raise BadUserInput(
            f"The period has {parts:,} parts of a {interval.lower()}; at most {MOST_PARTS} are told. "
            "Pass a later `since`, or a longer `interval`."
        )
    return period


def _last_day(day: date, interval: Interval) -> date:
    """Of the calendar day, week or month that the day is in."""
    if interval is Interval.DAY:
        return day
    if interval is Interval.WEEK:
        return day + timedelta(days=6 - day.weekday())
    return day.replace(day=monthrange(day.year, day.month)[1])


def _number(day: date, interval: Interval) -> int:
    """Of the day, week or month, counted from any that is long past."""
    if interval is Interval.DAY:
        return day.toordinal()
    if interval is Interval.WEEK:
        return (day.toordinal() - 1) // 7  # the first day of all was a Monday
    return day.year * 12 + day.month
