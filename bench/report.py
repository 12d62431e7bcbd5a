"""The figures as a table for people and as JSON for programs."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.measure import WHO, Measured, Result, Wish
from bench.operations import MEANINGS

_UNKNOWN = "unknown"

Column = tuple[str, Callable[[Measured], str]]


def table(result: Result, wish: Wish) -> str:
    """The figures, with what must be known to read them."""
    columns = _columns(result.statements_of_sign_in_check)
    rows = [[title for title, _ in columns], *([show(m) for _, show in columns] for m in result.measured)]
    return "\n".join([_heading(result, wish), "", *aligned(rows), "", *_legend(result)])


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines of columns, the first row a heading: the first column to the left, figures to the right."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = ["  ".join([r[0].ljust(widths[0]), *map(str.rjust, r[1:], widths[1:])]) for r in rows]
    lines.insert(1, "-" * len(lines[0]))
    return lines


def as_json(result: Result, wish: Wish) -> dict[str, Any]:
    """The same, with the figures of each round. Times in seconds."""
    figures = ("requests_per_second", "p50", "p99", "cpu_per_request", "statements_per_request")
    return {
        "url": result.url,
        "database": result.database,
        "customers": result.customers,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "rounds": wish.rounds,
        "seconds": wish.seconds,
        "concurrency": wish.concurrency,
        "statements_of_sign_in_check": result.statements_of_sign_in_check,
        "operations": {
            measured.operation.name.value: {
                "rows": measured.operation.rows,
                "answer_bytes": measured.answer_bytes,
                "median": {figure: measured.median(figure) for figure in figures},
                "rounds": [asdict(r) for r in measured.rounds],
            }
            for measured in result.measured
        },
    }


def _columns(of_sign_in_check: int | None) -> list[Column]:
    def besides(measured: Measured) -> str:
        sent = measured.median("statements_per_request")
        return count(None if sent is None or of_sign_in_check is None else sent - of_sign_in_check)

    return [
        ("operation", lambda m: m.operation.name.value),
        ("requests/s", lambda m: decimal(m.median("requests_per_second"))),
        ("spread", _spread),
        ("p50 ms", lambda m: decimal(m.median("p50"), 1_000)),
        ("p99 ms", lambda m: decimal(m.median("p99"), 1_000)),
        ("CPU ms", lambda m: decimal(m.median("cpu_per_request"), 1_000, digits=2)),
        ("SQL", lambda m: count(m.median("statements_per_request"))),
        ("besides sign-in", besides),
        ("rows", lambda m: str(m.operation.rows)),
        ("KB", lambda m: decimal(m.answer_bytes, 1e-3)),
    ]


def _heading(result: Result, wish: Wish) -> str:
    return (
        f"{result.database or 'some database'}, {result.customers:,} customers in sight of {WHO}\n"
        f"{wish.concurrency} connections, {wish.rounds} rounds of {wish.seconds:g} s for each operation, "
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs"
    )


def _legend(result: Result) -> list[str]:
    width = max(len(m.operation.name) for m in result.measured)
    others = median(r.others for m in result.measured for r in m.rounds)
    server = {None: "the measured server, ", "postgresql": "the database's server, "}.get(result.database, "")
    return [
        *(f"{m.operation.name.value.ljust(width)}  {MEANINGS[m.operation.name]}" for m in result.measured),
        "",
        "Medians of the rounds; spread is from the slowest to the fastest. CPU: the server's process, a request.",
        "SQL: statements of a request; besides sign-in: without those that find who makes it.",
        f"Other processes ({server}the machine's other work) kept {others:.1f} CPUs busy meanwhile.",
    ]


def _spread(measured: Measured) -> str:
    seen: Sequence[float] = [r.requests_per_second for r in measured.rounds]
    return f"{(max(seen) - min(seen)) / median(seen):.0%}"


def decimal(value: float | None, factor: float = 1, *, digits: int = 1) -> str:
    """A figure for people, times the factor."""
    return _UNKNOWN if value is None else f"{value * factor:,.{digits}f}"


def count(value: float | None) -> str:
    """A number of things, with a fraction where it is none."""
    return _UNKNOWN if value is None else f"{value:.2f}".removesuffix(".00")
