"""`python -m bench.documents`: what a document costs when it is first seen, and what a process keeps of ever new ones.

The first is measured in this process, step by step; the second on a server of the bench's own, which is sent distinct
documents one after the other and looked at from outside.
"""

import sys
from collections.abc import Iterable, Iterator
from random import Random
from statistics import median
from time import perf_counter
from typing import Annotated

import psutil
import typer
from graphql import GraphQLSchema, OperationDefinitionNode, get_variable_values, parse

from bench import BenchFailed
from bench.measure import Console
from bench.own_server import own_server
from gql.execution.compiler import compile_operation
from gql.execution.limits import Limits, check
from gql.execution.render import Branch, ObjectRenderer
from gql.execution.validation import errors_of
from gql.schema.assembly import build_schema
from gql.serving import tune_garbage_collector

_CUSTOMER = """id number displayName status phone email kind version
    accountManager { id name email } office { id name parent { id name } }
    groups(first: 5) { edges { since node { id name status } } }
    loansSummary { loans activeLoans }"""
_FIELDS = 4 * 25
_PARTS = (
    *["id", "number", "displayName", "status", "phone", "email", "kind", "version", "createdAt", "updatedAt"],
    "accountManager { id name email }",
    "office { id name parent { id name } }",
    "groups(first: 5) { edges { since node { id name status } } }",
    "loansSummary { loans activeLoans }",
    "access { level reason withheldFields }",
    "loans(first: 3) { edges { node { id status } } }",
    "assignmentHistory(first: 2) { edges { node { id reason startedAt accountManager { name } } } }",
    "viewerActions { action allowed reason }",
)


def hundred_fields(number: int) -> str:
    """Four customers with 24 fields each; no two numbers give the same document."""
    return f"query Q{number} {{" + " ".join(f'c{i}: customer(id: "x") {{ {_CUSTOMER} }}' for i in range(4)) + "}"


def distinct(many: int) -> Iterator[str]:
    """So many documents of up to 90 fields, 45 in the middle, which ask for different things in different orders."""
    for number in range(many):
        random = Random(number)
        pages = f"customers(first: 5) {{ {_some(random)} }} others: customers(last: 2) {{ totalCount {_some(random)} }}"
        yield f"query Q{number} {{ {pages} }}"


def _some(random: Random) -> str:
    parts = random.sample(_PARTS, random.randint(2, len(_PARTS)))
    return f"edges {{ cursor node {{ {' '.join(parts)} }} }}"


def first_sight(schema: GraphQLSchema, document: str) -> dict[str, float]:
    """Milliseconds of each step of one document."""
    taken = [perf_counter()]
    parsed = parse(document, max_lexical_tokens=1_000)
    taken.append(perf_counter())
    structure = check(parsed, Limits())
    taken.append(perf_counter())
    errors = errors_of(schema, document, parsed, structure, hide_suggestions=False)
    taken.append(perf_counter())
    [operation] = (node for node in parsed.definitions if isinstance(node, OperationDefinitionNode))
    variables = get_variable_values(schema, (), {})
    assert not errors
    assert not isinstance(variables, list)
    _generate(compile_operation(schema, operation, {}, variables).branches.values())
    taken.append(perf_counter())
    steps = ("parse", "walk", "validate", "compile")
    return {step: (end - start) * 1000 for step, start, end in zip(steps, taken, taken[1:], strict=False)}


def _generate(branches: Iterable[Branch]) -> None:
    """Selections' functions are generated when they are first asked for."""
    for branch in branches:
        if isinstance(branch.below, ObjectRenderer):
            branch.below.functions  # noqa: B018
            _generate(branch.below.branches)


def main(
    documents: Annotated[int, typer.Option(min=1, help="How many distinct documents the server is sent.")] = 3_000,
    customers: Annotated[int, typer.Option(help="Size of the server's demo lender.")] = 5_000,
) -> None:
    """Measure the first sight of a document, and a process's memory after many."""
    schema = build_schema()._schema
    tune_garbage_collector()  # as the server does
    times = [first_sight(schema, hundred_fields(number)) for number in range(50)]
    medians = {step: median(each[step] for each in times) for step in times[0]}
    print(f"first sight of {_FIELDS} fields, medians of {len(times)}: ", end="")
    print(", ".join(f"{step} {taken:.1f} ms" for step, taken in medians.items()), f"= {sum(medians.values()):.1f} ms")
    try:
        _memory(documents, customers)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None


def _memory(documents: int, customers: int) -> None:
    with own_server(customers) as server, Console(server.url) as console:
        print(f"memory of a server process: {_megabytes(server.pid)} MB when somebody has signed in", flush=True)
        for number, document in enumerate(distinct(documents), 1):
            console.ask(document, {})
            if number in (100, 500, 1_000, documents):
                print(f"  {_megabytes(server.pid)} MB after {number} distinct documents", flush=True)


def _megabytes(pid: int) -> str:
    return f"{psutil.Process(pid).memory_info().rss / 1e6:.0f}"


if __name__ == "__main__":
    typer.run(main)
