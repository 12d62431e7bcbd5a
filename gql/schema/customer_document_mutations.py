"""Send, fetch and remove files of customers' records."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from gql.domain.customer_documents import DocumentKind
from gql.permissions import SignedIn
from gql.resolvers import customer_documents as resolvers
from gql.schema.access import open_to
from gql.schema.customer import Customer
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.roots import root
from gql.schema.user_errors import PlainUserError, user_errors

_CUSTOMER = "The customer as the viewer sees them now."


@open_to("whoever asked for the link")
@strawberry.type(
    description=(
        "Where a document's bytes go to or come from. The link is all that the request needs, so that nobody else may "
        "have it; it ends with the session, and whoever loses sight of the customer has nothing of it."
    )
)
class DocumentLink:
    """Rows are `DocumentLink`."""

    document_id: strawberry.ID = column("The document. It is in lists once its bytes have come.")
    path: str = column("The address below this server's own, beginning with `/documents/`.")
    expires_at: datetime = column("Until when a request may begin.")


@strawberry.type(description="What came of asking to send a document.")
class CreateDocumentUploadPayload:
    """Rows are `LinkPayload`."""

    link: DocumentLink | None = column("Where to PUT the file's bytes, as they are: a PDF, a JPEG or a PNG.")
    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = column("Whether the document was made before, under the same `idempotencyKey`; the link is new.")
    user_errors: list[PlainUserError] = user_errors()


@strawberry.type(description="What came of asking for a document's bytes.")
class CreateDocumentDownloadPayload:
    """Rows are `LinkPayload`."""

    link: DocumentLink | None = column("Where to GET the file; a browser saves it.")
    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = column("Whether it was asked for before, under the same `idempotencyKey`; the link is new.")
    user_errors: list[PlainUserError] = column("Why there is no link; all reasons at once.")


@strawberry.type(description="What came of removing a document.")
class RemoveDocumentPayload:
    """Rows are `ChangePayload`."""

    customer: Customer | None = column(_CUSTOMER)
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Whose document, and what it is.")
class CreateDocumentUploadInput:
    """The argument."""

    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    kind: DocumentKind = strawberry.field(description="What it is kept for.")
    name: str = strawberry.field(description="The file's name, such as `passport.pdf`; up to 150 characters.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which document to fetch.")
class CreateDocumentDownloadInput:
    """The argument."""

    document_id: strawberry.ID = strawberry.field(description="The document.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Which document to remove, and why.")
class RemoveDocumentInput:
    """The argument."""

    document_id: strawberry.ID = strawberry.field(description="The document.")
    reason: str = strawberry.field(description="Why, for the record; up to 500 characters.")
    idempotency_key: str | None = idempotency_key()


_TAKES = "Takes `customer.write`, which one's own book grants, and full access."


@strawberry.type
class CustomerDocumentMutations:
    """Root fields."""

    @root(
        CreateDocumentUploadPayload,
        needs=SignedIn(),
        description=f"Get a link to send a file to, with HTTP PUT. {_TAKES}",
    )
    async def create_document_upload(
        self, info: Info, input: Annotated[CreateDocumentUploadInput, argument("Whose document, and what it is.")]
    ) -> Any:
        """Send."""
        return await resolvers.upload(info.context, plain(input))

    @root(
        CreateDocumentDownloadPayload,
        needs=SignedIn(),
        description="Get a link to fetch a document from, which is on record. Takes full access to the customer.",
    )
    async def create_document_download(
        self, info: Info, input: Annotated[CreateDocumentDownloadInput, argument("Which document.")]
    ) -> Any:
        """Fetch."""
        return await resolvers.download(info.context, plain(input))

    @root(
        RemoveDocumentPayload,
        needs=SignedIn(),
        description=f"Remove a document; its bytes are deleted soon after. {_TAKES}",
    )
    async def remove_document(
        self, info: Info, input: Annotated[RemoveDocumentInput, argument("Which document, and why.")]
    ) -> Any:
        """Remove."""
        return await resolvers.remove(info.context, plain(input))
