"""How a loan is repaid, from its schedule and the payments on it.

Payments pay instalments oldest first, whatever they were meant for: what is paid of each one follows from the payments
that stand, and is the same whatever happened in between. Amounts are minor units of the loan's currency. An instalment
is overdue from the day after `due_on`; a day is the lender's (`gql.domain.time`). The measures are the field's: days
past due are those of the oldest instalment overdue, and a loan is at risk (PAR1, PAR30, PAR60, PAR90), with all that is
still to come of it, once it is so many days past due (ADR 0019).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

AT_RISK_DAYS: Final = (1, 30, 60, 90)
"""Days past due from which on a loan counts for PAR1, PAR30, PAR60 and PAR90."""

TREND_DAYS: Final = 30
"""The days before a handover, and from it on, that are compared."""


class InstalmentStatus(StrEnum):
    """How far an instalment has come."""

    PENDING = "PENDING"
    OVERDUE = "OVERDUE"
    PAID = "PAID"


class PaymentMethod(StrEnum):
    """How money came."""

    CASH = "CASH"
    BANK_TRANSFER = "BANK_TRANSFER"
    DIRECT_DEBIT = "DIRECT_DEBIT"
    CARD = "CARD"
    MOBILE_MONEY = "MOBILE_MONEY"
    CHEQUE = "CHEQUE"
    OTHER = "OTHER"


class Received(NamedTuple):
    """Money that came, and stands."""

    on: date
    amount_minor: int


class Allocated(NamedTuple):
    """What is paid of an instalment; `settled_on` is the day on which all of it was."""

    paid_minor: int
    settled_on: date | None


class Instalment(NamedTuple):
    """One part of a schedule."""

    due_on: date
    due_minor: int
    paid_minor: int
    settled_on: date | None

    @property
    def rest_minor(self) -> int:
        """What is still to come of it."""
        return self.due_minor - self.paid_minor


class Overdue(NamedTuple):
    """What was due and has not come; `since` is when the oldest of it was due, None where there is nothing."""

    amount_minor: int
    since: date | None


class NextDue(NamedTuple):
    """What is to be paid next, and on which day."""

    due_on: date
    amount_minor: int


class Punctuality(NamedTuple):
    """How many instalments were due, and how many of them were paid in full on the day or before."""

    due: int
    on_time: int


def allocate(dues: Sequence[int], received: Iterable[Received]) -> list[Allocated]:
    """What each instalment gets. `dues` are in the order of the schedule, `received` in that in which money came.

    Raises ValueError where more came than all instalments want.
    """
    found: list[Allocated] = []
    paid = 0
    for day, amount in received:
        rest = amount
        while rest and len(found) < len(dues):
            part = min(rest, dues[len(found)] - paid)
            paid, rest = paid + part, rest - part
            if paid == dues[len(found)]:
                found.append(Allocated(paid, day))
                paid = 0
        if rest:
            raise ValueError(f"{rest} more than the schedule wants")
    if len(found) < len(dues):
        found.append(Allocated(paid, None))
    return found + [Allocated(0, None)] * (len(dues) - len(found))


def status_of(rest_minor: int, due_on: date, today: date) -> InstalmentStatus:
    """How far an instalment has come, of which so much is still to come."""
    if rest_minor == 0:
        return InstalmentStatus.PAID
    return InstalmentStatus.OVERDUE if due_on < today else InstalmentStatus.PENDING


def overdue(instalments: Iterable[Instalment], today: date) -> Overdue:
    """What was due before today and has not come."""
    late = [one for one in instalments if one.due_on < today and one.rest_minor > 0]
    return Overdue(sum(one.rest_minor for one in late), min((one.due_on for one in late), default=None))


def days_past_due(since: date | None, today: date) -> int:
    """The days since the oldest instalment overdue was due; 0 where none is."""
    return 0 if since is None else max(0, (today - since).days)


def is_at_risk(since: date | None, today: date, days: int) -> bool:
    """Whether a loan is so many days past due, or more."""
    return days_past_due(since, today) >= days


def next_due(instalments: Iterable[Instalment], today: date) -> NextDue | None:
    """What is to be paid next, today or later; what is overdue is not in it. None where nothing is to come."""
    ahead = [one for one in instalments if one.due_on >= today and one.rest_minor > 0]
    if not ahead:
        return None
    day = min(one.due_on for one in ahead)
    return NextDue(day, sum(one.rest_minor for one in ahead if one.due_on == day))


def expected(instalments: Iterable[Instalment], since: date, today: date) -> int:
    """What was due from `since` to today, both included, paid or not."""
    return sum(one.due_minor for one in instalments if since <= one.due_on <= today)


def collected(received: Iterable[Received], since: date, today: date) -> int:
    """What came from `since` to today, both included, on whatever instalment."""
    return sum(one.amount_minor for one in received if since <= one.on <= today)


def punctuality(instalments: Iterable[Instalment], since: date, today: date) -> Punctuality:
    """Of the instalments due from `since` to yesterday: who has until the end of today is not late yet."""
    due = [one for one in instalments if since <= one.due_on < today]
    return Punctuality(len(due), sum(one.settled_on is not None and one.settled_on <= one.due_on for one in due))


def ratio(part: int, whole: int) -> float | None:
    """The share to four decimals, half up; None of nothing. Worked out in whole numbers: sums may be beyond floats."""
    return None if whole == 0 else (part * 20_000 + whole) // (2 * whole) / 10_000
