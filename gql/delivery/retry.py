"""When to try again, and when to stop trying."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with jitter, in seconds; an attempt's number counts from 1.

    A mail that is put off while others are taken has a trouble of its own, and waits for up to `longest_seconds`. In an
    outage, which is when nothing gets through or the server itself fails, no mail waits longer than `outage_seconds`:
    so that all are out within a minute of the mail server's return, even one that was then in the middle of a sending
    which had to time out first.

    A mail is given up once it has had its attempts and is old as well. Not by its age alone: a dispatcher that stood
    still for a week has not tried for a week. Not by the attempts alone: in an outage they are used up within hours.
    Four days outlast a mail server which breaks on a Friday evening, and are as long as mail servers themselves go on
    (RFC 5321, section 4.5.4.1).
    """

    first_seconds: float = 2.0
    longest_seconds: float = 300.0
    outage_seconds: float = 20.0
    attempts: int = 1_500
    days: float = 4
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1: how much of the second half of the delay to wait."""

    def delay(self, attempt: int, *, outage: bool = False) -> float:
        """Seconds to wait after that attempt failed: between half the step and the whole of it."""
        doublings = min(attempt - 1, 32)  # enough for any cap, and no overflow at attempt 1,500
        longest = min(self.longest_seconds, self.outage_seconds) if outage else self.longest_seconds
        step = min(longest, self.first_seconds * float(2**doublings))
        return step * (0.5 + 0.5 * self.jitter())

    def is_outage(self, since_delivery: float) -> bool:
        """Whether nothing gets through, when the last delivery of any mail was so many seconds ago.

        The steps of a mail's first seconds are shorter than `outage_seconds` anyway: it is soon enough to know.
        """
        return since_delivery > self.outage_seconds / 2

    def is_last(self, attempt: int, age: timedelta) -> bool:
        """Whether no attempt follows that one, of a mail that old."""
        return attempt >= self.attempts and age >= timedelta(days=self.days)
