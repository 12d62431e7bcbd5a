"""A team member's own notifications: listed, marked, and told as they come."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.rows import NoticeRow
from gql.domain.ids import Kind
from gql.domain.notifications import NotificationEvent
from gql.permissions import SignedIn, SignedInAdmin
from gql.resolvers import notification as resolvers
from gql.schema.access import open_to
from gql.schema.customer import Customer
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    describe,
    global_id,
    idempotency_key,
    loaded,
    paging,
    plain,
    replayed,
)
from gql.schema.group import Group
from gql.schema.job import Job
from gql.schema.my_notification import UNREAD
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root, stream
from gql.schema.user_errors import PlainUserError, user_errors

if TYPE_CHECKING:
    from gql.schema.group import Group

describe(
    NotificationEvent,
    "What has happened. Each of these is told by mail, too.",
    CUSTOMER_ASSIGNED="The customer has become the viewer's.",
    CUSTOMER_LEFT="The customer was the viewer's and isn't any more.",
    CUSTOMER_MOVED="A customer of the viewer's has another office.",
    BOOK_CHANGED="A job gave the viewer customers, or took some.",
    JOB_ENDED="A job is over that the viewer had asked for, or somebody whose account they deactivated.",
    ASSIGNMENT_SCHEDULED="The customer is to become the viewer's.",
    ASSIGNMENT_OFF="The customer was to become the viewer's, or somebody's by the viewer's wish, and won't.",
    ASSIGNMENT_REFUSED="What the viewer had scheduled could not begin.",
    CALLBACK_REQUESTED="A customer of the viewer's asks to be called.",
    COVER_GRANTED="The viewer covers somebody's book, or is covered: `coversHeld`, `coversGiven`.",
    COVER_ENDED="That is over before its time.",
    GROUP_DRIFTED="Of a group that the viewer answers for, rules removed members, or some don't meet its criteria.",
    GLASS_BROKEN="Somebody has opened the customer for a while, with a reason.",
    GROUP_REVIEW_DUE="The members of the group are to be reviewed: `signGroupReview`.",
    GROUP_REVIEW_OVERDUE="That should have been done a week ago.",
    GROUPS_UNUSED="Nobody uses some of the viewer's groups any more: `groupsToArchive`.",
)


@open_to("whose notification it is", "id event customer job createdAt readAt")
@strawberry.type(
    description=(
        "Something has happened that the viewer should know. What it is about is shown as far as they see it now."
    )
)
class Notification(Node):
    """Rows are `NoticeRow`."""

    id: strawberry.ID = global_id(Kind.NOTIFICATION)
    event: NotificationEvent = column("What has happened.")
    customer: Customer | None = loaded(
        "customer",
        lambda row: row.customer_id,
        description="Whom it is about; null where it is about nobody, or somebody whom the viewer doesn't see now.",
    )
    job: Job | None = loaded(
        "batch",
        lambda row: row.job_id,
        description="The job that it is about; of others' jobs what they did to one's book.",
    )
    group: Annotated["Group", strawberry.lazy("gql.schema.group")] | None = loaded(
        "group",
        lambda row: row.group_id,
        guard=resolvers.reads_groups,
        description="The group that it is about; null where it is about none, and without `group.read`.",
    )
    created_at: datetime = column("When it happened.")
    read_at: datetime | None = column("When it was marked as read; null for one that wasn't.")

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, NoticeRow)


@strawberry.type(description="A notification in the list.")
class NotificationEdge:
    """Rows are edges."""

    node: Notification = column("The notification.")
    cursor: str = cursor()


@strawberry.type(description="A page of notifications.")
class NotificationConnection:
    """Rows are pages."""

    edges: list[NotificationEdge] = column("The notifications of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The notifications of the whole list.")
    unread_count: int = loaded("unread_notifications", lambda page: page.total.admin_id, description=UNREAD)


@strawberry.input(description="Which notifications; everything given must hold.")
class NotificationFilter:
    """The argument."""

    unread_only: bool | None = strawberry.field(default=strawberry.UNSET, description="Only those that weren't read.")
    event: NotificationEvent | None = strawberry.field(default=strawberry.UNSET, description="Only of this event.")


@strawberry.type(description="What came of marking notifications.")
class MarkReadPayload:
    """Rows are `MarkReadPayload` of the resolvers."""

    marked: int = column("How many of them weren't read before.")
    unread_count: int | None = loaded("unread_notifications", lambda payload: payload.reader_id, description=UNREAD)
    changed: bool = computed(lambda payload: payload.changed, description="False where all were read already.")
    replayed: bool = replayed()
    user_errors: list[PlainUserError] = user_errors()


@strawberry.input(description="Which notifications were read: `ids` or `all`.")
class MarkReadInput:
    """The argument."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET,
        description=(
            "Up to 100 of one's own: `Notification`s of team members, `MyNotification`s of customers. If one isn't "
            "there, none is marked."
        ),
    )
    all: bool | None = strawberry.field(default=strawberry.UNSET, description="True: all that there are.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class NotificationQueries:
    """Root fields."""

    @root(
        NotificationConnection,
        needs=SignedInAdmin(),
        description="One's own notifications, the latest first. They are kept for NOTIFICATIONS_KEPT_DAYS.",
    )
    async def notifications(
        self,
        info: Info,
        filter: Annotated[NotificationFilter | None, argument("Which notifications.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.notifications(info.context, plain(filter), paging(first, after, last, before))


@strawberry.type
class NotificationMutations:
    """Root fields."""

    @root(MarkReadPayload, needs=SignedIn(), description="Mark notifications of one's own as read, for good.")
    async def mark_read(self, info: Info, input: Annotated[MarkReadInput, argument("Which were read.")]) -> Any:
        """Mark."""
        return await resolvers.mark(info.context, plain(input))


@strawberry.type
class NotificationSubscriptions:
    """Root fields."""

    @stream(
        Notification,
        needs=SignedInAdmin(),
        description=(
            "Each notification of one's own from now on. What it is about is shown as far as the viewer sees it at "
            "that moment: who has just lost sight of a customer is told that something happened, and nothing of whom. "
            "Ends with UNAUTHENTICATED when the session ends."
        ),
    )
    async def notification_received(self, info: Info) -> Any:
        """The stream."""
        return await resolvers.received(info.context)
