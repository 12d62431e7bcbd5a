"""The application behind a real socket, as `lenddesk serve` serves it, and a client that knows nothing but bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson
import structlog
import uvicorn
from starlette.types import ASGIApp

from gql.app import create_app
from gql.logs import configure_logging
from gql.serving import uvicorn_options
from gql.settings import Settings
from tests.patience import PATIENCE

GOOD_BODY = b'{"query": "{ __typename }"}'
GOOD_ANSWER = {"data": {"__typename": "Query"}}


def head(*more: bytes, method: bytes = b"POST", path: bytes = b"/graphql", length: int | None = None) -> bytes:
    """A request's head. Without a length none is announced."""
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: localhost", b"Content-Type: application/json", *more]
    if length is not None:
        lines.append(b"Content-Length: %d" % length)
    return b"\r\n".join([*lines, b"", b""])


def good(*more: bytes) -> bytes:
    """A request that is answered with GOOD_ANSWER."""
    return head(*more, length=len(GOOD_BODY)) + GOOD_BODY


LAST = b"Connection: close"


@dataclass
class Answer:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        """The code of the first error, where the answer is errors and nothing else."""
        assert set(self.json) == {"errors"}
        code: str = self.json["errors"][0]["extensions"]["code"]
        return code


def answers(received: bytes) -> list[Answer]:
    """All the answers in what came over one connection; each has announced its length."""
    found = []
    while received:
        top, _, rest = received.partition(b"\r\n\r\n")
        status, *lines = top.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        found.append(Answer(int(status.split(" ")[1]), headers, rest[:length]))
        received = rest[length:]
    return found


@dataclass
class Listening:
    """A server's address."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The same for HTTP clients."""
        return f"http://{self.host}:{self.port}"

    def connect(self, *, receive_buffer: int | None = None) -> socket.socket:
        """A connection on which nothing was sent yet."""
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(PATIENCE)
        connection.connect((self.host, self.port))
        return connection

    def ask(self, sent: bytes) -> list[Answer]:
        """Send this over a connection of its own, and hear until the server has said all."""
        with self.connect() as connection:
            connection.sendall(sent)
            return answers(rest_of(connection))

    def is_well(self) -> bool:
        """Whether an honest client gets its answer."""
        [answer] = self.ask(good(LAST))
        return (answer.status, answer.json) == (200, GOOD_ANSWER)


def rest_of(connection: socket.socket) -> bytes:
    """All that the server still sends, until it closes its side."""
    received = bytearray()
    while piece := connection.recv(65_536):
        received += piece
    return bytes(received)


@contextmanager
def listening(
    database_url: str, var_dir: Path, *, app: ASGIApp | None = None, log: TextIO | None = None, **settings: Any
) -> Iterator[Listening]:
    """The application, or another in its place, on a free port of 127.0.0.1.

    A `log` gets all that the command would log at its most talkative; without one nothing is logged.
    """
    made = Settings.model_validate(
        {"database_url": database_url, "var_dir": var_dir, "outbox_in_server": False} | settings
    )
    logs = {"log_level": "critical"} if log is None else {"log_config": None}
    config = uvicorn.Config(app or create_app(made), host="127.0.0.1", port=0, **logs, **uvicorn_options(made))
    if log is not None:
        configure_logging("debug", log)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()
        yield Listening(host, port)
    finally:
        server.should_exit = True
        thread.join()
        if log is not None:
            structlog.reset_defaults()
