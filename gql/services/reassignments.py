"""Give many customers other account managers: `reassignBook`. `job_batches.py` does the work."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Job, JobItem
from gql.db.queries import job_selection
from gql.db.queries.job_selection import Selection
from gql.domain import jobs as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.jobs import JobKind, JobStatus, ReassignErrorCode, Share
from gql.domain.listing import CustomerCriteria
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.assigning import manager_refusals, managers_of, open_assignments
from gql.services.audit import Actor
from gql.services.idempotency import Once

_items: Any = JobItem.__table__


@dataclass(frozen=True, slots=True)
class Pair:
    """This customer to that admin."""

    customer_id: UUID
    admin_id: UUID


@dataclass(frozen=True, slots=True)
class ReassignBook:
    """The wish: these customers, to these admins.

    The customers are those who match the `criteria`, or are listed by ID, or stand in `moves`, which say to whom each
    goes; exactly one of the three. `from_admin_id`: only of this admin's book. `shares` deal those who aren't in moves.
    """

    reason: str
    criteria: CustomerCriteria | None = None
    customer_ids: tuple[UUID, ...] = ()
    moves: tuple[Pair, ...] = ()
    from_admin_id: UUID | None = None
    shares: tuple[Share, ...] = ()
    idempotency_key: str | None = None

    @property
    def listed_ids(self) -> list[UUID]:
        """The customers who are named one by one, in the order of their IDs."""
        return sorted(self.customer_ids or (pair.customer_id for pair in self.moves))

    @property
    def target_ids(self) -> tuple[UUID, ...]:
        """Those who shall get customers, each once, in the order in which they are named."""
        return tuple(dict.fromkeys([share.admin_id for share in self.shares] + [pair.admin_id for pair in self.moves]))


@dataclass(frozen=True, slots=True)
class Begun:
    """The job. `replayed`: it was begun before, under the same idempotency key."""

    job_id: UUID
    replayed: bool = False


async def reassign_book(database: Database, actor: Actor, viewer: AdminViewer, wish: ReassignBook) -> Begun:
    """Begin the job that does it: who is meant is decided now, and what is done to each when it is their turn.

    Raises Refused (ReassignErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "reassignBook", wish.idempotency_key, ReassignErrorCode)
        earlier = await once.earlier_answer(database.dialect, asdict(wish) | {"idempotency_key": None})
        if earlier is not None:
            return Begun(UUID(earlier["job_id"]), replayed=True)
        job_id = await begin_reassignment(session, database.dialect, actor, viewer, wish)
        await once.keep({"job_id": str(job_id)})
        return Begun(job_id)


async def begin_reassignment(
    session: AsyncSession, dialect: Dialect, actor: Actor, viewer: AdminViewer, wish: ReassignBook
) -> UUID:
    """The same within a transaction of the caller's. Answers the job's ID. Raises Refused."""
    refusals = await wish_refusals(session, dialect, viewer, wish)
    if refusals:
        raise Refused(*refusals)
    job = _job(actor, viewer, wish)
    session.add(job)
    await session.flush()
    if wish.criteria is None:
        await _insert_listed(session, dialect, job, wish)
    else:
        await _insert_matching(session, dialect, viewer, job, wish)
    audit.record(
        session,
        actor,
        "book.reassignment_begun",
        subject_kind="job",
        subject_id=job.id,
        details={"count": job.total, "reason": wish.reason},
    )
    return job.id


async def wish_refusals(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, wish: ReassignBook
) -> list[Refusal]:
    """Why no job can be begun, but for what only the number of matching customers tells."""
    if not viewer.may(Permission.CUSTOMER_ASSIGN):
        return [rules.FORBIDDEN]
    managers = await managers_of(session, dialect, wish.target_ids)

    def path(place: int) -> tuple[str, ...]:
        return ("moves",) if wish.moves else ("to", str(place), "adminId")

    refusals = [
        refusal
        for place, admin_id in enumerate(wish.target_ids)
        for refusal in rules.target_refusals(manager_refusals(viewer, managers.get(admin_id), None), path(place))
    ]
    if wish.criteria is None:
        refusals += await _listed_refusals(session, dialect, viewer, wish)
        refusals += rules.count_refusals(wish.shares, len(wish.listed_ids))
    return refusals


async def _listed_refusals(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, wish: ReassignBook
) -> list[Refusal]:
    """Of customers who are named one by one: those who aren't there for the viewer, and those of another book."""
    rows = await listed_rows(session, dialect, viewer, wish)
    field = "moves" if wish.moves else "customerIds"
    missing = len(wish.listed_ids) - len(rows)
    elsewhere = 0
    if wish.from_admin_id is not None:
        elsewhere = sum(row.account_manager_id != wish.from_admin_id for row in rows)
    return [*rules.listed_refusals(field, missing, elsewhere)]


async def listed_rows(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, wish: ReassignBook
) -> Sequence[Any]:
    """Those of the customers who are named one by one whom the viewer sees."""
    selection = job_selection.listed(dialect, viewer.access, wish.listed_ids)
    found: Sequence[Any] = (await session.execute(selection.rows, dict(selection.bound))).all()
    return found


def _job(actor: Actor, viewer: AdminViewer, wish: ReassignBook) -> Job:
    return Job(
        id=new_id(),
        kind=JobKind.REASSIGN_BOOK,
        status=JobStatus.QUEUED,
        requested_by_id=viewer.admin_id,
        request_id=actor.request_id,
        address=actor.address,
        reason=wish.reason,
        spec=_spec(wish),
        total=0,
        created_at=now(),
    )


def _spec(wish: ReassignBook) -> dict[str, Any]:
    """What was asked for, as JSON; of customers who were named, the items tell."""
    spec: dict[str, Any] = {
        "to": [{"admin_id": str(s.admin_id), "weight": s.weight, "count": s.count} for s in wish.shares],
        "from_admin_id": None if wish.from_admin_id is None else str(wish.from_admin_id),
    }
    return spec


async def _insert_listed(session: AsyncSession, dialect: Dialect, job: Job, wish: ReassignBook) -> None:
    ids = wish.listed_ids
    seen = await open_assignments(session, dialect, ids)
    to = targets_of(wish)
    rows = [
        {
            "job_id": job.id,
            "position": place,
            "customer_id": key,
            "to_admin_id": to[key],
            "seen_assignment_id": seen[key].id if key in seen else None,
        }
        for place, key in enumerate(ids)
    ]
    await session.execute(insert(_items), rows)
    job.total = len(rows)


def targets_of(wish: ReassignBook) -> dict[UUID, UUID]:
    """To whom each of the customers goes who are named one by one."""
    if wish.moves:
        return {pair.customer_id: pair.admin_id for pair in wish.moves}
    ids = wish.listed_ids
    dealt = rules.deal(wish.shares, len(ids))
    return {key: dealt.admin_at(place) for place, key in enumerate(ids)}


async def _insert_matching(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, job: Job, wish: ReassignBook
) -> None:
    """Two statements, however many they are: how many, and who goes to whom."""
    selection = matching(dialect, viewer, wish)
    customers = 0 if selection is None else await counted(session, selection)
    refusals = selection_refusals(wish, customers)
    if selection is None or refusals:
        raise Refused(*refusals)
    dealt = rules.deal(wish.shares, customers)
    statement = job_selection.items(selection, job.id, dealt)
    columns = list(statement.selected_columns.keys())
    connection = await session.connection()
    inserted = await connection.execute(insert(_items).from_select(columns, statement), dict(selection.bound))
    job.total = inserted.rowcount
    if job.total != customers:
        await _deal_anew(session, job, wish)


async def _deal_anew(session: AsyncSession, job: Job, wish: ReassignBook) -> None:
    """Others came or went between the two statements. Raises Refused where no deal fits those who are there now."""
    refusals = selection_refusals(wish, job.total)
    if refusals:
        raise Refused(*refusals)
    to_admin = job_selection.dealt(rules.deal(wish.shares, job.total), _items.c.position)
    await session.execute(update(_items).where(_items.c.job_id == job.id).values(to_admin_id=to_admin))


async def counted(session: AsyncSession, selection: Selection) -> int:
    """How many are meant."""
    return await session.scalar(job_selection.counted(selection), dict(selection.bound)) or 0


def selection_refusals(wish: ReassignBook, customers: int) -> list[Refusal]:
    """Why so many customers can't be dealt as the wish says."""
    return [*rules.count_refusals(wish.shares, customers), *(() if customers else (rules.NO_CUSTOMERS,))]


def matching(dialect: Dialect, viewer: AdminViewer, wish: ReassignBook) -> Selection | None:
    """The customers who match the wish's criteria; None where nobody can."""
    if wish.criteria is None:
        raise ValueError("the customers are named one by one")
    return job_selection.selection_of(dialect, viewer.access, wish.criteria)
