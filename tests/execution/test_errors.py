"""Whatever goes wrong in an operation, plans tell it as the specification says, and as plain Strawberry does.

Data, messages, paths and locations are compared with Strawberry's on graphql-core, which our answers never reach: where
they did, they would be the same by themselves.
"""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLError, parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gql.execution import pipeline
from gql.execution.documents import Request
from gql.execution.pipeline import Pipeline
from tests.execution.faulty import SCHEMA, Row
from tests.execution.faulty_context import Faulty
from tests.execution.faulty_documents import MUTATIONS, QUERIES, all_boxes
from tests.execution.library import UNLIMITED
from tests.execution.random_documents import VARIABLES, documents


@pytest.fixture(autouse=True)
def _no_giving_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def execute_with(*_: Any, **__: Any) -> None:
        raise AssertionError("graphql-core's executor was asked")

    monkeypatch.setattr(pipeline, "execute_with", execute_with)


def told(error: GraphQLError) -> str:
    """Message, path and locations."""
    return json.dumps(error.formatted)


PIPELINE = Pipeline(SCHEMA._schema, UNLIMITED, lambda error, _: dict(error.formatted), most_errors=10**6)


async def ours(text: str, variables: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], Faulty]:
    """The pipeline's answer, and what it did."""
    context = Faulty(all_boxes())
    outcome = await PIPELINE.run(Request(text, variables or {}, None), context, refuse_introspection=None)
    assert outcome.executed, outcome.payload
    return outcome.payload, context


async def stock(text: str, variables: Mapping[str, Any] | None = None) -> tuple[Any, list[str], Faulty]:
    """Strawberry's."""
    context = Faulty(all_boxes())
    result = await SCHEMA.execute(text, variable_values=dict(variables or {}), context_value=context)
    return result.data, [told(error) for error in result.errors or []], context


@pytest.mark.parametrize("case", QUERIES)
async def test_a_query_with_errors_is_answered_as_strawberry_answers_it(case: str) -> None:
    assert validate(SCHEMA._schema, parse(QUERIES[case])) == []
    answer, did = await ours(QUERIES[case])
    data, errors, stock_did = await stock(QUERIES[case])
    assert errors, "nothing went wrong"
    assert json.dumps(answer["data"]) == json.dumps(data)
    assert sorted(map(json.dumps, answer["errors"])) == sorted(errors)
    assert did.resolved == stock_did.resolved


@pytest.mark.parametrize("case", MUTATIONS)
async def test_mutations_run_one_after_another_and_their_errors_are_told(case: str) -> None:
    answer, did = await ours(MUTATIONS[case])
    data, errors, stock_did = await stock(MUTATIONS[case])
    assert errors, "nothing went wrong"
    assert json.dumps(answer["data"]) == json.dumps(data)
    assert sorted(map(json.dumps, answer["errors"])) == sorted(errors)
    assert did.resolved == stock_did.resolved


async def test_mutations_without_errors_run_by_plans_too() -> None:
    answer, did = await ours("mutation { a: put(sum: 1) { owner { sum } } b: put(sum: 2) { owner { sum } } }")
    assert answer == {"data": {"a": {"owner": {"sum": 1}}, "b": {"owner": {"sum": 2}}}}
    assert did.resolved == ["put 1", "put 2"]
    assert did.asked == [("box", None, ("changed",))] * 2


async def test_errors_come_in_the_order_of_the_answer_with_their_places() -> None:
    answer, _ = await ours("""{
      box { owner { broken { id } } }
      boxes(ids: ["whole", "null"]) { owner { broken { strict } }
        broken { id } strict }
      refused { id }
    }""")
    assert answer == {
        "data": {
            "box": {"owner": {"broken": None}},
            "boxes": [{"owner": {"broken": None}, "broken": None, "strict": 1}, None],
            "refused": None,
        },
        "errors": [
            {
                "message": "this loader always fails",
                "locations": [{"line": 2, "column": 21}],
                "path": ["box", "owner", "broken"],
            },
            {
                "message": "this loader always fails",
                "locations": [{"line": 3, "column": 47}],
                "path": ["boxes", 0, "owner", "broken"],
            },
            {
                "message": "this loader always fails",
                "locations": [{"line": 4, "column": 9}],
                "path": ["boxes", 0, "broken"],
            },
            {
                "message": "Cannot return null for non-nullable field Box.strict.",
                "locations": [{"line": 4, "column": 23}],
                "path": ["boxes", 1, "strict"],
            },
            {"message": "not for you", "locations": [{"line": 5, "column": 7}], "path": ["refused"]},
        ],
    }


async def test_a_failing_loader_leaves_what_others_answered_and_nobody_is_asked_twice() -> None:
    query = '{ boxes(ids: ["whole", "zero", "null"]) { broken { id } owner { id thing { id } } text } }'
    answer, did = await ours(query)
    one = {"broken": None, "owner": {"id": "whole", "thing": {"id": "tag"}}, "text": "a text"}
    assert answer["data"] == {"boxes": [one] * 3}
    assert [error["path"] for error in answer["errors"]] == [["boxes", number, "broken"] for number in range(3)]
    three = ("whole", "zero", "null")
    assert sorted(did.asked) == [
        ("box", None, ("whole",)),
        ("broken", None, three),
        ("text", None, three),
        ("thing", None, ("tag",)),
    ]
    assert did.resolved == ["boxes"]


def settled(data: Any, errors: list[Any]) -> tuple[list[str], set[tuple[Any, ...]]]:
    """The errors that made null of their own places, and the places that others made null.

    Which of several failures is told that make null of one place depends on graphql-core's schedule.
    """
    own: list[str] = []
    above: set[tuple[Any, ...]] = set()
    for error in errors:
        path = _to_null(data, error["path"])
        if path == error["path"]:
            own.append(json.dumps(error))
        else:
            above.add(tuple(path))
    return sorted(own), above


def _to_null(data: Any, path: list[Any]) -> list[Any]:
    """The beginning of the path, as far as there is data."""
    for length, key in enumerate(path):
        if data is None:
            return path[:length]
        data = data[key]
    return path


def test_random_documents_fail_alike() -> None:
    """All places that are null are so for a reason that is told."""
    failed = []

    @settings(max_examples=50, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        ids = {"box": [id for id, row in all_boxes().items() if type(row) is Row]}
        text = data.draw(documents(SCHEMA._schema, SCHEMA.as_str(), ids, []))
        if validate(SCHEMA._schema, parse(text)):
            return
        answer, _ = asyncio.run(ours(text, VARIABLES))
        found, errors, _ = asyncio.run(stock(text, VARIABLES))
        assert json.dumps(answer["data"]) == json.dumps(found), text
        mine = answer.get("errors", [])
        assert settled(answer["data"], mine) == settled(found, [json.loads(error) for error in errors]), text
        failed.append(bool(errors))

    ask()
    assert sum(failed) > len(failed) / 20, "too few of them fail to show anything"
