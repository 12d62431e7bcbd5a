"""How a job ends: once, and each person whom it concerns is told by one mail what it did."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Text, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent, Customer, Group, Job, JobItem, MemberExport
from gql.domain.enums import AdminStatus
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from gql.domain.time import now
from gql.services import audit
from gql.services.audit import DEACTIVATED, Actor
from gql.services.notifications import tell

MOST_NAMED: Final = 20
"""Customers whom a digest names: of the others it tells how many they are."""
_items: Any = JobItem.__table__
_customers: Any = Customer.__table__


async def end_job(
    session: AsyncSession, database: Database, job: Job, status: JobStatus, actor: Actor | None = None
) -> None:
    """End a locked job, and tell those who gained or lost customers, and who asked for it.

    `actor`: who ends it, where that is a person. A manager who has left is told nothing; that a job failed whose
    requester has left is told to who deactivated them, since nobody else knows of it.
    """
    await close_job(session, job, status)
    await session.flush()
    concerned = {} if job.group_id is not None else await _concerned(session, job)
    are_wanted = database.dialect.is_one_of(Admin.__table__.c.id, "ids")
    ids = [*concerned, job.requested_by_id]
    admins = {admin.id: admin for admin in await session.scalars(select(Admin).where(are_wanted), {"ids": ids})}
    requester = admins[job.requested_by_id]
    for admin_id, facts in concerned.items():
        if admins[admin_id].status is AdminStatus.ACTIVE:
            _mail(session, job, "book_changed_manager", admins[admin_id], facts | {"by_name": requester.name})
    if requester.status is AdminStatus.ACTIVE:
        counts = {name: getattr(job, name) for name in ("total", "changed", "unchanged", "refused", "skipped")}
        facts = {"status": status.value, "failure": job.failure, "not_done": job.total - job.done}
        template = "job_ended_requester"
        if job.group_id is not None:
            group = await session.get_one(Group, job.group_id)
            is_export = job.kind is JobKind.EXPORT_GROUP_MEMBERS
            template = "export_ended_requester" if is_export else "group_job_ended_requester"
            facts |= {"group_name": group.name, "dry_run": job.dry_run}
        _mail(session, job, template, requester, counts | facts)
    elif status is JobStatus.FAILED:
        await _tell_deactivator(session, job, requester)
    if actor is not None:
        audit.record(
            session,
            actor,
            "job.cancelled",
            subject_kind="job",
            subject_id=job.id,
            details={"count": job.done},
        )


async def close_job(session: AsyncSession, job: Job, status: JobStatus) -> None:
    """End a locked job without a word. The passphrase of an export is forgotten, whatever became of it."""
    job.status, job.finished_at = status, max(now(), job.created_at)
    job.lease_by = job.lease_until = None
    if job.kind is JobKind.EXPORT_GROUP_MEMBERS:
        (await session.get_one(MemberExport, job.id)).sealed_passphrase = None


def _mail(session: AsyncSession, job: Job, template: str, to: Admin, facts: dict[str, Any]) -> None:
    payload = facts | {"name": to.name, "reason": job.reason, "is_undo": job.undo_of_id is not None}
    tell(session, to, template=template, subject_id=job.id, payload=payload, job_id=job.id)


async def _tell_deactivator(session: AsyncSession, job: Job, requester: Admin) -> None:
    was_deactivated = (AuditEvent.subject_id == requester.id, AuditEvent.action == DEACTIVATED)
    newest = select(AuditEvent.actor_id).where(*was_deactivated).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    actor_id = await session.scalar(newest.limit(1))
    deactivator = None if actor_id is None else await session.get(Admin, actor_id)
    if deactivator is not None and deactivator.status is AdminStatus.ACTIVE:
        facts = {"requester_name": requester.name, "total": job.total, "not_done": job.total - job.done}
        _mail(session, job, "job_ended_deactivator", deactivator, facts)


async def _concerned(session: AsyncSession, job: Job) -> dict[UUID, dict[str, Any]]:
    """What each manager gained and lost, in numbers and the first names; by their IDs' order."""
    found: dict[UUID, dict[str, Any]] = defaultdict(
        lambda: {"gained": 0, "gained_names": [], "lost": 0, "lost_names": []}
    )
    for row in (await session.execute(_of_managers(job.id))).all():
        facts = found[row.admin_id]
        facts[row.side] = row.customers
        facts[f"{row.side}_names"].append(f"{row.name} ({row.number})")
    return {admin_id: found[admin_id] for admin_id in sorted(found)}


def _of_managers(job_id: UUID) -> Select[Any]:
    """For each manager and side the first customers, and how many there are in all."""
    sides = union_all(*(_side(job_id, name) for name in ("gained", "lost"))).subquery("sides")
    columns = (sides.c.side, sides.c.admin_id, sides.c.customers, _customers.c.name, _customers.c.number)
    return (
        select(*columns)
        .join_from(sides, _customers, _customers.c.id == sides.c.customer_id)
        .order_by(sides.c.admin_id, sides.c.position)
    )


def _side(job_id: UUID, side: str) -> Select[Any]:
    column = _items.c.to_admin_id if side == "gained" else _items.c.previous_admin_id
    moved = (_items.c.job_id == job_id, _items.c.outcome == ItemOutcome.MOVED, column.is_not(None))
    of_admin = {"partition_by": column}
    ranked = (
        select(
            column.label("admin_id"),
            _items.c.customer_id,
            _items.c.position,
            func.row_number().over(order_by=_items.c.position, **of_admin).label("rank"),
            func.count().over(**of_admin).label("customers"),
        )
        .where(*moved)
        .subquery(f"ranked_{side}")
    )
    columns: Sequence[Any] = [c for c in ranked.c if c.key != "rank"]
    return select(literal(side, Text()).label("side"), *columns).where(ranked.c.rank <= MOST_NAMED)
