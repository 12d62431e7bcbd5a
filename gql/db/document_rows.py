"""Light rows of documents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gql.domain.customer_documents import DocumentKind


@dataclass(slots=True)
class DocumentRow:
    """A document of a customer whose documents may be seen. `store_key`, where its bytes are, is nobody's to know."""

    id: UUID
    customer_id: UUID
    kind: DocumentKind
    name: str
    content_type: str
    size: int
    sha256: str
    store_key: str
    created_by_id: UUID | None
    uploaded_at: datetime
