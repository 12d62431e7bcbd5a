"""GraphQL over HTTP: one endpoint, POST with JSON; a browser that comes to it gets GraphiQL."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import uuid4

import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gql.auth.authenticate import viewer_of
from gql.auth.tokens import AccessTokens
from gql.context import Application, Context
from gql.domain.errors import (
    ErrorCode,
    Forbidden,
    PersistedQueryNotFound,
    RateLimited,
    RequestError,
    Unauthenticated,
    Unavailable,
)
from gql.domain.viewer import AdminViewer, Anonymous, Viewer
from gql.errors import log_internal
from gql.execution.documents import Request
from gql.execution.pipeline import Outcome, Pipeline
from gql.transport.budget import Budget, Charge
from gql.transport.documents import Documents
from gql.transport.graphiql.page import graphiql_page, wants_page
from gql.transport.negotiation import GRAPHQL_RESPONSE, JSON, response_type
from gql.transport.request_body import BadRequest, Sent, read_request

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
        self._settings = application.settings
        self._tokens = tokens
        self._pipeline = pipeline
        self._budget = Budget(self._settings.points_per_minute)
        self._documents = Documents(application.database, only_registered=self._settings.only_registered_documents)

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
            outcome = await self._post(http, accept, request_id)
            # By GraphQL's own media type a request that can't be executed is a 400; older clients of plain JSON
            # expect 200.
            failed = not outcome.executed and media_type == GRAPHQL_RESPONSE
            return self._bounded(outcome.payload, 400 if failed else 200, media_type, request_id)
        except BadRequest as error:
            return _answer(_error(error.message, error.code), error.status, media_type, request_id)
        except RequestError as error:
            status = _status(error, media_type)
            return _answer(_error(error.message, error.code), status, media_type, request_id, _retry_after(error))
        except Exception as error:  # the last resort: masked for the client, logged for us
            payload = _error("Something went wrong on our side.", ErrorCode.INTERNAL_SERVER_ERROR)
            payload["errors"][0]["extensions"]["errorId"] = log_internal(error)
            return _answer(payload, 500, media_type, request_id)

    async def _post(self, http: HttpRequest, accept: str, request_id: str) -> Outcome:
        if http.method != "POST":
            raise BadRequest(405, "Send a POST request.")
        if response_type(accept) is None:
            raise BadRequest(406, f"Accept `{GRAPHQL_RESPONSE}` or `{JSON}`.")
        sent = await read_request(http, most_bytes=self._settings.max_body_bytes)
        viewer = await viewer_of(self._application.database, self._tokens, http.headers.get("authorization"))
        context = Context(self._application, viewer, request_id)
        return await self._run(sent, context)

    async def _run(self, sent: Sent, context: Context) -> Outcome:
        """Execute what was sent, as far as the viewer's budget goes."""
        user = context.actor.id
        text, is_registered = await self._documents.find(sent, remember=user is not None)
        charges: list[Charge] = []

        def admit(nodes: int) -> None:
            if user is not None:  # others can do nothing but sign in, which has bounds of its own
                charges.append(self._budget.charge(user, nodes))

        outcome = await self._pipeline.run(
            Request(text, sent.variables, sent.operation_name, is_registered),
            context,
            refuse_introspection=_refusal_of_introspection(context.viewer),
            admit=admit,
        )
        if sent.wants_cost and charges:
            outcome.payload["extensions"] = {"cost": asdict(charges[0])}
        return outcome

    def _bounded(self, payload: dict[str, Any], status: int, media_type: str, request_id: str) -> Response:
        """The answer, unless it is too large: then what was done stays done, and the client is told."""
        most = self._settings.max_response_bytes
        body = orjson.dumps(payload)
        if len(body) > most:
            message = f"The answer has {len(body)} bytes; at most {most} are allowed. Ask for fewer fields or rows."
            body = orjson.dumps({"data": None} | _error(message, ErrorCode.PAYLOAD_TOO_LARGE))
        return _response(body, status, media_type, request_id)


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


def _status(error: RequestError, media_type: str) -> int:
    if isinstance(error, Unavailable):
        return 503
    if isinstance(error, RateLimited):
        return 429
    # As for all requests that can't be executed: a 400 by GraphQL's own media type, 200 for older clients.
    return 200 if isinstance(error, PersistedQueryNotFound) and media_type == JSON else 400


def _retry_after(error: RequestError) -> dict[str, str]:
    if isinstance(error, RateLimited):
        return {"Retry-After": str(error.retry_after)}
    return {"Retry-After": "1"} if isinstance(error, Unavailable) else {}


def _answer(
    payload: dict[str, Any], status: int, media_type: str, request_id: str, headers: Mapping[str, str] | None = None
) -> Response:
    more = {"Allow": _ALLOWED} if status == 405 else {}
    return _response(orjson.dumps(payload), status, media_type, request_id, {**more, **(headers or {})})


def _response(
    body: bytes, status: int, media_type: str, request_id: str, more: Mapping[str, str] | None = None
) -> Response:
    headers = {**_HEADERS, "X-Request-Id": request_id, **(more or {})}
    return Response(body, status, headers, media_type=f"{media_type}; charset=utf-8")
