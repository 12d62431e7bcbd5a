"""Latency at a part of the peak rate: requests come at random moments, whether or not those before are answered."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import uvloop

from bench.load import Target, run_open_load
from bench.measure import Wish, percentile, run
from bench.operations import Name
from bench.peers.asking import Panel
from bench.peers.measuring import Tell
from bench.peers.subjects import SubjectName
from bench.report import decimal

_FEWEST, _MOST = 4, 64
"""Connections: about as many as requests come in a second, so that none is idle until the server closes it."""


@dataclass(frozen=True, slots=True)
class AtRate:
    """What requests at a rate, per second, saw. Times in seconds."""

    rate: float
    p50: float
    p99: float


OpenLoads = Mapping[SubjectName, Mapping[Name, AtRate]]
"""By subject and question."""


def measure_open_loads(panel: Panel, part: float, wish: Wish, tell: Tell) -> OpenLoads:
    """For each subject and question, at that part of its peak, which each turn measures anew just before.

    On a machine that has other work, a peak of some minutes ago says little about the present one.
    """
    turns: dict[tuple[SubjectName, Name], list[AtRate]] = defaultdict(list)
    for number in range(1, wish.rounds + 1):
        tell(f"At {part:.0%} of each peak, round {number} of {wish.rounds} ...")
        for asked in panel.asked:
            for operation in panel.operations:
                turns[asked.subject.name, operation.name].append(_turn(asked.target(operation), part, wish))
    return {
        asked.subject.name: {
            operation.name: _medians(turns[asked.subject.name, operation.name]) for operation in panel.operations
        }
        for asked in panel.asked
    }


def _turn(target: Target, part: float, wish: Wish) -> AtRate:
    peak = run(target, wish.seconds, wish.concurrency)
    rate = part * len(peak.latencies) / peak.seconds
    connections = max(_FEWEST, min(_MOST, int(rate)))
    load = uvloop.run(run_open_load(target, seconds=wish.seconds, connections=connections, rate=rate))
    return AtRate(rate, percentile(load.latencies, 50), percentile(load.latencies, 99))


def _medians(turns: Sequence[AtRate]) -> AtRate:
    return AtRate(median(t.rate for t in turns), median(t.p50 for t in turns), median(t.p99 for t in turns))


def rows_of(loads: OpenLoads) -> list[list[str]]:
    """As a table with a heading."""
    rows = [["subject and question", "requests/s", "p50 ms", "p99 ms", "p99 / p50"]]
    for subject, of_subject in loads.items():
        for name, seen in of_subject.items():
            rows.append(
                [
                    f"{subject.value} {name.value}",
                    decimal(seen.rate),
                    decimal(seen.p50, 1_000),
                    decimal(seen.p99, 1_000),
                    decimal(seen.p99 / seen.p50),
                ]
            )
    return rows


def as_json(loads: OpenLoads) -> dict[str, Any]:
    """All figures."""
    return {
        subject.value: {
            name.value: {"requests_per_second": seen.rate, "p50": seen.p50, "p99": seen.p99}
            for name, seen in of_subject.items()
        }
        for subject, of_subject in loads.items()
    }
