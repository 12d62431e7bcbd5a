"""Files of customers' records: links to send and fetch them, and their removal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gql.context import Context
from gql.db.rows import CustomerRow
from gql.domain import user_errors
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import Kind, parse_id_of, to_global_id
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.customer import present
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.customer_documents import (
    CreateDownload,
    CreateUpload,
    Linked,
    RemoveDocument,
    create_download,
    create_upload,
    remove_document,
)

_FOLDER: Final = "/documents/"


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """Where a document's bytes go to or come from."""

    document_id: str
    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkPayload:
    """A link, and the customer as the viewer sees them now."""

    link: DocumentLink | None = None
    customer: CustomerRow | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def upload(context: Context, arguments: Arguments) -> LinkPayload:
    """Make a document, and a link to send its bytes to."""
    wish = CreateUpload(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        kind=arguments["kind"],
        name=arguments["name"],
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return LinkPayload(user_errors=(user_errors.FORBIDDEN,))
    links = context.application.links
    try:
        done = await create_upload(context.database, links, context.actor, context.admin, wish)
    except Refused as refused:
        return LinkPayload(user_errors=refused.refusals)
    return await _payload(context, done)


async def download(context: Context, arguments: Arguments) -> LinkPayload:
    """Make a link to fetch a document's bytes from."""
    document_id = parse_id_of(Kind.DOCUMENT, arguments["document_id"])
    wish = CreateDownload(document_id, idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return LinkPayload(user_errors=(user_errors.FORBIDDEN,))
    links = context.application.links
    try:
        done = await create_download(context.database, links, context.actor, context.admin, wish)
    except Refused as refused:
        return LinkPayload(user_errors=refused.refusals)
    return await _payload(context, done)


async def remove(context: Context, arguments: Arguments) -> ChangePayload:
    """Remove a document."""
    wish = RemoveDocument(
        document_id=parse_id_of(Kind.DOCUMENT, arguments["document_id"]),
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return ChangePayload(user_errors=(user_errors.FORBIDDEN,))
    return await answer(context, remove_document(context.database, context.actor, context.admin, wish))


async def _payload(context: Context, done: Linked) -> LinkPayload:
    link = done.link
    path = _FOLDER + context.application.links.text_of(link)
    told = DocumentLink(to_global_id(Kind.DOCUMENT, link.subject_id), path, link.expires_at)
    return LinkPayload(told, await present(context, done.customer_id), done.replayed)
