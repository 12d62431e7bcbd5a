"""Bodies and headers that are no GraphQL request: a 4xx that says so, whatever comes, and nothing is written."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.transport.conftest import JSON, Wire, refusal

GOOD = b'{"query": "{ __typename }"}'
TOO_LARGE = b'{"query": "' + b" " * 10_000_000 + b'{ __typename }"}'


def asking(**changes: Any) -> bytes:
    """A good request with these parts changed."""
    return json.dumps({"query": "{ __typename }"} | changes).encode()


NOT_A_REQUEST: dict[str, bytes] = {
    "nothing": b"",
    "a brace": b"{",
    "words": b"query { __typename }",
    "two objects": GOOD + GOOD,
    "a number": b"123",
    "a string": b'"{ __typename }"',
    "a list": b"[]",
    "a batch": b"[" + GOOD + b"]",
    "null": b"null",
    "true": b"true",
    "bytes that are no UTF-8": b'{"query": "{ __typename } # \xff\xfe"}',
    "UTF-16": GOOD.decode().encode("utf-16"),
    "half a surrogate pair": b'{"query": "{ __typename }", "variables": {"a": "\\ud83d"}}',
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "Infinity": b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
    "brackets without end": b"[" * 99_000,
    "objects without end": b'{"query":' * 10_000,
    "deep variables": b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 45_000 + b"]" * 45_000 + b"}}",
    "an integer of 5,000 digits": b"9" * 5_000,
    "such an integer among the variables": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
    "an empty object": b"{}",
    "query null": asking(query=None),
    "query a number": asking(query=1),
    "query a list": asking(query=["{ __typename }"]),
    "query an object": asking(query={}),
    "variables a list": asking(variables=[]),
    "variables a string": asking(variables="{}"),
    "variables a number": asking(variables=0),
    "variables false": asking(variables=False),
    "operationName a number": asking(operationName=1),
    "operationName a list": asking(operationName=["A"]),
    "extensions a list": asking(extensions=[]),
    "extensions a string": asking(extensions="x"),
}


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_body_that_is_no_request_is_a_bad_request(wire: Wire, accept: str) -> None:
    for what, body in NOT_A_REQUEST.items():
        response = await wire.send(body, JSON | {"Accept": accept})
        assert (response.status_code, refusal(response)) == (400, "BAD_USER_INPUT"), what
        assert response.headers["content-type"].startswith(accept), what


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_what_may_be_left_out_may_also_be_null(wire: Wire, accept: str) -> None:
    for body in (
        GOOD,
        asking(variables=None, operationName=None, extensions=None),
        asking(variables={}, extensions={"anything": [1]}, unknown="member"),
        asking(query="query A { __typename }", operationName="A"),
    ):
        response = await wire.send(body, JSON | {"Accept": accept})
        assert (response.status_code, response.json()) == (200, {"data": {"__typename": "Query"}})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/graphql"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonx"},
        {"Content-Type": "application/json, text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json; version=1; charset=utf-16"},
        JSON | {"Content-Encoding": "gzip"},
        JSON | {"Content-Encoding": "br"},
    ],
)
async def test_another_kind_of_body_is_not_guessed_at(wire: Wire, headers: Mapping[str, str]) -> None:
    body = gzip.compress(GOOD) if headers.get("Content-Encoding") == "gzip" else GOOD
    response = await wire.send(body, headers)
    assert (response.status_code, refusal(response)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; version=1; Charset=utf8",
    ],
)
async def test_json_may_be_declared_in_several_ways(wire: Wire, content_type: str) -> None:
    response = await wire.send(GOOD, {"Content-Type": content_type})
    assert response.status_code == 200


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """A body whose length is not announced."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_of_10_mb_is_too_large(wire: Wire, announced: bool) -> None:
    response = await wire.send(TOO_LARGE if announced else in_pieces(TOO_LARGE))
    assert (response.status_code, refusal(response)) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("length", ["99999999", "9" * 5_000])
async def test_a_body_that_is_announced_too_large_is_not_waited_for(wire: Wire, length: str) -> None:
    async def never() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    async with asyncio.timeout(PATIENCE):
        response = await wire.send(never(), JSON | {"Content-Length": length})
    assert (response.status_code, refusal(response)) == (413, "PAYLOAD_TOO_LARGE")


async def test_a_body_just_within_the_bound_is_read(wire: Wire) -> None:
    padding = b" " * (100_000 - len(GOOD))
    assert (await wire.send(GOOD + padding)).status_code == 200
    assert (await wire.send(in_pieces(GOOD + padding))).status_code == 200
    assert (await wire.send(in_pieces(GOOD + padding + b" "))).status_code == 413


@pytest.mark.parametrize("number", [b"2147483648", b"1" * 25, b"-" + b"1" * 400, b"1e400", b"0.5"])
async def test_a_number_that_is_no_int_is_a_bad_request(wire: Wire, number: bytes) -> None:
    query = b"query($first: Int) { customers(first: $first) { totalCount } }"
    body = b'{"query": "' + query + b'", "variables": {"first": ' + number + b"}}"
    response = await wire.send(body, JSON | {"Accept": "application/graphql-response+json"})
    assert (response.status_code, refusal(response)) == (400, "BAD_USER_INPUT")
