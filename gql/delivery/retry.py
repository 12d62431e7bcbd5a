"""When to try again, and when to stop trying."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retry:
    """Exponential backoff with jitter, in seconds; an attempt's number counts from 1.

    A mail is given up by the number of attempts, not by its age: a dispatcher that stood still for a week has not
    tried for a week. 1,500 attempts, nearly all of them 2.5 to 5 minutes apart, are 62 hours at least and four days
    as a rule. That outlasts a mail server which breaks on a Friday evening, and it is as long as mail servers
    themselves go on (RFC 5321, section 4.5.4.1).
    """

    first_seconds: float = 2.0
    longest_seconds: float = 300.0
    attempts: int = 1_500
    jitter: Callable[[], float] = random.random
    """A number from 0 to 1: how much of the second half of the delay to wait."""

    def delay(self, attempt: int) -> float:
        """Seconds to wait after that attempt failed: between half the step and the whole of it."""
        doublings = min(attempt - 1, 32)  # enough for any cap, and no overflow at attempt 1,500
        step = min(self.longest_seconds, self.first_seconds * float(2**doublings))
        return step * (0.5 + 0.5 * self.jitter())

    def is_last(self, attempt: int) -> bool:
        """Whether no attempt follows that one."""
        return attempt >= self.attempts
