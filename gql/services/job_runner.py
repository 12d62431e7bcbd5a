"""The runner: works on jobs, one at a time, a batch at a time. Several may run, in one process or in many.

A job belongs to whoever has its lease, which each batch renews. The lease of a runner that died runs out, and another
one goes on where its last batch ended.
"""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import and_, or_, select

from gql.db.engine import Database
from gql.db.models import Job
from gql.domain.errors import Unavailable
from gql.domain.ids import new_id
from gql.domain.jobs import JobKind, JobStatus
from gql.domain.time import now
from gql.services.assignments import AssignmentScope
from gql.services.job_batches import Lease, work_on
from gql.services.job_failures import put_off
from gql.settings import Settings
from gql.vault.sealing import Vault
from gql.vault.stores import store_of

BATCH: Final = 200
"""Customers of a transaction: others who change one of them wait for a tenth of a second or so."""
LEASE_SECONDS: Final = 30.0
"""Longer than any batch takes, with all of its waits."""
_REST: Final = 0.25
"""Of a batch's time, after it: on SQLite, which has one writer, others get their turn."""
_SHORTEST_REST: Final = 0.005
_IN_TROUBLE: Final = 2
"""Times as many tries has a batch for which the database had no time or room: longer than the usual trouble takes."""

_log = structlog.stdlib.get_logger(__name__)


class JobRunner:
    """Works on one database's jobs."""

    def __init__(
        self, database: Database, settings: Settings, *, batch: int = BATCH, lease_seconds: float = LEASE_SECONDS
    ) -> None:
        self._database = database
        self._scope: AssignmentScope = settings.assignment_scope
        self._pause_seconds = settings.job_poll_seconds
        self._tries = settings.job_tries
        self._batch = batch
        self._lease = Lease(new_id(), timedelta(seconds=lease_seconds))
        self._settings = settings
        self._kinds: dict[UUID, JobKind] = {}
        """Of the job that was claimed last."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, which ends it after the batch that is under way. Goes on after any failure."""
        while not stop.is_set():
            worked = False
            try:
                worked = await self.work(stop)
            except Unavailable:
                _log.info("jobs.database_unavailable")
            except Exception as error:  # a job that was claimed is claimed again once its lease has run out
                _log.warning("jobs.runner_failed", error=type(error).__qualname__)
            if not worked:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pause_seconds)

    async def work(self, stop: asyncio.Event | None = None) -> bool:
        """Work on the oldest job that nobody works on, until it has ended; tells whether there was one."""
        job_id = await self.claim()
        if job_id is None:
            return False
        while await self.step(job_id) and not (stop is not None and stop.is_set()):
            pass
        return True

    async def claim(self) -> UUID | None:
        """Take the lease of the oldest job that nobody has one of. A runner that comes back takes its own again."""
        moment = now()
        is_free = or_(
            Job.status == JobStatus.QUEUED,
            and_(
                Job.status == JobStatus.RUNNING,
                or_(Job.lease_until < moment, Job.lease_by == self._lease.holder),
            ),
        )
        oldest = select(Job.id).where(is_free).order_by(Job.created_at, Job.id).limit(1)
        if not await self._database.rows(oldest):
            return None  # looking takes no write lock
        async with self._database.begin() as session:
            found = select(Job).where(is_free).order_by(Job.created_at, Job.id).limit(1)
            job: Job | None = await session.scalar(self._database.dialect.skip_locked(found))
            if job is None:
                return None
            job.status, job.started_at = JobStatus.RUNNING, job.started_at or moment
            job.lease_by, job.lease_until = self._lease.holder, moment + self._lease.time
            self._kinds = {job.id: job.kind}
            return job.id

    async def step(self, job_id: UUID) -> bool:
        """One batch of a job that was claimed, and the rest after it; tells whether there is more to do at once.

        Whatever fails is logged by its kind alone, and the batch put off. Raises Unavailable where nobody could: the
        job's next try comes when the database does.
        """
        begun = time.monotonic()
        try:
            if self._kinds.get(job_id) is JobKind.EXPORT_GROUP_MEMBERS:
                await self._export(job_id)
                more = False
            else:
                more = await work_on(self._database, job_id, self._lease, self._scope, self._batch)
        except Exception as error:
            _log.warning("jobs.batch_failed", error=type(error).__qualname__)
            patience = _IN_TROUBLE if isinstance(error, Unavailable) else 1
            await put_off(self._database, job_id, self._lease, self._tries * patience)
            more = False
        await asyncio.sleep(max(_SHORTEST_REST, (time.monotonic() - begun) * _REST))
        return more

    async def _export(self, job_id: UUID) -> None:
        from gql.services.member_export_jobs import Exporter  # what only who exports needs

        settings = self._settings
        store = store_of(settings.document_store, settings.var_dir / "documents")
        await Exporter(self._database, Vault(settings.data_key_ring), store, self._lease).export(job_id)


async def run_jobs(settings: Settings, stop: asyncio.Event) -> None:
    """The same in a process of its own, until `stop` is set."""
    database = Database(settings.database_url, pool_size=1)
    try:
        await JobRunner(database, settings).run(stop)
    finally:
        await database.close()
