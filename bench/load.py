"""The load: a few connections that each send one ready-made request again as soon as it is answered.

As little as can be is done per answer, so that the figures are the server's: on the same machine the client takes
some of its time.
"""

import asyncio
import ssl
from dataclasses import dataclass
from time import perf_counter
from typing import cast
from urllib.parse import urlsplit

from bench import BenchFailed

_CONTENT_LENGTH = b"\r\ncontent-length:"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes, and what it is: the bytes to send, and the length of the body that must come back."""

    url: str
    request: bytes
    answer_length: int


@dataclass(frozen=True, slots=True)
class Load:
    """What the connections saw together: how long it took until the last answer, and each answer's own time."""

    seconds: float
    latencies: list[float]


def make_request(url: str, token: str, body: bytes) -> bytes:
    """A whole HTTP request with that JSON body."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run_load(target: Target, *, seconds: float, concurrency: int) -> Load:
    """Send the request on so many connections for so long.

    Raises BenchFailed where the answers change, OSError where nobody listens.
    """
    loop = asyncio.get_running_loop()
    parts = urlsplit(target.url)
    secure = ssl.create_default_context() if parts.scheme == "https" else None
    host, port = parts.hostname or "", parts.port or (443 if secure else 80)
    opening = [loop.create_connection(lambda: _Connection(target), host, port, ssl=secure) for _ in range(concurrency)]
    connections = [connection for _, connection in await asyncio.gather(*opening)]
    start = perf_counter()
    try:
        for connection in connections:
            connection.go_on_until(start + seconds)
        await asyncio.gather(*(connection.done for connection in connections))
    finally:
        for connection in connections:
            connection.close()
        await asyncio.sleep(0)  # in which they are
    return Load(perf_counter() - start, [taken for connection in connections for taken in connection.latencies])


class _Connection(asyncio.Protocol):
    """One request at a time until the deadline."""

    def __init__(self, target: Target) -> None:
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._deadline = self._sent = 0.0
        self._received = bytearray()
        self._wanted = 0  # bytes of the whole answer; 0 until its head is there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def go_on_until(self, deadline: float) -> None:
        self._deadline = deadline
        self._send()

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        if not self._wanted:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return
            if not self._is_as_before(bytes(received[: end + 2]).lower()):
                return
            self._wanted = end + 4 + self._target.answer_length
        if len(received) >= self._wanted:
            self._answered()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("the connection was closed")

    def _send(self) -> None:
        self._sent = perf_counter()
        self._transport.write(self._target.request)

    def _answered(self) -> None:
        now = perf_counter()
        self.latencies.append(now - self._sent)
        self._received.clear()
        self._wanted = 0
        if now < self._deadline:
            self._send()
        elif not self.done.done():
            self.done.set_result(None)

    def _is_as_before(self, head: bytes) -> bool:
        if not head.startswith(b"http/1.1 200 "):
            status_line = head.partition(b"\r\n")[0].decode("latin-1")
            self._fail(f"the answer was {status_line}")
            return False
        _, _, after = head.partition(_CONTENT_LENGTH)
        if after.partition(b"\r\n")[0].strip() != b"%d" % self._target.answer_length:
            self._fail("the answer had another length than before: did its data change?")
            return False
        return True

    def _fail(self, what: str) -> None:
        if not self.done.done():
            self.done.set_exception(BenchFailed(f"Under load, {what}."))
