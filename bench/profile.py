"""`python -m bench.profile`: where the CPU time of a request goes, by part of the server, under the bench's load.

On PostgreSQL, as the peers' bench makes it. The server is sampled (`bench.sampled_server`), so that what is small is no
slower for being looked at.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from bench import BenchFailed
from bench.measure import Console, run
from bench.operations import Name, find_operations
from bench.own_server import running
from bench.peers.data import prepare
from bench.peers.postgres import database_server, folder_of_peers
from bench.sampled_server import SAMPLES_PATH

_SERVER = (sys.executable, "-m", "bench.sampled_server")
_LEAST_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class Profile:
    """One operation's: microseconds of CPU time a request, by part, and the largest functions with their shares."""

    name: Name
    microseconds: float
    parts: Mapping[str, float]
    functions: Mapping[str, float]


def main(
    customers: Annotated[int, typer.Option(help="Size of the lender; it is made once and kept.")] = 20_000,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each operation is asked.")] = 10,
    concurrency: Annotated[int, typer.Option(min=1, help="How many requests are on their way at a time.")] = 16,
) -> None:
    """Sample our server under load and print the parts of a request."""
    try:
        profiles = _profiles(customers, seconds, concurrency)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    print("\n".join(as_markdown(profiles)))


def _profiles(customers: int, seconds: float, concurrency: int) -> list[Profile]:
    with database_server(customers) as database:
        prepare(database.url, customers, lambda line: print(line, file=sys.stderr))
        environment = os.environ | {"DATABASE_URL": database.url, "VAR_DIR": str(folder_of_peers())}
        with running(_SERVER, environment) as server, Console(server.url) as console:
            profiles = []
            for operation in find_operations(console.ask):
                target = console.target(operation)
                run(target, min(seconds, 1), concurrency)
                console.http.get(SAMPLES_PATH)
                requests = len(run(target, seconds, concurrency).latencies)
                profiles.append(_profile(operation.name, requests, console.http.get(SAMPLES_PATH).json()))
            return profiles


def _profile(name: Name, requests: int, taken: Mapping[str, object]) -> Profile:
    parts, functions, cpu = taken["parts"], taken["functions"], taken["cpu_seconds"]
    assert isinstance(parts, dict)
    assert isinstance(functions, dict)
    assert isinstance(cpu, float)
    samples, each = sum(parts.values()), cpu / requests * 1e6
    shares = {part: count / samples * each for part, count in parts.items()}
    return Profile(name, each, shares, {function: count / samples for function, count in functions.items()})


def as_markdown(profiles: Sequence[Profile]) -> list[str]:
    """A table of microseconds, and a line for each operation on its largest functions."""
    total: defaultdict[str, float] = defaultdict(float)
    for profile in profiles:
        for part, microseconds in profile.parts.items():
            total[part] += microseconds / profile.microseconds
    kept = [
        part
        for part in sorted(total, key=total.__getitem__, reverse=True)
        if total[part] >= _LEAST_SHARE * len(profiles)
    ]
    lines = [
        f"| microseconds of CPU time | {' | '.join(profile.name for profile in profiles)} |",
        f"| --- {'| ---: ' * len(profiles)}|",
    ]
    lines += [_row(part, [profile.parts.get(part, 0) for profile in profiles]) for part in kept]
    others = [profile.microseconds - sum(profile.parts.get(part, 0) for part in kept) for profile in profiles]
    lines += [_row("others", others), _row("all", [profile.microseconds for profile in profiles]), ""]
    for profile in profiles:
        largest = ", ".join(f"{function} {share:.1%}" for function, share in profile.functions.items())
        lines.append(f"- {profile.name}: {largest}")
    return lines


def _row(name: str, microseconds: Sequence[float]) -> str:
    return f"| {name} | {' | '.join(f'{each:,.0f}' for each in microseconds)} |"


if __name__ == "__main__":
    typer.run(main)
