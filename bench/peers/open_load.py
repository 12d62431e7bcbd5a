"""Latency at a part of the peak rate: requests come at random moments, whether or not those before are answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import uvloop

from bench.load import run_open_load
from bench.measure import Wish, percentile
from bench.operations import Name
from bench.peers.asking import Panel
from bench.peers.measuring import Measured, Tell
from bench.peers.subjects import SubjectName
from bench.report import decimal

_FEWEST, _MOST = 4, 64
"""Connections: about as many as requests come in a second, so that none is idle until the server closes it."""


@dataclass(frozen=True, slots=True)
class AtRate:
    """What requests at a rate saw. Times in seconds."""

    rate: float
    p50: float
    p99: float


OpenLoads = Mapping[SubjectName, Mapping[Name, AtRate]]
"""By subject and question."""


def measure_open_loads(panel: Panel, measured: Measured, part: float, wish: Wish, tell: Tell) -> OpenLoads:
    """For each subject and question, as long as all its turns together, at that part of its measured peak."""
    loads: dict[SubjectName, dict[Name, AtRate]] = {}
    for asked in panel.asked:
        tell(f"{asked.subject.name} at {part:.0%} of its peak ...")
        of_subject = loads.setdefault(asked.subject.name, {})
        for operation in panel.operations:
            rate = part * measured[asked.subject.name][operation.name].median("requests_per_second")
            seconds = wish.rounds * wish.seconds
            target = asked.target(operation)
            connections = max(_FEWEST, min(_MOST, int(rate)))
            load = uvloop.run(run_open_load(target, seconds=seconds, connections=connections, rate=rate))
            of_subject[operation.name] = AtRate(rate, percentile(load.latencies, 50), percentile(load.latencies, 99))
    return loads


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
