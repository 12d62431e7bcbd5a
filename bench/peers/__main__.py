"""`python -m bench.peers`: our server beside its peers."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from bench import BenchFailed
from bench.measure import Wish
from bench.operations import Name
from bench.peers.asking import check_equality, panel
from bench.peers.data import prepare
from bench.peers.measuring import measure_panel
from bench.peers.postgres import database_server
from bench.peers.report import as_json, as_markdown, as_text
from bench.peers.subjects import QUESTIONS, SUBJECTS, Subject, SubjectName


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _chosen(names: list[SubjectName] | None) -> list[Subject]:
    """Our server, and the peers that are asked for: all where none is."""
    return [one for one in SUBJECTS if not names or one.name in (*names, SubjectName.OURS)]


def main(
    customers: Annotated[int, typer.Option(help="Size of the lender; it is made once and kept.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each subject has each question.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.05, help="How long a turn is.")] = 2,
    concurrency: Annotated[int, typer.Option(min=1, help="How many requests are on their way at a time.")] = 16,
    subject: Annotated[list[SubjectName] | None, typer.Option(help="Only this peer; may be given again.")] = None,
    query: Annotated[list[Name] | None, typer.Option(help="Only this question; may be given again.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
    markdown: Annotated[bool, typer.Option(help="Print the tables as Markdown.")] = False,
) -> None:
    """Measure our server and its peers on the same PostgreSQL, once all of them give the same answers.

    The database is an embedded one under var/bench, or DATABASE_URL's where that is set: empty, or made by this bench.
    """
    names = [name for name in QUESTIONS if not query or name in query]
    wish = Wish(names, rounds, seconds, concurrency)
    try:
        with database_server(customers) as database:
            prepare(database.url, customers, _tell)
            _tell("Starting the subjects ...")
            with panel(database, _chosen(subject), names) as subjects:
                check_equality(subjects)
                _tell("All answers are equal.")
                measured = measure_panel(subjects, database, wish, _tell)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    print((as_markdown if markdown else as_text)(measured, wish, customers))
    if json:
        json.write_bytes(orjson.dumps(as_json(measured, wish, customers), option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    typer.run(main)
