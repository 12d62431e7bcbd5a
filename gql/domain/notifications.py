"""What somebody is told within the console or the app, beside the mail that says the same."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.user_errors import not_found

MOST_IDS: Final = 100
MOST_COUNTED: Final = 1_000
"""Of unread notifications no more are counted."""


class NotificationEvent(StrEnum):
    """What has happened, for a team member."""

    CUSTOMER_ASSIGNED = "CUSTOMER_ASSIGNED"
    CUSTOMER_LEFT = "CUSTOMER_LEFT"
    CUSTOMER_MOVED = "CUSTOMER_MOVED"
    BOOK_CHANGED = "BOOK_CHANGED"
    JOB_ENDED = "JOB_ENDED"
    ASSIGNMENT_SCHEDULED = "ASSIGNMENT_SCHEDULED"
    ASSIGNMENT_OFF = "ASSIGNMENT_OFF"
    ASSIGNMENT_REFUSED = "ASSIGNMENT_REFUSED"
    CALLBACK_REQUESTED = "CALLBACK_REQUESTED"
    COVER_GRANTED = "COVER_GRANTED"
    COVER_ENDED = "COVER_ENDED"
    GLASS_BROKEN = "GLASS_BROKEN"
    GROUP_DRIFTED = "GROUP_DRIFTED"
    GROUP_REVIEW_DUE = "GROUP_REVIEW_DUE"
    GROUP_REVIEW_OVERDUE = "GROUP_REVIEW_OVERDUE"
    GROUPS_UNUSED = "GROUPS_UNUSED"


class OwnEvent(StrEnum):
    """What has happened, for a customer."""

    MANAGER_ASSIGNED = "MANAGER_ASSIGNED"
    MANAGER_LEFT = "MANAGER_LEFT"
    OFFICE_CHANGED = "OFFICE_CHANGED"
    CONTACT_CHANGED = "CONTACT_CHANGED"


AnyEvent = NotificationEvent | OwnEvent

OF_TEMPLATE: Final[Mapping[str, NotificationEvent]] = {
    "account_manager_assigned_manager": NotificationEvent.CUSTOMER_ASSIGNED,
    "account_manager_ended_manager": NotificationEvent.CUSTOMER_LEFT,
    "account_manager_unassigned_manager": NotificationEvent.CUSTOMER_LEFT,
    "customer_transferred_manager": NotificationEvent.CUSTOMER_MOVED,
    "book_changed_manager": NotificationEvent.BOOK_CHANGED,
    "job_ended_requester": NotificationEvent.JOB_ENDED,
    "group_job_ended_requester": NotificationEvent.JOB_ENDED,
    "export_ended_requester": NotificationEvent.JOB_ENDED,
    "job_ended_deactivator": NotificationEvent.JOB_ENDED,
    "assignment_scheduled_manager": NotificationEvent.ASSIGNMENT_SCHEDULED,
    "assignment_off_manager": NotificationEvent.ASSIGNMENT_OFF,
    "assignment_off_scheduler": NotificationEvent.ASSIGNMENT_OFF,
    "assignment_refused_scheduler": NotificationEvent.ASSIGNMENT_REFUSED,
    "callback_requested_manager": NotificationEvent.CALLBACK_REQUESTED,
    "cover_granted": NotificationEvent.COVER_GRANTED,
    "cover_ended": NotificationEvent.COVER_ENDED,
    "glass_broken": NotificationEvent.GLASS_BROKEN,
    "group_drifted_owner": NotificationEvent.GROUP_DRIFTED,
    "group_review_due": NotificationEvent.GROUP_REVIEW_DUE,
    "group_review_overdue": NotificationEvent.GROUP_REVIEW_OVERDUE,
    "groups_unused": NotificationEvent.GROUPS_UNUSED,
}
"""By the mail's template: who is told by the one is told by the other."""

OF_OWN_TEMPLATE: Final[Mapping[str, OwnEvent]] = {
    "account_manager_assigned_customer": OwnEvent.MANAGER_ASSIGNED,
    "account_manager_unassigned_customer": OwnEvent.MANAGER_LEFT,
    "customer_transferred_customer": OwnEvent.OFFICE_CHANGED,
    "contact_changed_customer": OwnEvent.CONTACT_CHANGED,
}
"""The same of mails to customers."""


def ids_refusals(wanted: int, found: int) -> Iterator[Refusal]:
    """Why so many notifications can't be marked of which only some are there for the viewer."""
    if found < wanted:
        yield not_found("notification", "ids")
