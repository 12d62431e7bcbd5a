"""What is too long, too large or no HTTP at all is told in JSON, and the client gets to read it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.transport.conftest import Lender
from tests.transport.listening import GOOD_ANSWER, LAST, Listening, answers, good, head, listening, rest_of

URL, HEADERS, BODY = 8_192, 16_384, 100_000
SMALL = b"a: b"


@pytest.fixture(scope="module")
def server(quiet_lender: Lender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    """The application with its own limits."""
    with listening(quiet_lender.database_url, tmp_path_factory.mktemp("server")) as opened:
        yield opened


def chunked(size: int) -> bytes:
    """A request whose body has that size, which it doesn't announce."""
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [b" " * 10_000] * (size // 10_000))
    return head(b"Transfer-Encoding: chunked", LAST) + chunks + b"0\r\n\r\n"


def address(size: int) -> bytes:
    """A request with an address of that size."""
    return head(LAST, method=b"GET", path=b"/livez?".ljust(size, b"x"))


def one_header(size: int) -> bytes:
    """A request with one header of that size."""
    return head(LAST, b"x: ".ljust(size, b"y"), method=b"GET", path=b"/livez")


TOO_MUCH = {
    "an address": (address(URL + 1), 414, "BAD_USER_INPUT"),
    "an address of 200 KB": (address(200_000), 414, "BAD_USER_INPUT"),
    "one header": (one_header(HEADERS), 431, "BAD_USER_INPUT"),
    "one header of 500 KB": (one_header(500_000), 431, "BAD_USER_INPUT"),
    "one header that doesn't end": (head()[:-2] + b"x: " + b"y" * 400_000, 431, "BAD_USER_INPUT"),
    "a name of a header that doesn't end": (head()[:-2] + b"y" * 400_000, 431, "BAD_USER_INPUT"),
    "small headers": (head(LAST, *[SMALL] * 3_000), 431, "BAD_USER_INPUT"),
    "headers before a body": (head(*[SMALL] * 3_000, length=100), 431, "BAD_USER_INPUT"),
    "trailers": (
        head(b"Transfer-Encoding: chunked") + b"1\r\n{\r\n0\r\n" + b"x: y\r\n" * 4_000 + b"\r\n",
        431,
        "BAD_USER_INPUT",
    ),
    "an announced body": (good(LAST).replace(b"Length: 27", b"Length: 100001"), 413, "PAYLOAD_TOO_LARGE"),
    "a body that comes": (head(LAST, length=300_000) + b" " * 300_000, 413, "PAYLOAD_TOO_LARGE"),
    "a chunked body": (chunked(BODY + 10_000), 413, "PAYLOAD_TOO_LARGE"),
    "a chunked body of 2 MB": (chunked(2_000_000), 413, "PAYLOAD_TOO_LARGE"),
}


@pytest.mark.parametrize(("sent", "status", "code"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_refused_with_a_code(server: Listening, sent: bytes, status: int, code: str) -> None:
    [answer] = server.ask(sent)
    assert (answer.status, answer.code) == (status, code)
    assert server.is_well()


def test_what_is_just_within_the_bounds_is_taken(server: Listening) -> None:
    of_ours = sum(len(line) + 2 for line in head(LAST).split(b"\r\n")[1:-2])
    for sent in (address(URL), one_header(HEADERS - of_ours - 2), chunked(BODY - 10_000)):
        [answer] = server.ask(sent)
        assert answer.status in (200, 400), sent[:100]


def test_many_requests_at_once_are_not_one_large_one(server: Listening) -> None:
    """Sizes are each request's own, however they are cut into packets."""
    padded = good(b"x: ".ljust(10_000, b"y"))
    with server.connect() as connection:
        connection.sendall(padded * 20 + good(LAST)[:100])
        connection.sendall(good(LAST)[100:])
        received = answers(rest_of(connection))
    assert [(answer.status, answer.json) for answer in received] == [(200, GOOD_ANSWER)] * 21


def test_a_client_that_sends_far_ahead_gets_some_answers_and_then_the_end(server: Listening) -> None:
    """What is parsed is kept, and worked on at somebody else's cost: a client may come again for the rest."""
    received = server.ask(good() * 1_000)
    assert 10 < len(received) < 50
    assert {answer.status for answer in received} == {200}


NO_HTTP = {
    "words": b"hello\r\n\r\n",
    "no request line": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "two lengths": head(b"Content-Length: 5", length=6) + b"123456",
    "a negative length": head(b"Content-Length: -1"),
    "length and chunks": head(b"Transfer-Encoding: chunked", length=5) + b"0\r\n\r\n",
    "a header without a name": head(b": x"),
    "a space before the colon": head(b"x : y"),
    "a folded header": head(b"x: y", b" z"),
    "an address that is none": head(path=b"http://["),
    "an address beyond ASCII": head(path=b"/\xff"),
    "another machine's address to connect to": head(method=b"CONNECT", path=b"elsewhere.example:443"),
    "a chunk without a size": head(b"Transfer-Encoding: chunked") + b"x\r\n",
}


@pytest.mark.parametrize("sent", NO_HTTP.values(), ids=NO_HTTP)
def test_what_is_no_http_is_a_bad_request(server: Listening, sent: bytes) -> None:
    [answer] = server.ask(sent)
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")
    assert answer.headers["connection"] == "close"
    assert server.is_well()


@pytest.mark.parametrize("nonsense", [b"hello\r\n\r\n", chunked(0)[:-5] + b"x\r\n", address(URL + 1)])
def test_what_came_before_nonsense_is_answered_and_nothing_is_taken_for_that_answer(
    server: Listening, nonsense: bytes
) -> None:
    received = server.ask(good() * 3 + nonsense)
    assert [(answer.status, answer.json) for answer in received] == [(200, GOOD_ANSWER)] * 3


def test_an_upgrade_to_another_protocol_is_not_made(server: Listening) -> None:
    """But for WebSockets."""
    upgrade = (b"Connection: Upgrade", b"Upgrade: h2c")
    [answer] = server.ask(head(*upgrade, method=b"GET") + good())
    assert (answer.status, answer.code) == (405, "BAD_USER_INPUT")
    assert answer.headers["connection"] == "close"


def test_an_answer_is_not_lost_on_a_client_that_is_still_sending(server: Listening) -> None:
    """To close with input unread would reset the connection, and the answer with it."""
    with server.connect() as connection:
        connection.sendall(head(LAST, length=30_000_000))
        for _ in range(20):
            connection.sendall(b" " * 50_000)
        [answer] = answers(rest_of(connection))
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")


def test_limits_are_settings(quiet_lender: Lender, tmp_path: Path) -> None:
    small: dict[str, Any] = {"max_url_bytes": 100, "max_header_bytes": 1_000, "max_body_bytes": 1_000}
    with listening(quiet_lender.database_url, tmp_path, **small) as server:
        for sent, status in (
            (address(101), 414),
            (address(100), 200),
            (one_header(1_000), 431),
            (one_header(700), 200),
            (head(LAST, length=1_001) + b" " * 1_001, 413),
        ):
            assert [answer.status for answer in server.ask(sent)] == [status]
