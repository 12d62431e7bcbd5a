"""Whatever is answered, by whichever layer, carries the security headers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gql.app import create_app
from gql.settings import Settings
from tests.transport.conftest import Lender
from tests.transport.listening import LAST, Answer, Listening, good, head, listening
from tests.transport.test_wire_limits import one_header

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
HSTS = "strict-transport-security"


async def fail(_request: Request) -> Response:
    """What should never happen."""
    raise RuntimeError("customer 08031234567 is to blame")


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "over TLS"])
def server(
    request: pytest.FixtureRequest, quiet_lender: Lender, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Listening, bool]]:
    """The application, with an address that always fails, and whether it says that clients come by HTTPS."""
    folder = tmp_path_factory.mktemp("server")
    settings: dict[str, Any] = {"served_over_tls": request.param, "header_seconds": 0.3, "body_seconds": 0.3}
    app: Starlette = create_app(
        Settings.model_validate({"database_url": quiet_lender.database_url, "var_dir": folder} | settings)
    )
    app.router.routes.append(Route("/fails", fail))
    with listening(quiet_lender.database_url, folder, app=app, **settings) as opened:
        yield opened, request.param


def get(path: bytes, *more: bytes, method: bytes = b"GET") -> bytes:
    """A request without a body."""
    return head(LAST, *more, method=method, path=path)


ANSWERS: dict[str, tuple[bytes, int]] = {
    "data": (good(LAST), 200),
    "no GraphQL": (head(LAST, length=1) + b"{", 400),
    "another method": (get(b"/graphql", method=b"PUT"), 405),
    "OPTIONS": (get(b"/graphql", method=b"OPTIONS"), 204),
    "HEAD": (get(b"/graphql", method=b"HEAD"), 405),
    "nothing there": (get(b"/nothing"), 404),
    "nothing of the page": (get(b"/graphiql/any/nothing.js"), 404),
    "alive": (get(b"/livez"), 200),
    "ready": (get(b"/readyz"), 200),
    "another method for a probe": (get(b"/livez", method=b"POST"), 405),
    "a type that is not taken": (good(LAST, b"Content-Encoding: gzip"), 415),
    "a type that is not offered": (good(LAST, b"Accept: text/css"), 406),
    "too large": (head(LAST, length=100_001), 413),
    "another host": (get(b"/nothing").replace(b"localhost", b"elsewhere.example"), 421),
    "no host": (get(b"/nothing").replace(b"Host: localhost\r\n", b""), 400),
    "a failure": (get(b"/fails"), 500),
    "no HTTP": (b"nonsense\r\n\r\n", 400),
    "a long address": (get(b"/" + b"x" * 9_000), 414),
    "large headers": (one_header(20_000), 431),
    "slow headers": (b"GET / HTTP/1.1\r\n", 408),
    "a slow body": (head(length=10) + b"{", 408),
}


@pytest.mark.parametrize(("sent", "status"), ANSWERS.values(), ids=ANSWERS)
def test_every_answer_carries_them(server: tuple[Listening, bool], sent: bytes, status: int) -> None:
    listens, over_tls = server
    [answer] = answers_for(listens, sent)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    if not sent.startswith(b"GET /graphiql/"):
        assert answer.headers["content-security-policy"] == API_POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers.get(HSTS) == ("max-age=31536000" if over_tls else None)
    assert "server" not in answer.headers


def answers_for(server: Listening, sent: bytes) -> list[Answer]:
    """The answers, those to HEAD without the length that they would have."""
    if not sent.startswith(b"HEAD"):
        return server.ask(sent)
    answer = httpx.head(f"{server.url}/graphql")
    return [Answer(answer.status_code, dict(answer.headers), answer.content)]


OF_THE_API = [
    name
    for name, (sent, status) in ANSWERS.items()
    if status >= 400 and not sent.startswith((b"HEAD", b"GET /graphiql/"))
]


@pytest.mark.parametrize("refused", OF_THE_API)
def test_every_refusal_has_a_code(server: tuple[Listening, bool], refused: str) -> None:
    sent, status = ANSWERS[refused]
    [answer] = server[0].ask(sent)
    expected = {500: "INTERNAL_SERVER_ERROR", 413: "PAYLOAD_TOO_LARGE", 408: "TIMEOUT"}.get(status, "BAD_USER_INPUT")
    assert answer.code == expected
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_failure_is_masked(server: tuple[Listening, bool], capsys: pytest.CaptureFixture[str]) -> None:
    [answer] = server[0].ask(get(b"/fails"))
    captured = capsys.readouterr()
    assert "08031234567" not in answer.body.decode() + captured.out + captured.err


def test_graphiql_keeps_a_policy_of_its_own(server: tuple[Listening, bool]) -> None:
    listens, over_tls = server
    answer = httpx.get(f"{listens.url}/graphql", headers={"Accept": "text/html"})
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (HSTS in answer.headers) is over_tls


def test_too_busy_an_answer_carries_them_too(quiet_lender: Lender, tmp_path: Path) -> None:
    busy: dict[str, Any] = {"limit_concurrency": 1, "served_over_tls": True}
    with listening(quiet_lender.database_url, tmp_path, **busy) as server, server.connect():
        [answer] = server.ask(good())
    assert answer.status == 503
    assert answer.headers["content-security-policy"] == API_POLICY
    assert (answer.headers["cache-control"], answer.headers[HSTS]) == ("no-store", "max-age=31536000")
