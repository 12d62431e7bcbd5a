"""More connections or requests than the server takes: told at once to come back, and nobody else waits for them."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.transport.conftest import Lender
from tests.transport.listening import GOOD_BODY, LAST, Listening, answers, good, head, listening, rest_of


def unfinished(server: Listening, opened: ExitStack, count: int) -> None:
    """So many connections, each with a request in work that waits for its body."""
    for _ in range(count):
        connection = opened.enter_context(server.connect())
        connection.sendall(head(b"Expect: 100-continue", length=100))
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")


def test_whoever_is_too_many_is_told_to_come_back(quiet_lender: Lender, tmp_path: Path) -> None:
    with listening(quiet_lender.database_url, tmp_path, limit_concurrency=3, body_seconds=1) as server:
        with ExitStack() as opened:
            unfinished(server, opened, 2)
            assert server.is_well()
            unfinished(server, opened, 1)
            [answer] = server.ask(good())
            assert (answer.status, answer.code) == (503, "SERVICE_UNAVAILABLE")
            assert (answer.headers["retry-after"], answer.headers["connection"]) == ("1", "close")
            for probe in (b"/livez", b"/readyz"):
                assert [answer.status for answer in server.ask(head(LAST, method=b"GET", path=probe))] == [200]
        assert server.is_well()


def test_what_was_taken_is_finished(quiet_lender: Lender, tmp_path: Path) -> None:
    with listening(quiet_lender.database_url, tmp_path, limit_concurrency=1) as server, server.connect() as first:
        first.sendall(head(LAST, length=len(GOOD_BODY)) + GOOD_BODY[:5])
        first_is_in = server.ask(good())
        first.sendall(GOOD_BODY[5:])
        assert [answer.status for answer in first_is_in] == [503]
        assert [answer.status for answer in answers(rest_of(first))] == [200]


@pytest.mark.parametrize("limit", [1, 2])
def test_one_client_after_the_other_is_not_many(quiet_lender: Lender, tmp_path: Path, limit: int) -> None:
    with listening(quiet_lender.database_url, tmp_path, limit_concurrency=limit) as server:
        received = server.ask(good() * 5 + good(LAST))
    assert [answer.status for answer in received] == [200] * 6
