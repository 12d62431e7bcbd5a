"""Offices, roles, admins and customers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
from gql.domain.back_office import CustomerTier
from gql.domain.customer_status import StatusAction
from gql.domain.enums import AdminStatus, CustomerKind, CustomerStatus, OfficeStatus
from gql.domain.roles import Scope


class Office(HasId, Base):
    """A branch. Offices form a tree; the head office has no parent."""

    __tablename__ = "offices"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="not_own_parent"),
        Index(None, "parent_id", "name", "id"),
        Index(None, "name", "id"),
        Index(None, "status", "name", "id"),
        Index(None, "search_name"),
    )

    name: Mapped[str] = mapped_column(SortText, unique=True)
    search_name: Mapped[str] = mapped_column(SortText)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("offices.id"))
    status: Mapped[OfficeStatus] = mapped_column(enum_text(OfficeStatus, "status"))
    created_at: Mapped[datetime]


class Role(HasId, Base):
    """A named set of permissions plus a visibility rule; `gql.domain.roles.Role` is its meaning."""

    __tablename__ = "roles"
    __table_args__ = (
        CheckConstraint("assigned_level BETWEEN 0 AND 2", name="assigned_level"),
        CheckConstraint("unassigned_level BETWEEN 0 AND 2", name="unassigned_level"),
    )

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    description: Mapped[str]
    permissions: Mapped[list[str]]
    assigned_level: Mapped[int]
    unassigned_level: Mapped[int]
    scope: Mapped[Scope] = mapped_column(enum_text(Scope, "scope"))
    shown_when_limited: Mapped[list[str]]
    never_holds_book: Mapped[bool]
    reads_audited: Mapped[bool]
    built_in: Mapped[bool]


class Admin(HasId, Base):
    """A team member who signs in to the back office."""

    __tablename__ = "admins"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index(None, "office_id", "name", "id"),
        Index(None, "name", "id"),
        Index(None, "status", "name", "id"),
        Index(None, "search_name"),
    )

    email: Mapped[str] = mapped_column(SortText, unique=True)
    name: Mapped[str] = mapped_column(SortText)
    search_name: Mapped[str] = mapped_column(SortText)
    phone: Mapped[str | None]
    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id"))
    status: Mapped[AdminStatus] = mapped_column(enum_text(AdminStatus, "status"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    muted: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    """What they don't want to be told, and by which way: see `gql.domain.notification_preferences`."""


class AdminRole(Base):
    """Which admin has which role."""

    __tablename__ = "admin_roles"

    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"), primary_key=True)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("roles.id"), primary_key=True, index=True)


_NOBODYS = text("account_manager_id IS NULL")
_MANAGED = text("account_manager_id IS NOT NULL")
_KEPT = "status <> 'ARCHIVED'"
_REVIEWED = (
    ("ix_customers_reviewed", "office_id", f"{_KEPT} AND account_manager_id IS NOT NULL"),
    ("ix_customers_reviewed_of_nobody", "office_id", f"{_KEPT} AND account_manager_id IS NULL"),
    ("ix_customers_reviewed_of_manager", "account_manager_id", f"{_KEPT} AND account_manager_id IS NOT NULL"),
)
_LONG_AGO = text("'1970-01-01 00:00:00.000000'")


def _as_created(context: Any) -> Any:
    return context.get_current_parameters()["created_at"]


_OF_A_TIER = text("tier IS NOT NULL")
_OWING = text("oldest_unpaid_due_on IS NOT NULL")


class Customer(HasId, Base):
    """A borrower.

    `account_manager_id` repeats the open assignment, and is changed in the same transaction, so that visibility is
    decided from the customer's own row and its indexes. Of the two orders that lists are in most there is one index per
    visibility bucket; of the others one for everybody's and one by office, in which a bucket is a part.

    `oldest_unpaid_due_on` is the earliest day of an instalment that isn't paid in full, in the past or to come. The
    database keeps it, by triggers on the instalments (migration 0010).
    """

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        Index(None, "created_at", "id"),
        Index(None, "name", "id"),
        Index(None, "status", "name", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "office_id", "created_at", "id"),
        Index(None, "office_id", "email"),
        Index(None, "office_id", "name", "id"),
        Index(None, "office_id", "status", "name", "id"),
        Index(None, "office_id", "number", "id"),
        Index(None, "office_id", "phone"),
        Index(None, "office_id", "updated_at", "id"),
        Index(None, "account_manager_id", "created_at", "id"),
        Index(None, "account_manager_id", "name", "id"),
        Index(
            "ix_customers_nobodys_created_at",
            "office_id",
            "created_at",
            "id",
            sqlite_where=_NOBODYS,
            postgresql_where=_NOBODYS,
        ),
        Index(
            "ix_customers_nobodys_name",
            "office_id",
            "name",
            "id",
            sqlite_where=_NOBODYS,
            postgresql_where=_NOBODYS,
        ),
        Index(
            "ix_customers_managed_created_at",
            "office_id",
            "created_at",
            "id",
            sqlite_where=_MANAGED,
            postgresql_where=_MANAGED,
        ),
        Index(
            "ix_customers_managed_name",
            "office_id",
            "name",
            "id",
            sqlite_where=_MANAGED,
            postgresql_where=_MANAGED,
        ),
        Index("ix_customers_tier", "tier", "name", "id", sqlite_where=_OF_A_TIER, postgresql_where=_OF_A_TIER),
        Index("ix_customers_tier_by_office", "office_id", "tier", "name", "id"),
        Index("ix_customers_owing", "oldest_unpaid_due_on", "name", "id", sqlite_where=_OWING, postgresql_where=_OWING),
        Index(
            "ix_customers_owing_by_office",
            "office_id",
            "oldest_unpaid_due_on",
            "name",
            "id",
            sqlite_where=_OWING,
            postgresql_where=_OWING,
        ),
        Index(
            "ix_customers_managed_by_office",
            "office_id",
            "account_manager_id",
            sqlite_where=_MANAGED,
            postgresql_where=_MANAGED,
        ),
        *(
            Index(name, first, "manager_reviewed_at", "id", sqlite_where=text(only), postgresql_where=text(only))
            for name, first, only in _REVIEWED
        ),
        Index(None, "search_name"),
        Index(None, "search_name_reversed"),
        Index(None, "office_id", "search_name"),
        Index(None, "office_id", "search_name_reversed"),
    )

    number: Mapped[str] = mapped_column(SortText, unique=True)
    kind: Mapped[CustomerKind] = mapped_column(enum_text(CustomerKind, "kind"))
    name: Mapped[str] = mapped_column(SortText)
    search_name: Mapped[str] = mapped_column(SortText)
    search_name_reversed: Mapped[str] = mapped_column(SortText)
    email: Mapped[str] = mapped_column(SortText, unique=True)
    phone: Mapped[str] = mapped_column(SortText, unique=True)
    status: Mapped[CustomerStatus] = mapped_column(enum_text(CustomerStatus, "status"))
    status_reason: Mapped[str | None]
    status_changed_at: Mapped[datetime]
    status_changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id"))
    account_manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    tier: Mapped[CustomerTier | None] = mapped_column(enum_text(CustomerTier, "tier"))
    oldest_unpaid_due_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    manager_reviewed_at: Mapped[datetime] = mapped_column(default=_as_created, server_default=_LONG_AGO)
    """When somebody last decided who the account manager is, or confirmed it; rows from elsewhere, never."""
    muted: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    """What they don't want to be told, and by which way: see `gql.domain.notification_preferences`."""


class CustomerName(Base):
    """A search name that some customer has, once: those that are similar to a text are looked for here.

    Kept on PostgreSQL only, by triggers on customers (migrations 0010 and 0013); who has the name is for `customers`
    to say. A name goes with the last customer who has it: it is personal data, which nobody needs any more.
    """

    __tablename__ = "customer_names"
    __table_args__ = (
        Index(
            "ix_customer_names_similar",
            "search_name",
            postgresql_using="gin",
            postgresql_ops={"search_name": "gin_trgm_ops"},
        ).ddl_if(dialect="postgresql"),
    )

    search_name: Mapped[str] = mapped_column(SortText, primary_key=True)


class StatusChange(HasId, Base):
    """One change of a customer's status. The customer's own row repeats the newest."""

    __tablename__ = "customer_status_changes"
    __table_args__ = (Index(None, "customer_id", "changed_at", "id"),)

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    action: Mapped[StatusAction] = mapped_column(enum_text(StatusAction, "action"))
    status_before: Mapped[CustomerStatus] = mapped_column(enum_text(CustomerStatus, "status_before"))
    status_after: Mapped[CustomerStatus] = mapped_column(enum_text(CustomerStatus, "status_after"))
    reason: Mapped[str]
    changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    changed_at: Mapped[datetime]


class Assignment(HasId, Base):
    """One span of time in which an admin was a customer's account manager. Append-only, but for closing it."""

    __tablename__ = "assignments"
    __table_args__ = (
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        Index(
            "uq_assignments_open",
            "customer_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "customer_id", "started_at", "id"),
        Index(None, "admin_id", "started_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    assigned_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    job_id: Mapped[UUID | None]
    """The job that made it, with others; None of one that was made by itself."""
