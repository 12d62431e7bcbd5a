"""Files of customers for a group, and reports of what came of each: sent to and fetched from signed links."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from io import TextIOWrapper
from itertools import islice
from typing import IO, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from gql.context import Application
from gql.domain.errors import Refused
from gql.domain.ids import Kind, to_global_id
from gql.domain.member_files import BadFile, Line, lines_of
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.denials import job_tried
from gql.services.job_reports import report_of
from gql.services.member_imports import BATCH, begin_file, end_file, keep_lines
from gql.transport.request_body import BadRequest
from gql.transport.signed_links import PIECE, SignedLinkView, Use, body_of, in_vain, viewer_of
from gql.transport.wire_limits import MEMBER_FILES as FOLDER
from gql.vault.links import Link, Purpose

PATH: Final = FOLDER + "{link}"
_TYPES: Final = "Send a CSV in UTF-8, uncompressed."
_NOT_UTF8: Final = "The file is not in UTF-8. Save it as CSV UTF-8 and send it again."


def member_files(application: Application) -> SignedLinkView:
    """The view of /member-files/…"""
    files = _MemberFiles(application)
    fetch = Use(Purpose.REPORT, "fetchJobReport", files.fetch)
    uses = {"GET": fetch, "HEAD": fetch, "PUT": Use(Purpose.IMPORT, "sendGroupMembers", files.take)}
    return SignedLinkView(application, "member_file", uses, job_tried)


class _MemberFiles:
    """What is done with a link."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def fetch(self, http: HttpRequest, link: Link, actor: Actor) -> Response:
        """The report, which is written while it goes."""
        viewer = await viewer_of(self._application, link)
        try:
            pieces = await report_of(
                self._application.database, self._application.reads, actor, viewer, link.subject_id
            )
        except Refused as refused:
            raise in_vain(refused, "job") from None
        headers = {"Content-Disposition": 'attachment; filename="report.csv"'}
        return StreamingResponse(pieces, headers=headers, media_type="text/csv; charset=utf-8")

    async def take(self, http: HttpRequest, link: Link, actor: Actor) -> Response:
        """Look up whom the body's lines name, and have the job that waits for them worked on."""
        application = self._application
        viewer = await viewer_of(application, link)
        body = body_of(http, application.settings.max_import_bytes, types=_TYPES, what="A file")
        try:
            attempt = await begin_file(application.database, viewer, link.subject_id)
            with tempfile.TemporaryFile() as file:  # it has no name: nothing is left of it, whatever happens
                sha256 = await _receive(body, file)
                await self._keep(file, viewer, link, attempt)
            # Who was signed out or lost the right while the bytes came has sent them in vain.
            viewer = await viewer_of(application, link)
            lines = await end_file(application.database, actor, viewer, link.subject_id, attempt, sha256)
        except Refused as refused:
            raise in_vain(refused, "job") from None
        except BadFile as bad:
            raise BadRequest(400, bad.message) from None
        except UnicodeDecodeError:
            raise BadRequest(400, _NOT_UTF8) from None
        return JSONResponse({"job": {"id": to_global_id(Kind.JOB, link.subject_id), "total": lines}}, 201)

    async def _keep(self, file: IO[bytes], viewer: AdminViewer, link: Link, attempt: str) -> None:
        """Look up the lines a batch at a time, however many they are. Raises BadFile and UnicodeDecodeError."""
        text = TextIOWrapper(file, "utf-8-sig", newline="")
        try:
            lines, place = lines_of(text), 0
            while batch := await asyncio.to_thread(_some, lines):
                await keep_lines(self._application.database, viewer, link.subject_id, attempt, place, batch)
                place += len(batch)
        finally:
            text.detach()


def _some(lines: Iterator[Line]) -> list[Line]:
    return list(islice(lines, BATCH))


async def _receive(body: AsyncIterator[bytes], file: IO[bytes]) -> str:
    """Write the body into the file, which then stands at its beginning; answers its SHA-256. Raises BadRequest."""
    digest, waiting = hashlib.sha256(), bytearray()
    async for piece in body:
        waiting += piece
        if len(waiting) >= PIECE:
            digest.update(waiting)
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    digest.update(waiting)
    await asyncio.to_thread(file.write, bytes(waiting))
    file.seek(0)
    return digest.hexdigest()
