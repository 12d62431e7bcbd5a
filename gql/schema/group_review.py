"""Reviews of a group, below it: the one to come, and those that were signed."""

from datetime import datetime
from typing import Any

import strawberry

from gql.domain.group_reviews import BY_SIGNED_AT, GroupReviewStatus
from gql.resolvers.group import reads_members
from gql.resolvers.group_review import review_of, status_of
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.fields import column, computed, connection, describe, loaded
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

describe(
    GroupReviewStatus,
    "How late the review of a group is.",
    NOT_DUE="It is due later.",
    DUE="It is due since less than 7 days.",
    OVERDUE="It has been due for 7 days or more.",
)


@open_to("whoever may read the group")
@strawberry.type(description="When somebody has to look at a group's members again, and who did last.")
class GroupReviewState:
    """Rows are `GroupRow`."""

    status: GroupReviewStatus = computed(status_of, description="How late it is.")
    next_review_at: datetime = column(
        "From when on it is due, and can be signed: the interval after the last signature, or after the group was "
        "activated or given the interval.",
        name="dueAt",
    )
    reviewed_at: datetime | None = column("When the last one was signed; null before the first.", name="lastSignedAt")
    last_signed_by: Admin | None = loaded(
        "admin", lambda row: row.reviewed_by_id, description="Who signed it; null before the first."
    )


@open_to("whoever has group.members.read")
@strawberry.type(description="That somebody has looked at a group's members. The counts are true ones, whoever looks.")
class GroupReview:
    """Rows are `GroupReviewRow`."""

    signed_at: datetime = column("When it was signed.")
    signed_by: Admin = loaded("admin", lambda row: row.signed_by_id, description="Who signed it.")
    due_at: datetime = column("When it had been due.")
    note: str = column("What the signer found.")
    member_count: int = column("How many members the group had.")
    joined: int = column("How many of them had joined since the signature before.", name="joinedCount")
    removed: int = column("How many memberships had ended since then.", name="removedCount")


@strawberry.type(description="A signed review in a group's list.")
class GroupReviewEdge:
    """Rows are edges."""

    node: GroupReview = column("The review of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of signed reviews.")
class GroupReviewConnection:
    """Rows are pages."""

    edges: list[GroupReviewEdge] = column("The reviews of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The signed reviews of the whole list.")


def review_state() -> Any:
    """The `review` of a group."""
    return computed(
        review_of,
        description="The review to come; null where the group isn't reviewed, or is neither active nor suspended.",
    )


def signed_reviews() -> Any:
    """The `reviews` of a group."""
    return connection(
        "group_reviews",
        lambda row: row.id,
        BY_SIGNED_AT,
        guard=reads_members,
        description="The reviews that were signed, the last first. Null without `group.members.read`.",
    )
