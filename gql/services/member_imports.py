"""A file of customers for a group: `importGroupMembers` makes the job and a link, and what comes by it is worked on.

Whom a line names is looked up while the file comes, with what who sent it sees then, a batch of lines at a time: what
it says is not kept, and who isn't there is not told from who isn't visible.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import AnyRow, Database
from gql.db.models import Customer, Job, JobItem
from gql.domain import member_files as rules
from gql.domain.errors import Refused
from gql.domain.jobs import JobKind, JobStatus
from gql.domain.member_files import BadFile, Line
from gql.domain.member_jobs import LineCode, MemberJobErrorCode
from gql.domain.roles import CustomerField, Permission
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import access_to
from gql.services.idempotency import Once
from gql.services.job_ends import close_job
from gql.services.member_jobs import group_refusals, new_job, record_begun
from gql.vault.links import Link, Links, Purpose

BATCH: Final = 500
"""Lines that are looked up and kept at a time."""
_customers: Any = Customer.__table__
_items: Any = JobItem.__table__
_BY: Final = {"customer_id": "id", "customer_number": "number", "email": "email"}
"""What a line names a customer by, and the customers' column."""


@dataclass(frozen=True, slots=True)
class ImportGroupMembers:
    """The wish: those whom a file names that is to come, into this group."""

    group_id: UUID
    reason: str
    dry_run: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ImportBegun:
    """The job, and where to send the file; None where it has come already. `replayed`: it was begun before."""

    job_id: UUID
    link: Link | None
    replayed: bool = False


async def import_group_members(
    database: Database, links: Links, actor: Actor, viewer: AdminViewer, wish: ImportGroupMembers
) -> ImportBegun:
    """Make the job that waits for the file. Under a key that was used, a fresh link for the same job.

    Raises Refused (MemberJobErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "importGroupMembers", wish.idempotency_key, MemberJobErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            job = await session.get_one(Job, UUID(earlier["job_id"]))
            waits = job.status is JobStatus.WAITING
            return ImportBegun(job.id, _link(links, viewer, job.id) if waits else None, replayed=True)
        refusals = await group_refusals(session, viewer, wish.group_id)
        if refusals:
            raise Refused(*refusals)
        job = new_job(actor, viewer, JobKind.IMPORT_GROUP_MEMBERS, wish.group_id, wish.reason, dry_run=wish.dry_run)
        job.status = JobStatus.WAITING
        session.add(job)
        record_begun(session, actor, job, {})
        await once.keep({"job_id": str(job.id)})
        return ImportBegun(job.id, _link(links, viewer, job.id))


def _link(links: Links, viewer: AdminViewer, job_id: UUID) -> Link:
    return links.make(Purpose.IMPORT, job_id, viewer.admin_id, viewer.session_id)


async def begin_file(database: Database, viewer: AdminViewer, job_id: UUID) -> str:
    """Begin to take a job's file; what came of it before counts no more. Answers the attempt: the newest can end.

    Raises Refused where no file is wanted.
    """
    async with database.begin() as session:
        job = await _waiting_job(session, viewer, job_id)
        attempt = secrets.token_hex(8)
        job.spec = {"attempt": attempt}
        await session.execute(delete(_items).where(_items.c.job_id == job.id))
        return attempt


async def keep_lines(
    database: Database, viewer: AdminViewer, job_id: UUID, attempt: str, first: int, lines: Sequence[Line]
) -> None:
    """Look up whom these lines name, and keep that; `first` is the place of the first of them.

    Raises Refused where the file is wanted no more.
    """
    found = await _found(database, viewer, lines)
    rows = []
    for place, line in enumerate(lines, first):
        codes = None if line.is_valid else [LineCode.INVALID_LINE.value]
        customer_id = _named(line, found) if line.is_valid else None
        if line.is_valid and customer_id is None:
            codes = [LineCode.CUSTOMER_NOT_FOUND.value]
        rows.append((job_id, place, line.number, customer_id, codes))
    async with database.begin() as session:
        job = await _waiting_job(session, viewer, job_id)
        if job.spec.get("attempt") != attempt:
            raise Refused(rules.NOT_WANTED)
        columns = ("job_id", "position", "line", "customer_id", "codes")
        await database.dialect.insert_many(session, _items, columns, rows)


async def end_file(
    database: Database, actor: Actor, viewer: AdminViewer, job_id: UUID, attempt: str, sha256: str
) -> int:
    """All has come: have the job worked on. Answers how many lines there are.

    `sha256` of the file, for the record. Raises BadFile where it is empty, and Refused where it is wanted no more.
    """
    async with database.begin() as session:
        job = await _waiting_job(session, viewer, job_id)
        if job.spec.get("attempt") != attempt:
            raise Refused(rules.NOT_WANTED)
        counted = select(func.count()).select_from(_items).where(_items.c.job_id == job.id)
        job.total = await session.scalar(counted) or 0
        if not job.total:
            raise BadFile("The file has no lines below the heading. Send one that names a customer.")
        await session.execute(_mark_repeated(job.id))
        job.status, job.spec = JobStatus.QUEUED, {"sha256": sha256}
        details = {"count": job.total, "group_id": str(job.group_id), "sha256": sha256}
        audit.record(
            session, actor, "group.members_file_received", subject_kind="job", subject_id=job.id, details=details
        )
        return job.total


def _mark_repeated(job_id: UUID) -> Any:
    """Who is named by an earlier line is not done a second time."""
    earlier = func.row_number().over(partition_by=_items.c.customer_id, order_by=_items.c.position)
    named = (_items.c.job_id == job_id, _items.c.customer_id.is_not(None))
    numbered = select(_items.c.position, earlier.label("time")).where(*named).subquery("numbered")
    repeated = select(numbered.c.position).where(numbered.c.time > 1)
    is_repeated = (_items.c.job_id == job_id, _items.c.position.in_(repeated))
    return update(_items).where(*is_repeated).values(codes=[LineCode.DUPLICATE_LINE.value])


async def _waiting_job(session: AsyncSession, viewer: AdminViewer, job_id: UUID) -> Job:
    """The job, locked, that waits for the viewer's file. Raises Refused."""
    job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
    if job is None or job.requested_by_id != viewer.admin_id or not viewer.may(Permission.GROUP_MEMBERS_WRITE):
        raise Refused(rules.FORBIDDEN)
    if job.status is not JobStatus.WAITING:
        raise Refused(rules.NOT_WANTED)
    return job


_Found = dict[str, dict[Any, UUID]]
"""The customers whom the viewer may find, by column and value."""


async def _found(database: Database, viewer: AdminViewer, lines: Sequence[Line]) -> _Found:
    """One statement for each way in which customers are named."""
    found: _Found = {}
    for name, column in _BY.items():
        wanted = {value for line in lines if (value := getattr(line, name)) is not None}
        if wanted:
            c = _customers.c[column]
            columns = (_customers.c.id, _customers.c.account_manager_id, _customers.c.office_id, c.label("name"))
            statement = select(*columns).where(database.dialect.is_one_of(c, "values"))
            rows = await database.rows(statement, {"values": [*wanted]})
            found[name] = {row.name: row.id for row in rows if _may_find(viewer, row, column)}
    return found


def _may_find(viewer: AdminViewer, row: AnyRow, column: str) -> bool:
    """Whether the viewer sees the customer, and the email that they are named by.

    Looking up what is withheld (`customer.lookup`) is for one at a time, and so many a minute: not for files.
    """
    access = access_to(viewer, row)
    return access.is_visible and (column != "email" or access.shows(CustomerField.EMAIL))


def _named(line: Line, found: _Found) -> UUID | None:
    """Whom a line names: all that it gives must name the same customer."""
    given = [(name, value) for name in _BY if (value := getattr(line, name)) is not None]
    ids = {found[name].get(value) for name, value in given}
    return ids.pop() if len(ids) == 1 else None


async def end_unsent(database: Database, before: datetime) -> int:
    """End jobs from before a moment whose file never came, without a word; answers how many."""
    unsent = select(Job.id).where(Job.status == JobStatus.WAITING, Job.created_at < before)
    count = 0
    for row in await database.rows(unsent):
        async with database.begin() as session:
            held = select(Job).where(Job.id == row.id, Job.status == JobStatus.WAITING)
            job = await session.scalar(database.dialect.skip_locked(held))
            if job is not None:
                await session.execute(delete(_items).where(_items.c.job_id == job.id))
                await close_job(session, job, JobStatus.CANCELLED)
                count += 1
    return count
