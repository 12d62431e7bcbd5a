"""Light rows: what reads answer and the API renders. Slotted, and made from column selects, never ORM entities."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gql.db.brief_rows import BriefCustomerRow
from gql.domain.assignment_reviews import ReviewReason
from gql.domain.covers import CoverKind
from gql.domain.customer_status import StatusAction
from gql.domain.enums import (
    AdminStatus,
    CapacityMode,
    CustomerKind,
    CustomerStatus,
    GroupPurpose,
    GroupSensitivity,
    GroupStatus,
    LoanStatus,
    MembershipFlag,
    OfficeStatus,
    OutboxStatus,
)
from gql.domain.notifications import NotificationEvent, OwnEvent
from gql.domain.paging import Edge
from gql.domain.policies import Access
from gql.domain.scheduled_assignments import ScheduleStatus


@dataclass(slots=True)
class OfficeRow:
    """An office."""

    id: UUID
    name: str
    parent_id: UUID | None
    status: OfficeStatus
    created_at: datetime


@dataclass(slots=True)
class AdminRow:
    """A team member."""

    id: UUID
    name: str
    email: str
    phone: str | None
    office_id: UUID
    status: AdminStatus
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class CustomerRow(BriefCustomerRow):
    """The same with all that isn't asked of others by their ID."""

    kind: CustomerKind
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class AssignmentRow:
    """One span of an account manager. Only where the customer's history may be seen."""

    id: UUID
    customer_id: UUID
    admin_id: UUID
    assigned_by_id: UUID | None
    reason: str | None
    started_at: datetime
    ended_at: datetime | None
    job_id: UUID | None


@dataclass(slots=True)
class ScheduledAssignmentRow:
    """An assignment that begins later, or was to. Only where the customer's history may be seen."""

    id: UUID
    customer_id: UUID
    admin_id: UUID
    scheduled_by_id: UUID
    reason: str | None
    effective_at: datetime
    status: ScheduleStatus
    refusal_codes: list[str]
    created_at: datetime
    decided_at: datetime | None
    decided_by_id: UUID | None
    cancel_reason: str | None
    assignment_id: UUID | None


@dataclass(slots=True)
class CoverRow:
    """Access for a while. `access` is what the viewer sees of the customer; None for a book."""

    id: UUID
    kind: CoverKind
    delegate_id: UUID
    manager_id: UUID | None
    customer_id: UUID | None
    granted_by_id: UUID
    reason: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    ended_by_id: UUID | None
    end_reason: str | None
    created_at: datetime
    access: Access | None


@dataclass(slots=True)
class StatusRow:
    """One change of a customer's status. Only where the customer's history may be seen."""

    id: UUID
    customer_id: UUID
    action: StatusAction
    status_before: CustomerStatus
    status_after: CustomerStatus
    reason: str
    changed_by_id: UUID | None
    changed_at: datetime


@dataclass(slots=True)
class GroupRow:
    """A group."""

    id: UUID
    name: str
    status: GroupStatus
    purpose: GroupPurpose
    description: str
    criteria_text: str
    minimum_members: int | None
    maximum_members: int | None
    capacity_mode: CapacityMode
    member_count: int
    risk_category_id: UUID | None
    owner_id: UUID | None
    sensitivity: GroupSensitivity
    visible_to_customers: bool
    review_interval_days: int | None
    criteria: dict[str, Any] | None
    removal_statuses: list[str]
    removes_graduated: bool
    status_reason: str | None
    status_changed_at: datetime | None
    status_changed_by_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    next_review_at: datetime | None
    reviewed_at: datetime | None
    reviewed_by_id: UUID | None
    last_used_at: datetime
    kept_until: datetime | None
    kept_reason: str | None
    kept_by_id: UUID | None


@dataclass(slots=True)
class RiskCategoryRow:
    """A category of risk that groups can stand for."""

    id: UUID
    name: str
    description: str


@dataclass(slots=True)
class MembershipRow:
    """One span of a customer in a group."""

    id: UUID
    group_id: UUID
    customer_id: UUID
    since: datetime
    until: datetime | None
    added_by_id: UUID | None
    reason: str | None
    flag: MembershipFlag | None
    removed_by_id: UUID | None
    removal_reason: str | None


@dataclass(slots=True)
class MembershipEdge(Edge[Any]):
    """A customer in a group's list, or a group in a customer's, with the facts of the membership."""

    membership: MembershipRow


@dataclass(slots=True)
class LoanRow:
    """A loan of a customer whose loans may be seen. `overdue_minor` and `overdue_since` are as of the read's day."""

    id: UUID
    number: str
    customer_id: UUID
    product: str
    status: LoanStatus
    currency: str
    principal_minor: int
    outstanding_minor: int
    disbursed_at: datetime
    overdue_since: date | None
    overdue_minor: int


@dataclass(slots=True)
class BalanceRow:
    """What one customer owes in one currency."""

    customer_id: UUID
    currency: str
    loans: int
    active_loans: int
    loans_in_arrears: int
    outstanding_minor: int
    arrears_minor: int


@dataclass(slots=True)
class ReviewRow:
    """A customer of whom somebody should look who looks after them; `id` is the customer's."""

    id: UUID
    manager_reviewed_at: datetime
    reasons: tuple[ReviewReason, ...]


@dataclass(slots=True)
class NoticeRow:
    """A notification within the console."""

    id: UUID
    event: NotificationEvent
    customer_id: UUID | None
    job_id: UUID | None
    group_id: UUID | None
    created_at: datetime
    read_at: datetime | None


@dataclass(slots=True)
class OwnNoticeRow:
    """A notification in the app."""

    id: UUID
    customer_id: UUID
    event: OwnEvent
    created_at: datetime
    read_at: datetime | None


@dataclass(slots=True)
class ConfirmationRow:
    """A signed review of an assignment."""

    confirmed_by_id: UUID
    confirmed_at: datetime
    note: str | None


@dataclass(slots=True)
class NotificationRow:
    """How far a mail about an assignment has come."""

    template: str
    status: OutboxStatus
    attempts: int
    created_at: datetime
    delivered_at: datetime | None
