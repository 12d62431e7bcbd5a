"""Light rows of jobs and their items."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from gql.domain.policies import Access


@dataclass(slots=True)
class JobRow:
    """A job. `in_full`: for who asked for it, or has audit.read; others read what made an assignment, and no more."""

    id: UUID
    kind: JobKind
    status: JobStatus
    requested_by_id: UUID
    reason: str
    total: int
    done: int
    changed: int
    unchanged: int
    refused: int
    skipped: int
    failure: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undo_of_id: UUID | None
    group_id: UUID | None
    dry_run: bool
    undone_by_id: UUID | None
    in_full: bool = True


@dataclass(slots=True)
class JobItemRow:
    """One customer of a job, or a line of a file that names none. `access`: what the viewer sees of them now."""

    id: UUID
    """Of the job and the place, for cursors alone: nothing is found by it."""
    job_id: UUID
    position: int
    customer_id: UUID | None
    to_admin_id: UUID | None
    outcome: ItemOutcome | None
    codes: list[str] | None
    assignment_id: UUID | None
    previous_admin_id: UUID | None
    line: int | None
    membership_id: UUID | None
    access: Access
