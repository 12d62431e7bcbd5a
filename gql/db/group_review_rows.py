"""Light rows of what somebody has signed about a group."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(slots=True)
class GroupReviewRow:
    """A signed review of a group; the counts are of the moment of the signature, whoever looks."""

    id: UUID
    group_id: UUID
    signed_by_id: UUID
    signed_at: datetime
    due_at: datetime
    note: str
    member_count: int
    joined: int
    removed: int
