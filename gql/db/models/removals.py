"""What is found out about a group's members by itself: when they were looked at, and who should leave."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.proposed_removals import ProposalStatus

_UNDECIDED = text("status = 'PROPOSED'")


class GroupCheck(Base):
    """How far a group's members have been looked at, one row a group.

    Of a look that is under way: when it began, and behind which member it goes on. The lease says whose it is; without
    a holder it says until when nobody tries.
    """

    __tablename__ = "group_checks"
    __table_args__ = (
        CheckConstraint("(after_since IS NULL) = (after_id IS NULL)", name="place"),
        CheckConstraint("after_id IS NULL OR began_at IS NOT NULL", name="under_way"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    checked_at: Mapped[datetime | None]
    """When the last look began that came to its end."""
    began_at: Mapped[datetime | None]
    after_since: Mapped[datetime | None]
    after_id: Mapped[UUID | None]
    lease_by: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    tell_since: Mapped[datetime | None]
    """Since when something has happened that the group's owner wasn't told."""
    told_at: Mapped[datetime | None]


class DueRemoval(Base):
    """A membership that a rule of its group may end; whether it does is found out behind the locks.

    The group is no foreign key: PostgreSQL would have whoever changes a customer wait for who holds the group.
    """

    __tablename__ = "due_removals"
    __table_args__ = (Index(None, "try_at"), Index(None, "group_id", "try_at"))

    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"), primary_key=True)
    group_id: Mapped[UUID]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    asked_at: Mapped[datetime]
    try_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)


class FailedCriterion(HasId, Base):
    """A part of a group's rule, as it was, that some member didn't meet: once a group, whoever it is that fails."""

    __tablename__ = "failed_criteria"
    __table_args__ = (UniqueConstraint("group_id", "digest"),)

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"))
    digest: Mapped[str]
    part: Mapped[dict[str, Any]]
    """An expression of `gql.domain.criteria_json`. Whom it was asked about says only what refers to it."""


class ProposedRemoval(HasId, Base):
    """That a membership should end, since the customer doesn't fit the group's rule any more; and what became of it.

    A membership that ends takes what is undecided about it along: a trigger makes it OBSOLETE.
    """

    __tablename__ = "proposed_removals"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (status = 'PROPOSED')", name="decided"),
        CheckConstraint(
            "(decided_by_id IS NULL) = (status IN ('PROPOSED', 'OBSOLETE')) "
            "AND (reason IS NULL) = (status IN ('PROPOSED', 'OBSOLETE'))",
            name="decided_by_somebody",
        ),
        CheckConstraint("(kept_until IS NULL) = (status <> 'KEPT')", name="kept"),
        Index(
            "uq_proposed_removals_undecided",
            "membership_id",
            unique=True,
            sqlite_where=_UNDECIDED,
            postgresql_where=_UNDECIDED,
        ),
        Index(None, "membership_id", "kept_until"),
        Index(None, "group_id", "found_at", "id"),
        Index(None, "group_id", "status", "found_at", "id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("groups.id"))
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"))
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    criterion_id: Mapped[UUID] = mapped_column(ForeignKey("failed_criteria.id"))
    status: Mapped[ProposalStatus] = mapped_column(enum_text(ProposalStatus, "status"))
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    reason: Mapped[str | None]
    kept_until: Mapped[datetime | None]
    """Of KEPT: until when the same criterion is no reason to propose the member again."""
