"""The log's line on a request that was refused: which operation, by name and hash, with which codes, in what time."""

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from gql.logs import configure_logging
from tests.api.client import Client, open_api
from tests.transport.conftest import Wire

REFUSED = "query Refused { group(id: 7) { id } }"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the command would log at its most talkative."""
    stream = io.StringIO()
    configure_logging("debug", stream)
    yield stream
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What was logged."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_refused_operation_has_a_line(wire: Wire, log: io.StringIO) -> None:
    response = await wire.send(json.dumps({"query": REFUSED, "operationName": "Refused"}).encode())
    [line] = lines(log)
    assert line.pop("timestamp")
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "operation refused",
        "level": "info",
        "codes": ["BAD_USER_INPUT"],
        "operation": "Refused",
        "document": hashlib.sha256(REFUSED.encode()).hexdigest(),
        "request_id": response.headers["x-request-id"],
    }


async def test_an_answer_that_is_too_large_has_a_line(database_url: str, tmp_path: Path, log: io.StringIO) -> None:
    document = "{ " + " ".join(f"a{number:0>490}: __typename" for number in range(25)) + " }"
    async with open_api(database_url, tmp_path, max_response_bytes=10_000) as api:
        await Client(api.http).post(document)
    [line] = lines(log)
    assert line["codes"] == ["PAYLOAD_TOO_LARGE"]
    assert line["document"] == hashlib.sha256(document.encode()).hexdigest()


async def test_one_that_is_answered_has_none(wire: Wire, log: io.StringIO) -> None:
    await wire.ask("query Fine { __typename }")
    assert lines(log) == []


@pytest.mark.parametrize("name", ["two words", "x" * 81, "Ünïcode", "", 'quo"te', "line\nbreak", "7th"])
async def test_what_is_no_name_is_not_logged(wire: Wire, log: io.StringIO, name: str) -> None:
    await wire.send(json.dumps({"query": REFUSED, "operationName": name}).encode())
    [line] = lines(log)
    assert line["operation"] is None


async def test_a_request_without_an_operation_says_nothing_of_the_one_before(wire: Wire, log: io.StringIO) -> None:
    await wire.send(json.dumps({"query": REFUSED, "operationName": "Refused"}).encode())
    await wire.send(b"not JSON")
    assert [line.get("operation") for line in lines(log)] == ["Refused", None]


def test_what_libraries_log_is_let_through_without_what_failed(log: io.StringIO) -> None:
    """Their first line, the failure's type and place; nothing of the objects that asyncio repeats."""
    try:
        raise LookupError("the secret")
    except LookupError as error:
        failure = error
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: <secret>", exc_info=failure)
    logging.getLogger("asyncio").error("Exception in callback f(secret)", exc_info=failure)
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=failure)
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" [accepted]', "127.0.0.1", "/graphql?token=secret")
    logging.getLogger("uvicorn.error").debug("< TEXT 'secret'")
    logging.getLogger("uvicorn.access").critical("GET /graphql?secret")
    logging.getLogger("sqlalchemy.engine").info("SELECT secret")
    assert "secret" not in log.getvalue()
    told = [(line["logger"], line["event"], line["error_type"], line["frames"][-1].split()[-1]) for line in lines(log)]
    place = "LookupError", "test_what_libraries_log_is_let_through_without_what_failed"
    assert told == [
        ("asyncio", "Task exception was never retrieved", *place),
        ("asyncio", "Exception in callback f", *place),
        ("uvicorn.error", "Exception in ASGI application", *place),
    ]


def test_there_is_one_handler_however_often_it_is_configured(log: io.StringIO) -> None:
    again = io.StringIO()
    configure_logging("warning", again)
    logging.getLogger("uvicorn.error").warning("once")
    structlog.get_logger().info("not at all")
    assert [line["event"] for line in lines(again)] == ["once"]
    assert log.getvalue() == ""
