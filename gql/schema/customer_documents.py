"""Files of customers' records."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.document_rows import DocumentRow
from gql.domain.customer_documents import DocumentKind
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

if TYPE_CHECKING:
    from gql.schema.customer import Customer


@open_to("whoever sees the customer's documents", "id customer kind name contentType size sha256 uploadedBy uploadedAt")
@strawberry.type(description="A file of a customer's record. `createDocumentDownload` leads to its bytes.")
class Document(Node):
    """Rows are `DocumentRow`."""

    id: strawberry.ID = global_id(Kind.DOCUMENT)
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer", lambda row: row.customer_id, description="The customer, as far as the viewer sees them."
    )
    kind: DocumentKind = column("What it is kept for.")
    name: str = column("The file's name.")
    content_type: str = column("What its bytes are: `application/pdf`, `image/jpeg` or `image/png`.")
    size: int = column("Its length in bytes.")
    sha256: str = column("The SHA-256 of its bytes, in hex.")
    uploaded_by: Admin | None = loaded("admin", lambda row: row.created_by_id, description="Who sent it.")
    uploaded_at: datetime = column("When its bytes had come.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, DocumentRow)


@strawberry.type(description="A document in a list.")
class DocumentEdge:
    """Rows are edges."""

    node: Document = column("The document of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of documents.")
class DocumentConnection:
    """Rows are pages."""

    edges: list[DocumentEdge] = column("The documents of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The documents of the whole list.")
