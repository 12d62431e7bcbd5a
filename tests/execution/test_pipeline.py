"""An operation's way from text to answer: where each kind of mistake ends, and what the answer then is."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from gql.execution.documents import Stage
from gql.execution.limits import Limits
from tests.execution.library import Library

REFUSAL = PermissionError("not for you")


@pytest.mark.parametrize(
    ("query", "variables", "stage"),
    [
        ("", {}, Stage.PARSE),
        ("{", {}, Stage.PARSE),
        ("query tokens tokens { __typename }", {}, Stage.PARSE),
        ('{ find(filter: { title: "unterminated }) }', {}, Stage.PARSE),
        ('{ find(filter: { title: "\\uD83D" }) }', {}, Stage.PARSE),
        ("{ nothing }", {}, Stage.VALIDATION),
        ("{ books }", {}, Stage.VALIDATION),
        ("{ book { title } }", {}, Stage.VALIDATION),
        ("{ book(id: null) { title } }", {}, Stage.VALIDATION),
        ("{ books(first: true) { totalCount } }", {}, Stage.VALIDATION),
        ("{ books(first: 99999999999) { totalCount } }", {}, Stage.VALIDATION),
        ("query($n: Int) { __typename }", {}, Stage.VALIDATION),
        ("{ books(first: $n) { totalCount } }", {}, Stage.VALIDATION),
        ("subscription { books { totalCount } }", {}, Stage.VALIDATION),
        ("type A { b: Int }", {}, Stage.VALIDATION),
        ("fragment A on Query { __typename }", {}, Stage.VALIDATION),
        ("query A { __typename } query A { __typename }", {}, Stage.VALIDATION),
        ("{ __typename } { __typename }", {}, Stage.VALIDATION),
        ("{ __typename @defer }", {}, Stage.VALIDATION),
        ("{ ... @defer { __typename } }", {}, Stage.VALIDATION),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {}, Stage.VARIABLES),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {"n": None}, Stage.VARIABLES),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {"n": "1"}, Stage.VARIABLES),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {"n": 1.5}, Stage.VARIABLES),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {"n": True}, Stage.VARIABLES),
        ("query($n: Int!) { books(first: $n) { totalCount } }", {"n": 2**31}, Stage.VARIABLES),
        ("query($f: Filter!) { find(filter: $f) }", {"f": {"nothing": 1}}, Stage.VARIABLES),
        ("query($f: Filter!) { find(filter: $f) }", {"f": [[[]]]}, Stage.VARIABLES),
        ("query($f: Filter!) { find(filter: $f) }", {"f": {"anyOf": [None]}}, Stage.VARIABLES),
    ],
)
async def test_a_request_that_can_not_run_says_where_it_went_wrong(
    query: str, variables: Mapping[str, Any], stage: Stage
) -> None:
    assert (await Library().refusal(query, variables))[0] is stage


@pytest.mark.parametrize(
    ("query", "variables", "data"),
    [
        ("query($n: ID = 1) { book(id: $n) { id } }", {"n": None}, {"book": None}),
        ("query($x: Boolean = true) { __typename @include(if: $x) }", {"x": None}, None),
    ],
)
async def test_null_in_place_of_a_default_is_the_clients_mistake(
    query: str, variables: Mapping[str, Any], data: Any
) -> None:
    """The one kind of bad argument that validation must let pass and only execution can see."""
    outcome = await Library().run(query, variables)
    assert (outcome.executed, outcome.payload["data"]) == (True, data)
    assert [error["stage"] for error in outcome.payload["errors"]] == [Stage.VARIABLES]


async def test_an_error_of_a_resolver_is_one_of_execution_and_spares_its_neighbours() -> None:
    outcome = await Library().run("{ a: book(id: 1) { fails } b: book(id: 2) { id } }")
    assert outcome.executed
    assert outcome.payload["data"] == {"a": None, "b": {"id": "2"}}
    [error] = outcome.payload["errors"]
    assert (error["stage"], error["path"]) == (Stage.EXECUTION, ["a", "fails"])


async def test_five_errors_are_told_and_no_more() -> None:
    query = "{ items(ids: [1, 2, 3, 4, 5, 6, 7, 8]) { ... on Book { fails } } }"
    outcome = await Library().run(query)
    assert outcome.payload["data"] == {"items": [None] * 8}
    assert len(outcome.payload["errors"]) == 5
    invalid = await Library().run("{" + " ".join(f"nothing{i}" for i in range(20)) + "}")
    assert 1 <= len(invalid.payload["errors"]) <= 6
    defined = ", ".join(f"$n{i}: Int!" for i in range(20))
    used = " ".join(f"a{i}: books(first: $n{i}) {{ totalCount }}" for i in range(20))
    missing = await Library().run(f"query({defined}) {{ {used} }}")
    assert 1 <= len(missing.payload["errors"]) <= 6


async def test_the_operation_is_chosen_by_name() -> None:
    library, query = Library(), "query A { books { totalCount } } query B { __typename }"
    assert await library.data(query, operation="B") == {"__typename": "Query"}
    assert await library.data("query A { __typename }", operation="A") == {"__typename": "Query"}
    for name, text in ((None, query), ("C", query), ("A", "{ __typename }")):
        stage, message = await library.refusal(text, operation=name)
        assert (stage, "operationName" in message) == (Stage.VALIDATION, True)


async def test_fragments_on_an_interface_and_on_its_types() -> None:
    query = """
        query($ids: [ID!]!) { items(ids: $ids) { ...Any ... on Book { ...B } ... on Disc { minutes } } }
        fragment Any on Item { id __typename }
        fragment B on Book { title author { name } ...Again }
        fragment Again on Item { id ... on Disc { minutes } }
    """
    book = {"id": "1", "__typename": "Book", "title": "Things Fall Apart", "author": {"name": "Achebe"}}
    disc = {"id": "d2", "__typename": "Disc", "minutes": 45}
    assert await Library().data(query, {"ids": ["1", "d2"]}) == {"items": [book, disc]}


NEAR_MISSES = [
    ("{ boks { totalCount } }", {}, "books"),
    ("{ books { totalCoun } }", {}, "totalCount"),
    ("{ books(frst: 1) { totalCount } }", {}, "first"),
    ("{ find(filter: { titl: 1 }) }", {}, "title"),
    ('{ items(ids: ["1"]) { ... on Boo { id } } }', {}, "'Book'"),
    ('{ items(ids: ["1"]) { minutes } }', {}, "Disc"),
    ("query($f: Filte) { find(filter: $f) }", {}, "'Filter'"),
    ("query($f: Filter!) { find(filter: $f) }", {"f": {"titl": "x"}}, "title"),
    ("{ __typename @inclde(if: true) }", {}, "include"),
]


@pytest.mark.parametrize(("query", "variables", "near"), NEAR_MISSES)
async def test_whoever_may_not_read_the_schema_can_not_guess_it_from_suggestions(
    query: str, variables: Mapping[str, Any], near: str
) -> None:
    outcome = await Library().run(query, variables, refuse_introspection=REFUSAL)
    assert near not in str(outcome.payload["errors"])


async def test_whoever_may_read_the_schema_gets_suggestions() -> None:
    library = Library()
    refused = await library.refusal("{ boks { totalCount } }", refuse_introspection=REFUSAL)
    helped = await library.refusal("{ boks { totalCount } }")
    assert ("Did you mean" in refused[1], "Did you mean 'books'" in helped[1]) == (False, True)


def _selections(levels: int) -> str:
    return "{ book(id: 1) " + "{ author { books { edges { node " * levels + "{ id }" + " } } } }" * levels + " }"


DEEP: dict[str, Callable[[int], str]] = {
    "lists": lambda n: "{ items(ids: " + "[" * n + "]" * n + ") { id } }",
    "objects": lambda n: "{ find(filter: " + "{ anyOf: " * n + "null" + " }" * n + ") }",
    "lists of objects": lambda n: "{ find(filter: " + "{ anyOf: [" * n + "]}" * n + ") }",
    "unknown objects": lambda n: "{ find(filter: " + "{ a: " * n + "1" + " }" * n + ") }",
    "defaults": lambda n: "query($f: Filter = " + "{ anyOf: [" * n + "]}" * n + ") { find(filter: $f) }",
    "list types": lambda n: "query($f: " + "[" * n + "Filter" + "]" * n + ") { find(filter: $f) }",
    "inline fragments": lambda n: "{" + "... {" * n + "__typename" + "}" * n + "}",
    "selections": _selections,
    "edges": lambda n: "{ books " + "{ edges " * n + "}" * n + "}",
    "unclosed": lambda n: "{ items(ids: " + "[" * n,
}


@pytest.mark.parametrize("shape", DEEP)
async def test_no_depth_of_a_document_is_an_error_of_ours(shape: str) -> None:
    """Whatever the tokens allow is answered or refused; a RecursionError would be an error of execution, or escape."""
    for levels in (*range(1, 330, 27), 199, 200, 499, 900):
        outcome = await Library(Limits(nodes=10**30)).run(DEEP[shape](levels))
        stages = {error["stage"] for error in outcome.payload.get("errors", ())}
        assert Stage.EXECUTION not in stages, levels


@pytest.mark.parametrize("wrap", [lambda inner: {"anyOf": [inner]}, lambda inner: [inner], lambda inner: {"a": inner}])
async def test_no_depth_of_the_variables_is_an_error_of_ours(wrap: Callable[[Any], Any]) -> None:
    variables: Any = {"title": "x"}
    for levels in range(1000):  # deeper than the body's parser lets through
        variables = wrap(variables)
        if levels % 37 == 0 or levels > 990:
            outcome = await Library().run("query($f: Filter!) { find(filter: $f) }", {"f": variables})
            stages = {error["stage"] for error in outcome.payload.get("errors", ())}
            assert Stage.EXECUTION not in stages, levels
