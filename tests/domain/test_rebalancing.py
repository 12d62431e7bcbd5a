"""Rebalancing by itself: no plan is better by count, none is far better by money, and every limit is kept."""

from collections import Counter
from collections.abc import Sequence
from itertools import product
from random import Random
from uuid import UUID

import pytest

from gql.domain.rebalancing import Band, Holder, Limits, Movable, Plan, band_round_mean, imbalance
from gql.domain.rebalancing_bounds import fewest_moves
from gql.domain.rebalancing_moves import plan_moves

HERE, THERE = UUID(int=1), UUID(int=2)
ANY = Limits(1_000)


def _book(*weights: Sequence[int], stays: int = 0) -> tuple[list[Holder], list[Movable]]:
    """Managers with customers of these weights, of which the first few of each stay."""
    keys = [UUID(int=10 + place) for place in range(len(weights))]
    holders = [Holder(key, sum(own), len(own)) for key, own in zip(keys, weights, strict=True)]
    movable = [
        Movable(UUID(int=1_000 * (place + 1) + number), key, HERE, weight)
        for place, (key, own) in enumerate(zip(keys, weights, strict=True))
        for number, weight in enumerate(own)
        if number >= stays
    ]
    return holders, movable


def _band(holders: Sequence[Holder], tolerance: int = 0) -> Band:
    return band_round_mean([one.load for one in holders], tolerance)


def _left(plan: Plan, band: Band) -> int:
    return imbalance((one.load for one in plan.after.values()), band)


def _best(holders: Sequence[Holder], movable: Sequence[Movable], band: Band) -> tuple[int, int]:
    """The least imbalance of all plans there are, and the fewest moves that leave it."""
    best = (imbalance((one.load for one in holders), band), 0)
    for placing in product([one.admin_id for one in holders], repeat=len(movable)):
        loads = {one.admin_id: one.load for one in holders}
        moves = 0
        for customer, to in zip(movable, placing, strict=True):
            loads[customer.admin_id] -= customer.weight
            loads[to] += customer.weight
            moves += to != customer.admin_id
        best = min(best, (imbalance(loads.values(), band), moves))
    return best


def test_by_count_no_plan_is_better() -> None:
    random = Random(30)
    for _ in range(50):
        sizes = [random.randint(0, 6) for _ in range(3)]
        holders, movable = _book(*([1] * size for size in sizes), stays=random.choice((0, 0, 2)))
        movable = movable[:7]
        band = _band(holders, random.choice((0, 20)))
        if random.random() < 0.3:  # a cap below the mean: not everybody fits
            most = random.randint(1, 3)
            band = Band(min(band.lowest, most), min(band.highest, most))
        plan = plan_moves(holders, movable, band, ANY)
        assert (_left(plan, band), len(plan.moves)) == _best(holders, movable, band), sizes
        assert fewest_moves(holders, movable, band, ANY, plan.after) == len(plan.moves), sizes


def test_by_money_no_plan_beats_the_bound_and_most_are_the_best() -> None:
    random, best_plans, rounds = Random(31), 0, 40
    for _ in range(rounds):
        holders, movable = _book(*([random.randint(1, 99) for _ in range(random.randint(0, 4))] for _ in range(3)))
        movable = movable[:7]
        band = _band(holders, 10)
        plan = plan_moves(holders, movable, band, ANY)
        bound = fewest_moves(holders, movable, band, ANY, plan.after)
        least, fewest = _best(holders, movable, band)
        assert bound <= len(plan.moves)
        assert _left(plan, band) <= imbalance((one.load for one in holders), band)
        if _left(plan, band) == least:
            assert bound <= fewest <= len(plan.moves)
            best_plans += fewest == len(plan.moves)
    assert best_plans > rounds * 0.6  # each book is as hard as can be: a few customers of amounts that hardly fit


def test_by_money_a_book_of_many_is_balanced_within_a_move_or_two_of_the_bound() -> None:
    random = Random(32)
    holders, movable = _book(*([int(random.lognormvariate(13, 1)) for _ in range(20 * n * n)] for n in range(1, 6)))
    band = _band(holders, 2)
    plan = plan_moves(holders, movable, band, ANY)
    bound = fewest_moves(holders, movable, band, ANY, plan.after)
    assert _left(plan, band) == 0
    assert bound <= len(plan.moves) <= bound * 1.02 + 1


def test_what_is_said_of_loads_is_what_the_moves_make_of_them() -> None:
    random = Random(33)
    for _ in range(40):
        holders, movable = _book(*([random.randint(0, 50) for _ in range(random.randint(0, 30))] for _ in range(6)))
        band, limits = _band(holders, 5), Limits(random.choice((1, 3, 1_000)), random.choice((None, 12, 20)))
        plan = plan_moves(holders, movable, band, limits)
        known = {customer.customer_id: customer for customer in movable}
        load = {one.admin_id: one.load for one in holders}
        customers = Counter({one.admin_id: one.customers for one in holders})
        for move in plan.moves:
            assert known[move.customer_id].admin_id == move.from_admin_id != move.to_admin_id
            load[move.from_admin_id] -= move.weight
            load[move.to_admin_id] += move.weight
            customers[move.from_admin_id] -= 1
            customers[move.to_admin_id] += 1
        assert len({move.customer_id for move in plan.moves}) == len(plan.moves) <= limits.most_moves
        assert {key: (one.load, one.customers) for key, one in plan.after.items()} == {
            key: (load[key], customers[key]) for key in load
        }
        assert plan == plan_moves(reversed(holders), movable, band, limits)
        if limits.most_customers is not None:
            before = {one.admin_id: one.customers for one in holders}
            assert all(customers[key] <= max(limits.most_customers, before[key]) for key in before)


def test_nobody_keeps_more_customers_than_the_cap_where_others_have_room() -> None:
    holders, movable = _book([1] * 10, [9], [10])
    band = _band(holders, 100)
    plan = plan_moves(holders, movable, band, Limits(1_000, 5))
    assert max(one.customers for one in plan.after.values()) == 5
    assert len(plan.moves) == fewest_moves(holders, movable, band, Limits(1_000, 5), plan.after) == 5


def test_where_no_single_move_helps_two_customers_change_places() -> None:
    holders, movable = _book([60, 60], [40, 40])
    plan = plan_moves(holders, movable, _band(holders), ANY)
    assert sorted(move.weight for move in plan.moves) == [40, 60]
    assert {one.load for one in plan.after.values()} == {100}


def test_customers_stay_where_who_could_take_them_may_not() -> None:
    holders, movable = _book([1] * 6, [], [])
    taker, other = holders[1].admin_id, holders[2].admin_id
    holders[1] = Holder(taker, 0, 0, takes_from=frozenset({THERE}))
    movable[:3] = [one._replace(office_id=THERE) for one in movable[:3]]
    holders[2] = Holder(other, 0, 0, takes_from=frozenset({HERE}))
    plan = plan_moves(holders, movable, _band(holders), ANY)
    offices = {customer.customer_id: customer.office_id for customer in movable}
    assert {(move.to_admin_id, offices[move.customer_id]) for move in plan.moves} == {(taker, THERE), (other, HERE)}
    assert [one.load for one in plan.after.values()] == [2, 2, 2]


def test_those_move_first_who_are_given_first() -> None:
    holders, movable = _book([1, 1, 1, 1], [])
    plan = plan_moves(holders, list(reversed(movable)), _band(holders), ANY)
    assert [move.customer_id for move in plan.moves] == [movable[3].customer_id, movable[2].customer_id]


@pytest.mark.parametrize(
    ("loads", "tolerance", "band"),
    [((0, 0), 5, (0, 0)), ((3, 4), 0, (3, 4)), ((100, 100), 5, (95, 105)), ((1, 0, 0), 50, (0, 1))],
)
def test_the_band_is_the_mean_give_or_take(loads: tuple[int, ...], tolerance: int, band: tuple[int, int]) -> None:
    assert band_round_mean(loads, tolerance) == band
