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
from gql.services.job_ends import close_job, end_job

TO_TELL: Final = 3
"""How often it is tried to end a job and tell of it, before it is ended without a word: it may be this that fails."""
_FIRST_DELAY: Final = timedelta(seconds=5)
_LONGEST_DELAY: Final = timedelta(minutes=10)


async def put_off(database: Database, job_id: UUID, lease: Lease, tries: int) -> None:
    """Leave a job whose batch failed to whoever comes once it has waited; end it as FAILED with the last of its tries.

    Other jobs are worked on meanwhile. What is done stays done, and the same wish made again does the rest: those who
    were moved are UNCHANGED then. Nothing is done where the lease is another's by now. Raises whatever keeps the job
    from being ended; it waits for the next try then, as well.
    """
    failures = await _count(database, job_id, lease)
    if failures >= tries:
        await _give_up(database, job_id, failures, tell=failures < tries + TO_TELL)


async def _count(database: Database, job_id: UUID, lease: Lease) -> int:
    """One more failure, committed whatever comes after it; answers how many there are. 0 for another's job."""
    async with database.begin() as session:
        is_theirs = (Job.id == job_id, Job.lease_by == lease.holder, Job.status == JobStatus.RUNNING)
        job = await session.scalar(select(Job).where(*is_theirs).with_for_update())
        if job is None:
            return 0
        job.failures += 1
        delay = min(_FIRST_DELAY * 2 ** (job.failures - 1), _LONGEST_DELAY)
        job.lease_by, job.lease_until = None, now() + delay
        return job.failures


async def _give_up(database: Database, job_id: UUID, failures: int, *, tell: bool) -> None:
    """End it, unless somebody has cancelled it or got on with it since."""
    async with database.begin() as session:
        is_stuck = (Job.id == job_id, Job.failures == failures, Job.status == JobStatus.RUNNING)
        job = await session.scalar(select(Job).where(*is_stuck).with_for_update())
        if job is None:
            return
        job.failure = INTERNAL_FAILURE
        if tell:
            await end_job(session, database, job, JobStatus.FAILED)
        else:
            await close_job(session, job, JobStatus.FAILED)
        await database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
