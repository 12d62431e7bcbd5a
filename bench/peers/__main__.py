"""`python -m bench.peers`: our server beside its peers."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from bench import BenchFailed
from bench.measure import Wish
from bench.operations import Name
from bench.peers import finding as finding_people
from bench.peers import growth as growing
from bench.peers import open_load
from bench.peers.asking import check_equality, panel
from bench.peers.data import prepare
from bench.peers.measuring import measure_panel
from bench.peers.node_packages import has_node, install_packages
from bench.peers.plot import ratios_svg
from bench.peers.postgres import database_server
from bench.peers.report import Table, as_json, as_markdown, as_text, markdown_table
from bench.peers.subjects import QUESTIONS, SUBJECTS, Subject, SubjectName
from bench.report import aligned


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _chosen(names: list[SubjectName] | None) -> list[Subject]:
    """Our server, and the peers that are asked for: all where none is, but for those that the machine can't run."""
    chosen = [one for one in SUBJECTS if not names or one.name in (*names, SubjectName.OURS)]
    in_node = [one.name for one in chosen if one.needs_node]
    if not in_node:
        return chosen
    if has_node():
        install_packages(_tell)
        return chosen
    if names:
        raise BenchFailed(f"{', '.join(in_node)} need Node and npm, which this machine doesn't have.")
    _tell(f"Left out, as there are no Node and npm here: {', '.join(in_node)}.")
    return [one for one in chosen if not one.needs_node]


def main(
    customers: Annotated[int, typer.Option(help="Size of the lender; it is made once and kept.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each subject has each question.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.05, help="How long a turn is.")] = 2,
    concurrency: Annotated[int, typer.Option(min=1, help="How many requests are on their way at a time.")] = 16,
    subject: Annotated[list[SubjectName] | None, typer.Option(help="Only this peer; may be given again.")] = None,
    query: Annotated[list[Name] | None, typer.Option(help="Only this question; may be given again.")] = None,
    load: Annotated[
        float | None,
        typer.Option(min=0.05, max=0.95, help="Also measure latencies at this part of each peak rate."),
    ] = None,
    growth: Annotated[
        bool, typer.Option(help="Instead, measure our list at 10,000 and at all customers, and at page 1,000.")
    ] = False,
    finding: Annotated[
        bool, typer.Option(help="Instead, show what each filter, search and order of our list costs the database.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file, too.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the ratios into this SVG file.")] = None,
    markdown: Annotated[bool, typer.Option(help="Print the tables as Markdown.")] = False,
) -> None:
    """Measure our server and its peers on the same PostgreSQL, once all of them give the same answers.

    The database is an embedded one under var/bench, or DATABASE_URL's where that is set: empty, or made by this bench.
    """
    wish = Wish([name for name in QUESTIONS if not query or name in query], rounds, seconds, concurrency)
    table: Table = markdown_table if markdown else aligned
    try:
        if growth:
            figures = _growth(customers, wish, table)
        elif finding:
            figures = _finding(customers, table)
        else:
            figures = _peers(customers, _chosen(subject), wish, table, load, plot)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None
    if json:
        json.write_bytes(orjson.dumps(figures, option=orjson.OPT_INDENT_2) + b"\n")


def _growth(customers: int, wish: Wish, table: Table) -> Any:
    pairs = growing.measure_growth(customers, wish, _tell)
    print("\n".join(table(growing.rows_of(pairs))))
    return growing.as_json(pairs)


def _finding(customers: int, table: Table) -> Any:
    asked = finding_people.measure_finding(customers, _tell)
    print("\n".join(table(finding_people.rows_of(asked))))
    return finding_people.as_json(asked)


def _peers(
    customers: int, subjects: list[Subject], wish: Wish, table: Table, load: float | None, plot: Path | None
) -> Any:
    with database_server(customers) as database:
        prepare(database.url, customers, _tell)
        _tell("Starting the subjects ...")
        with panel(database, subjects, wish.names) as asked:
            check_equality(asked)
            _tell("All answers are equal.")
            measured = measure_panel(asked, database, wish, _tell)
            print((as_markdown if table is markdown_table else as_text)(measured, wish, customers), flush=True)
            figures = as_json(measured, wish, customers)
            if plot:
                plot.write_text(ratios_svg(measured))
            if load:
                loads = open_load.measure_open_loads(asked, load, wish, _tell)
                print("\n".join(["", f"At {load:.0%} of each peak, at random moments:", ""]))
                print("\n".join(table(open_load.rows_of(loads))))
                figures["load"] = open_load.as_json(loads)
    return figures


if __name__ == "__main__":
    typer.run(main)
