"""Which customers should change hands so that account managers carry alike loads: the method of `proposeRebalance`.

A load is a number: of customers, or of minor units of money. Everybody's should lie within one band round the mean.
What lies outside, summed over all managers, is the imbalance; the least of it comes first, then the fewest moves.

The method is greedy: who has most too much gives, in one move, what takes most of the imbalance away; then who has
most too little gets. Where no single move helps, two customers change places. At last, moves that turned out to be
needless are dropped. Each customer moves at most once. The same book always gives the same proposal.

Where every customer weighs 1 and anybody may take anybody, no plan is better. Write `out` for what lies above the
band and can be given and taken, `short` for what lies below and can be had. A move takes at most 1 from each, so that
`max(out, short)` moves are needed; and the method makes as many, since it takes from both while there are both.
Money is another matter (to split amounts evenly is NP-hard): there `rebalancing_bounds.fewest_moves` says how far off
it can be.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from gql.domain.rebalancing import After, Band, Holder, Limits, Movable, Move, Plan

_MOST_SWAPS: Final = 50


def plan_moves(holders: Iterable[Holder], movable: Iterable[Movable], band: Band, limits: Limits) -> Plan:
    """The moves that bring everybody into the band, or as near as the method finds."""
    desk = _Desk(holders, movable, band, limits)
    desk.relieve_the_crowded()
    desk.move_while_it_helps()
    desk.drop_needless_moves()
    return desk.plan()


class _Place(NamedTuple):
    """A customer among those of a seat: in the order of weight, then as given."""

    weight: int
    turn: int
    customer: Movable


@dataclass(slots=True)
class _Seat:
    """A manager at work: what they have now, and whom they can still give, by the customer's office."""

    holder: Holder
    load: int
    customers: int
    can_give: dict[UUID, list[_Place]]

    def heaviest(self) -> int:
        return max((pool[-1].weight for pool in self.can_give.values() if pool), default=0)

    def may_take(self, office_id: UUID) -> bool:
        return self.holder.takes_from is None or office_id in self.holder.takes_from


class _Step(NamedTuple):
    """A move that could be made, and how much of the imbalance it takes away."""

    gain: int
    place: _Place
    giver: _Seat
    taker: _Seat


class _Desk:
    """The book while moves are made."""

    def __init__(self, holders: Iterable[Holder], movable: Iterable[Movable], band: Band, limits: Limits) -> None:
        self._band, self._limits = band, limits
        ordered = sorted(holders, key=lambda holder: holder.admin_id)
        self._seats = {one.admin_id: _Seat(one, one.load, one.customers, {}) for one in ordered}
        for turn, customer in enumerate(movable):
            pools = self._seats[customer.admin_id].can_give
            pools.setdefault(customer.office_id, []).append(_Place(customer.weight, turn, customer))
        for seat in self._seats.values():
            for pool in seat.can_give.values():
                pool.sort()
        self._moves: list[Move] = []

    def plan(self) -> Plan:
        after = {key: After(seat.load, seat.customers) for key, seat in self._seats.items()}
        return Plan(tuple(self._moves), after)

    def relieve_the_crowded(self) -> None:
        """Whoever has more customers than anybody may have gives, whatever that does to the loads."""
        most = self._limits.most_customers
        for giver in self._seats.values():
            while most is not None and giver.customers > most and self._may_go_on():
                every = (step for taker in self._seats.values() for step in self._steps(giver, taker))
                step = max(every, key=_usefulness, default=None)
                if step is None:
                    break
                self._make(step)

    def move_while_it_helps(self) -> None:
        """One move after the other; where none helps, an exchange, if that does."""
        swaps = 0
        while self._may_go_on():
            step = self._best_step()
            if step is not None:
                self._make(step)
            elif swaps < _MOST_SWAPS and len(self._moves) + 2 <= self._limits.most_moves and self._exchange():
                swaps += 1
            else:
                return

    def drop_needless_moves(self) -> None:
        """Take back, the least useful first, what the plan is as good without."""
        for move in reversed(tuple(self._moves)):
            giver, taker = self._seats[move.from_admin_id], self._seats[move.to_admin_id]
            is_crowded = self._limits.most_customers is not None and giver.customers >= self._limits.most_customers
            if not is_crowded and self._gain(taker, giver, move.weight) >= 0:
                self._moves.remove(move)
                _shift(taker, giver, move.weight)

    def _may_go_on(self) -> bool:
        return len(self._moves) < self._limits.most_moves

    def _has_room(self, seat: _Seat) -> bool:
        return self._limits.most_customers is None or seat.customers < self._limits.most_customers

    def _gain(self, giver: _Seat, taker: _Seat, weight: int) -> int:
        """How much less of the imbalance there is when so much goes from one to the other."""
        outside = self._band.outside
        before = outside(giver.load) + outside(taker.load)
        return before - outside(giver.load - weight) - outside(taker.load + weight)

    def _best_step(self) -> _Step | None:
        """Of who has most too much, then of who has most too little, then of the next who could do better."""
        by_load = sorted(self._seats.values(), key=lambda seat: seat.load)
        takers = [seat for seat in by_load if seat.load < self._band.highest]
        givers = [seat for seat in reversed(by_load) if seat.load > self._band.lowest]
        for giver in givers:
            if giver.load <= self._band.highest:
                break
            step = self._best_among((giver, taker) for taker in takers)
            if step is not None:
                return step
        for taker in takers:
            if taker.load >= self._band.lowest:
                break
            step = self._best_among((giver, taker) for giver in givers)
            if step is not None:
                return step
        return None

    def _best_among(self, pairs: Iterable[tuple[_Seat, _Seat]]) -> _Step | None:
        """The move that helps most; None where none helps. Pairs that could do no better are not looked into."""
        best, outside = None, self._band.outside
        for giver, taker in pairs:
            most = giver.heaviest()
            if best is not None and best.gain >= min(most, outside(giver.load)) + min(most, outside(taker.load)):
                continue
            found = max(self._steps(giver, taker), key=_usefulness, default=None)
            if found is not None and found.gain > 0 and (best is None or _usefulness(found) > _usefulness(best)):
                best = found
        return best

    def _steps(self, giver: _Seat, taker: _Seat) -> Iterator[_Step]:
        """The moves from one to the other of which one is the best: those next to a weight at which the gain turns."""
        if giver is taker or not self._has_room(taker):
            return
        turns = {
            giver.load - self._band.highest,
            giver.load - self._band.lowest,
            self._band.highest - taker.load,
            self._band.lowest - taker.load,
        }
        for office_id, pool in giver.can_give.items():
            if pool and taker.may_take(office_id):
                for at in _next_to(pool, turns):
                    yield _Step(self._gain(giver, taker, pool[at].weight), pool[at], giver, taker)

    def _make(self, step: _Step) -> None:
        customer, giver, taker = step.place.customer, step.giver, step.taker
        pool = giver.can_give[customer.office_id]
        del pool[bisect_left(pool, step.place)]
        _shift(giver, taker, customer.weight)
        self._moves.append(Move(customer.customer_id, giver.holder.admin_id, taker.holder.admin_id, customer.weight))

    def _exchange(self) -> bool:
        """Let two customers change places where that takes most of the imbalance away; whether there were any."""
        off = [seat for seat in self._seats.values() if self._band.outside(seat.load)]
        for one in sorted(off, key=lambda seat: -self._band.outside(seat.load)):
            found = max(self._exchanges(one), key=lambda exchange: exchange[0], default=None)
            if found is not None and found[0] > 0:
                _, heavier, lighter, other = found
                giver, taker = (one, other) if one.load > self._band.highest else (other, one)
                self._make(_Step(0, heavier, giver, taker))
                self._make(_Step(0, lighter, taker, giver))
                return True
        return False

    def _exchanges(self, one: _Seat) -> Iterator[tuple[int, _Place, _Place, _Seat]]:
        """Gain, the heavier, the lighter and with whom, of each pair that could be the best with some other seat."""
        for other in self._seats.values():
            if other is one:
                continue
            giver, taker = (one, other) if one.load > self._band.highest else (other, one)
            lighter = sorted(place for pool in _takeable(taker, giver) for place in pool)
            if not lighter:
                continue
            wanted = min(max(giver.load - self._band.highest, self._band.lowest - taker.load), giver.load - taker.load)
            for heavier in (place for pool in _takeable(giver, taker) for place in pool):
                at = bisect_left(lighter, heavier.weight - wanted, key=lambda place: place.weight)
                for match in lighter[max(0, at - 1) : at + 1]:
                    yield self._gain(giver, taker, heavier.weight - match.weight), heavier, match, other


def _takeable(giver: _Seat, taker: _Seat) -> Iterator[list[_Place]]:
    return (pool for office_id, pool in giver.can_give.items() if taker.may_take(office_id))


def _next_to(pool: list[_Place], weights: Iterable[int]) -> set[int]:
    """Where the lightest of at least each weight is, and the heaviest below; the first of those who weigh alike."""
    found = set()
    for weight in weights:
        at = bisect_left(pool, (weight,))
        if at < len(pool):
            found.add(at)
        if at > 0:
            found.add(bisect_left(pool, (pool[at - 1].weight,)))
    return found


def _shift(giver: _Seat, taker: _Seat, weight: int) -> None:
    giver.load, taker.load = giver.load - weight, taker.load + weight
    giver.customers, taker.customers = giver.customers - 1, taker.customers + 1


def _usefulness(step: _Step) -> tuple[int, int, int]:
    """The greatest gain; of equal ones the lightest customer, and of those the first."""
    return step.gain, -step.place.weight, -step.place.turn
