"""HTTP/1.1 as uvicorn speaks it, to clients who may be slow, greedy or broken.

At any time a connection is either worked for or has a deadline: uvicorn by itself ends idle ones only.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import orjson
from starlette.types import ASGIApp
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gql.domain.errors import ErrorCode, Unavailable
from gql.transport.allowed_hosts import PROBES
from gql.transport.error_answers import JSON_IN_UTF8, error_answer, error_payload
from gql.transport.lingering import LingeringTransport
from gql.transport.security_headers import Header, completed
from gql.transport.wire_limits import WireLimits

ON_STOP = "on_stop"
"""In the application's state: a function to call when the server begins to stop, perhaps several times."""

_MOST_QUEUED = 32
"""Requests that one connection may have waiting for their turn. uvicorn parses and keeps whatever is sent ahead."""


class _Stage(Enum):
    BETWEEN = "between requests"
    HEADERS = "within the headers of one"
    BODY = "within its body"


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: HTTPStatus
    message: str
    code: ErrorCode = ErrorCode.BAD_USER_INPUT


_MALFORMED = _Refusal(HTTPStatus.BAD_REQUEST, "This is not an HTTP request.")
_TOO_SLOW = _Refusal(HTTPStatus.REQUEST_TIMEOUT, "The request took too long to arrive.", ErrorCode.TIMEOUT)


class _Refused(Exception):
    """Raised inside the parser, which gives up the connection's input then."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        limits: WireLimits,
        headers: tuple[Header, ...],
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = limits
        self._headers = headers
        self._stage = _Stage.BETWEEN
        self._deadline: asyncio.TimerHandle | None = None
        self._refusal = _MALFORMED
        self._input_ended = False
        self._chunk_bytes = 0
        self._head_bytes = 0
        """Received since the chunk in which the request began, that one included."""
        self._chunk_of_begin = 0

    # What the transport tells.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request has its deadline from here."""
        self._wire = LingeringTransport(transport, write_seconds=self._limits.write_seconds, unread=self._has_unread)
        super().connection_made(self._wire)  # type: ignore[arg-type]
        self._await_more(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._await_no_more()
        self._wire.lost()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse it; what is still to come then has its deadline, which more of the same doesn't put off."""
        if self._input_ended or self.transport.is_closing():
            return
        self._chunk_bytes = len(data)
        self._head_bytes += len(data)
        super().data_received(data)
        if self._stage is _Stage.HEADERS:
            self._check_unfinished_head()
        if self._deadline is None and not self._input_ended:
            if self._stage is _Stage.BODY:
                self._await_more(self._limits.body_seconds_of(self.url))
            elif self._stage is _Stage.HEADERS or self._is_idle():
                self._await_more(self._limits.header_seconds)

    def pause_writing(self) -> None:
        """The client takes less than we write."""
        super().pause_writing()
        self._wire.watch_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        super().resume_writing()
        self._wire.unwatch_writing()

    # What the parser tells.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._stage = _Stage.HEADERS
        self._head_bytes = self._chunk_of_begin = self._chunk_bytes
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Check their size, where it could be too large, and start the work."""
        limits = self._limits
        if len(self.pipeline) >= _MOST_QUEUED:
            raise _Refused  # those before it are answered, then the connection ends
        if len(self.url) > limits.url_bytes:
            raise self._too_long()
        if self._head_bytes > limits.header_bytes and _size(self.headers) > limits.header_bytes:
            raise self._too_long()
        super().on_headers_complete()
        self._stage = _Stage.BODY
        self._await_no_more()

    def on_message_complete(self) -> None:
        """The request is whole."""
        limit = self._limits.header_bytes
        if self._head_bytes > limit and _size(self.headers) > limit:  # trailers are headers, too
            raise self._too_long()
        super().on_message_complete()
        self._stage = _Stage.BETWEEN
        self._await_no_more()

    def _unsupported_upgrade_warning(self) -> None:
        """Another protocol was asked for: the answer is HTTP's, and the parser, which stopped, is done."""
        self.cycle.keep_alive = False
        self._input_ended = True

    def _should_upgrade(self) -> bool:
        """Beyond the limit a socket is refused as any other request is."""
        return bool(super()._should_upgrade()) and len(self.connections) <= self._limits.connections

    def handle_websocket_upgrade(self) -> None:
        """From here on the connection is uvicorn's protocol for WebSockets, which has bounds of its own."""
        self._input_ended = True
        self._await_no_more()
        self.transport = self._wire.handed_over()
        super().handle_websocket_upgrade()

    # What the answer tells.

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        most = self._limits.connections
        # A connection has one request in work, and for a moment one that just ended; the rest is of clients who left.
        if (len(self.connections) > most or len(self.tasks) > 2 * most) and cycle.scope["path"] not in PROBES:
            cycle.keep_alive = False
            app = self._too_busy()
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Close the connection where nothing more is read from it."""
        was_last = not self.pipeline
        super().on_response_complete()
        if was_last and self._input_ended:
            self.transport.close()

    def _too_busy(self) -> ASGIApp:
        busy = Unavailable("The server has too much to do. Try again in a moment.")
        answer = error_answer(503, busy.message, busy.code, {"Retry-After": "1", "Connection": "close"})
        answer.raw_headers = completed(answer.raw_headers, self._headers)
        return answer

    def shutdown(self) -> None:
        """The server stops: what would go on for ever must be told to end."""
        if ON_STOP in self.app_state:
            self.app_state[ON_STOP]()
        super().shutdown()

    # Deadlines.

    def _await_more(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._came_too_late, seconds)

    def _await_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _came_too_late(self, seconds: float) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:  # it is we who don't take what the client may well have sent
            self._await_more(seconds)
        elif self._stage is _Stage.BETWEEN:
            self.transport.close()
        else:
            self._refuse(_TOO_SLOW)

    def _is_idle(self) -> bool:
        """Nothing is worked on, and uvicorn doesn't count the time either: what came was no more than line ends."""
        return not self._is_working() and self.timeout_keep_alive_task is None

    def _is_working(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _has_unread(self) -> bool:
        return self._stage is not _Stage.BETWEEN or self._input_ended

    # Refusals.

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn when the parser has failed, or was made to."""
        self._refuse(self._refusal)

    def _check_unfinished_head(self) -> None:
        """The parser keeps an unfinished header to itself, so that what came is counted instead."""
        limits = self._limits
        if self._head_bytes - self._chunk_of_begin > limits.url_bytes + limits.header_bytes:
            self._too_long()
            self._refuse(self._refusal)

    def _too_long(self) -> _Refused:
        """Note what is to be answered."""
        limits = self._limits
        if len(self.url) > limits.url_bytes:
            message = f"The address may have {limits.url_bytes} bytes at most."
            self._refusal = _Refusal(HTTPStatus.REQUEST_URI_TOO_LONG, message)
        else:
            message = f"The headers may have {limits.header_bytes} bytes at most, all together."
            self._refusal = _Refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        return _Refused()

    def _refuse(self, refusal: _Refusal) -> None:
        """Take no more input, and say why where the answer can't be taken for that to an earlier request."""
        self._input_ended = True
        self._await_no_more()
        if self._stage is _Stage.BODY and self._is_working():
            broken = self.cycle
            queued = next((entry for entry in self.pipeline if entry[0] is broken), None)
            if queued is not None:
                self.pipeline.remove(queued)
                return
            broken.disconnected = True  # its application is told, and heard no more
            broken.message_event.set()
            if broken.response_started:
                self._wire.abort()
                return
        elif self._is_working():
            return  # on_response_complete closes
        if self._stage is not _Stage.BODY or not self.cycle.response_started:
            self.transport.write(self._answer(refusal))
        self.transport.close()

    def _answer(self, refusal: _Refusal) -> bytes:
        body = orjson.dumps(error_payload(refusal.message, refusal.code))
        headers = (
            *self.server_state.default_headers,
            *self._headers,
            (b"content-type", JSON_IN_UTF8.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        )
        status = b"HTTP/1.1 %d %s" % (refusal.status, refusal.status.phrase.encode())
        return b"\r\n".join([status, *(b"%s: %s" % header for header in headers), b"", body])


def _size(headers: list[Header]) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)
