"""Clients who stall: each kind of them, many at a time, and how long a server puts up with them."""

import select
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from tests.transport.listening import Listening, good, head

Stall = Callable[[Listening], socket.socket]


def _sending(sent: bytes) -> Stall:
    def stall(server: Listening) -> socket.socket:
        connection = server.connect()
        connection.sendall(sent)
        return connection

    return stall


def reading_nothing(request: bytes) -> Stall:
    """Asks again and again, as far as the server takes it, and reads no answer."""

    def stall(server: Listening) -> socket.socket:
        connection = server.connect(receive_buffer=4_096)
        connection.setblocking(False)
        requests = request * 500
        try:
            while connection.send(requests):
                pass
        except OSError:  # nothing more is taken, or the server has seen enough already
            pass
        return connection

    return stall


UNFINISHED: Mapping[str, Stall] = {
    "nothing sent": _sending(b""),
    "line ends only": _sending(b"\r\n\r\n"),
    "headers never finished": _sending(head(length=100)[:-10]),
    "body never finished": _sending(head(length=100) + b"{"),
    "chunks never finished": _sending(head(b"Transfer-Encoding: chunked") + b"5\r\n{"),
    "headers of a second request never finished": _sending(good() + head(length=100)[:-10]),
    "body of a second request never finished": _sending(good() + head(length=100) + b"{"),
}


def seconds_until_dropped(connections: Sequence[socket.socket], *, reading: bool, at_most: float) -> list[float]:
    """How long the server kept each of them; those that it still keeps in the end are not among them.

    `reading`: take what the server says, its last word included, as a client does that is merely slow.
    """
    begun, found = time.monotonic(), []
    poll = select.poll()
    # Without reading there is nothing to be told but the end.
    wanted = select.POLLIN if reading else 0
    by_number = {connection.fileno(): connection for connection in connections}
    for number in by_number:
        poll.register(number, wanted | select.POLLERR | select.POLLHUP)
    while by_number and (left := begun + at_most - time.monotonic()) > 0:
        for number, happened in poll.poll(left * 1_000):
            if happened & (select.POLLERR | select.POLLHUP) or (reading and _has_ended(by_number[number])):
                poll.unregister(number)
                del by_number[number]
                found.append(time.monotonic() - begun)
    return found


def _has_ended(connection: socket.socket) -> bool:
    try:
        return not connection.recv(65_536)
    except OSError:
        return True


@contextmanager
def stalled(server: Listening, stall: Stall, count: int) -> Iterator[Sequence[socket.socket]]:
    """So many clients of a kind."""
    with ExitStack() as opened:
        yield [opened.enter_context(stall(server)) for _ in range(count)]
