"""Groups, memberships and the walls between risk categories."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity, GroupStatus, MembershipFlag
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.time import now

_REVIEWED = text("next_review_at IS NOT NULL")
_UNTOLD = text("next_review_at IS NOT NULL AND review_told <> 'OVERDUE'")
_NOT_ARCHIVED = text("status <> 'ARCHIVED'")


class RiskCategory(HasId, Base):
    """A category of risk that a group can stand for."""

    __tablename__ = "risk_categories"

    name: Mapped[str] = mapped_column(SortText, unique=True)
    description: Mapped[str]


class RiskCategoryExclusion(Base):
    """Two categories that no customer may be in at once. Stored once, the smaller ID first."""

    __tablename__ = "risk_category_exclusions"
    __table_args__ = (CheckConstraint("category_id < other_category_id", name="ordered"),)

    category_id: Mapped[UUID] = mapped_column(ForeignKey("risk_categories.id"), primary_key=True)
    other_category_id: Mapped[UUID] = mapped_column(ForeignKey("risk_categories.id"), primary_key=True, index=True)


def _by(key: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of all groups, and of an owner's: the names of indexes, and their columns.

    A list of purposes is no place in an index: of a few, the groups are read in the order, and others passed over.
    """
    yield "", (key, "id")
    yield "owner_", ("owner_id", key, "id")


class Group(HasId, Base):
    """Customers put together for a purpose.

    `member_count` is the number of open memberships, kept in the transaction that changes them. `criteria` is an
    expression of `gql.domain.criteria_json`; None lets every customer in. `next_review_at` follows the interval, the
    status and the signatures (`gql.domain.group_reviews`), `last_used_at` what is done with the group (ADR 0038): both
    are kept in the transactions that change these.
    """

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint("member_count >= 0", name="member_count_not_negative"),
        CheckConstraint("maximum_members > 0", name="maximum_positive"),
        CheckConstraint(
            "capacity_mode = 'WARNING' OR member_count <= maximum_members", name="member_count_within_maximum"
        ),
        CheckConstraint("minimum_members > 0", name="minimum_positive"),
        CheckConstraint("minimum_members <= maximum_members", name="minimum_within_maximum"),
        CheckConstraint("review_interval_days > 0", name="review_interval_positive"),
        Index(None, "name", "id"),
        Index(None, "search_name"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "member_count", "id"),
        Index(None, "status", "name", "id"),
        Index(None, "purpose", "name", "id"),
        CheckConstraint(
            "(next_review_at IS NULL) = (review_interval_days IS NULL OR status IN ('INACTIVE', 'ARCHIVED'))",
            name="reviewed_in_use",
        ),
        CheckConstraint("(reviewed_at IS NULL) = (reviewed_by_id IS NULL)", name="reviewed_by_somebody"),
        CheckConstraint("(kept_until IS NULL) = (kept_reason IS NULL)", name="kept_for_a_reason"),
        *(
            Index(f"ix_groups_{first}next_review", *columns, sqlite_where=_REVIEWED, postgresql_where=_REVIEWED)
            for first, columns in _by("next_review_at")
        ),
        Index("ix_groups_untold", "next_review_at", "id", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
        *(
            Index(f"ix_groups_{first}last_used", *columns, sqlite_where=_NOT_ARCHIVED, postgresql_where=_NOT_ARCHIVED)
            for first, columns in _by("last_used_at")
        ),
    )

    name: Mapped[str] = mapped_column(SortText, unique=True)
    search_name: Mapped[str] = mapped_column(SortText)
    status: Mapped[GroupStatus] = mapped_column(enum_text(GroupStatus, "status"))
    purpose: Mapped[GroupPurpose] = mapped_column(enum_text(GroupPurpose, "purpose"))
    description: Mapped[str]
    criteria_text: Mapped[str]
    criteria: Mapped[dict[str, Any] | None]
    maximum_members: Mapped[int | None]
    minimum_members: Mapped[int | None]
    capacity_mode: Mapped[CapacityMode] = mapped_column(
        enum_text(CapacityMode, "capacity_mode"), default=CapacityMode.HARD, server_default=text("'HARD'")
    )
    member_count: Mapped[int] = mapped_column(default=0)
    risk_category_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_categories.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"), index=True)
    """Who answers for it, and is asked to review it."""
    sensitivity: Mapped[GroupSensitivity] = mapped_column(
        enum_text(GroupSensitivity, "sensitivity"), default=GroupSensitivity.NORMAL, server_default=text("'NORMAL'")
    )
    visible_to_customers: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether its members are told that they are in it."""
    review_interval_days: Mapped[int | None]
    removal_statuses: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    """Which statuses of a customer take them out by themselves."""
    removes_graduated: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether members who have paid back their loans are taken out by themselves."""
    next_review_at: Mapped[datetime | None]
    """When its members are to be reviewed; None of a group that isn't reviewed, or isn't in use."""
    reviewed_at: Mapped[datetime | None]
    """The last signature of `group_reviews`, repeated."""
    reviewed_by_id: Mapped[UUID | None]
    """Who gave it: without a foreign key, which SQLite adds to no table that is there."""
    review_told: Mapped[GroupReviewStatus] = mapped_column(
        enum_text(GroupReviewStatus, "review_told"),
        default=GroupReviewStatus.NOT_DUE,
        server_default=text("'NOT_DUE'"),
    )
    """What was told last of the review that is to come."""
    last_used_at: Mapped[datetime] = mapped_column(default=now, server_default=text("'1970-01-01 00:00:00.000000'"))
    kept_until: Mapped[datetime | None]
    """Until when it isn't suggested for archive, although nobody uses it."""
    kept_reason: Mapped[str | None]
    kept_by_id: Mapped[UUID | None]
    status_reason: Mapped[str | None]
    status_changed_at: Mapped[datetime | None]
    status_changed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class GroupExclusion(Base):
    """Two groups that no customer may be in at once. Stored once, the smaller ID first."""

    __tablename__ = "group_exclusions"
    __table_args__ = (CheckConstraint("group_id < other_group_id", name="ordered"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    other_group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"), primary_key=True, index=True)


_OPEN = text("until IS NULL")
_OVER = text("until IS NOT NULL")


class Membership(HasId, Base):
    """One span of time in which a customer was in a group; at most one is open per group and customer."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("until >= since", name="ends_after_start"),
        CheckConstraint("removed_by_id IS NULL OR until IS NOT NULL", name="removed_once_over"),
        Index(
            "uq_memberships_open",
            "group_id",
            "customer_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_memberships_listing", "group_id", "since", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_memberships_former", "group_id", "until", "id", sqlite_where=_OVER, postgresql_where=_OVER),
        Index("ix_memberships_former_since", "group_id", "since", sqlite_where=_OVER, postgresql_where=_OVER),
        Index(None, "customer_id", "since", "id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str | None]
    flag: Mapped[MembershipFlag | None] = mapped_column(enum_text(MembershipFlag, "flag"))
    removed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    removal_reason: Mapped[str | None]


class GroupReview(HasId, Base):
    """Somebody has looked at a group's members and signed. Append-only; the counts are of that moment."""

    __tablename__ = "group_reviews"
    __table_args__ = (Index(None, "group_id", "signed_at", "id"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"))
    signed_by_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    signed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    note: Mapped[str]
    member_count: Mapped[int]
    joined: Mapped[int]
    """Members who weren't there, or not so, at the signature before."""
    removed: Mapped[int]
    """Memberships that have ended since then."""


class UnusedGroupDigest(Base):
    """When a group owner was last told which of their groups nobody uses."""

    __tablename__ = "unused_group_digests"

    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"), primary_key=True)
    told_at: Mapped[datetime]
