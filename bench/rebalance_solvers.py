"""A rebalancing as an integer programme: who has whom, with the imbalance first and the moves second.

Variables: of each customer and manager whether they come together; of each manager how far the load lies outside.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.domain.rebalancing import Band, Holder, Movable, band_round_mean


@dataclass(frozen=True, slots=True)
class by_cp_sat:  # noqa: N801 - called like a function, and picklable unlike one within a function
    """OR-tools' CP-SAT: first the least imbalance, then the fewest moves; half of the time each."""

    tolerance: int
    seconds: float

    def __call__(self, of: Any) -> tuple[int | None, int]:
        """Moves (None: no plan was found in time) and what is left outside the band."""
        cp_model = importlib.import_module("ortools.sat.python.cp_model")
        band = _band(of.holders, self.tolerance)
        model = cp_model.CpModel()
        has = {(place, one.admin_id): model.new_bool_var("") for place in range(len(of.movable)) for one in of.holders}
        for place, customer in enumerate(of.movable):
            model.add_exactly_one(has[place, one.admin_id] for one in of.holders)
            for one in of.holders:
                model.add_hint(has[place, one.admin_id], one.admin_id == customer.admin_id)
        total = sum(one.load for one in of.holders)
        off = {one.admin_id: model.new_int_var(0, total, "") for one in of.holders}
        for one in of.holders:
            load = sum(customer.weight * has[place, one.admin_id] for place, customer in enumerate(of.movable))
            model.add(load <= band.highest + off[one.admin_id])
            model.add(load >= band.lowest - off[one.admin_id])
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = self.seconds / 2
        solver.parameters.num_workers = 2
        solver.parameters.random_seed = 1
        model.minimize(sum(off.values()))
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, _outside(of.holders, band)
        left = round(solver.objective_value)
        model.add(sum(off.values()) <= left)
        model.clear_hints()
        for variable in has.values():
            model.add_hint(variable, solver.value(variable))
        moved = [has[place, one.admin_id] for place, one in enumerate(of.movable)]
        model.minimize(len(moved) - sum(moved))
        if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None, left
        return round(solver.objective_value), left


@dataclass(frozen=True, slots=True)
class by_highs:  # noqa: N801 - as above
    """HiGHS: in one objective, in which whatever is left outside the band outweighs all moves."""

    tolerance: int
    seconds: float

    def __call__(self, of: Any) -> tuple[int | None, int]:
        """As above."""
        highspy = importlib.import_module("highspy")
        band = _band(of.holders, self.tolerance)
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("time_limit", self.seconds)
        highs.setOptionValue("mip_rel_gap", 0.0)
        scale = max(1.0, sum(one.load for one in of.holders) / len(of.holders))  # loads of about 1
        has = {(place, one.admin_id): highs.addBinary() for place in range(len(of.movable)) for one in of.holders}
        off = {one.admin_id: highs.addVariable(0, highspy.kHighsInf) for one in of.holders}
        for place in range(len(of.movable)):
            highs.addConstr(highs.qsum(has[place, one.admin_id] for one in of.holders) == 1)
        for one in of.holders:
            load = highs.qsum(c.weight / scale * has[place, one.admin_id] for place, c in enumerate(of.movable))
            highs.addConstr(load - off[one.admin_id] <= band.highest / scale)
            highs.addConstr(load + off[one.admin_id] >= band.lowest / scale)
        stays = highs.qsum(has[place, customer.admin_id] for place, customer in enumerate(of.movable))
        highs.minimize(1e4 * highs.qsum(off.values()) - stays)
        if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None, _outside(of.holders, band)
        placing = {place: key for (place, key), variable in has.items() if highs.val(variable) > 1 / 2}
        return _judged(of.holders, of.movable, placing, band)


def _judged(
    holders: Sequence[Holder], movable: Sequence[Movable], placing: dict[int, UUID], band: Band
) -> tuple[int, int]:
    loads = dict.fromkeys((one.admin_id for one in holders), 0)
    for place, customer in enumerate(movable):
        loads[placing[place]] += customer.weight
    moves = sum(placing[place] != customer.admin_id for place, customer in enumerate(movable))
    return moves, sum(map(band.outside, loads.values()))


def _outside(holders: Sequence[Holder], band: Band) -> int:
    return sum(band.outside(one.load) for one in holders)


def _band(holders: Sequence[Holder], tolerance: int) -> Band:
    return band_round_mean([one.load for one in holders], tolerance)
