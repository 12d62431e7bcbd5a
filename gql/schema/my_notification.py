"""What a customer is told in the web and mobile app, and wants to be told."""

from datetime import datetime

import strawberry

from gql.domain.ids import Kind
from gql.domain.notifications import OwnEvent
from gql.schema.access import open_to
from gql.schema.fields import column, computed, describe, global_id, loaded
from gql.schema.pagination import PageInfo, cursor, page_info, total_count

UNREAD = "How many of all one's notifications weren't read: exact up to 1,000, and 1,000 beyond that."
ON_BY_MAIL = "Whether a mail is sent; always where `emailMayChange` is false."
ON_IN_APP = "Whether it is told in `notifications`."

describe(
    OwnEvent,
    "What has happened, for the customer whom it concerns. Each of these is told by mail, too.",
    "MyNotificationEvent",
    MANAGER_ASSIGNED="Somebody looks after the customer from now on: `me.accountManager`.",
    MANAGER_LEFT="Nobody looks after the customer at present; their office does.",
    OFFICE_CHANGED="Another office is responsible for the customer.",
    CONTACT_CHANGED="The customer's email or phone was changed.",
)


@open_to("the customer whom it concerns", "id event createdAt readAt")
@strawberry.type(description="Something has happened that the customer should know. What is so now is in `me`.")
class MyNotification:
    """Rows are `OwnNoticeRow`."""

    id: strawberry.ID = global_id(Kind.MY_NOTIFICATION)
    event: OwnEvent = column("What has happened.")
    created_at: datetime = column("When it happened.")
    read_at: datetime | None = column("When it was marked as read; null for one that wasn't.")


@strawberry.type(description="A notification in the list of a customer's own.")
class MyNotificationEdge:
    """Rows are edges."""

    node: MyNotification = column("The notification.")
    cursor: str = cursor()


@strawberry.type(description="A page of a customer's own notifications.")
class MyNotificationConnection:
    """Rows are pages."""

    edges: list[MyNotificationEdge] = column("The notifications of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("All notifications of the customer that are kept.")
    unread_count: int = loaded("unread_notifications", lambda page: page.total.customer_id, description=UNREAD)


@open_to("whose preference it is")
@strawberry.type(description="How the customer is told of an event.")
class MyNotificationPreference:
    """Rows are `Preference`."""

    event: OwnEvent = column("What happens.")
    email: bool = column(ON_BY_MAIL)
    in_app: bool = column(ON_IN_APP)
    email_may_change: bool = computed(
        lambda row: row.email_may_change, description="False for mails that nobody can do without."
    )
