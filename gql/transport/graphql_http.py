"""GraphQL over HTTP: one endpoint, POST with JSON; a browser that comes to it gets GraphiQL."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gql.auth.authenticate import viewer_of
from gql.auth.tokens import AccessTokens
from gql.context import Application, BrowserSession, Context
from gql.domain.errors import ErrorCode, Forbidden, RequestError, Unauthenticated, Unavailable
from gql.domain.viewer import AdminViewer, Anonymous, Viewer
from gql.errors import log_internal
from gql.execution.pipeline import Outcome, Pipeline
from gql.transport.cookies import authorization, browser_session, write_cookies
from gql.transport.graphiql.page import graphiql_page, wants_page
from gql.transport.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from gql.transport.request_body import BadRequest, read_request

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_ALLOWED = "OPTIONS, POST"
"""What the API takes; a browser's GET of the page is answered before that matters."""


class GraphQLEndpoint:
    """The view of /graphql."""

    def __init__(self, application: Application, tokens: AccessTokens, pipeline: Pipeline) -> None:
        self._application = application
        self._tokens = tokens
        self._pipeline = pipeline
        settings = application.settings
        self._origins = frozenset(settings.console_origin_list)
        self._refresh_token_seconds = int(timedelta(days=settings.refresh_token_days).total_seconds())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The view as an ASGI application, so that it is asked for every method, known or not."""
        response = await self.handle(HttpRequest(scope, receive))
        await response(scope, receive, send)

    async def handle(self, http: HttpRequest) -> Response:
        """Answer one HTTP request."""
        if http.method in ("GET", "HEAD") and wants_page(http):
            return await graphiql_page(http)
        if http.method == "OPTIONS":
            return Response(status_code=204, headers=_HEADERS | {"Allow": _ALLOWED})
        request_id = uuid4().hex
        accept = _accept(http)
        media_type = response_type(accept) or JSON
        try:
            outcome, browser = await self._post(http, accept, request_id)
            # By GraphQL's own media type a request that can't be executed is a 400; older clients of plain JSON
            # expect 200.
            failed = not outcome.executed and media_type == GRAPHQL_RESPONSE
            answer = _answer(outcome.payload, 400 if failed else 200, media_type, request_id)
            write_cookies(answer, browser, self._refresh_token_seconds)
            return answer
        except BadRequest as error:
            return _answer(_error(error.message, error.code), error.status, media_type, request_id)
        except RequestError as error:
            unavailable = isinstance(error, Unavailable)
            return _answer(_error(error.message, error.code), 503 if unavailable else 400, media_type, request_id)
        except Exception as error:  # the last resort: masked for the client, logged for us
            payload = _error("Something went wrong on our side.", ErrorCode.INTERNAL_SERVER_ERROR)
            payload["errors"][0]["extensions"]["errorId"] = log_internal(error)
            return _answer(payload, 500, media_type, request_id)

    async def _post(self, http: HttpRequest, accept: str, request_id: str) -> tuple[Outcome, BrowserSession | None]:
        if http.method != "POST":
            raise BadRequest(405, "Send a POST request.")
        if response_type(accept) is None:
            raise BadRequest(406, f"Accept `{GRAPHQL_RESPONSE}` or `{JSON}`.")
        browser = browser_session(http, self._origins)
        request = await read_request(http, most_bytes=self._application.settings.max_body_bytes)
        viewer = await viewer_of(self._application.database, self._tokens, authorization(http))
        context = Context(self._application, viewer, request_id, http.client.host if http.client else None, browser)
        refusal = _refusal_of_introspection(viewer)
        return await self._pipeline.run(request, context, refuse_introspection=refusal), browser


def _refusal_of_introspection(viewer: Viewer) -> RequestError | None:
    """Only admins may ask what the schema is."""
    match viewer:
        case AdminViewer():
            return None
        case Anonymous(reason=reason):
            return Unauthenticated(reason) if reason else Unauthenticated("Sign in to read the schema.")
    return Forbidden("The schema is for admins.")


def _accept(http: HttpRequest) -> str:
    """The Accept header, which may come in several lines."""
    return ",".join(http.headers.getlist("accept"))


def _error(message: str, code: ErrorCode) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


def _answer(payload: dict[str, Any], status: int, media_type: str, request_id: str) -> Response:
    headers = _HEADERS | {"X-Request-Id": request_id}
    if status == 405:
        headers["Allow"] = _ALLOWED
    if status == 503:
        headers["Retry-After"] = "1"
    return Response(orjson.dumps(payload), status, headers, media_type=f"{media_type}; charset=utf-8")
