"""A slow client is let go, whatever it is slow at, and nobody else notices."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gql.serving import uvicorn_options
from gql.settings import Settings
from tests.transport.conftest import Lender
from tests.transport.listening import (
    GOOD_ANSWER,
    GOOD_BODY,
    LAST,
    Answer,
    Listening,
    answers,
    good,
    head,
    listening,
    rest_of,
)
from tests.transport.stalled import UNFINISHED, reading_nothing, seconds_until_dropped, stalled

SOON: dict[str, Any] = {"header_seconds": 0.5, "body_seconds": 0.5, "write_seconds": 0.5, "keep_alive_seconds": 1}
MUCH = b"x" * 8_000_000
"""More than the kernel takes for a client that doesn't read."""


async def talkative(scope: Scope, receive: Receive, send: Send) -> None:
    """An application whose answers are long."""
    if scope["type"] == "http":
        await Request(scope, receive).body()
        await Response(MUCH)(scope, receive, send)


@pytest.fixture(scope="module")
def server(quiet_lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """The application with short deadlines."""
    with listening(quiet_lender.database_url, tmp_path_factory.mktemp("server"), **SOON) as opened:
        yield opened


@pytest.fixture(scope="module")
def talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """A server of long answers with the same deadlines."""
    folder = tmp_path_factory.mktemp("talking")
    with listening(f"sqlite:///{folder}/unused.db", folder, app=talkative, **SOON) as opened:
        yield opened


def test_sixty_stalled_clients_of_each_kind_are_let_go_while_an_honest_one_is_answered(server: Listening) -> None:
    kinds = [*UNFINISHED.values(), reading_nothing(good())]
    with ExitStack() as opened:
        waiting = [connection for kind in kinds for connection in opened.enter_context(stalled(server, kind, 60))]
        for _ in range(10):
            assert server.is_well()
        assert len(seconds_until_dropped(waiting, reading=True, at_most=30)) == 60 * len(kinds)
        assert server.is_well()


@pytest.mark.parametrize("request_", [head(method=b"GET"), good()], ids=["GET", "POST"])
def test_who_takes_no_answer_is_let_go(talking: Listening, request_: bytes) -> None:
    """The client isn't told: it doesn't listen."""
    with stalled(talking, reading_nothing(request_), 20) as waiting:
        assert len(seconds_until_dropped(waiting, reading=False, at_most=30)) == 20


def test_who_takes_no_end_of_a_last_answer_is_let_go(talking: Listening) -> None:
    """The connection is to be closed after it, which waits for what is written."""
    with talking.connect(receive_buffer=4_096) as connection:
        connection.sendall(good(LAST))
        assert len(seconds_until_dropped([connection], reading=False, at_most=30)) == 1


def test_who_takes_a_long_answer_slowly_but_steadily_gets_it_all(talking: Listening) -> None:
    """It takes longer than the deadline, in which no more than 64 KiB must be taken."""
    with talking.connect(receive_buffer=65_536) as connection:
        connection.sendall(good(LAST))
        received, begun = bytearray(), time.monotonic()
        while piece := connection.recv(65_536):
            received += piece
            time.sleep(0.02)
    [answer] = answers(bytes(received))
    assert len(answer.body) == len(MUCH)
    assert time.monotonic() - begun > 2 * SOON["write_seconds"]


def trickle(connection: socket.socket, drop: bytes) -> list[Answer]:
    """Send it again and again, until the server has had enough; what it said then."""
    received, end = bytearray(), time.monotonic() + 20
    connection.settimeout(0.05)
    while time.monotonic() < end:
        try:
            connection.sendall(drop)
            piece = connection.recv(65_536)
            received += piece
            if not piece:
                return answers(bytes(received))
        except TimeoutError:
            continue
        except OSError:
            return answers(bytes(received))
    raise AssertionError("the server still listens")


@pytest.mark.parametrize(
    ("begun", "drop", "told"),
    [
        (b"", b"\r\n", []),
        (head()[:-2], b"a: b\r\n", [408]),
        (head()[:-2] + b"x: ", b"y", [408]),
        (head(length=10_000), b" ", [408]),
        (head(b"Transfer-Encoding: chunked"), b"1\r\n \r\n", [408]),
        (good(), b"\r\n", [200]),
        (good() + head(length=10_000), b" ", [200, 408]),
    ],
)
def test_a_trickle_puts_no_deadline_off(server: Listening, begun: bytes, drop: bytes, told: list[int]) -> None:
    with server.connect() as connection:
        connection.sendall(begun)
        heard = trickle(connection, drop)
    assert [answer.status for answer in heard] == told
    assert all(answer.code == "TIMEOUT" for answer in heard if answer.status == 408)
    assert server.is_well()


def test_an_honest_client_may_ask_for_longer_than_any_deadline(server: Listening) -> None:
    with server.connect() as connection:
        end, asked = time.monotonic() + 2, 0
        while time.monotonic() < end:
            connection.sendall(head(length=len(GOOD_BODY)))
            time.sleep(0.05)
            connection.sendall(GOOD_BODY)
            time.sleep(0.05)
            asked += 1
        connection.sendall(good(LAST))
        received = answers(rest_of(connection))
    assert [(answer.status, answer.json) for answer in received] == [(200, GOOD_ANSWER)] * (asked + 1)


def test_an_idle_connection_is_kept_for_as_long_as_the_setting_says(server: Listening) -> None:
    with server.connect() as connection:
        connection.sendall(good())
        begun = time.monotonic()
        assert [answer.status for answer in answers(rest_of(connection))] == [200]
        assert time.monotonic() - begun > 0.8


def test_the_deadlines_are_ten_seconds_and_an_idle_connection_is_kept_for_five(tmp_path: Path) -> None:
    options = uvicorn_options(Settings(var_dir=tmp_path))
    limits = options["http"].keywords["limits"]
    assert (limits.header_seconds, limits.body_seconds, limits.write_seconds) == (10, 10, 10)
    assert options["timeout_keep_alive"] == 5
