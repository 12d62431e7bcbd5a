"""What came of each item of a job, as a file: a line an item, in the order of the job."""

import csv
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, Uuid, bindparam, select

from gql.db.engine import AnyRow, Database
from gql.db.models import Customer, Job, JobItem
from gql.domain.errors import Refused
from gql.domain.jobs import JOB_NOT_FOUND, NO_REPORT, JobKind
from gql.domain.member_jobs import remedy_of
from gql.domain.policies import Access
from gql.domain.roles import Permission
from gql.domain.spreadsheets import harmless
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import access_to
from gql.services.idempotency import Once
from gql.services.reads import ReadRecorder, to_note
from gql.vault.links import Link, Links, Purpose

HEADING: Final = ("line", "number", "name", "outcome", "codes", "remedy")
_PAGE: Final = 500
"""Items that are read and written at a time."""
_items: Any = JobItem.__table__
_customers: Any = Customer.__table__
_KIND: Final = select(Job.kind, Job.requested_by_id).where(Job.id == bindparam("job_id", type_=Uuid()))
_PAGES: Final[Select[Any]] = (
    select(
        _items.c.position,
        _items.c.line,
        _items.c.outcome,
        _items.c.codes,
        _items.c.customer_id,
        _customers.c.id,
        _customers.c.number,
        _customers.c.name,
        _customers.c.account_manager_id,
        _customers.c.office_id,
    )
    .outerjoin_from(_items, _customers, _customers.c.id == _items.c.customer_id)
    .where(_items.c.job_id == bindparam("job_id", type_=Uuid()), _items.c.position >= bindparam("first"))
    .order_by(_items.c.position)
    .limit(_PAGE)
)


@dataclass(frozen=True, slots=True)
class CreateJobReport:
    """The wish: what came of the job's items."""

    job_id: UUID
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A link to the report. `replayed`: it was asked for before, under the same idempotency key; the link is new."""

    link: Link
    replayed: bool = False


async def create_job_report(
    database: Database, links: Links, actor: Actor, viewer: AdminViewer, wish: CreateJobReport
) -> Reported:
    """Make a link to fetch the report from, which is on record. Raises Refused (UserErrorCode)."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createJobReport", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        _check_readable(viewer, (await session.execute(_KIND, {"job_id": wish.job_id})).all())
        audit.record(session, actor, "job.report_asked_for", subject_kind="job", subject_id=wish.job_id)
        await once.keep({})
        link = links.make(Purpose.REPORT, wish.job_id, viewer.admin_id, viewer.session_id)
        return Reported(link, replayed=earlier is not None)


async def report_of(
    database: Database, reads: ReadRecorder, actor: Actor, viewer: AdminViewer, job_id: UUID
) -> AsyncIterator[bytes]:
    """The report as CSV in UTF-8, piece by piece, with a mark by which spreadsheets know that it is.

    Of customers whom the viewer doesn't see now, it says what came of them and no more. Raises Refused at once; puts
    on record whom it shows where the viewer's roles ask for it.
    """
    _check_readable(viewer, await database.rows(_KIND, {"job_id": job_id}))
    return _pieces(database, reads, actor, viewer, job_id, await _page(database, job_id, 0))


def _check_readable(viewer: AdminViewer, found: Sequence[AnyRow]) -> None:
    """Raises Refused for a job that isn't there for the viewer, and for one that has no items."""
    if not found or not (found[0].requested_by_id == viewer.admin_id or viewer.may(Permission.AUDIT_READ)):
        raise Refused(JOB_NOT_FOUND)
    if found[0].kind is JobKind.EXPORT_GROUP_MEMBERS:
        raise Refused(NO_REPORT)


async def _page(database: Database, job_id: UUID, first: int) -> Sequence[AnyRow]:
    return await database.rows(_PAGES, {"job_id": job_id, "first": first})


async def _pieces(
    database: Database,
    reads: ReadRecorder,
    actor: Actor,
    viewer: AdminViewer,
    job_id: UUID,
    page: Sequence[AnyRow],
) -> AsyncIterator[bytes]:
    yield _text([HEADING]).encode("utf-8-sig")
    while page:
        seen = {row.id: (row, access_to(viewer, row)) for row in page if row.id is not None}
        shown = {key: access for key, (_, access) in seen.items() if access.is_visible}
        noted = to_note(viewer, shown)
        if noted:
            reads.note(actor, noted)
        yield _text(_lines(page, shown)).encode()
        page = await _page(database, job_id, page[-1].position + 1)


def _lines(page: Sequence[AnyRow], shown: dict[UUID, Access]) -> Iterator[Sequence[str]]:
    for row in page:
        is_shown = row.id in shown
        who = (row.number, harmless(row.name)) if is_shown else ("", "")
        codes = (row.codes or []) if is_shown or row.customer_id is None else []
        line = row.position + 1 if row.line is None else row.line
        yield (str(line), *who, row.outcome or "", " ".join(codes), " ".join(remedy_of(code) for code in codes))


def _text(rows: Any) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
