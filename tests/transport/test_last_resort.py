"""Whatever fails inside: before its answer began it is answered for, after that it is cut off."""

import asyncio

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gql.transport.last_resort import AnswerCutOff, LastResort
from gql.transport.security_headers import security_headers
from tests.transport.conftest import refusal

SECRET = "08031234567"


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails at once."""
    raise RuntimeError(SECRET)


async def fail_midway(scope: Scope, receive: Receive, send: Send) -> None:
    """Begins an answer, and fails."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError(SECRET)


async def work(scope: Scope, receive: Receive, send: Send) -> None:
    """Works until it is told to stop."""
    await asyncio.Event().wait()


def client(app: ASGIApp) -> httpx.AsyncClient:
    """A client of the application behind its outermost layer."""
    outermost = LastResort(app, security_headers(over_tls=False))
    return httpx.AsyncClient(transport=httpx.ASGITransport(outermost), base_url="http://lenddesk.test")


async def test_a_failure_is_told_without_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    async with client(fail) as http:
        response = await http.get("/")
    assert (response.status_code, refusal(response)) == (500, "INTERNAL_SERVER_ERROR")
    captured = capsys.readouterr()
    assert SECRET not in response.text + captured.out + captured.err


async def test_a_failure_midway_ends_the_connection_and_tells_no_more() -> None:
    async with client(fail_midway) as http:
        with pytest.raises(AnswerCutOff) as failure:
            await http.get("/")
    assert SECRET not in str(failure.value)
    assert failure.value.__suppress_context__


async def test_who_is_still_waiting_when_the_server_stops_is_told_to_come_back() -> None:
    async with client(work) as http:
        asking = asyncio.create_task(http.get("/"))
        await asyncio.sleep(0.05)
        asking.cancel()
        response = await asking
    assert (response.status_code, refusal(response)) == (503, "SERVICE_UNAVAILABLE")
    assert response.headers["retry-after"] == "1"
    assert response.headers["cache-control"] == "no-store"
