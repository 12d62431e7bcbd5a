"""`python -m bench.rebalance`: the method of `proposeRebalance` beside solvers, on seeded books.

Solvers are asked for the least imbalance, and then for the fewest moves that leave it; each in a process of its own,
whose memory is told. Those that aren't installed are left out: `pip install ortools highspy` brings them.
"""

import importlib.util
import multiprocessing
import resource
import time
from collections.abc import Callable
from random import Random
from typing import Annotated, Final, NamedTuple
from uuid import UUID

import typer

from bench.rebalance_solvers import by_cp_sat, by_highs
from gql.domain.rebalancing import Holder, Limits, Movable, band_round_mean, imbalance
from gql.domain.rebalancing_bounds import fewest_moves
from gql.domain.rebalancing_moves import plan_moves

TOLERANCE: Final = 5
_MOST_VARIABLES: Final = 50_000
_OFFICE: Final = UUID(int=1)
_BOOKS: Final = (("money", 4, 40), ("money", 5, 200), ("money", 20, 2_000), ("count", 20, 2_000), ("money", 20, 20_000))


class Book(NamedTuple):
    """Managers and their customers, all of whom may move."""

    holders: list[Holder]
    movable: list[Movable]


class Figures(NamedTuple):
    """What came of it: moves, what is left outside the band of what was, and what it took."""

    moves: int | None
    left: int
    seconds: float
    megabytes: float


Method = Callable[[Book], tuple[int | None, int]]


def book(kind: str, managers: int, customers: int, seed: int) -> Book:
    """A book whose managers have very different shares; amounts are log-normal, as loans are."""
    random = Random(seed)
    keys = [UUID(int=10 + place) for place in range(managers)]
    shares = [random.paretovariate(1.5) for _ in keys]
    movable = [
        Movable(
            UUID(int=1_000 + place),
            random.choices(keys, shares)[0],
            _OFFICE,
            int(random.lognormvariate(13, 1.2)) if kind == "money" else 1,
        )
        for place in range(customers)
    ]
    loads, sizes = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    for customer in movable:
        loads[customer.admin_id] += customer.weight
        sizes[customer.admin_id] += 1
    return Book([Holder(key, loads[key], sizes[key]) for key in keys], movable)


def greedy(of: Book) -> tuple[int | None, int]:
    """Ours, without the bound on moves that a proposal has."""
    band = band_round_mean([one.load for one in of.holders], TOLERANCE)
    plan = plan_moves(of.holders, of.movable, band, Limits(len(of.movable)))
    return len(plan.moves), imbalance((one.load for one in plan.after.values()), band)


def bound(of: Book) -> int:
    """The lower bound that a proposal states."""
    band = band_round_mean([one.load for one in of.holders], TOLERANCE)
    limits = Limits(len(of.movable))
    return fewest_moves(of.holders, of.movable, band, limits, plan_moves(of.holders, of.movable, band, limits).after)


def measured(method: Method, of: Book) -> Figures:
    """The method's figures, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (method, of))


def _measure(method: Method, of: Book) -> Figures:
    start = time.perf_counter()
    moves, left = method(of)
    seconds = time.perf_counter() - start
    return Figures(moves, left, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main(
    seconds: Annotated[float, typer.Option(min=1, help="How long a solver may take.")] = 30,
    seed: Annotated[int, typer.Option(help="Of the books.")] = 6,
) -> None:
    """Compare the method with solvers on books of several sizes."""
    methods: list[tuple[str, Method]] = [("greedy", greedy)]
    if importlib.util.find_spec("ortools"):
        methods.append(("CP-SAT", by_cp_sat(TOLERANCE, seconds)))
    if importlib.util.find_spec("highspy"):
        methods.append(("HiGHS", by_highs(TOLERANCE, seconds)))
    print(f"{'book':<28} {'method':<8} {'moves':>6} {'bound':>6} {'left':>8} {'seconds':>8} {'MB':>6}")
    for kind, managers, customers in _BOOKS:
        of = book(kind, managers, customers, seed)
        least, total = bound(of), sum(one.load for one in of.holders)
        # A solver has a variable for each customer and manager: of more than so many, a model takes minutes to build.
        for name, method in methods if managers * customers <= _MOST_VARIABLES else methods[:1]:
            found = measured(method, of)
            moves = "none" if found.moves is None else f"{found.moves:,}"
            print(
                f"{f'{managers} x {customers:,} by {kind}':<28} {name:<8} {moves:>6} {least:>6,} "
                f"{found.left / total:>8.2%} {found.seconds:>8.2f} {found.megabytes:>6.0f}",
                flush=True,
            )


if __name__ == "__main__":
    typer.run(main)
