"""The bytes of documents: sent to and fetched from signed links, which the API makes.

A link is all that a request needs, and all that it may have: no cookie and no token is looked at. Whoever lost the
session, the sight of the customer or the right to change it since gets what everybody gets who made a link up: 404.
But a link of ours is known by its signature: using one in vain is a denied attempt, and on record before the answer.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Mapping
from typing import IO, Final
from urllib.parse import quote
from uuid import uuid4

import structlog
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gql.auth.authenticate import viewer_of_session
from gql.context import Application
from gql.db.queries.customer_documents import DOCUMENTS
from gql.db.queries.customers import customers_by_id
from gql.domain.customer_documents import LONGEST_BEGINNING, content_type_of
from gql.domain.denials import is_denied
from gql.domain.enums import SubjectKind
from gql.domain.errors import ErrorCode, Refused, Unavailable
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import CustomerField
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.customer_documents import Received, begin_upload, end_upload
from gql.services.denials import document_tried
from gql.transport.error_answers import error_answer
from gql.transport.request_body import BadRequest
from gql.transport.wire_limits import DOCUMENTS as FOLDER
from gql.vault.links import Link, Purpose
from gql.vault.stores import Missing

PATH: Final = FOLDER + "{link}"
_ALLOWED: Final = "GET, HEAD, OPTIONS, PUT"
_PIECE: Final = 262_144
_NOTHING: Final = "There is nothing at this address, or not any more. Ask the API for a new link."
_TYPES: Final = "Send a PDF, a JPEG or a PNG, uncompressed."
_PURPOSES: Final = {"GET": Purpose.DOWNLOAD, "HEAD": Purpose.DOWNLOAD, "PUT": Purpose.UPLOAD}
_OPERATIONS: Final = {Purpose.DOWNLOAD: "fetchDocument", Purpose.UPLOAD: "sendDocument"}

_log = structlog.stdlib.get_logger(__name__)


class _Denied(Exception):
    """A link of ours that is good no more, or not for this."""

    def __init__(self, *codes: str) -> None:
        super().__init__(*codes)
        self.codes = codes


class DocumentTransfer:
    """The view of /documents/…"""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._most_bytes = application.settings.max_document_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The view as an ASGI application."""
        http, request_id = HttpRequest(scope, receive), uuid4().hex
        try:
            response = await self._handle(http, request_id)
        except BadRequest as error:
            response = error_answer(error.status, error.message, error.code, _headers(error.status))
        except Unavailable as error:
            response = error_answer(503, error.message, error.code, {"Retry-After": "1"})
        response.headers["X-Request-Id"] = request_id
        _log.info("document", method=http.method, status=response.status_code, request_id=request_id)
        await response(scope, receive, send)

    async def _handle(self, http: HttpRequest, request_id: str) -> Response:
        if http.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _ALLOWED})
        purpose = _PURPOSES.get(http.method)
        if purpose is None:
            raise BadRequest(405, "This method is not taken here.")
        application = self._application
        link = application.links.read(http.path_params["link"])
        if link is None:
            raise BadRequest(404, _NOTHING)
        actor = Actor(SubjectKind.ADMIN, link.admin_id, request_id, http.client.host if http.client else None)
        try:
            if not application.links.is_good(link, purpose):
                raise _Denied(UserErrorCode.NOT_ALLOWED)
            return await (self._fetch(link) if purpose is Purpose.DOWNLOAD else self._take(http, link, actor))
        except _Denied as denied:
            subject = await document_tried(application.database, link.document_id)
            await application.denials.record(actor, _OPERATIONS[purpose], denied.codes, subject)
            raise BadRequest(404, _NOTHING) from None

    async def _viewer(self, link: Link) -> AdminViewer:
        """Whose link it is, as they are by now. Raises _Denied where the session has ended."""
        rows = self._application.database.rows
        viewer = await viewer_of_session(rows, SubjectKind.ADMIN, link.admin_id, link.session_id)
        if not isinstance(viewer, AdminViewer):
            raise _Denied(ErrorCode.UNAUTHENTICATED)
        return viewer

    async def _fetch(self, link: Link) -> Response:
        viewer = await self._viewer(link)
        database = self._application.database
        [document] = await DOCUMENTS.by_id(database, viewer.access, [link.document_id])
        if document is None:
            raise _Denied(UserErrorCode.NOT_FOUND)
        [customer] = await customers_by_id(database, viewer.access, [document.customer_id])
        if customer is None or not customer.access.shows(CustomerField.DOCUMENTS):
            raise _Denied(UserErrorCode.NOT_FOUND)
        try:
            pieces = await self._application.store.open(document.store_key)
        except Missing:
            _log.error("document.missing", document_id=str(document.id))
            raise BadRequest(404, _NOTHING) from None
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
            "Content-Length": str(document.size),
        }
        return StreamingResponse(pieces, headers=headers, media_type=document.content_type)

    async def _take(self, http: HttpRequest, link: Link, actor: Actor) -> Response:
        viewer = await self._viewer(link)
        self._check_announced(http)
        application = self._application
        try:
            store_key, former = await begin_upload(application.database, viewer, link.document_id)
            if former is not None:
                await application.store.delete(former)
            with tempfile.TemporaryFile() as file:  # it has no name: nothing is left of it, whatever happens
                received = await self._receive(http, file)
                await application.store.put(store_key, file)
        except Refused as refused:
            raise _nothing(refused) from None
        try:
            # Who was signed out or lost sight while the bytes came has sent them in vain.
            viewer = await self._viewer(link)
            await end_upload(application.database, actor, viewer, link.document_id, store_key, received)
        except (Refused, _Denied) as refused:
            await application.store.delete(store_key)
            raise (_nothing(refused) if isinstance(refused, Refused) else refused) from None
        facts = {
            "id": to_global_id(Kind.DOCUMENT, link.document_id),
            "contentType": received.content_type,
            "size": received.size,
            "sha256": received.sha256,
        }
        return JSONResponse({"document": facts}, 201)

    def _check_announced(self, http: HttpRequest) -> None:
        if http.headers.get("content-encoding", "identity").lower() != "identity":
            raise BadRequest(415, _TYPES)
        announced = http.headers.get("content-length", "")
        if announced.isdecimal() and (len(announced) > 18 or int(announced) > self._most_bytes):
            raise self._too_large()

    async def _receive(self, http: HttpRequest, file: IO[bytes]) -> Received:
        """Write the body into the file, which then stands at its beginning. Raises BadRequest."""
        digest, size, beginning = hashlib.sha256(), 0, b""
        waiting = bytearray()
        try:
            async for piece in http.stream():
                size += len(piece)
                if size > self._most_bytes:
                    raise self._too_large()
                waiting += piece
                if len(beginning) < LONGEST_BEGINNING:
                    beginning = (beginning + piece)[:LONGEST_BEGINNING]
                    if len(beginning) == LONGEST_BEGINNING and content_type_of(beginning) is None:
                        raise BadRequest(415, _TYPES)
                if len(waiting) >= _PIECE:
                    digest.update(waiting)
                    await asyncio.to_thread(file.write, bytes(waiting))
                    waiting.clear()
        except ClientDisconnect:
            raise BadRequest(400, "The body ended before it was whole.") from None
        digest.update(waiting)
        await asyncio.to_thread(file.write, bytes(waiting))
        content_type = content_type_of(beginning)
        if content_type is None:
            raise BadRequest(415, _TYPES)
        file.seek(0)
        return Received(content_type, size, digest.hexdigest())

    def _too_large(self) -> BadRequest:
        message = f"A document may have {self._most_bytes} bytes at most."
        return BadRequest(413, message, ErrorCode.PAYLOAD_TOO_LARGE)


def _nothing(refused: Refused) -> _Denied | BadRequest:
    """What a refused link is answered with: a denied attempt, but where nothing more than its bytes came already."""
    codes = [refusal.code for refusal in refused.refusals]
    return _Denied(*codes) if is_denied(codes, "document") else BadRequest(404, _NOTHING)


def _headers(status: int) -> Mapping[str, str]:
    return {"Allow": _ALLOWED} if status == 405 else {}
