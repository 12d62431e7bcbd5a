"""The files of customers' records that are there: their bytes have come, and they were not removed."""

from typing import Final

from sqlalchemy import select

from gql.db.document_rows import DocumentRow
from gql.db.models import Document
from gql.db.queries.records import Records

_documents = Document.__table__

DOCUMENTS: Final = Records(
    select(
        _documents.c.id,
        _documents.c.customer_id,
        _documents.c.kind,
        _documents.c.name,
        _documents.c.content_type,
        _documents.c.size,
        _documents.c.sha256,
        _documents.c.store_key,
        _documents.c.created_by_id,
        _documents.c.uploaded_at,
    ).where(_documents.c.uploaded_at.is_not(None), _documents.c.removed_at.is_(None)),
    _documents.c.customer_id,
    DocumentRow,
)
