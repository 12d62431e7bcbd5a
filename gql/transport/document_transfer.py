"""The bytes of documents: sent to and fetched from signed links. Whoever lost sight of the customer, or the right to
change it, has nothing of a link any more.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from typing import IO, Final
from urllib.parse import quote

import structlog
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from gql.context import Application
from gql.db.queries.customer_documents import DOCUMENTS
from gql.db.queries.customers import customers_by_id
from gql.domain.customer_documents import LONGEST_BEGINNING, content_type_of
from gql.domain.errors import Refused
from gql.domain.ids import Kind, to_global_id
from gql.domain.roles import CustomerField
from gql.domain.user_errors import UserErrorCode
from gql.services.audit import Actor
from gql.services.customer_documents import Received, begin_upload, end_upload
from gql.services.denials import document_tried
from gql.transport.request_body import BadRequest
from gql.transport.signed_links import NOTHING, PIECE, Denied, SignedLinkView, Use, body_of, in_vain, viewer_of
from gql.transport.wire_limits import DOCUMENTS as FOLDER
from gql.vault.links import Link, Purpose
from gql.vault.stores import Missing

PATH: Final = FOLDER + "{link}"
_TYPES: Final = "Send a PDF, a JPEG or a PNG, uncompressed."

_log = structlog.stdlib.get_logger(__name__)


def document_transfer(application: Application) -> SignedLinkView:
    """The view of /documents/…"""
    transfer = _Transfer(application)
    fetch = Use(Purpose.DOWNLOAD, "fetchDocument", transfer.fetch)
    uses = {"GET": fetch, "HEAD": fetch, "PUT": Use(Purpose.UPLOAD, "sendDocument", transfer.take)}
    return SignedLinkView(application, "document", uses, document_tried)


class _Transfer:
    """What is done with a link."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def fetch(self, http: HttpRequest, link: Link, actor: Actor) -> Response:
        """The document's bytes."""
        viewer = await viewer_of(self._application, link)
        database = self._application.database
        [document] = await DOCUMENTS.by_id(database, viewer.access, [link.subject_id])
        if document is None:
            raise Denied(UserErrorCode.NOT_FOUND)
        [customer] = await customers_by_id(database, viewer.access, [document.customer_id])
        if customer is None or not customer.access.shows(CustomerField.DOCUMENTS):
            raise Denied(UserErrorCode.NOT_FOUND)
        try:
            pieces = await self._application.store.open(document.store_key)
        except Missing:
            _log.error("document.missing", document_id=str(document.id))
            raise BadRequest(404, NOTHING) from None
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name, safe='')}",
            "Content-Length": str(document.size),
        }
        return StreamingResponse(pieces, headers=headers, media_type=document.content_type)

    async def take(self, http: HttpRequest, link: Link, actor: Actor) -> Response:
        """Keep the body as the document's bytes."""
        application = self._application
        viewer = await viewer_of(application, link)
        body = body_of(http, application.settings.max_document_bytes, types=_TYPES, what="A document")
        try:
            store_key, former = await begin_upload(application.database, viewer, link.subject_id)
            if former is not None:
                await application.store.delete(former)
            with tempfile.TemporaryFile() as file:  # it has no name: nothing is left of it, whatever happens
                received = await _receive(body, file)
                await application.store.put(store_key, file)
        except Refused as refused:
            raise in_vain(refused, "document") from None
        try:
            # Who was signed out or lost sight while the bytes came has sent them in vain.
            viewer = await viewer_of(application, link)
            await end_upload(application.database, actor, viewer, link.subject_id, store_key, received)
        except (Refused, Denied) as refused:
            await application.store.delete(store_key)
            raise (in_vain(refused, "document") if isinstance(refused, Refused) else refused) from None
        facts = {
            "id": to_global_id(Kind.DOCUMENT, link.subject_id),
            "contentType": received.content_type,
            "size": received.size,
            "sha256": received.sha256,
        }
        return JSONResponse({"document": facts}, 201)


async def _receive(body: AsyncIterator[bytes], file: IO[bytes]) -> Received:
    """Write the body into the file, which then stands at its beginning. Raises BadRequest."""
    digest, size, beginning = hashlib.sha256(), 0, b""
    waiting = bytearray()
    async for piece in body:
        size += len(piece)
        waiting += piece
        if len(beginning) < LONGEST_BEGINNING:
            beginning = (beginning + piece)[:LONGEST_BEGINNING]
            if len(beginning) == LONGEST_BEGINNING and content_type_of(beginning) is None:
                raise BadRequest(415, _TYPES)
        if len(waiting) >= PIECE:
            digest.update(waiting)
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    digest.update(waiting)
    await asyncio.to_thread(file.write, bytes(waiting))
    content_type = content_type_of(beginning)
    if content_type is None:
        raise BadRequest(415, _TYPES)
    file.seek(0)
    return Received(content_type, size, digest.hexdigest())
