"""The bytes of exports: fetched from signed links, each of which is good for one request."""

from typing import Final

import structlog
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from gql.context import Application
from gql.domain.errors import Refused
from gql.services.audit import Actor
from gql.services.denials import job_tried
from gql.services.member_exports import fetch_export
from gql.transport.request_body import BadRequest
from gql.transport.signed_links import NOTHING, Denied, SignedLinkView, Use, viewer_of
from gql.vault.links import Link, Purpose
from gql.vault.stores import Missing

PATH: Final = "/exports/{link}"

_log = structlog.stdlib.get_logger(__name__)


def member_exports(application: Application) -> SignedLinkView:
    """The view of /exports/… A HEAD is not taken: it would use up the link."""

    async def fetch(http: HttpRequest, link: Link, actor: Actor) -> Response:
        viewer = await viewer_of(application, link)
        try:
            export = await fetch_export(application.database, actor, viewer, link)
        except Refused as refused:
            raise Denied(*(str(refusal.code) for refusal in refused.refusals)) from None
        try:
            pieces = await application.store.open(export.store_key)
        except Missing:
            _log.error("export.missing", job_id=str(link.subject_id))
            raise BadRequest(404, NOTHING) from None
        name = f"export-{link.subject_id}.{export.format.lower()}.age"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(export.size),
            "Cache-Control": "no-store",
        }
        return StreamingResponse(pieces, headers=headers, media_type="application/octet-stream")

    use = Use(Purpose.EXPORT, "fetchExport", fetch)
    return SignedLinkView(application, "export", {"GET": use}, job_tried)
