"""`python -m bench`: measure a server, and print the figures."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import orjson
import typer

from bench import BenchFailed
from bench.measure import Wish, measure
from bench.operations import Name
from bench.own_server import own_server
from bench.report import as_json, table


def main(
    url: Annotated[
        str | None, typer.Option(help="Measure this server, which has a demo lender, instead of one of our own.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each operation has its turn.")] = 3,
    seconds: Annotated[float, typer.Option(min=0.05, help="How long a turn is.")] = 2,
    concurrency: Annotated[int, typer.Option(min=1, help="How many requests are on their way at a time.")] = 16,
    customers: Annotated[int, typer.Option(help="Size of the demo lender of our own server.")] = 5_000,
    query: Annotated[list[Name] | None, typer.Option(help="Only this operation; may be given again.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
) -> None:
    """Measure requests per second, latency, CPU and SQL of the operations that an admin console's screens send.

    A server is started for it, on a demo lender under var/bench or in DATABASE_URL.
    """
    wish = Wish(query or list(Name), rounds, seconds, concurrency)
    try:
        with nullcontext(None) if url else own_server(customers) as server:
            address = url if server is None else server.url
            result = measure(address or "", wish, lambda line: print(line, file=sys.stderr))
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    print(table(result, wish))
    if json:
        json.write_bytes(orjson.dumps(as_json(result, wish), option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    typer.run(main)
