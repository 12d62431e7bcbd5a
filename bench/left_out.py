"""`python -m bench.left_out`: how much of a request's CPU time is left without reading, and without the sign-in check.

Our server beside itself, on PostgreSQL as the peers' bench makes it: once as it is, once with loaders that remember
what they have answered, once with the viewer remembered, too. They take turns. What `bench.profile` samples by part,
this tells by what it would be gone with: waiting for an answer costs a request more than the code that asks.
"""

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Annotated

import typer

from bench import BenchFailed
from bench.measure import Wish, measure
from bench.operations import Name
from bench.own_server import OWN_SERVER, running
from bench.peers.data import prepare
from bench.peers.postgres import database_server, folder_of_peers
from bench.remembering_server import LOADS, SIGN_IN

Taken = tuple[float, float]
"""Microseconds of CPU time a request, and statements."""
_REMEMBERING = (sys.executable, "-m", "bench.remembering_server")
SERVERS = {
    "as it is": OWN_SERVER,
    "loaders answer from memory": (*_REMEMBERING, LOADS),
    "and nobody looks who asks": (*_REMEMBERING, LOADS, SIGN_IN),
}


def main(
    customers: Annotated[int, typer.Option(help="Size of the lender; it is made once and kept.")] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, help="How many turns each server has with each operation.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long a turn is.")] = 2,
) -> None:
    """Print the CPU time of a request with and without what its database answers."""
    try:
        found = _measured(customers, rounds, seconds)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"| microseconds of CPU time; statements | {' | '.join(Name)} |")
    print(f"| --- {'| ---: ' * len(Name)}|")
    for label in SERVERS:
        print(f"| {label} | {' | '.join(_cell(found[label, name]) for name in Name)} |")


def _cell(rounds: Sequence[Taken]) -> str:
    microseconds, statements = (median(figures) for figures in zip(*rounds, strict=True))
    return f"{microseconds:,.0f}; {statements:.0f}"


def _measured(customers: int, rounds: int, seconds: float) -> dict[tuple[str, Name], list[Taken]]:
    """What requests took in each round."""
    wish = Wish(list(Name), 1, seconds, concurrency=16)
    found: dict[tuple[str, Name], list[Taken]] = {(label, name): [] for label in SERVERS for name in Name}
    with database_server(customers) as database, ExitStack() as stack:
        prepare(database.url, customers, lambda line: print(line, file=sys.stderr))
        environment = os.environ | {"DATABASE_URL": database.url, "VAR_DIR": str(folder_of_peers())}
        urls = {label: stack.enter_context(running(command, environment)).url for label, command in SERVERS.items()}
        for number in range(rounds):
            print(f"Turn {number + 1} of {rounds} ...", file=sys.stderr)
            for label, url in urls.items():
                for each in measure(url, wish, lambda _: None).measured:
                    [turn] = each.rounds
                    assert turn.cpu_per_request is not None
                    assert turn.statements_per_request is not None
                    taken = turn.cpu_per_request * 1e6, turn.statements_per_request
                    found[label, each.operation.name].append(taken)
    return found


if __name__ == "__main__":
    typer.run(main)
