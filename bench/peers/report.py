"""The figures of the peers as a table for people, as Markdown for the documentation, and as JSON for programs."""

import os
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from bench.measure import WHO, Wish
from bench.operations import MEANINGS, Name
from bench.peers.measuring import Figures, Measured
from bench.peers.subjects import SUBJECTS, SubjectName
from bench.report import aligned, count, decimal

_TITLES = ("subject", "requests/s", "spread", "p50 ms", "p99 ms", "CPU ms", "DB CPU ms", "SQL", "MB", "KB", "ours is")


def ratio(measured: Measured, subject: SubjectName, name: Name) -> float:
    """How many requests per second our server answers, as a multiple of the subject's."""
    own, other = measured[SubjectName.OURS][name], measured[subject][name]
    return own.median("requests_per_second") / other.median("requests_per_second")


def cpu_ratio(measured: Measured, subject: SubjectName, name: Name) -> float | None:
    """How much CPU time a request of ours takes, the database's too, as a multiple of the subject's.

    Other work on the machine disturbs it less than requests per second. None where the database's is unknown.
    """
    own, other = (measured[one][name] for one in (SubjectName.OURS, subject))
    if own.database_cpu_per_request is None or other.database_cpu_per_request is None:
        return None
    of_other = other.cpu_per_request + other.database_cpu_per_request
    return (own.cpu_per_request + own.database_cpu_per_request) / of_other if of_other else None


def cells(measured: Measured, subject: SubjectName, name: Name) -> list[str]:
    """A subject's line of a question's table."""
    figures = measured[subject][name]
    return [
        subject.value,
        decimal(figures.median("requests_per_second")),
        _spread(figures),
        decimal(figures.median("p50"), 1_000),
        decimal(figures.median("p99"), 1_000),
        decimal(figures.cpu_per_request, 1_000, digits=2),
        decimal(figures.database_cpu_per_request, 1_000, digits=2),
        count(figures.statements),
        decimal(figures.median("memory"), 1e-6, digits=0),
        decimal(figures.answer_bytes, 1e-3),
        f"{ratio(measured, subject, name):.2f}",
    ]


def _spread(figures: Figures) -> str:
    seen = [turn.requests_per_second for turn in figures.turns]
    return f"{(max(seen) - min(seen)) / median(seen):.0%}"


def as_text(measured: Measured, wish: Wish, customers: int) -> str:
    """A table for each question, and one of the ratios."""
    return _report(measured, wish, customers, aligned)


def as_markdown(measured: Measured, wish: Wish, customers: int) -> str:
    """The same as Markdown."""
    return _report(measured, wish, customers, markdown_table)


Table = Callable[[Sequence[Sequence[str]]], Sequence[str]]
"""Rows, the first of them a heading, as lines."""


def _report(measured: Measured, wish: Wish, customers: int, table: Table) -> str:
    names = list(measured[SubjectName.OURS])
    lines = [_heading(wish, customers), ""]
    for name in names:
        rows = [list(_TITLES), *(cells(measured, subject, name) for subject in measured)]
        lines += [f"**{name.value}**: {MEANINGS[name]}", "", *table(rows), ""]
    rates = _ratios(measured, "requests/s of ours, as a multiple", ratio)
    cpu = _ratios(measured, "CPU time of ours, as a multiple", cpu_ratio)
    return "\n".join([*lines, *table(rates), "", *table(cpu), "", *_legend(measured)])


def _ratios(
    measured: Measured, title: str, of: Callable[[Measured, SubjectName, Name], float | None]
) -> list[list[str]]:
    """A table of one ratio: a line for each peer, a column for each question."""
    names = list(measured[SubjectName.OURS])
    peers = [subject for subject in measured if subject is not SubjectName.OURS]
    rows = [[title, *(name.value for name in names)]]
    return rows + [[peer.value, *(decimal(of(measured, peer, name), digits=2) for name in names)] for peer in peers]


def _heading(wish: Wish, customers: int) -> str:
    return (
        f"{customers:,} customers on PostgreSQL, asked by {WHO};\n"
        f"{wish.concurrency} connections, {wish.rounds} rounds of {wish.seconds:g} s for each subject and question, "
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs."
    )


def _legend(measured: Measured) -> list[str]:
    others = median(t.others for of in measured.values() for f in of.values() for t in f.turns)
    return [
        "Medians of the rounds; spread is from the slowest to the fastest. CPU: the subject's process, a request.",
        "DB CPU: the PostgreSQL processes that serve it. SQL: statements of a request. MB: resident memory of the",
        "subject's process under this load. KB: the answer's body. Ours is: our requests per second as a multiple of",
        f"the subject's. Others (the machine's other work) kept {others:.1f} CPUs busy meanwhile.",
    ]


def markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as a table, the first row its heading."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines.insert(1, f"| --- |{' ---: |' * (len(rows[0]) - 1)}")
    return lines


def as_json(measured: Measured, wish: Wish, customers: int) -> dict[str, Any]:
    """All figures, those of each turn too. Times in seconds, memory in bytes."""
    what = {subject.name: subject.what for subject in SUBJECTS}
    return {
        "customers": customers,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "rounds": wish.rounds,
        "seconds": wish.seconds,
        "concurrency": wish.concurrency,
        "subjects": {
            subject.value: {
                "what": what[subject],
                "questions": {
                    name.value: {
                        "requests_per_second": figures.median("requests_per_second"),
                        "p50": figures.median("p50"),
                        "p99": figures.median("p99"),
                        "cpu_per_request": figures.cpu_per_request,
                        "database_cpu_per_request": figures.database_cpu_per_request,
                        "statements_per_request": figures.statements,
                        "memory": figures.median("memory"),
                        "answer_bytes": figures.answer_bytes,
                        "requests_per_second_of_ours": ratio(measured, subject, name),
                        "cpu_of_ours": cpu_ratio(measured, subject, name),
                        "turns": [asdict(turn) for turn in figures.turns],
                    }
                    for name, figures in of_subject.items()
                },
            }
            for subject, of_subject in measured.items()
        },
    }
