"""The load: a few connections that each send one ready-made request again, as soon as it is answered or at a rate.

As little as can be is done per answer, so that the figures are the server's: on the same machine the client takes
some of its time.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
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


def make_request(url: str, token: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
    """A whole HTTP request with that JSON body, and with more headers where they are given."""
    parts = urlsplit(url)
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nAccept: application/json\r\n{more}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def run_load(target: Target, *, seconds: float, concurrency: int) -> Load:
    """Send the request on so many connections for so long, each time that the one before is answered.

    Raises BenchFailed where the answers change, OSError where nobody listens.
    """
    return await _run(target, concurrency, lambda start: (_until(start + seconds) for _ in range(concurrency)))


async def run_open_load(target: Target, *, seconds: float, connections: int, rate: float) -> Load:
    """Send so many requests a second, at random moments, whether or not those before are answered.

    A request that must wait for a free connection is counted from the moment at which it was due. Raises as `run_load`.
    """
    arrivals = _arrivals(rate, seconds)
    return await _run(target, connections, lambda start: [(start + at for at in arrivals)] * connections)


def _until(deadline: float) -> Iterator[float]:
    """Now, again and again until the deadline, and once in any case."""
    now = perf_counter()
    yield now
    while (now := perf_counter()) < deadline:
        yield now


def _arrivals(rate: float, seconds: float) -> list[float]:
    """Moments from 0 to `seconds`, independent of each other; the same for the same arguments."""
    draw, at, moments = Random(1), 0.0, []
    while (at := at + draw.expovariate(rate)) < seconds:
        moments.append(at)
    return moments


async def _run(target: Target, concurrency: int, times_from: Callable[[float], Iterable[Iterator[float]]]) -> Load:
    """Send the request when it is due: each connection at its times, which it may share with the others.

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
        for connection, times in zip(connections, times_from(start), strict=True):
            connection.send_at(times)
        await asyncio.gather(*(connection.done for connection in connections))
    finally:
        for connection in connections:
            connection.close()
        await asyncio.sleep(0)  # in which they are
    return Load(perf_counter() - start, [taken for connection in connections for taken in connection.latencies])


class _Connection(asyncio.Protocol):
    """One request at a time, until there are no more times to send at."""

    def __init__(self, target: Target) -> None:
        self.latencies: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._target = target
        self._times: Iterator[float] = iter(())
        self._sent = 0.0
        self._received = bytearray()
        self._wanted = 0  # bytes of the whole answer; 0 until its head is there

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send_at(self, times: Iterator[float]) -> None:
        self._times = times
        self._send_next()

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

    def _send_next(self) -> None:
        due = next(self._times, None)
        if due is None:
            if not self.done.done():
                self.done.set_result(None)
            return
        early = due - perf_counter()
        if early > 0:
            asyncio.get_running_loop().call_later(early, self._send_now)
        else:
            self._sent = due
            self._transport.write(self._target.request)

    def _send_now(self) -> None:
        self._sent = perf_counter()  # the loop's timers are late by up to a millisecond, which isn't the server's
        self._transport.write(self._target.request)

    def _answered(self) -> None:
        self.latencies.append(perf_counter() - self._sent)
        self._received.clear()
        self._wanted = 0
        self._send_next()

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
