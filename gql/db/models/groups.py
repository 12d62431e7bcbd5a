"""Groups, memberships and the walls between risk categories."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText, enum_text
from gql.domain.enums import GroupPurpose, GroupStatus, MembershipFlag


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


class Group(HasId, Base):
    """Customers put together for a purpose.

    `member_count` is the number of open memberships, kept in the transaction that changes them. `criteria` is an
    expression of `gql.domain.criteria`; None lets every customer in.
    """

    __tablename__ = "groups"
    __table_args__ = (
        CheckConstraint("member_count >= 0", name="member_count_not_negative"),
        CheckConstraint("maximum_members > 0", name="maximum_positive"),
        CheckConstraint("member_count <= maximum_members", name="member_count_within_maximum"),
        Index(None, "name", "id"),
        Index(None, "search_name"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "member_count", "id"),
        Index(None, "status", "name", "id"),
        Index(None, "purpose", "name", "id"),
    )

    name: Mapped[str] = mapped_column(SortText, unique=True)
    search_name: Mapped[str] = mapped_column(SortText)
    status: Mapped[GroupStatus] = mapped_column(enum_text(GroupStatus, "status"))
    purpose: Mapped[GroupPurpose] = mapped_column(enum_text(GroupPurpose, "purpose"))
    description: Mapped[str]
    criteria_text: Mapped[str]
    criteria: Mapped[dict[str, Any] | None]
    maximum_members: Mapped[int | None]
    member_count: Mapped[int] = mapped_column(default=0)
    risk_category_id: Mapped[UUID | None] = mapped_column(ForeignKey("risk_categories.id"), index=True)
    created_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


_OPEN = text("until IS NULL")


class Membership(HasId, Base):
    """One span of time in which a customer was in a group; at most one is open per group and customer."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint("until >= since", name="ends_after_start"),
        Index(
            "uq_memberships_open",
            "group_id",
            "customer_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_memberships_listing", "group_id", "since", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(None, "customer_id", "since", "id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    added_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str | None]
    flag: Mapped[MembershipFlag | None] = mapped_column(enum_text(MembershipFlag, "flag"))
