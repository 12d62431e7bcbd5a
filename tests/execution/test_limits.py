"""Each structural limit lets its bound through and refuses one more, before anything is validated or run."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import pytest

from gql.execution.documents import Stage
from gql.execution.limits import Limits
from tests.execution.library import UNLIMITED, Library


def nested(*levels: str) -> str:
    """A document of one field in the other; a level may hold several, as in `books { edges`."""
    opened = "".join(f"{{ {level} " for level in levels)
    return opened + "}" * opened.count("{")


def deep(depth: int) -> str:
    """Books, their author, the author's books and so on: so many levels, edges and nodes besides."""
    return nested(*islice(cycle(("books(first: 1) { edges { node", "author")), depth), "__typename")


def operations(many: int) -> str:
    """So many operations, called Q0, Q1 and so on."""
    return "".join(f"query Q{number} {{ __typename }}" for number in range(many))


DOCUMENTS: dict[str, Callable[[int], str]] = {
    "depth": deep,
    "aliases": lambda n: "{" + "".join(f" a{i}: __typename" for i in range(n)) + " }",
    "root_fields": lambda n: "{" + " books { totalCount }" * n + " }",
    "directives": lambda n: "{" + " books @skip(if: true) { totalCount }" * n + " }",
    "operations": operations,
    "fields": lambda n: "{ books {" + " totalCount" * (n - 1) + " } }",
    "typenames": lambda n: "{" + " __typename" * n + " }",
    "repeats": lambda n: "{ book(id: 1) {" + " title ... { title }" * (n // 2) + " title" * (n % 2) + " } }",
    "mutations": lambda n: "mutation {" + " join" * n + " }",
    "introspection_fields": lambda n: "{ __schema { queryType {" + " name" * (n - 2) + " } } }",
    "introspection_depth": lambda n: nested("__schema", "queryType", *["ofType"] * (n - 3), "name"),
    "tokens": lambda n: "{" + " __typename" * (n - 2) + "}",
    "characters": "{__typename}".ljust,
}
"""A valid document that has so many of the thing, by the name of its limit."""
WORDS = {"typenames": "__typename", "repeats": "repeats a field"}
"""How a refusal names a limit, where that isn't the limit's name."""


def library_with(**limits: Any) -> Library:
    """A library with these limits tightened."""
    return Library(replace(UNLIMITED, **limits))


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_at_a_limit_runs_and_one_beyond_it_is_refused(name: str) -> None:
    bound, operation = 14, "Q0" if name == "operations" else None
    library = library_with(**{name: bound})
    await library.data(DOCUMENTS[name](bound), operation=operation)
    stage, message = await library.refusal(DOCUMENTS[name](bound + 1), operation=operation)
    assert stage is Stage.LIMITS
    assert str(bound) in message


def test_every_limit_is_tried() -> None:
    assert set(Limits.__slots__) == DOCUMENTS.keys() | {"nodes", "once"}


@pytest.mark.parametrize(
    ("limits", "query"),
    [
        ({"depth": 2}, "{ books { edges { node { __typename title } } } }"),
        ({"depth": 1}, "{ book(id: 1) { __typename ... { __typename } ... on Item { __typename } } }"),
        ({"depth": 2}, "{ ...A } fragment A on Query { ...B } fragment B on Query { books { totalCount } }"),
        ({"root_fields": 0, "fields": 0, "depth": 0}, "{ __typename ... on Query { __typename } }"),
        ({"mutations": 0}, "mutation { __typename }"),
        ({"fields": 1, "depth": 1}, "{ books { __typename } __schema { types { fields { name } } } }"),
        ({"introspection_fields": 0, "introspection_depth": 0}, "{ books { totalCount } }"),
        ({"repeats": 1}, "{ a: book(id: 1) { title } b: book(id: 1) { title ...A } } fragment A on Book { title }"),
        ({"aliases": 0, "directives": 0}, "{ books { totalCount } }"),
    ],
)
async def test_what_a_limit_does_not_count(limits: dict[str, int], query: str) -> None:
    await library_with(**limits).data(query)


@pytest.mark.parametrize(
    ("name", "most", "query"),
    [
        ("aliases", 3, "{ ...A ...A } fragment A on Query { a: __typename b: __typename }"),
        ("aliases", 1, "{ __schema { a: description b: description } }"),
        ("fields", 5, "{ a: book(id: 1) { ...A } b: book(id: 2) { ...A } } fragment A on Book { id title }"),
        ("fields", 2, "{ ... { ... on Query { books { totalCount totalCount } } } }"),
        (
            "root_fields",
            3,
            "{ ...A ... { ...A } } fragment A on Query { books { __typename } b: books { __typename } }",
        ),
        ("mutations", 1, "mutation { ...A ...A } fragment A on Mutation { join }"),
        ("directives", 1, "{ books @skip(if: true) { totalCount } ...A } fragment A on Query @x { __typename }"),
        ("directives", 1, "query @x { ... @include(if: true) { __typename } }"),
        ("directives", 1, "{ ...A @skip(if: true) ...A @skip(if: true) } fragment A on Query { __typename }"),
        ("depth", 2, "{ book(id: 1) { ...A } } fragment A on Book { author { ...B } } fragment B on Author { name }"),
        ("introspection_depth", 2, "{ ... on Query { __schema { ...A } } } fragment A on __Schema { types { name } }"),
        (
            "typenames",
            5,
            "{ ...A ...A } fragment A on Query { ...B ...B } fragment B on Query { __typename __typename }",
        ),
        ("repeats", 2, "{ book(id: 1) { ...A } } fragment A on Book { ... { title ... on Book { title } } title }"),
        ("repeats", 1, "{ __typename } fragment A on Book { title title }"),
        ("fields", 2, "{ __typename } fragment A on Query { books { totalCount totalCount } }"),
        ("fields", 2, "{ ...A } fragment A on Query { books { totalCount totalCount } } fragment A on Query { b }"),
    ],
)
async def test_fragments_hide_nothing_from_a_limit(name: str, most: int, query: str) -> None:
    stage, message = await library_with(**{name: most}).refusal(query)
    assert (stage, WORDS.get(name, name.replace("_", " ")) in message) == (Stage.LIMITS, True)


@pytest.mark.parametrize(
    "query",
    [
        "mutation { join join }",
        "mutation { a: join b: join }",
        "mutation { join ... { join } }",
        "mutation { ...A ...A } fragment A on Mutation { join }",
        "mutation { ...A ...B } fragment A on Mutation { a: join } fragment B on Mutation { b: join }",
    ],
)
async def test_a_field_that_may_stand_once_is_refused_the_second_time(query: str) -> None:
    library = library_with(once=frozenset({"join"}))
    stage, message = await library.refusal(query)
    assert (stage, "`join`" in message) == (Stage.LIMITS, True)
    await library.data('mutation { join a: lend(id: "1") { id } b: lend(id: "2") { id } }')


async def test_a_document_beyond_a_limit_that_is_invalid_too_is_refused_by_the_limit() -> None:
    """Validation can take long: it only sees what is within the limits."""
    stage, _ = await library_with(aliases=1).refusal("{ a: nothing b: nothing }")
    assert stage is Stage.LIMITS
