"""Subscriptions over a WebSocket, by the protocol graphql-transport-ws.

A socket is nobody's until its first message has brought an access token. Whoever breaks the protocol is told by the
code that the socket closes with, as the protocol has them.
"""

import asyncio
from contextlib import aclosing, suppress
from typing import Any, Final
from uuid import uuid4

import orjson
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from gql.auth.authenticate import viewer_of
from gql.auth.tokens import AccessTokens
from gql.context import Application, Context
from gql.domain.errors import ErrorCode, RateLimited, RequestError
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer
from gql.errors import log_internal
from gql.execution.pipeline import Outcome
from gql.transport.cookies import authorization, is_from_console
from gql.transport.operation_log import OperationLog
from gql.transport.operations import Operations
from gql.transport.request_body import BadRequest, Sent, sent_of
from gql.transport.streams import Stream, Streams

PROTOCOL: Final = "graphql-transport-ws"
INIT_SECONDS: Final = 5
SEND_SECONDS: Final = 10
MOST_OPERATIONS: Final = 20
MOST_BYTES: Final = 64 * 1024
"""Of a message; uvicorn is told the same, and closes with 1009 beyond it."""

Message = dict[str, Any]


class _Close(Exception):
    """The socket ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLSockets:
    """The WebSocket of /graphql."""

    def __init__(
        self, application: Application, tokens: AccessTokens, operations: Operations, streams: Streams
    ) -> None:
        self._application = application
        self._tokens = tokens
        self.operations = operations
        self._streams = streams
        self._origins = frozenset(application.settings.console_origin_list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One socket, to its end."""
        websocket = WebSocket(scope, receive, send)
        if not is_from_console(websocket, self._origins):  # any page may open a socket, with our cookies
            await websocket.close()  # before it is accepted: a 403
            return
        speaks = PROTOCOL in websocket.scope["subprotocols"]
        await websocket.accept(PROTOCOL if speaks else None)
        try:
            if not speaks:
                raise _Close(4406, "Subprotocol not acceptable")
            await self._converse(websocket)
        except _Close as close:
            await _close(websocket, close)
        except WebSocketDisconnect:
            pass  # the client has left, or takes nothing any more
        except Exception as error:  # the last resort: masked for the client, logged for us
            log_internal(error)
            await _close(websocket, _Close(1011, "Internal error"))

    async def _converse(self, websocket: WebSocket) -> None:
        viewer = await self._begin(websocket)
        try:
            stream = self._streams.open(viewer)
        except RateLimited as error:
            raise _Close(4429, error.message) from None
        try:
            await _send(websocket, {"type": "connection_ack"})
            await _Conversation(websocket, self, viewer).run(stream)
        finally:
            self._streams.close(stream)

    async def _begin(self, websocket: WebSocket) -> AdminViewer | CustomerViewer:
        """Wait for the first message, and for whom it is from."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                message = await _receive(websocket)
                while message["type"] == "ping":
                    await _send(websocket, {"type": "pong"})
                    message = await _receive(websocket)
        except TimeoutError:
            raise _Close(4408, "Connection initialisation timeout") from None
        if message["type"] == "subscribe":
            raise _Close(4401, "Unauthorized")
        if message["type"] != "connection_init":
            raise _Close(4400, "Invalid message")
        viewer = await self._viewer(websocket, message.get("payload"))
        if isinstance(viewer, Anonymous):
            raise _Close(4403, "Forbidden")
        return viewer

    async def _viewer(self, websocket: WebSocket, payload: Any) -> AdminViewer | CustomerViewer | Anonymous:
        given = payload if isinstance(payload, dict) else {}
        credential = given.get("Authorization", given.get("authorization", websocket.headers.get("authorization")))
        if credential is None and "origin" in websocket.headers:
            credential = authorization(websocket)  # a page's cookie: that it is not another site's was asked before
        if not isinstance(credential, str):
            return Anonymous()
        try:
            return await viewer_of(self._application.database, self._tokens, credential)
        except RequestError as error:  # the database doesn't answer
            raise _Close(1013, error.message) from None

    async def subscribe(
        self, sent: Sent, viewer: AdminViewer | CustomerViewer, request_id: str, address: str | None
    ) -> Any:
        """Begin one subscription, with a context of its own that belongs to whoever the viewer is by now."""
        context = Context(self._application, viewer, request_id, address)
        await context.check_again()
        return await self.operations.subscribe(sent, context)


class _Conversation:
    """What goes on on a socket between its first message and its end."""

    def __init__(self, websocket: WebSocket, sockets: GraphQLSockets, viewer: AdminViewer | CustomerViewer) -> None:
        self._websocket = websocket
        self._sockets = sockets
        self._viewer = viewer
        self._running: dict[str, asyncio.Task[None]] = {}
        self._lost = asyncio.Event()
        """Something could not be sent: whoever has missed an event must not stay, and believe that there was none."""

    async def run(self, stream: Stream) -> None:
        """Until either side leaves, or the session ends."""
        listening = asyncio.create_task(self._listen())
        others = [asyncio.create_task(event.wait()) for event in (stream.ended, self._lost)]
        try:
            await asyncio.wait([listening, *others], return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
            if self._lost.is_set():
                raise WebSocketDisconnect
            raise _Close(1012, "Service restart") if stream.server_stops else _Close(4401, "Unauthorized")
        finally:
            tasks = [listening, *others, *self._running.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            message = await _receive(self._websocket)
            match message:
                case {"type": "ping"}:
                    await _send(self._websocket, {"type": "pong"})
                case {"type": "pong"}:
                    pass
                case {"type": "connection_init"}:
                    raise _Close(4429, "Too many initialisation requests")
                case {"type": "subscribe", "id": str(key), "payload": dict(payload)} if key:
                    self._start(key, payload)
                case {"type": "complete", "id": str(key)}:
                    task = self._running.pop(key, None)
                    if task is not None:
                        task.cancel()
                case _:
                    raise _Close(4400, "Invalid message")

    def _start(self, key: str, payload: Message) -> None:
        if key in self._running:
            raise _Close(4409, "Subscriber already exists")
        if len(self._running) >= MOST_OPERATIONS:
            raise _Close(4429, "Too many operations")
        task = self._running[key] = asyncio.create_task(self._answer(key, payload))
        task.add_done_callback(lambda done: self._forget(key, done))

    def _forget(self, key: str, done: asyncio.Task[None]) -> None:
        if self._running.get(key) is done:
            del self._running[key]
        if not done.cancelled() and done.exception() is not None:
            self._lost.set()

    async def _answer(self, key: str, payload: Message) -> None:
        """One subscription, to its end. The client is told of whatever ends it; raises where it can't be."""
        request_id = uuid4().hex
        log = OperationLog(request_id)
        try:
            sent = sent_of(payload)
            log.begins(sent)
            client = self._websocket.client
            begun = await self._sockets.subscribe(sent, self._viewer, request_id, client.host if client else None)
            if isinstance(begun, Outcome):
                log.answered(begun.payload)
                await self._tell(key, "error", begun.payload["errors"])
                return
            async with aclosing(begun) as answers:
                async for answer in answers:
                    await self._tell(key, "next", orjson.Fragment(self._sockets.operations.json_of(answer, log)))
            self._running.pop(key, None)  # before the client may use the ID again
            await self._tell(key, "complete")
        except (BadRequest, RequestError) as error:
            log.refused([error.code])
            await self._tell(key, "error", [_error(error.message, error.code)])
        except WebSocketDisconnect:
            raise
        except Exception as error:  # the last resort: masked for the client, logged for us
            told = _error("Something went wrong on our side.", ErrorCode.INTERNAL_SERVER_ERROR)
            told["extensions"]["errorId"] = log_internal(error)
            await self._tell(key, "error", [told])

    async def _tell(self, key: str, kind: str, payload: Any = None) -> None:
        message = {"id": key, "type": kind} | ({} if payload is None else {"payload": payload})
        await _send(self._websocket, message)


async def _close(websocket: WebSocket, close: _Close) -> None:
    with suppress(RuntimeError, TimeoutError):  # it may be gone already
        async with asyncio.timeout(SEND_SECONDS):
            await websocket.close(close.code, close.reason)


def _error(message: str, code: ErrorCode) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code}}


async def _send(websocket: WebSocket, message: Message) -> None:
    """Raises WebSocketDisconnect where nobody takes it, or not in time."""
    text = orjson.dumps(message).decode()
    try:
        async with asyncio.timeout(SEND_SECONDS):
            await websocket.send_text(text)
    except (RuntimeError, TimeoutError) as error:  # Starlette's word for a closed socket; a client that stalls
        raise WebSocketDisconnect from error


async def _receive(websocket: WebSocket) -> Message:
    received = await websocket.receive()
    if received["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(received.get("code", 1005))
    text = received.get("text")
    if text is None or len(text) > MOST_BYTES:
        raise _Close(4400, "Invalid message")
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _Close(4400, "Invalid message") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise _Close(4400, "Invalid message")
    return message
