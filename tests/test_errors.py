"""Errors that are nobody's to know: masked for the client, logged without what they say, found again by an ID."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import strawberry
from sqlalchemy import text
from structlog.testing import capture_logs

from gql.domain.errors import BadUserInput, ErrorCode, Forbidden, RateLimited, RequestError, Unavailable
from gql.errors import format_error
from gql.execution.documents import Request
from gql.execution.limits import Limits
from gql.execution.pipeline import Outcome, Pipeline
from tests.api.client import Api, open_api
from tests.factories import World

CANARY = "canary-4711"
Log = list[MutableMapping[str, Any]]


def plain() -> str:
    """Fails with a value in its message."""
    raise ValueError(f"can't read {CANARY}")


def chained() -> str:
    """Fails because of something that had the value in its message."""
    try:
        plain()
    except ValueError as error:
        raise RuntimeError("wrapped") from error
    return ""


def grouped() -> str:
    """Fails in several ways."""
    raise ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(CANARY)])


def missing() -> Any:
    """Answers null where null can't be."""


def mistyped() -> Any:
    """Answers a number that is none."""
    return CANARY


@strawberry.type
class Query:
    """Fields that fail, each in its way."""

    plain: str | None = strawberry.field(resolver=plain)
    chained: str | None = strawberry.field(resolver=chained)
    grouped: str | None = strawberry.field(resolver=grouped)
    missing: str = strawberry.field(resolver=missing)
    mistyped: int | None = strawberry.field(resolver=mistyped)

    @strawberry.field
    async def awaited(self) -> str | None:
        """The same, awaited."""
        return plain()

    @strawberry.field
    def refused(self, code: str) -> str | None:
        """What the caller may know."""
        raise KNOWN[code]


KNOWN: dict[str, RequestError] = {
    "FORBIDDEN": Forbidden("Your roles don't include it."),
    "BAD_USER_INPUT": BadUserInput("`first` must be between 1 and 100."),
    "RATE_LIMITED": RateLimited("Too many look-ups."),
    "SERVICE_UNAVAILABLE": Unavailable(),
}


@pytest.fixture
def log() -> Iterator[Log]:
    """What is logged during the test."""
    with capture_logs() as entries:
        yield entries


async def run(query: str) -> Outcome:
    """The outcome of a query, with errors as clients get them."""
    pipeline = Pipeline(strawberry.Schema(query=Query)._schema, Limits(), format_error)
    return await pipeline.run(Request(query, {}, None), None, refuse_introspection=None)


@pytest.mark.parametrize("field", ["plain", "chained", "grouped", "awaited", "missing", "mistyped"])
async def test_what_went_wrong_inside_is_told_to_nobody(log: Log, field: str) -> None:
    outcome = await run(f"{{ {field} }}")
    [error] = outcome.payload["errors"]
    assert error["extensions"].keys() == {"code", "errorId"}
    assert error["extensions"]["code"] == ErrorCode.INTERNAL_SERVER_ERROR
    assert error["path"] == [field]
    told = json.dumps(outcome.payload)
    for secret in (CANARY, "Error(", "Traceback", "wrapped", "non-nullable", ".py"):
        assert secret not in told


@pytest.mark.parametrize("field", ["plain", "chained", "grouped", "awaited", "missing", "mistyped"])
async def test_the_log_has_the_id_and_the_place_but_not_the_message(log: Log, field: str) -> None:
    outcome = await run(f"{{ {field} }}")
    [entry] = log
    assert entry["error_id"] == outcome.payload["errors"][0]["extensions"]["errorId"]
    assert entry["log_level"] == "error"
    assert entry["error_type"]
    assert entry["frames"]
    assert CANARY not in repr(entry)
    if field in ("plain", "awaited"):
        assert (entry["error_type"], entry["frames"][-1].split()[-1]) == ("ValueError", "plain")


async def test_each_error_has_an_id_of_its_own_and_five_are_told(log: Log) -> None:
    outcome = await run("{" + " ".join(f"a{number}: plain" for number in range(8)) + "}")
    told = [error["extensions"]["errorId"] for error in outcome.payload["errors"]]
    assert len(set(told)) == 5
    assert [entry["error_id"] for entry in log] == told


@pytest.mark.parametrize("code", KNOWN)
async def test_what_is_the_callers_to_know_passes_through(log: Log, code: str) -> None:
    outcome = await run(f'{{ refused(code: "{code}") }}')
    [error] = outcome.payload["errors"]
    assert (error["message"], error["extensions"]) == (KNOWN[code].message, {"code": code})
    assert log == []


@pytest.mark.parametrize("query", ["{", "{ nothing }", "{ refused }", "{" + " missing" * 11 + "}"])
async def test_a_clients_mistake_is_not_logged(log: Log, query: str) -> None:
    outcome = await run(query)
    assert not outcome.executed
    assert log == []


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The application; the tests break its database."""
    async with open_api(database_url, tmp_path) as api:
        yield api


async def take_away(api: Api, table: str) -> None:
    """Have every statement on a table fail, with its parameters in the driver's message."""
    async with api.database.begin() as session:
        await session.execute(text(f"ALTER TABLE {table} RENAME TO gone"))


def masked(answer: Callable[[], Any], log: Log) -> None:
    """The answer has one masked error, which is in the log; what was sent and the SQL are in neither."""
    [error] = answer()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert [entry["error_id"] for entry in log] == [error["extensions"]["errorId"]]
    for secret in (CANARY, "SELECT", "FROM", "customers.name", "sessions.id", "gone"):
        assert secret not in repr(log)
        assert secret not in repr(error)


async def test_a_database_that_fails_tells_neither_client_nor_log_what_was_asked(api: Api, log: Log) -> None:
    client = await api.sign_in(await World(api.database).admin("super_admin"))
    await take_away(api, "customers")
    response = await client.post("query($s: String) { customers(search: $s) { edges { node { id } } } }", {"s": CANARY})
    assert (response.status_code, response.json()["data"]) == (200, None)
    masked(response.json, log)


async def test_a_failure_before_the_operation_is_masked_too(api: Api, log: Log) -> None:
    client = await api.sign_in(await World(api.database).admin("super_admin"))
    await take_away(api, "sessions")
    response = await client.post("{ viewer { permissions } }", {"canary": CANARY})
    assert response.status_code == 500
    masked(response.json, log)
