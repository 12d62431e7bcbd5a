"""A team member leaves: book, what is scheduled and covers go to others, and the account ends; all of it or nothing."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import many_appended
from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Customer, Job, JobItem, ScheduledAssignment
from gql.domain import hand_overs as rules
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refused
from gql.domain.hand_overs import HandOverErrorCode
from gql.domain.ids import new_id
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.admin_changes import end_account, permissions_now
from gql.services.assigning import Manager, Move, tell_of_move, write_moves
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, AssignmentScope
from gql.services.audit import Actor
from gql.services.covers import close_cover
from gql.services.hand_over_plans import HandOver, HandOverPlan, Succession, helpers_of, look_ahead, succession
from gql.services.idempotency import Once
from gql.services.job_ends import end_job
from gql.services.leaving import Outgrown, hold
from gql.services.scheduled_assignments import call_off, hand_on

_Answer = TypeVar("_Answer")
_TRIES: Final = 3
_NEEDED: Final = {Permission.ADMIN_WRITE, Permission.CUSTOMER_ASSIGN}


@dataclass(frozen=True, slots=True)
class HandOverCounts:
    """How many of what have changed hands, or ended."""

    moved: int
    unassigned: int
    """Archived customers, who have nobody now."""
    scheduled_moved: int
    scheduled_cancelled: int
    due_interactions: int
    covers_ended: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """Whose account. `changed` is False where there was nothing to do.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    admin_id: UUID
    job_id: UUID | None
    counts: HandOverCounts
    changed: bool = True
    replayed: bool = False


async def hand_over(
    database: Database, actor: Actor, viewer: AdminViewer, wish: HandOver, scope: AssignmentScope
) -> HandedOver:
    """Give all that is the leaver's to others and deactivate the account, in one transaction.

    Also for who is INACTIVE already and has something still. Raises Refused (HandOverErrorCode), and writes nothing
    then.
    """

    async def do(session: AsyncSession) -> HandedOver:
        once = Once(session, viewer.admin_id, "handOverAndDeactivate", wish.idempotency_key, HandOverErrorCode)
        earlier = await once.earlier_answer(database.dialect, asdict(wish) | {"idempotency_key": None})
        if earlier is not None:
            return _told_again(wish, earlier)
        done = await _decide(session, database, viewer, wish, scope)
        handed_over = await _write(session, database, actor, viewer, wish, done)
        await once.keep(
            asdict(handed_over.counts)
            | {"job_id": handed_over.job_id and str(handed_over.job_id), "changed": handed_over.changed}
        )
        return handed_over

    return await _tried(database, viewer, do)


async def plan_hand_over(
    database: Database, viewer: AdminViewer, wish: HandOver, scope: AssignmentScope
) -> tuple[HandOverCounts, HandOverPlan]:
    """What it would do, by the same rules; nothing is written. Raises Refused (HandOverErrorCode)."""

    async def look(session: AsyncSession) -> tuple[HandOverCounts, HandOverPlan]:
        done = await _decide(session, database, viewer, wish, scope)
        return _counts(done), await look_ahead(session, database.dialect, wish, done)

    return await _tried(database, viewer, look)


async def _tried(database: Database, viewer: AdminViewer, do: Callable[[AsyncSession], Awaitable[_Answer]]) -> _Answer:
    if not viewer.permissions >= _NEEDED:
        raise Refused(rules.FORBIDDEN)
    for _ in range(_TRIES):
        try:
            async with database.begin() as session:
                return await do(session)
        except Outgrown:
            continue
    raise Refused(rules.BOOK_CHANGED)


async def _decide(
    session: AsyncSession, database: Database, viewer: AdminViewer, wish: HandOver, scope: AssignmentScope
) -> Succession:
    if not await permissions_now(session, viewer) >= _NEEDED:
        raise Refused(rules.FORBIDDEN)
    admin = await session.get(Admin, wish.admin_id)
    if admin is None:
        raise Refused(rules.ADMIN_NOT_FOUND)
    if admin.id == viewer.admin_id:
        raise Refused(rules.OWN_ACCOUNT)
    is_by_office = not wish.target_ids
    helpers = await helpers_of(session, admin.id) if is_by_office else {}
    targets = wish.target_ids or [one.admin_id for of_office in helpers.values() for one in of_office]
    leaving = await hold(session, database.dialect, admin, targets)
    return await succession(session, database.dialect, viewer, wish, leaving, helpers, scope)


def _counts(done: Succession) -> HandOverCounts:
    leaving = done.leaving
    to_leaver = [(one, customer) for one, customer in leaving.scheduled if one.admin_id == leaving.admin.id]
    cancelled = sum(done.follows(one, customer) is None for one, customer in to_leaver)
    wards = len(leaving.wards)
    return HandOverCounts(
        moved=wards,
        unassigned=len(leaving.book) - wards,
        scheduled_moved=len(leaving.scheduled) - cancelled,
        scheduled_cancelled=cancelled,
        due_interactions=leaving.due_interactions,
        covers_ended=len(leaving.covers),
    )


async def _write(
    session: AsyncSession, database: Database, actor: Actor, viewer: AdminViewer, wish: HandOver, done: Succession
) -> HandedOver:
    leaving, counts = done.leaving, _counts(done)
    was_active = leaving.admin.status is not AdminStatus.INACTIVE
    scheduled = [(one, customer, done.follows(one, customer)) for one, customer in leaving.scheduled]
    job = await _move(session, database, actor, viewer, wish, done)
    if was_active:
        facts = {} if job is None else {"job_id": str(job.id)}
        await end_account(session, actor, leaving.admin, wish.reason, **facts)
    await _hand_on_scheduled(session, actor, viewer, wish, scheduled)
    for cover in leaving.covers:
        await close_cover(session, actor, viewer, cover, wish.reason)
    if job is not None:
        await end_job(session, database, job, JobStatus.DONE)
    changed = was_active or job is not None or bool(leaving.scheduled or leaving.covers)
    if changed:
        details = asdict(counts) | {"reason": wish.reason, "job_id": job and str(job.id)}
        audit.record(
            session, actor, "admin.handed_over", subject_kind="admin", subject_id=leaving.admin.id, details=details
        )
    return HandedOver(leaving.admin.id, None if job is None else job.id, counts, changed)


async def _hand_on_scheduled(
    session: AsyncSession,
    actor: Actor,
    viewer: AdminViewer,
    wish: HandOver,
    pending: Sequence[tuple[ScheduledAssignment, Customer, Manager | None]],
) -> None:
    """Who hands over answers for what the leaver had scheduled; what was for the leaver is for the successor, if any.

    Once the account has ended: the leaver gets no mails of it.
    """
    viewer_admin = await session.get_one(Admin, viewer.admin_id)
    for scheduled, customer, manager in pending:
        if scheduled.admin_id != wish.admin_id:
            follower = await session.get_one(Admin, scheduled.admin_id)
            hand_on(session, actor, scheduled, customer, follower, viewer_admin, wish.reason)
            continue
        if manager is None:
            await call_off(session, actor, scheduled, customer, viewer.admin_id, wish.reason)
        else:
            is_leavers = scheduled.scheduled_by_id == wish.admin_id
            scheduler = viewer_admin if is_leavers else await session.get_one(Admin, scheduled.scheduled_by_id)
            hand_on(session, actor, scheduled, customer, manager.admin, scheduler, wish.reason)


async def _move(
    session: AsyncSession, database: Database, actor: Actor, viewer: AdminViewer, wish: HandOver, done: Succession
) -> Job | None:
    """The book, recorded as a job that was done at once; None where there is no book."""
    moves = done.moves
    if not moves:
        return None
    job = _job(actor, viewer, wish, len(moves))
    session.add(job)
    await session.flush()
    seen = [None if move.current is None else move.current.id for move in moves]
    async with many_appended(session, database.dialect):
        told = await write_moves(session, database.dialect, actor, moves, wish.reason, job.id)
        for move, assignment_id in zip(moves, told, strict=True):
            tell_of_move(session, move, assignment_id)
    await session.execute(insert(JobItem), _items(job, done, moves, seen, told))
    events = [Event(ACCOUNT_MANAGER_CHANGED, move.customer.id, one) for move, one in zip(moves, told, strict=True)]
    await database.events.publish_all(session, events)
    return job


def _items(
    job: Job, done: Succession, moves: Sequence[Move], seen: Sequence[UUID | None], told: Sequence[UUID]
) -> list[dict[str, Any]]:
    return [
        {
            "job_id": job.id,
            "position": place,
            "customer_id": move.customer.id,
            "to_admin_id": None if move.manager is None else move.manager.admin.id,
            "seen_assignment_id": seen[place],
            "outcome": ItemOutcome.MOVED,
            "assignment_id": told[place],
            "previous_admin_id": done.leaving.admin.id,
        }
        for place, move in enumerate(moves)
    ]


def _job(actor: Actor, viewer: AdminViewer, wish: HandOver, total: int) -> Job:
    moment = now()
    return Job(
        id=new_id(),
        kind=JobKind.HAND_OVER,
        status=JobStatus.RUNNING,
        requested_by_id=viewer.admin_id,
        request_id=actor.request_id,
        address=actor.address,
        reason=wish.reason,
        spec={"from_admin_id": str(wish.admin_id)},
        total=total,
        done=total,
        changed=total,
        created_at=moment,
        started_at=moment,
    )


def _told_again(wish: HandOver, kept: dict[str, Any]) -> HandedOver:
    counts = HandOverCounts(**{name: kept[name] for name in HandOverCounts.__slots__})
    job_id = None if kept["job_id"] is None else UUID(kept["job_id"])
    return HandedOver(wish.admin_id, job_id, counts, kept["changed"], replayed=True)
