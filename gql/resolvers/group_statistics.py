"""The period of a group's statistics."""

from datetime import date

from gql.domain.periods import Interval, Period, period_of
from gql.domain.time import today
from gql.resolvers.arguments import Arguments


def period(arguments: Arguments) -> Period:
    """The period that a client asks for, until today where no end is given. Raises BadUserInput."""
    until: date | None = arguments.get("until")
    return period_of(arguments["since"], until or today(), Interval(arguments["interval"]), today())
