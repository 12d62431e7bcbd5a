"""Requests to signed links, which the API makes.

A link is all that a request needs, and all that it may have: no cookie and no token is looked at. Whoever lost the
session or the right since gets what everybody gets who made a link up: 404. But a link of ours is known by its
signature: using one in vain is a denied attempt, and on record before the answer.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import structlog
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gql.auth.authenticate import viewer_of_session
from gql.context import Application
from gql.db.engine import Database
from gql.domain.denials import is_denied
from gql.domain.enums import SubjectKind
from gql.domain.errors import ErrorCode, Refused, Unavailable
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.denials import Subject
from gql.transport.error_answers import error_answer
from gql.transport.request_body import BadRequest
from gql.vault.links import Link, Purpose

NOTHING: Final = "There is nothing at this address, or not any more. Ask the API for a new link."
PIECE: Final = 262_144
"""Bytes that are written to a file at a time."""

_log = structlog.stdlib.get_logger(__name__)


class Denied(Exception):
    """A link of ours that is good no more, or not for this."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes


@dataclass(frozen=True, slots=True)
class Use:
    """What a method of HTTP does with a link, and how it is called in records of denied attempts."""

    purpose: Purpose
    operation: str
    answer: Callable[[HttpRequest, Link, Actor], Awaitable[Response]]
    """Raises Denied and BadRequest."""


class SignedLinkView:
    """The view of one kind of links; `noun` is what they lead to, in the log."""

    def __init__(
        self,
        application: Application,
        noun: str,
        uses: Mapping[str, Use],
        tried: Callable[[Database, UUID], Awaitable[Subject]],
    ) -> None:
        self._application = application
        self._noun = noun
        self._uses = uses
        self._tried = tried
        self._allowed = ", ".join(sorted([*uses, "OPTIONS"]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The view as an ASGI application."""
        http, request_id = HttpRequest(scope, receive), uuid4().hex
        try:
            response = await self._handle(http, request_id)
        except BadRequest as error:
            headers = {"Allow": self._allowed} if error.status == 405 else {}
            response = error_answer(error.status, error.message, error.code, headers)
        except Unavailable as error:
            response = error_answer(503, error.message, error.code, {"Retry-After": "1"})
        response.headers["X-Request-Id"] = request_id
        _log.info(self._noun, method=http.method, status=response.status_code, request_id=request_id)
        await response(scope, receive, send)

    async def _handle(self, http: HttpRequest, request_id: str) -> Response:
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": self._allowed})
        use = self._uses.get(http.method)
        if use is None:
            raise BadRequest(405, "This method is not taken here.")
        application = self._application
        link = application.links.read(http.path_params["link"])
        if link is None:
            raise BadRequest(404, NOTHING)
        actor = Actor(SubjectKind.ADMIN, link.admin_id, request_id, http.client.host if http.client else None)
        try:
            if not application.links.is_good(link, use.purpose):
                raise Denied(UserErrorCode.NOT_ALLOWED)
            return await use.answer(http, link, actor)
        except Denied as denied:
            subject = await self._tried(application.database, link.subject_id)
            await application.denials.record(actor, use.operation, denied.codes, subject)
            raise BadRequest(404, NOTHING) from None


async def viewer_of(application: Application, link: Link) -> AdminViewer:
    """Whose link it is, as they are by now. Raises Denied where the session has ended."""
    rows = application.database.rows
    viewer = await viewer_of_session(rows, SubjectKind.ADMIN, link.admin_id, link.session_id)
    if not isinstance(viewer, AdminViewer):
        raise Denied(ErrorCode.UNAUTHENTICATED)
    return viewer


def in_vain(refused: Refused, noun: str) -> Denied | BadRequest:
    """What a refused link is answered with: a denied attempt, but where nothing more than its bytes came already."""
    codes = [refusal.code for refusal in refused.refusals]
    return Denied(*codes) if is_denied(codes, noun) else BadRequest(404, NOTHING)


def body_of(http: HttpRequest, most_bytes: int, *, types: str, what: str) -> AsyncIterator[bytes]:
    """The bytes of a body that is sent as it is. `types` says what may be sent, `what` it is in messages.

    Raises BadRequest for one that is compressed or announced as too large, and while it comes, for one that is, or that
    ends too soon.
    """
    if http.headers.get("content-encoding", "identity").lower() != "identity":
        raise BadRequest(415, types)
    too_large = BadRequest(413, f"{what} may have {most_bytes} bytes at most.", ErrorCode.PAYLOAD_TOO_LARGE)
    announced = http.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > most_bytes):
        raise too_large
    return _pieces(http, most_bytes, too_large)


async def _pieces(http: HttpRequest, most_bytes: int, too_large: BadRequest) -> AsyncIterator[bytes]:
    size = 0
    try:
        async for piece in http.stream():
            size += len(piece)
            if size > most_bytes:
                raise too_large
            yield piece
    except ClientDisconnect:
        raise BadRequest(400, "The body ended before it was whole.") from None
