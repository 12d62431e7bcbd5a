"""How few moves any plan needs that is as good as a given one: by this a proposal can be judged.

What is counted is relaxed, so that no plan can do with less: a customer may be counted for several managers, and
nobody is asked whether the customers who would suffice could all be placed.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from uuid import UUID

from gql.domain.rebalancing import After, Band, Holder, Limits, Movable, imbalance


def fewest_moves(
    holders: Sequence[Holder], movable: Sequence[Movable], band: Band, limits: Limits, after: Mapping[UUID, After]
) -> int:
    """A lower bound on the moves of every plan that leaves no more imbalance, and nobody more crowded, than `after`.

    Where each customer weighs 1 and anybody may take anybody, it is as many as `plan_moves` makes.
    """
    weights = sorted((customer.weight for customer in movable), reverse=True)
    removed = imbalance((one.load for one in holders), band) - imbalance((one.load for one in after.values()), band)
    bounds = [_relieved(holders, limits, after), _fewest(weights, _through_one_door(holders, movable, band, removed))]
    if removed and imbalance((one.load for one in after.values()), band) == 0:
        bounds += [_out(holders, movable, band), _into(holders, movable, band)]
    return max(bounds)


def _relieved(holders: Iterable[Holder], limits: Limits, after: Mapping[UUID, After]) -> int:
    """Customers whom somebody gives for having more than anybody may: each is a move."""
    most = limits.most_customers
    if most is None:
        return 0
    return sum(max(0, one.customers - max(most, after[one.admin_id].customers)) for one in holders)


def _through_one_door(holders: Sequence[Holder], movable: Iterable[Movable], band: Band, removed: int) -> int:
    """The least that must change hands: a move takes its weight at most from what is too much and from what is missing.

    Of the one, no more can go than is movable and finds room; of the other, no more than is missing.
    """
    can_give = dict.fromkeys((one.admin_id for one in holders), 0)
    for customer in movable:
        can_give[customer.admin_id] += customer.weight
    too_much = sum(min(max(0, one.load - band.highest), can_give[one.admin_id]) for one in holders)
    room = sum(max(0, band.highest - one.load) for one in holders)
    missing = sum(max(0, band.lowest - one.load) for one in holders)
    return max(0, -(-removed // 2), removed - min(too_much, room), removed - missing)


def _out(holders: Iterable[Holder], movable: Iterable[Movable], band: Band) -> int:
    """Of each who has too much, the fewest customers who weigh as much: a move is out of one book only."""
    own: dict[UUID, list[int]] = {one.admin_id: [] for one in holders}
    for customer in movable:
        own[customer.admin_id].append(customer.weight)
    too_much = ((one.admin_id, one.load - band.highest) for one in holders)
    return sum(_fewest(sorted(own[key], reverse=True), excess) for key, excess in too_much)


def _into(holders: Iterable[Holder], movable: Sequence[Movable], band: Band) -> int:
    """The same of each who has too little, with the heaviest of all others' customers whom they may take."""
    heaviest = sorted(movable, key=lambda customer: -customer.weight)
    return sum(
        _fewest([customer.weight for customer in heaviest if _may_take(one, customer)], band.lowest - one.load)
        for one in holders
        if one.load < band.lowest
    )


def _may_take(holder: Holder, customer: Movable) -> bool:
    is_others = customer.admin_id != holder.admin_id
    return is_others and (holder.takes_from is None or customer.office_id in holder.takes_from)


def _fewest(heaviest_first: Iterable[int], wanted: int) -> int:
    """How many of these weights make at least so much together; all of them where they don't."""
    if wanted <= 0:
        return 0
    count = 0
    for count, total in enumerate(accumulate(heaviest_first), 1):
        if total >= wanted:
            return count
    return count
