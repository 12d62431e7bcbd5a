"""`python -m bench.tails`: what the slowest requests waited for, at a part of the peak rate.

Requests come at random moments, as in `bench.peers --load`; the server notes what passed while each was on its way
(`bench.watched_server`). Beside it is what an ideal queue would show: one server, the same time for each request.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from statistics import fmean, median
from typing import Annotated

import typer
import uvloop

from bench import BenchFailed
from bench.load import Target, run_open_load
from bench.measure import Console, percentile, run
from bench.operations import Name, find_operations
from bench.own_server import running
from bench.peers.data import prepare
from bench.peers.postgres import database_server, folder_of_peers
from bench.watched_server import WATCH_PATH, Seen

_SERVER = (sys.executable, "-m", "bench.watched_server")
_PRESENT = 16
_FEWEST, _MOST = 4, 64
_IDEAL_REQUESTS = 100_000

Figures = Mapping[str, float]
"""By what stands before them in the table."""


def main(
    customers: Annotated[int, typer.Option(help="Size of the lender; it is made once and kept.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each operation is asked.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn is.")] = 4,
    load: Annotated[float, typer.Option(min=0.05, max=0.95, help="The part of the peak rate.")] = 0.7,
) -> None:
    """Ask our server at a part of its peak, and print what the slowest hundredth of the requests waited for."""
    try:
        if not Path("/proc/thread-self/schedstat").exists():
            raise BenchFailed("Only Linux tells how long a thread waits for a CPU.")
        figures = _figures(customers, rounds, seconds, load)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    print("\n".join(as_markdown(figures)))


def _figures(customers: int, rounds: int, seconds: float, load: float) -> Mapping[Name, Sequence[Figures]]:
    with database_server(customers) as database:
        prepare(database.url, customers, lambda line: print(line, file=sys.stderr))
        environment = os.environ | {"DATABASE_URL": database.url, "VAR_DIR": str(folder_of_peers())}
        with running(_SERVER, environment) as server, Console(server.url) as console:
            targets = {operation.name: console.target(operation) for operation in find_operations(console.ask)}
            for target in targets.values():
                run(target, min(seconds, 1), _PRESENT)
            turns: dict[Name, list[Figures]] = {name: [] for name in targets}
            for _ in range(rounds):
                for name, target in targets.items():
                    turns[name].append(_turn(console, target, seconds, load))
            return turns


def _turn(console: Console, target: Target, seconds: float, load: float) -> Figures:
    """One operation at that part of the peak that it has just now."""
    peak = run(target, seconds / 2, _PRESENT)
    rate = load * len(peak.latencies) / peak.seconds
    console.http.get(WATCH_PATH)
    connections = max(_FEWEST, min(_MOST, int(rate)))
    latencies = uvloop.run(run_open_load(target, seconds=seconds, connections=connections, rate=rate)).latencies
    told = console.http.get(WATCH_PATH).json()
    return figures_of(rate, latencies, [Seen(*each) for each in told["seen"]], told["lags"]) | {
        "p99 / p50 of an ideal queue": ideal_ratio(load)
    }


def figures_of(
    rate: float, latencies: Sequence[float], seen: Sequence[Seen], lags: Sequence[float]
) -> dict[str, float]:
    """One turn's. The slowest are those that were within the server longest."""
    least = percentile([each.wall for each in seen], 99)
    slowest = [each for each in seen if each.wall >= least]
    within, works = fmean(each.wall for each in slowest), fmean(each.works for each in slowest)
    for_cpu, collects = (fmean(getattr(each, name) for each in slowest) for name in ("waits_for_cpu", "collects"))
    p50, p99 = percentile(latencies, 50), percentile(latencies, 99)
    return {
        "requests/s": rate,
        "p50 ms": p50 * 1000,
        "p99 ms": p99 * 1000,
        "p99 / p50": p99 / p50,
        "slowest 1 %: ms within the server": within * 1000,
        "of them: the server works, %": (works - collects) / within * 100,
        "collects garbage, %": collects / within * 100,
        "waits for a CPU, %": for_cpu / within * 100,
        "has nothing to do but wait for PostgreSQL, %": max(0.0, within - works - for_cpu) / within * 100,
        "others there when it came": fmean(each.others for each in slowest),
        "others there when any came": fmean(each.others for each in seen),
        "the loop is late, p99 ms": percentile(lags, 99) * 1000,
    }


@cache
def ideal_ratio(load: float) -> float:
    """p99 / p50 where requests come at random moments, and one after the other takes the server the same time."""
    draw, busy, latencies = Random(1), 0.0, []
    for _ in range(_IDEAL_REQUESTS):
        latencies.append(busy + 1)
        busy = max(0.0, busy + 1 - draw.expovariate(load))
    return percentile(latencies, 99) / percentile(latencies, 50)


def as_markdown(turns: Mapping[Name, Sequence[Figures]]) -> list[str]:
    """A table of the medians of the turns, a column an operation."""
    lines = [f"| | {' | '.join(turns)} |", f"| --- {'| ---: ' * len(turns)}|"]
    for row in next(iter(turns.values()))[0]:
        medians = [median(turn[row] for turn in of_operation) for of_operation in turns.values()]
        lines.append(f"| {row} | {' | '.join(f'{each:,.1f}' for each in medians)} |")
    return lines


if __name__ == "__main__":
    typer.run(main)
