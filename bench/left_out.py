"""`python -m bench.left_out`: how much of a request's CPU time is left without reading, and without the sign-in check.

Our server beside itself, on PostgreSQL as the peers' bench makes it: once as it is, once with loaders that remember
what they have answered, once with the viewer remembered, too. They take turns. What `bench.profile` samples by part,
this tells by what it would be gone with: waiting for an answer costs a request more than the code that asks.
"""

import os
import sys
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
    print(f"| microseconds of CPU time | {' | '.join(Name)} |")
    print(f"| --- {'| ---: ' * len(Name)}|")
    for label in SERVERS:
        print(f"| {label} | {' | '.join(f'{median(found[label, name]):,.0f}' for name in Name)} |")


def _measured(customers: int, rounds: int, seconds: float) -> dict[tuple[str, Name], list[float]]:
    """Microseconds in each round."""
    wish = Wish(list(Name), 1, seconds, concurrency=16)
    found: dict[tuple[str, Name], list[float]] = {(label, name): [] for label in SERVERS for name in Name}
    with database_server(customers) as database, ExitStack() as stack:
        prepare(database.url, customers, lambda line: print(line, file=sys.stderr))
        environment = os.environ | {"DATABASE_URL": database.url, "VAR_DIR": str(folder_of_peers())}
        urls = {label: stack.enter_context(running(command, environment)).url for label, command in SERVERS.items()}
        for number in range(rounds):
            print(f"Turn {number + 1} of {rounds} ...", file=sys.stderr)
            for label, url in urls.items():
                for each in measure(url, wish, lambda _: None).measured:
                    cpu = each.rounds[0].cpu_per_request
                    assert cpu is not None
                    found[label, each.operation.name].append(cpu * 1e6)
    return found


if __name__ == "__main__":
    typer.run(main)
