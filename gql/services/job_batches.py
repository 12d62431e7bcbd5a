"""One batch of a job: its customers are changed, their outcomes written and the progress told in one short transaction.

Locks are taken in the order job → customers (by ID) → what else they are changed with. Nobody else who holds a customer
waits for a job.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Job, JobItem
from gql.domain.enums import SubjectKind
from gql.domain.jobs import CHANGES, FORBIDDEN, ItemOutcome, JobKind, JobStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.services.assignments import AssignmentScope
from gql.services.audit import Actor
from gql.services.job_ends import end_job
from gql.services.job_items import Batch, keep_outcomes
from gql.services.job_members import change_members
from gql.services.job_moves import move_customers
from gql.services.viewers_now import active_viewer

JOB_PROGRESS: Final = "job_progress"
"""The topic of events: a job of which another batch is done, or that has ended."""
_items: Any = JobItem.__table__


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a job, and for how long after each batch nobody else does."""

    holder: UUID
    time: timedelta


async def work_on(database: Database, job_id: UUID, lease: Lease, scope: AssignmentScope, rows: int) -> bool:
    """Do the next `rows` of a job's customers; tells whether there is more to do for whoever has this lease.

    Nothing is done where the lease is another's by now, or the job was cancelled. Ends the job with its last customer,
    or as FAILED where who asked for it may not do such a thing any more.
    """
    async with database.begin() as session:
        is_theirs = (Job.id == job_id, Job.lease_by == lease.holder, Job.status == JobStatus.RUNNING)
        job = await session.scalar(select(Job).where(*is_theirs).with_for_update())
        if job is None:
            return False
        viewer = await active_viewer(session, job.requested_by_id)
        if viewer is None or not viewer.may(permission_for(job)):
            job.failure = str(FORBIDDEN.code)
            await end_job(session, database, job, JobStatus.FAILED)
        else:
            actor = Actor(SubjectKind.ADMIN, viewer.admin_id, job.request_id, job.address)
            await _do_some(Batch(session, database, job, viewer, actor, scope), rows)
            job.failures = 0
            if job.done == job.total:
                await end_job(session, database, job, JobStatus.DONE)
            else:
                job.lease_until = now() + lease.time
        await database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
        return job.status is JobStatus.RUNNING


def permission_for(job: Job) -> Permission:
    """What whoever asks for such a job, or stops it or takes it back, must be allowed to do."""
    if job.kind is JobKind.EXPORT_GROUP_MEMBERS:
        return Permission.GROUP_EXPORT
    return Permission.CUSTOMER_ASSIGN if job.group_id is None else Permission.GROUP_MEMBERS_WRITE


async def _do_some(batch: Batch, rows: int) -> None:
    job = batch.job
    are_next = (_items.c.job_id == job.id, _items.c.position >= job.done)
    chosen = select(_items).where(*are_next).order_by(_items.c.position).limit(rows)
    items = (await batch.session.execute(chosen)).all()
    await (move_customers if job.group_id is None else change_members)(batch, items)
    await keep_outcomes(batch)
    counts = Counter(outcome for outcome, *_ in batch.outcomes)
    job.changed += sum(counts[outcome] for outcome in CHANGES)
    job.unchanged += counts[ItemOutcome.UNCHANGED]
    job.refused += counts[ItemOutcome.REFUSED]
    job.skipped += counts[ItemOutcome.SKIPPED]
    job.done += len(items)
