"""A batch that fails by something other than a rule: it is tried again later, and not for ever."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Job
from gql.domain.jobs import INTERNAL_FAILURE, JobStatus
from gql.domain.time import now
from gql.services.job_batches import JOB_PROGRESS, Lease
from gql.services.job_ends import end_job

MOST_FAILURES: Final = 6
"""Of one batch, after which its job ends: over some minutes, in which a disk can be made room on."""
_FIRST_DELAY: Final = timedelta(seconds=5)


async def put_off(database: Database, job_id: UUID, lease: Lease) -> None:
    """Leave a job whose batch failed to whoever comes once it has waited; end it as FAILED after MOST_FAILURES.

    Other jobs are worked on meanwhile. What is done stays done, and the same wish made again does the rest: those who
    were moved are UNCHANGED then. Nothing is done where the lease is another's by now.
    """
    async with database.begin() as session:
        is_theirs = (Job.id == job_id, Job.lease_by == lease.holder, Job.status == JobStatus.RUNNING)
        job = await session.scalar(select(Job).where(*is_theirs).with_for_update())
        if job is None:
            return
        job.failures += 1
        if job.failures < MOST_FAILURES:
            job.lease_by, job.lease_until = None, now() + _FIRST_DELAY * 2 ** (job.failures - 1)
            return
        job.failure = INTERNAL_FAILURE
        await end_job(session, database, job, JobStatus.FAILED)
        await database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
