"""Jobs, and what came of each of their customers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, JsonValue, enum_text
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus

_UNDER_WAY = text("status IN ('QUEUED', 'RUNNING')")


class Job(HasId, Base):
    """Something that is done to many customers, a batch at a time, each batch in a transaction of its own.

    Whoever has the lease works on it; who finds it expired goes on from `done`, which is changed in the transaction
    of the batch, like the items and the customers. `spec` is what was asked for, without names.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("done = changed + unchanged + refused + skipped", name="done"),
        CheckConstraint("done <= total", name="done_of_total"),
        CheckConstraint("(finished_at IS NULL) = (status IN ('WAITING', 'QUEUED', 'RUNNING'))", name="finished"),
        Index(None, "requested_by_id", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index("ix_jobs_under_way", "created_at", sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY),
    )

    kind: Mapped[JobKind] = mapped_column(enum_text(JobKind, "kind"))
    status: Mapped[JobStatus] = mapped_column(enum_text(JobStatus, "status"))
    requested_by_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    """The client's, for the audit events of each row."""
    reason: Mapped[str]
    spec: Mapped[dict[str, Any]]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How often the next batch has failed by something other than a rule, one time after the other."""
    failure: Mapped[str | None]
    """The code of why it FAILED."""
    lease_by: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id"), index=True)
    """Whose members it is about."""
    dry_run: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it only finds out what would come of it."""
    undo_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"), unique=True)


class JobItem(Base):
    """One customer of a job, in the order in which they are worked on: that of their IDs, or of a file's lines.

    A line may name nobody: it has no customer, and in `codes` beforehand why it will be refused. `seen_assignment_id`
    is the open assignment when the job was asked for, if there was one: a customer who has another by now is left
    alone. No foreign keys: to write 100,000 rows must not lock their customers, for whom others would wait, and each
    check would take as long as the row. Nothing that rows refer to is ever deleted.
    """

    __tablename__ = "job_items"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int | None]
    """Of the file, from 1 on."""
    customer_id: Mapped[UUID | None]
    to_admin_id: Mapped[UUID | None]
    """None of an item that leaves the customer without an account manager."""
    seen_assignment_id: Mapped[UUID | None]
    outcome: Mapped[ItemOutcome | None] = mapped_column(enum_text(ItemOutcome, "outcome"))
    codes: Mapped[list[str] | None] = mapped_column(JsonValue)
    assignment_id: Mapped[UUID | None]
    """That began, or ended where nobody followed."""
    previous_admin_id: Mapped[UUID | None]
    membership_id: Mapped[UUID | None]
    """That began, or ended."""
