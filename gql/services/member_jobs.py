"""Begin jobs that add many customers to a group: `addGroupMembers`. `job_members.py` does the work."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Group, Job, JobItem
from gql.db.queries import job_selection
from gql.db.queries.job_selection import Selection
from gql.domain import member_jobs as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.jobs import JobKind, JobStatus
from gql.domain.listing import CustomerCriteria
from gql.domain.member_jobs import MemberJobErrorCode
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.idempotency import Once
from gql.services.joining import facts_of
from gql.services.memberships import visible_group
from gql.services.reassignments import Begun

_items: Any = JobItem.__table__


@dataclass(frozen=True, slots=True)
class AddGroupMembers:
    """The wish: these customers, into this group.

    They match the `criteria`, or are listed by ID, or are the members of another group; exactly one of the three.
    """

    group_id: UUID
    reason: str
    criteria: CustomerCriteria | None = None
    customer_ids: tuple[UUID, ...] = ()
    from_group_id: UUID | None = None
    dry_run: bool = False
    idempotency_key: str | None = None


async def add_group_members(database: Database, actor: Actor, viewer: AdminViewer, wish: AddGroupMembers) -> Begun:
    """Begin the job that does it, or tries it: who is meant is decided now, who can join when it is their turn.

    Raises Refused (MemberJobErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addGroupMembers", wish.idempotency_key, MemberJobErrorCode)
        earlier = await once.earlier_answer(database.dialect, asdict(wish) | {"idempotency_key": None})
        if earlier is not None:
            return Begun(UUID(earlier["job_id"]), replayed=True)
        refusals = await group_refusals(session, viewer, wish.group_id)
        selection = _selection(database.dialect, viewer, wish)
        if viewer.may(Permission.GROUP_MEMBERS_WRITE):
            refusals += await _source_refusals(session, viewer, wish)
        if refusals or selection is None:
            raise Refused(*(refusals or (rules.no_customers("customerFilter"),)))
        job = new_job(actor, viewer, JobKind.ADD_GROUP_MEMBERS, wish.group_id, wish.reason, dry_run=wish.dry_run)
        session.add(job)
        await session.flush()
        job.total = await _insert(session, job, selection)
        counted = _total_refusals(wish, job.total)
        if counted:
            raise Refused(*counted)
        record_begun(session, actor, job, {"count": job.total})
        await once.keep({"job_id": str(job.id)})
        return Begun(job.id)


async def group_refusals(session: AsyncSession, viewer: AdminViewer, group_id: UUID) -> list[Refusal]:
    """Why no job can be begun that adds somebody to the group: who may not is told no more than that."""
    group: Group | None = await visible_group(session, viewer, group_id, lock=False)
    found = [] if group is not None else [rules.GROUP_NOT_FOUND]
    if not viewer.may(Permission.GROUP_MEMBERS_WRITE):
        return [*found, rules.FORBIDDEN]
    return found if group is None else [*rules.group_job_refusals(facts_of(group))]


async def _source_refusals(session: AsyncSession, viewer: AdminViewer, wish: AddGroupMembers) -> list[Refusal]:
    if wish.from_group_id is None:
        return []
    if wish.from_group_id == wish.group_id:
        return [rules.SAME_GROUP]
    reads = viewer.may(Permission.GROUP_MEMBERS_READ)
    source = await visible_group(session, viewer, wish.from_group_id, lock=False) if reads else None
    return [] if source is not None else [rules.SOURCE_NOT_FOUND]


def _selection(dialect: Dialect, viewer: AdminViewer, wish: AddGroupMembers) -> Selection | None:
    """Those who are meant, of those whom the viewer sees; None where nobody can match."""
    if wish.from_group_id is not None:
        return job_selection.members_of(dialect, viewer.access, wish.from_group_id)
    if wish.criteria is not None:
        return job_selection.selection_of(dialect, viewer.access, wish.criteria, in_full=False)
    return job_selection.listed(dialect, viewer.access, sorted(wish.customer_ids))


def _total_refusals(wish: AddGroupMembers, total: int) -> list[Refusal]:
    if wish.customer_ids:
        return [*rules.listed_refusals(len(wish.customer_ids) - total)]
    field = "customerFilter" if wish.from_group_id is None else "fromGroupId"
    return [] if total else [rules.no_customers(field)]


async def _insert(session: AsyncSession, job: Job, selection: Selection) -> int:
    """One statement, however many they are."""
    statement = job_selection.plain_items(selection, job.id)
    columns = list(statement.selected_columns.keys())
    connection = await session.connection()
    inserted = await connection.execute(insert(_items).from_select(columns, statement), dict(selection.bound))
    return inserted.rowcount


def new_job(actor: Actor, viewer: AdminViewer, kind: JobKind, group_id: UUID, reason: str, *, dry_run: bool) -> Job:
    """A job about a group that nobody has begun with."""
    return Job(
        id=new_id(),
        kind=kind,
        status=JobStatus.QUEUED,
        requested_by_id=viewer.admin_id,
        request_id=actor.request_id,
        address=actor.address,
        reason=reason,
        spec={},
        total=0,
        group_id=group_id,
        dry_run=dry_run,
        created_at=now(),
    )


def record_begun(session: AsyncSession, actor: Actor, job: Job, facts: dict[str, Any]) -> None:
    """Put on record that a job about a group was asked for."""
    details = {
        **facts,
        "group_id": str(job.group_id),
        "kind": job.kind.value,
        "dry_run": job.dry_run,
        "reason": job.reason,
    }
    audit.record(session, actor, "group.members_job_begun", subject_kind="job", subject_id=job.id, details=details)
