"""The clock: UTC, always aware."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """This moment, in UTC, to the microsecond that both databases keep."""
    return datetime.now(UTC)


def today() -> date:
    """The lender's working day, by UTC."""
    return now().date()
