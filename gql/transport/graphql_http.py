"""GraphQL over HTTP: one endpoint, POST with JSON; a browser that comes to it gets GraphiQL."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar
from uuid import uuid4

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gql.auth.authenticate import viewer_of
from gql.auth.tokens import AccessTokens
from gql.context import Application, Context
from gql.domain.errors import (
    ErrorCode,
    PersistedQueryNotFound,
    RateLimited,
    RequestError,
    TimedOut,
    Unauthenticated,
    Unavailable,
)
from gql.domain.viewer import Anonymous
from gql.errors import log_internal
from gql.execution.pipeline import Outcome
from gql.transport.cookies import authorization, browser_session, write_cookies
from gql.transport.error_answers import error_payload
from gql.transport.graphiql.page import graphiql_page, wants_page
from gql.transport.indexed_headers import IndexedRequest
from gql.transport.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, response_type
from gql.transport.operation_log import OperationLog
from gql.transport.operations import Operations
from gql.transport.request_body import BadRequest, Sent, read_request
from gql.transport.server_sent_events import EventsResponse
from gql.transport.streams import Streams

_ALLOWED = "OPTIONS, POST"
"""What the API takes; a browser's GET of the page is answered before that matters."""


class GraphQLEndpoint:
    """The view of /graphql."""

    def __init__(
        self, application: Application, tokens: AccessTokens, operations: Operations, streams: Streams
    ) -> None:
        self._application = application
        self._settings = application.settings
        self._tokens = tokens
        self._operations = operations
        self._streams = streams
        self._origins = frozenset(self._settings.console_origin_list)
        self._refresh_token_seconds = int(timedelta(days=self._settings.refresh_token_days).total_seconds())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The view as an ASGI application, so that it is asked for every method, known or not."""
        response = await self.handle(IndexedRequest(scope, receive))
        await response(scope, receive, send)

    async def handle(self, http: HttpRequest) -> ASGIApp:
        """Answer one HTTP request."""
        if http.method in ("GET", "HEAD") and wants_page(http):
            return await graphiql_page(http)
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _ALLOWED})
        request_id = uuid4().hex
        log = OperationLog(request_id)
        accept = _accept(http)
        media_type = response_type(accept) or JSON
        try:
            return await self._post(http, accept, media_type, request_id, log)
        except BadRequest as error:
            log.refused([error.code])
            return _answer(error_payload(error.message, error.code), error.status, media_type, request_id)
        except RequestError as error:
            log.refused([error.code])
            status, headers = _status(error, media_type), _retry_after(error)
            return _answer(error_payload(error.message, error.code), status, media_type, request_id, headers)
        except Exception as error:  # the last resort: masked for the client, logged for us
            payload = error_payload("Something went wrong on our side.", ErrorCode.INTERNAL_SERVER_ERROR)
            payload["errors"][0]["extensions"]["errorId"] = log_internal(error)
            return _answer(payload, 500, media_type, request_id)

    async def _post(
        self, http: HttpRequest, accept: str, media_type: str, request_id: str, log: OperationLog
    ) -> ASGIApp:
        if http.method != "POST":
            raise BadRequest(405, "Send a POST request.")
        if response_type(accept) is None:
            raise BadRequest(406, f"Accept `{GRAPHQL_RESPONSE}` or `{JSON}`.")
        browser = browser_session(http, self._origins)
        sent = await read_request(http, most_bytes=self._settings.max_body_bytes)
        log.begins(sent)
        address = http.client.host if http.client else None
        try:
            async with asyncio.timeout(self._settings.request_seconds) as work:
                viewer = await viewer_of(self._application.database, self._tokens, authorization(http))
                context = Context(self._application, viewer, request_id, address, browser)
                if media_type == EVENT_STREAM:
                    begun = await self._subscribe(sent, context, log)
                else:
                    begun = await self._operations.run(sent, context)
        except TimeoutError:
            if work.expired():  # else it is the work's own
                raise TimedOut from None
            raise
        if not isinstance(begun, Outcome):
            return begun
        if _is_unavailable(begun.payload):
            raise Unavailable
        # By GraphQL's own media type a request that can't be executed is a 400; older clients of plain JSON expect 200.
        status = 400 if not begun.executed and media_type != JSON else 200
        answer = _Json(self._operations.json_of(begun.payload, log), status, media_type, request_id)
        write_cookies(answer, browser, self._refresh_token_seconds)
        return answer

    async def _subscribe(self, sent: Sent, context: Context, log: OperationLog) -> Outcome | ASGIApp:
        if isinstance(context.viewer, Anonymous):
            raise Unauthenticated(context.viewer.reason or "Sign in to subscribe.")
        begun = await self._operations.subscribe(sent, context)
        if isinstance(begun, Outcome):
            return begun
        stream = self._streams.open(context.viewer)
        headers = {"X-Request-Id": context.request_id}
        return EventsResponse(begun, partial(self._operations.json_of, log=log), stream, self._streams, headers)


def _is_unavailable(payload: Mapping[str, Any]) -> bool:
    """Whether there is nothing to show for the operation, because what it needed did not answer.

    A change may be done for all that: what failed may have been the reading after it. Whoever repeats it uses its
    idempotency key. What was found or done beside the errors is told, with them, as any answer.
    """
    codes = {error["extensions"]["code"] for error in payload.get("errors", ())}
    found = (payload.get("data") or {}).values()
    return codes == {ErrorCode.SERVICE_UNAVAILABLE} and all(value is None for value in found)


def _status(error: RequestError, media_type: str) -> int:
    match error:
        case Unavailable():
            return 503
        case TimedOut():
            return 504
        case RateLimited():
            return 429
        case PersistedQueryNotFound() if media_type == JSON:
            return 200  # as for all requests that can't be executed: older clients look at no other
    return 400


def _retry_after(error: RequestError) -> Mapping[str, str]:
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "1"} if isinstance(error, Unavailable) else {}


def _accept(http: HttpRequest) -> str:
    """The Accept header, which may come in several lines."""
    return ",".join(http.headers.getlist("accept"))


def _answer(
    payload: dict[str, Any], status: int, media_type: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    answer = _Json(orjson.dumps(payload), status, media_type, request_id)
    answer.headers.update(headers or {})
    if status == 405:
        answer.headers["Allow"] = _ALLOWED
    return answer


class _Json(Response):
    """JSON. To a client that wanted events and gets none, plain JSON."""

    _CONTENT_TYPES: ClassVar = {
        told: (b"content-type", f"{JSON if told == EVENT_STREAM else told}; charset=utf-8".encode())
        for told in (JSON, GRAPHQL_RESPONSE, EVENT_STREAM)
    }

    def __init__(self, body: bytes, status: int, media_type: str, request_id: str) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [
            (b"x-request-id", request_id.encode()),
            (b"content-length", b"%d" % len(body)),
            self._CONTENT_TYPES[media_type],
        ]
