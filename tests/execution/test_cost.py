"""The estimate of an operation's nodes: exact for pages and lists of IDs, and never talked down."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gql.execution.documents import Stage
from tests.execution.library import UNLIMITED, Library

PAGE = "{ edges { node { id } } }"
NESTED = "{ edges { node { author { books(first: 4) { totalCount } } } } }"
CHAIN = "fragment A on Book { author { ...B } } fragment B on Author { books(first: 4) { totalCount } }"

OPERATIONS: list[tuple[str, Mapping[str, Any], int]] = [
    ("{ __typename }", {}, 0),
    ("{ book(id: 1) { title author { name } } }", {}, 0),
    ("{ books { totalCount } }", {}, 25),
    (f"{{ books {PAGE} }}", {}, 25),
    (f"{{ books(first: 3) {PAGE} }}", {}, 3),
    (f"{{ books(last: 3) {PAGE} }}", {}, 3),
    (f"{{ books(first: 3, last: 7) {PAGE} }}", {}, 7),
    (f"{{ books(first: 7, last: 3) {PAGE} }}", {}, 7),
    (f"{{ books(first: null, last: 3) {PAGE} }}", {}, 3),
    (f"{{ books(first: null) {PAGE} }}", {}, 25),
    (f"{{ books(first: 0) {PAGE} }}", {}, 0),
    # Variables, their defaults, and variables that are left out or null.
    (f"query($n: Int) {{ books(first: $n) {PAGE} }}", {"n": 9}, 9),
    (f"query($n: Int) {{ books(first: $n) {PAGE} }}", {}, 25),
    (f"query($n: Int) {{ books(first: $n) {PAGE} }}", {"n": None}, 25),
    (f"query($n: Int = 6) {{ books(last: $n) {PAGE} }}", {}, 6),
    (f"query($n: Int = 6) {{ books(last: $n) {PAGE} }}", {"n": 2}, 2),
    (f"query($n: Int = 6, $m: Int) {{ books(first: $n, last: $m) {PAGE} }}", {"m": 8}, 8),
    # Pages below pages multiply; pages beside pages add up.
    (f"{{ books(first: 3) {NESTED} }}", {}, 3 * (1 + 4)),
    (f"{{ books {NESTED} }}", {}, 25 * (1 + 4)),
    (f"query($n: Int!) {{ books(first: $n) {NESTED} }}", {"n": 10}, 10 * (1 + 4)),
    (f"{{ a: books(first: 2) {PAGE} b: books(first: 3) {NESTED} }}", {}, 2 + 15),
    (f"{{ books(first: 2) {PAGE} books(first: 2) {PAGE} }}", {}, 4),
    # Lists of IDs.
    ("{ items(ids: []) { id } }", {}, 0),
    ('{ items(ids: ["1", "2", "3"]) { id } }', {}, 3),
    ('{ items(ids: ["1", "2"]) { ... on Book { author { books(first: 4) { totalCount } } } } }', {}, 2 * (1 + 4)),
    ('{ items(ids: "1") { ... on Book { author { books(first: 4) { totalCount } } } } }', {}, 1 + 4),
    ("{ items(ids: 1) { id } }", {}, 1),
    ("query($ids: [ID!]!) { items(ids: $ids) { id } }", {"ids": ["1", "2", "3", "4"]}, 4),
    ("query($ids: [ID!]!) { items(ids: $ids) { id } }", {"ids": "1"}, 1),
    ('query($ids: [ID!]! = ["1", "2"]) { items(ids: $ids) { id } }', {}, 2),
    ("query($a: ID!) { items(ids: [$a, $a]) { id } }", {"a": "1"}, 2),
    # Fragments, on the type, on its interface and inline.
    (f"{{ ...A ...A }} fragment A on Query {{ books(first: 3) {PAGE} }}", {}, 6),
    (f"{{ books(first: 2) {{ edges {{ node {{ ...A }} }} }} }} {CHAIN}", {}, 2 * (1 + 4)),
    ("{ ... on Query { ... { books(first: 3) { totalCount } } } }", {}, 3),
    ('{ items(ids: ["1"]) { ... on Item { ... on Book { author { books(first: 4) { totalCount } } } } } }', {}, 5),
    ('mutation { lend(id: "1") { author { books(first: 4) { totalCount } } } }', {}, 4),
    # Introspection has a bound of its own.
    ("{ __schema { types { fields { name } } } }", {}, 0),
    # A size below nothing is refused when it runs, but must not pay for others, or undo its own parent.
    (f"{{ a: books(first: -100) {PAGE} b: books(first: 7) {PAGE} }}", {}, 7),
    (f"{{ a: books(last: -100) {PAGE} b: books(first: 7) {PAGE} }}", {}, 7),
    ("{ books(first: 3) { edges { node { author { books(first: -2) { totalCount } } } } } }", {}, 3),
    (f"query($n: Int) {{ a: books(first: $n) {PAGE} b: books(first: 7) {PAGE} }}", {"n": -(2**31)}, 7),
]


@pytest.mark.parametrize(("query", "variables", "nodes"), OPERATIONS)
async def test_an_operation_costs_the_nodes_it_may_return(query: str, variables: Mapping[str, Any], nodes: int) -> None:
    await Library(replace(UNLIMITED, nodes=nodes)).data(query, variables)
    if nodes:
        stage, message = await Library(replace(UNLIMITED, nodes=nodes - 1)).refusal(query, variables)
        assert stage is Stage.LIMITS
        assert f"{nodes} nodes" in message


async def test_only_the_operation_that_runs_is_counted() -> None:
    library = Library(replace(UNLIMITED, nodes=10))
    query = f"query Small {{ books(first: 5) {PAGE} }} query Large {{ books(first: 500) {PAGE} }}"
    await library.data(query, operation="Small")
    stage, _ = await library.refusal(query, operation="Large")
    assert stage is Stage.LIMITS


async def test_a_document_that_is_known_is_counted_anew_with_its_variables() -> None:
    library = Library(replace(UNLIMITED, nodes=10))
    query = f"query($n: Int) {{ books(first: $n) {PAGE} }}"
    await library.data(query, {"n": 10})
    stage, _ = await library.refusal(query, {"n": 11})
    assert stage is Stage.LIMITS
    await library.data(query, {"n": 9})


async def test_what_is_too_costly_is_not_run_at_all() -> None:
    library = Library(replace(UNLIMITED, nodes=10))
    outcome = await library.run(f"mutation {{ join lend(id: 1) {{ author {{ books(first: 11) {PAGE} }} }} }}")
    assert (outcome.executed, "data" in outcome.payload) == (False, False)
