"""Our own schema, read by its tools: their standard queries pass within a bound of their own, and nothing larger."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from gql.domain.errors import Unauthenticated
from gql.errors import format_error
from gql.execution.documents import Request
from gql.execution.limits import Limits
from gql.execution.pipeline import Outcome, Pipeline
from gql.schema.assembly import build_schema

STANDARD = get_introspection_query()
EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)
"""GraphiQL 4 sends `schemaDescription` and `inputValueDeprecation`, other tools the rest."""


async def run(query: str, limits: Limits | None = None, **options: Any) -> Outcome:
    """One request of an admin, who may introspect, unless the options say otherwise."""
    pipeline = Pipeline(build_schema()._schema, limits or Limits(), format_error)
    options = {"refuse_introspection": None} | options
    return await pipeline.run(Request(query, {}, None), None, **options)


def codes(outcome: Outcome) -> list[str]:
    """The codes of the errors."""
    return [error["extensions"]["code"] for error in outcome.payload.get("errors", ())]


@pytest.mark.parametrize("query", [STANDARD, EVERYTHING, get_introspection_query(descriptions=False)])
async def test_tools_can_read_the_schema(query: str) -> None:
    outcome = await run(query)
    assert codes(outcome) == []
    data: Mapping[str, Any] = outcome.payload["data"]
    assert "type Customer implements Node" in print_schema(build_client_schema(data))  # type: ignore[arg-type]


async def test_introspection_does_not_eat_into_the_bounds_of_other_fields() -> None:
    tight = replace(Limits(), depth=0, fields=0, nodes=0, aliases=0)
    assert codes(await run(EVERYTHING, tight)) == []


@pytest.mark.parametrize(
    "query",
    [STANDARD, '{ __type(name: "Customer") { name } }', "{ ...A } fragment A on Query { __schema { description } }"],
)
async def test_whoever_may_not_read_the_schema_is_told_why(query: str) -> None:
    outcome = await run(query, refuse_introspection=Unauthenticated("Sign in to read the schema."))
    assert (outcome.executed, codes(outcome)) == (False, ["UNAUTHENTICATED"])
    assert outcome.payload["errors"][0]["message"] == "Sign in to read the schema."
    assert "data" not in outcome.payload


async def test_typename_is_for_everybody() -> None:
    outcome = await run("{ __typename }", refuse_introspection=Unauthenticated())
    assert outcome.payload == {"data": {"__typename": "Query"}}


FIELDS = "fields { type { " * 5 + "name" + " } }" * 5
INPUTS = "inputFields { type { " * 2 + "name" + " } }" * 2
BOMBS = {
    "lists of fields, nested": f"{{ __schema {{ types {{ {FIELDS} }} }} }}",
    "the same below __type": f'{{ __type(name: "Query") {{ {FIELDS} }} }}',
    "arguments and inputs": f"{{ __schema {{ types {{ fields {{ args {{ type {{ {INPUTS} }} }} }} }} }} }}",
    "implementations": "{ __schema { types { possibleTypes { interfaces { possibleTypes { name } } } } } }",
    "many aliases": "{" + "".join(f" a{i}: __schema {{ types {{ name }} }}" for i in range(31)) + "}",
    "many roots": "{" + " __schema { types { name } }" * 11 + "}",
    "deep types": "{ __schema { queryType {" + " ofType {" * 30 + " name" + " }" * 30 + " } } }",
    "fragments upon fragments": (
        "{ __schema { types { ...F0 } } } "
        + "".join(f"fragment F{i} on __Type {{ ...F{i + 1} ofType {{ ...F{i + 1} }} }} " for i in range(12))
        + "fragment F12 on __Type { name kind description }"
    ),
}


@pytest.mark.parametrize("bomb", BOMBS)
async def test_what_is_shaped_like_introspection_but_explodes_is_refused(bomb: str) -> None:
    outcome = await run(BOMBS[bomb])
    assert not outcome.executed
    assert set(codes(outcome)) <= {"QUERY_TOO_COMPLEX", "GRAPHQL_VALIDATION_FAILED"}
    assert codes(outcome)
