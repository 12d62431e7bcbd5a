"""Subscriptions as server-sent events, by graphql-sse's protocol with a connection for each."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from gql.transport.negotiation import EVENT_STREAM
from gql.transport.streams import Stream, Streams

_QUIET_SECONDS: Final = 15
"""After so long without an event a remark is sent: proxies keep the connection, and a client that left is noticed."""

Answers = AsyncGenerator[dict[str, Any], None]


class EventsResponse:
    """The answer to a subscription: an event for each of its answers, and one when it is complete."""

    def __init__(
        self,
        answers: Answers,
        json_of: Callable[[Mapping[str, Any]], bytes],
        stream: Stream,
        streams: Streams,
        headers: Mapping[str, str],
    ) -> None:
        self._answers = answers
        self._json_of = json_of
        self._stream = stream
        self._streams = streams
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves, the session ends or there are no more."""
        try:
            async with aclosing(self._answers):
                response = StreamingResponse(self._events(), headers=self._headers, media_type=EVENT_STREAM)
                await response(scope, receive, send)
        finally:
            self._streams.close(self._stream)

    async def _events(self) -> AsyncIterator[bytes]:
        yield b":\n\n"  # so that the client has the headers
        ending = asyncio.ensure_future(self._stream.ended.wait())
        coming: asyncio.Future[dict[str, Any]] | None = None
        try:
            while True:
                coming = coming or asyncio.ensure_future(anext(self._answers))
                waits: list[asyncio.Future[Any]] = [coming, ending]
                await asyncio.wait(waits, timeout=_QUIET_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if ending.done():
                    return  # nothing is said: whoever comes again is told why
                if not coming.done():
                    yield b":\n\n"
                    continue
                try:
                    answer = coming.result()
                except StopAsyncIteration:
                    break
                coming = None
                yield b"event: next\ndata: " + self._json_of(answer) + b"\n\n"
            yield b"event: complete\ndata:\n\n"
        finally:
            for waiting in (coming, ending):
                if waiting is not None:
                    waiting.cancel()
            await asyncio.gather(*(w for w in (coming, ending) if w is not None), return_exceptions=True)
