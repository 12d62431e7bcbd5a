"""One batch of a job: its customers are moved, their outcomes written and the progress told in one short transaction.

Locks are taken in the order job → customers (by ID) → admins (by ID) → offices. Nobody else who holds a customer waits
for a job.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import many_appended
from gql.db.engine import AnyRow, Database
from gql.db.events import Event
from gql.db.models import Admin, Job, JobItem, Office
from gql.db.queries.admin_facts import admin_facts
from gql.domain import jobs as rules
from gql.domain.enums import AdminStatus, SubjectKind
from gql.domain.errors import Refusal
from gql.domain.jobs import ItemOutcome, JobStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.assigning import (
    HeldCustomer,
    Manager,
    Move,
    OpenAssignment,
    customer_refusals,
    held_customers,
    manager_refusals,
    managers_of,
    open_assignments,
    tell_of_move,
    write_moves,
)
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, AssignmentScope, allowed_offices
from gql.services.audit import Actor
from gql.services.customer_records import access_to
from gql.services.job_ends import end_job

JOB_PROGRESS: Final = "job_progress"
"""The topic of events: a job of which another batch is done, or that has ended."""
_NO_SESSION: Final = UUID(int=0)
_items: Any = JobItem.__table__
_NOTED: Final = ("outcome", "codes", "assignment_id", "previous_admin_id")


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a job, and for how long after each batch nobody else does."""

    holder: UUID
    time: timedelta


@dataclass(slots=True)
class _Batch:
    """All that one batch has at hand, and what comes of it."""

    session: AsyncSession
    database: Database
    viewer: AdminViewer
    scope: AssignmentScope
    customers: dict[UUID, HeldCustomer]
    current: dict[UUID, OpenAssignment]
    managers: dict[UUID, Manager]
    previous: dict[UUID, Admin]
    outcomes: list[tuple[Any, ...]] = field(default_factory=list)
    """New values of _NOTED for an item, with its place."""
    moves: list[tuple[Any, Move]] = field(default_factory=list)
    allowed: dict[tuple[UUID, UUID], frozenset[UUID] | None] = field(default_factory=dict)


async def work_on(database: Database, job_id: UUID, lease: Lease, scope: AssignmentScope, rows: int) -> bool:
    """Do the next `rows` of a job's customers; tells whether there is more to do for whoever has this lease.

    Nothing is done where the lease is another's by now, or the job was cancelled. Ends the job with its last customer,
    or as FAILED where who asked for it may not change account managers any more.
    """
    async with database.begin() as session:
        is_theirs = (Job.id == job_id, Job.lease_by == lease.holder, Job.status == JobStatus.RUNNING)
        job = await session.scalar(select(Job).where(*is_theirs).with_for_update())
        if job is None:
            return False
        viewer = await _requester(session, job)
        if viewer is None:
            job.failure = rules.ReassignErrorCode.FORBIDDEN.value
            await end_job(session, database, job, JobStatus.FAILED)
        else:
            await _do_some(session, database, job, viewer, scope, rows)
            job.failures = 0
            if job.done == job.total:
                await end_job(session, database, job, JobStatus.DONE)
            else:
                job.lease_until = now() + lease.time
        await database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
        return job.status is JobStatus.RUNNING


async def _requester(session: AsyncSession, job: Job) -> AdminViewer | None:
    """Who asked for the job, with what they may do and see now; None where they may not do this any more.

    Signing out stops nothing: people go home.
    """

    async def rows(statement: Executable, parameters: Mapping[str, Any]) -> Sequence[AnyRow]:
        return (await session.execute(statement, parameters)).all()

    facts = await admin_facts(rows, job.requested_by_id)
    if facts is None or facts.status is not AdminStatus.ACTIVE:
        return None
    standing = facts.standing
    viewer = AdminViewer(
        standing.admin_id, _NO_SESSION, standing.office_id, standing.roles, standing.subtree, covers=standing.covers
    )
    return viewer if viewer.may(Permission.CUSTOMER_ASSIGN) else None


async def _do_some(
    session: AsyncSession, database: Database, job: Job, viewer: AdminViewer, scope: AssignmentScope, rows: int
) -> None:
    are_next = (_items.c.job_id == job.id, _items.c.position >= job.done)
    items = (await session.execute(select(_items).where(*are_next).order_by(_items.c.position).limit(rows))).all()
    batch = await _gather(session, database, viewer, scope, items)
    for item in items:
        await _judge(batch, item)
    actor = Actor(SubjectKind.ADMIN, viewer.admin_id, job.request_id, job.address)
    await _move(batch, job, actor)
    counts = Counter(outcome for outcome, *_ in batch.outcomes)
    await _keep_outcomes(batch)
    job.moved += counts[ItemOutcome.MOVED]
    job.unchanged += counts[ItemOutcome.UNCHANGED]
    job.refused += counts[ItemOutcome.REFUSED]
    job.skipped += counts[ItemOutcome.SKIPPED]
    job.done += len(items)


async def _gather(
    session: AsyncSession, database: Database, viewer: AdminViewer, scope: AssignmentScope, items: Sequence[Any]
) -> _Batch:
    dialect = database.dialect
    ids = [item.customer_id for item in items]
    customers = await held_customers(session, dialect, ids)
    current = await open_assignments(session, dialect, ids)
    managers = await managers_of(session, dialect, {item.to_admin_id for item in items} - {None})
    holders = {customer.account_manager_id for customer in customers.values()} - {None}
    are_holders = dialect.is_one_of(Admin.__table__.c.id, "ids")
    previous = {
        admin.id: admin for admin in await session.scalars(select(Admin).where(are_holders), {"ids": [*holders]})
    }
    return _Batch(session, database, viewer, scope, customers, current, managers, previous)


async def _judge(batch: _Batch, item: Any) -> None:
    """Decide on one customer: by the rules of `assignAccountManager`, unless somebody else has decided since."""
    customer = batch.customers.get(item.customer_id)
    if customer is not None and not access_to(batch.viewer, customer).is_visible:
        customer = None
    refusals = [*customer_refusals(batch.viewer, customer)]
    manager = batch.managers.get(item.to_admin_id)
    if item.to_admin_id is not None:
        allowed = None
        if customer is not None and manager is not None:
            allowed = await _allowed(batch, customer.office_id, manager.office.id)
        refusals += manager_refusals(batch.viewer, manager, allowed)
    if customer is None or refusals:
        _note(batch, item, ItemOutcome.REFUSED, codes=_codes(refusals))
        return
    current = batch.current.get(customer.id)
    if customer.account_manager_id == item.to_admin_id:
        _note(batch, item, ItemOutcome.UNCHANGED)
    elif (None if current is None else current.id) != item.seen_assignment_id:
        _note(batch, item, ItemOutcome.SKIPPED, codes=[rules.TOUCHED_SINCE])
    else:
        previous = None if customer.account_manager_id is None else batch.previous[customer.account_manager_id]
        batch.moves.append((item, Move(customer, current, previous, manager)))


def _codes(refusals: Sequence[Refusal]) -> list[str]:
    return [str(refusal.code) for refusal in refusals]


async def _allowed(batch: _Batch, office_id: UUID, manager_office_id: UUID) -> frozenset[UUID] | None:
    key = office_id, manager_office_id
    if key not in batch.allowed:
        batch.allowed[key] = await allowed_offices(batch.session, batch.viewer, *key, batch.scope)
    return batch.allowed[key]


def _note(
    batch: _Batch,
    item: Any,
    outcome: ItemOutcome,
    *,
    codes: list[str] | None = None,
    assignment_id: UUID | None = None,
    previous_id: UUID | None = None,
) -> None:
    batch.outcomes.append((outcome, codes, assignment_id, previous_id, item.job_id, item.position))


async def _move(batch: _Batch, job: Job, actor: Actor) -> None:
    moves = [move for _, move in batch.moves]
    offices = await _offices(batch, moves)
    events = []
    dialect = batch.database.dialect
    async with many_appended(batch.session, dialect):
        told = await write_moves(batch.session, dialect, actor, moves, job.reason, job.id)
        for (item, move), assignment_id in zip(batch.moves, told, strict=True):
            customer = move.customer
            tell_of_move(batch.session, move, assignment_id, offices.get(customer.office_id))
            previous_id = customer.account_manager_id
            _note(batch, item, ItemOutcome.MOVED, assignment_id=assignment_id, previous_id=previous_id)
            events.append(Event(ACCOUNT_MANAGER_CHANGED, customer.id, assignment_id))
    await batch.database.events.publish_all(batch.session, events)


async def _offices(batch: _Batch, moves: Sequence[Move]) -> dict[UUID, Office]:
    """Those to which customers turn whom nobody looks after any more."""
    ids = {move.customer.office_id for move in moves if move.manager is None}
    if not ids:
        return {}
    are_wanted = batch.database.dialect.is_one_of(Office.__table__.c.id, "ids")
    return {one.id: one for one in await batch.session.scalars(select(Office).where(are_wanted), {"ids": [*ids]})}


async def _keep_outcomes(batch: _Batch) -> None:
    await batch.database.dialect.update_many(batch.session, _items, _NOTED, ("job_id", "position"), batch.outcomes)
