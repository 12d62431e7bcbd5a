"""The bytes of documents: sent to and fetched from signed links, which the API makes.

A link is all that a request needs, and all that it may have: no cookie and no token is looked at. Whoever lost the
session, the sight of the customer or the right to change it since gets what everybody gets who made a link up: 404.
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
from gql.domain.enums import SubjectKind
from gql.domain.errors import ErrorCode, Refused, Unavailable
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import CustomerField
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.customer_documents import Received, begin_upload, end_upload
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

_log = structlog.stdlib.get_logger(__name__)


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
        text: str = http.path_params["link"]
        match http.method:
            case "GET" | "HEAD":
                return await self._fetch(text)
            case "PUT":
                return await self._take(http, text, request_id)
            case "OPTIONS":
                return Response(status_code=204, headers={"Allow": _ALLOWED})
        raise BadRequest(405, "This method is not taken here.")

    async def _viewer(self, purpose: Purpose, text: str) -> tuple[Link, AdminViewer]:
        """Whose link it is, as they are by now. Raises BadRequest (404)."""
        link = self._application.links.read(purpose, text)
        if link is not None:
            rows = self._application.database.rows
            viewer = await viewer_of_session(rows, SubjectKind.ADMIN, link.admin_id, link.session_id)
            if isinstance(viewer, AdminViewer):
                return link, viewer
        raise BadRequest(404, _NOTHING)

    async def _fetch(self, text: str) -> Response:
        link, viewer = await self._viewer(Purpose.DOWNLOAD, text)
        database = self._application.database
        [document] = await DOCUMENTS.by_id(database, viewer.access, [link.document_id])
        if document is None:
            raise BadRequest(404, _NOTHING)
        [customer] = await customers_by_id(database, viewer.access, [document.customer_id])
        if customer is None or not customer.access.shows(CustomerField.DOCUMENTS):
            raise BadRequest(404, _NOTHING)
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

    async def _take(self, http: HttpRequest, text: str, request_id: str) -> Response:
        link, viewer = await self._viewer(Purpose.UPLOAD, text)
        self._check_announced(http)
        application = self._application
        actor = Actor(SubjectKind.ADMIN, viewer.admin_id, request_id, http.client.host if http.client else None)
        try:
            store_key, former = await begin_upload(application.database, viewer, link.document_id)
            if former is not None:
                await application.store.delete(former)
            with tempfile.TemporaryFile() as file:  # it has no name: nothing is left of it, whatever happens
                received = await self._receive(http, file)
                await application.store.put(store_key, file)
        except Refused:
            raise BadRequest(404, _NOTHING) from None
        try:
            # Who was signed out or lost sight while the bytes came has sent them in vain.
            _, viewer = await self._viewer(Purpose.UPLOAD, text)
            await end_upload(application.database, actor, viewer, link.document_id, store_key, received)
        except (Refused, BadRequest):
            await application.store.delete(store_key)
            raise BadRequest(404, _NOTHING) from None
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


def _headers(status: int) -> Mapping[str, str]:
    return {"Allow": _ALLOWED} if status == 405 else {}
