"""Notes of the back office about customers."""

from datetime import datetime
from typing import Any

import strawberry

from gql.db.profile_rows import NoteRow
from gql.domain.ids import Kind
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, global_id, loaded
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count


@open_to("whoever sees the customer in full; never the customer", "id text author createdAt")
@strawberry.type(description="What a team member wrote down about a customer. It stays as it is.")
class CustomerNote(Node):
    """Rows are `NoteRow`."""

    id: strawberry.ID = global_id(Kind.CUSTOMER_NOTE)
    text: str = column("The note itself, with its line breaks.")
    author: Admin | None = loaded("admin", lambda row: row.author_id, description="Who wrote it.")
    created_at: datetime = column("When it was written.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, NoteRow)


@strawberry.type(description="A note in a list.")
class CustomerNoteEdge:
    """Rows are edges."""

    node: CustomerNote = column("The note of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of notes.")
class CustomerNoteConnection:
    """Rows are pages."""

    edges: list[CustomerNoteEdge] = column("The notes of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The notes of the whole list.")
