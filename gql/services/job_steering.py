"""Stop a job that is under way; take back what one has done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Job, JobItem
from gql.domain import jobs as rules
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.jobs import CHANGES, UNDER_WAY, JobKind, JobStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.idempotency import Once
from gql.services.job_batches import JOB_PROGRESS, permission_for
from gql.services.job_ends import end_job
from gql.services.reassignments import Begun

_items: Any = JobItem.__table__


@dataclass(frozen=True, slots=True)
class CancelJob:
    """The wish: nothing more of it."""

    job_id: UUID
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class UndoJob:
    """The wish: what it did is taken back."""

    job_id: UUID
    reason: str
    idempotency_key: str | None = None


async def cancel_job(database: Database, actor: Actor, viewer: AdminViewer, wish: CancelJob) -> Begun:
    """Stop a job after the batch that is under way. What it has done stays, and is told as at its end.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "cancelJob", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Begun(wish.job_id, replayed=True)
        job = await _readable_job(session, viewer, wish.job_id)
        refuse(() if job.status in UNDER_WAY else (rules.IS_OVER,))
        await end_job(session, database, job, JobStatus.CANCELLED, actor)
        await database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
        await once.keep({"job_id": str(job.id)})
        return Begun(job.id)


async def undo_job(database: Database, actor: Actor, viewer: AdminViewer, wish: UndoJob, window: timedelta) -> Begun:
    """Begin a job that takes back what another one did: who was moved goes back to who had them, or to nobody; who was
    added to a group is removed.

    Only where the assignment or membership that it began is still the present one; the rules are those of any such
    change. Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "undoJob", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Begun(UUID(earlier["job_id"]), replayed=True)
        job = await _readable_job(session, viewer, wish.job_id)
        undone = await session.scalar(select(Job.id).where(Job.undo_of_id == job.id))
        facts = {"undone": undone is not None, "dry_run": job.dry_run}
        facts["leaver_is_gone"] = await _leaver_is_gone(session, job)
        refuse(rules.undo_refusals(job.kind, job.status, job.finished_at, job.changed, window, **facts))
        undo = _undo_of(job, actor, viewer, wish)
        session.add(undo)
        await session.flush()
        await _insert_changed(session, job, undo)
        details = {"count": undo.total, "reason": wish.reason}
        audit.record(session, actor, "job.undo_begun", subject_kind="job", subject_id=job.id, details=details)
        await once.keep({"job_id": str(undo.id)})
        return Begun(undo.id)


async def _readable_job(session: AsyncSession, viewer: AdminViewer, job_id: UUID) -> Job:
    """The job, locked: no batch of it is under way. Raises Refused where it isn't there for this viewer."""
    job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
    if job is None or not (job.requested_by_id == viewer.admin_id or viewer.may(Permission.AUDIT_READ)):
        may_any = viewer.may(Permission.CUSTOMER_ASSIGN) or viewer.may(Permission.GROUP_MEMBERS_WRITE)
        raise Refused(rules.JOB_NOT_FOUND, *(() if may_any else (rules.MAY_NOT_STEER,)))
    refuse(() if viewer.may(permission_for(job)) else (rules.MAY_NOT_STEER,))
    return job


async def _leaver_is_gone(session: AsyncSession, job: Job) -> bool:
    """Of a hand-over, whether who handed over is still out; False of any other job."""
    if job.kind is not JobKind.HAND_OVER:
        return False
    leaver = await session.get_one(Admin, UUID(job.spec["from_admin_id"]))
    return leaver.status is not AdminStatus.ACTIVE


def _undo_of(job: Job, actor: Actor, viewer: AdminViewer, wish: UndoJob) -> Job:
    return Job(
        id=new_id(),
        kind=JobKind.UNDO,
        status=JobStatus.QUEUED,
        requested_by_id=viewer.admin_id,
        request_id=actor.request_id,
        address=actor.address,
        reason=wish.reason,
        spec={},
        total=job.changed,
        created_at=now(),
        undo_of_id=job.id,
        group_id=job.group_id,
    )


async def _insert_changed(session: AsyncSession, job: Job, undo: Job) -> None:
    """One statement, however many they are."""
    c = _items.c
    place = func.row_number().over(order_by=c.position) - 1
    columns = ["job_id", "position", "customer_id", "to_admin_id", "seen_assignment_id", "membership_id"]
    what = (c.customer_id, c.previous_admin_id, c.assignment_id, c.membership_id)
    changed = select(literal(undo.id, c.job_id.type), place, *what)
    changed = changed.where(c.job_id == job.id, c.outcome.in_(CHANGES))
    await session.execute(insert(_items).from_select(columns, changed))
