"""Files of customers' records: links to send and fetch their bytes, and what is written when these have come."""

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Document
from gql.domain import customer_documents as rules
from gql.domain.customer_documents import DocumentKind
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode, not_allowed, not_found
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.idempotency import Once
from gql.services.records_below import changeable_owner, owner
from gql.vault.links import Link, Links, Purpose

NOT_FOUND: Final = not_found("document", "documentId")
_COME: Final = not_allowed("The bytes of this document have come already. Make another document for others.")


@dataclass(frozen=True, slots=True)
class CreateUpload:
    """The wish: a document of this name and kind, whose bytes are to come."""

    customer_id: UUID
    kind: DocumentKind
    name: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class CreateDownload:
    """The wish: the document's bytes."""

    document_id: UUID
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class RemoveDocument:
    """The wish: forget it, bytes and all."""

    document_id: UUID
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A link, and whose document it leads to."""

    customer_id: UUID
    link: Link
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """What is known of bytes that have come."""

    content_type: str
    size: int
    sha256: str


async def create_upload(
    database: Database, links: Links, actor: Actor, viewer: AdminViewer, wish: CreateUpload
) -> Linked:
    """Make the record of a document and a link to send its bytes to.

    Under a key that was used, a fresh link for the same document. Raises Refused (UserErrorCode), and writes nothing
    then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createDocumentUpload", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            key = UUID(earlier["id"])
            link = links.make(Purpose.UPLOAD, key, viewer.admin_id, viewer.session_id)
            return Linked(wish.customer_id, link, replayed=True)
        name = rules.normal_name(wish.name)
        customer = await changeable_customer(
            session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, also=rules.name_refusals(name)
        )
        of_customer = (Document.customer_id == customer.id, Document.removed_at.is_(None))
        count = await session.scalar(select(func.count()).select_from(Document).where(*of_customer)) or 0
        if count >= rules.MOST:
            raise Refused(rules.LIMIT_REACHED)
        key = new_id()
        values = {"kind": wish.kind, "name": name, "created_by_id": actor.id, "created_at": now()}
        session.add(Document(id=key, customer_id=customer.id, **values))
        await once.keep({"id": str(key)})
        return Linked(customer.id, links.make(Purpose.UPLOAD, key, viewer.admin_id, viewer.session_id))


async def create_download(
    database: Database, links: Links, actor: Actor, viewer: AdminViewer, wish: CreateDownload
) -> Linked:
    """Make a link to fetch a document's bytes from, which is on record. Raises Refused (UserErrorCode)."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createDocumentDownload", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        customer = await owner(session, viewer, Document, wish.document_id, missing=NOT_FOUND)
        document = await _present(session, wish.document_id)
        _record(session, actor, "downloaded", document)
        await once.keep({})
        link = links.make(Purpose.DOWNLOAD, document.id, viewer.admin_id, viewer.session_id)
        return Linked(customer.id, link, replayed=earlier is not None)


async def remove_document(database: Database, actor: Actor, viewer: AdminViewer, wish: RemoveDocument) -> Recorded:
    """Remove a document at once; its bytes are deleted soon after, by whichever process clears away what has ended.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeDocument", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), None, replayed=True)
        customer = await changeable_owner(session, viewer, Document, wish.document_id, missing=NOT_FOUND)
        document = await _present(session, wish.document_id)
        document.removed_at = now()
        _record(session, actor, "removed", document, reason=wish.reason)
        await once.keep({"customer_id": str(customer.id)})
        return Recorded(customer.id, None)


async def begin_upload(database: Database, viewer: AdminViewer, document_id: UUID) -> tuple[str, str | None]:
    """Where to put the bytes that are coming, and where others that don't count any more may be.

    Whoever begins last is the one who can end. Raises Refused where nothing may be sent any more.
    """
    async with database.begin() as session:
        document = await _awaited(session, viewer, document_id)
        former, document.store_key = document.store_key, f"{document_id.hex}{secrets.token_hex(8)}"
        return document.store_key, former


async def end_upload(
    database: Database, actor: Actor, viewer: AdminViewer, document_id: UUID, store_key: str, received: Received
) -> None:
    """The bytes are in the store: the document is there. Raises Refused where they are not wanted any more."""
    async with database.begin() as session:
        document = await _awaited(session, viewer, document_id)
        if document.store_key != store_key:
            raise Refused(_COME)
        document.content_type, document.size, document.sha256 = received.content_type, received.size, received.sha256
        document.uploaded_at = now()
        _record(session, actor, "uploaded", document)


async def _awaited(session: AsyncSession, viewer: AdminViewer, document_id: UUID) -> Document:
    """The document, locked, whose bytes are still to come, and which the viewer may change now."""
    await changeable_owner(session, viewer, Document, document_id, missing=NOT_FOUND)
    document = await session.get(Document, document_id, with_for_update=True)
    if document is None or document.removed_at is not None:
        raise Refused(NOT_FOUND)
    if document.uploaded_at is not None:
        raise Refused(_COME)
    return document


async def _present(session: AsyncSession, document_id: UUID) -> Document:
    document = await session.get(Document, document_id, with_for_update=True)
    if document is None or document.uploaded_at is None or document.removed_at is not None:
        raise Refused(NOT_FOUND)
    return document


def _record(session: AsyncSession, actor: Actor, what: str, document: Document, reason: str | None = None) -> None:
    facts = {"document_id": str(document.id), "kind": document.kind, "name": document.name, "sha256": document.sha256}
    details = facts if reason is None else facts | {"reason": reason}
    action = f"customer.document_{what}"
    audit.record(session, actor, action, subject_kind="customer", subject_id=document.customer_id, details=details)
