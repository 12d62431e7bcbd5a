"""What each user may ask for in a minute: points, one for a hundred nodes that an operation may return.

Kept in the process: with several of them a user has as many budgets. It keeps one account's script from taking the
server from everybody else, and is no bill.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, NamedTuple

from gql.domain.errors import RateLimited

NODES_A_POINT: Final = 100
_MOST_USERS: Final = 10_000
"""Beyond these, whoever has not asked for longest is forgotten: their budget was full again, or nearly."""


class Charge(NamedTuple):
    """What an operation was charged. `remaining` points can be spent at once; they come back within the minute."""

    nodes: int
    points: int
    remaining: int
    limit: int


class Budget:
    """A bucket of points for each user, which fills evenly: `a_minute` points in a minute, and never more than that.

    `a_minute` of 0 is no bound. `clock` gives seconds and never goes back.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute = a_minute
        self._clock = clock
        self._spent: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def charge(self, user: Hashable, nodes: int) -> Charge:
        """Take an operation's points. Raises RateLimited, and takes nothing, where there are not enough of them."""
        points = max(1, math.ceil(nodes / NODES_A_POINT))
        if not self._a_minute:
            return Charge(nodes, points, 0, 0)
        if points > self._a_minute:
            raise RateLimited(
                f"The operation costs {points} points; an account has {self._a_minute} a minute. Ask for less."
            )
        moment = self._clock()
        spent, since = self._spent.get(user, (0.0, moment))
        spent = max(0.0, spent - (moment - since) * self._a_minute / 60) + points
        if spent > self._a_minute:
            seconds = math.ceil((spent - self._a_minute) * 60 / self._a_minute)
            raise RateLimited(
                f"The operation costs {points} points, which your account has again in {seconds} seconds. "
                "Ask for less, or wait.",
                seconds,
            )
        self._spent[user] = spent, moment
        self._spent.move_to_end(user)
        if len(self._spent) > _MOST_USERS:
            self._spent.popitem(last=False)
        return Charge(nodes, points, int(self._a_minute - spent), self._a_minute)
