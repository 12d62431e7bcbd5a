"""Export a group's members: the job is begun, and its file fetched by a link that is good once. `member_export_jobs.py`
makes the file.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import AnyRow, Database
from gql.db.models import Job, MemberExport
from gql.db.queries.memberships import MembersTotal, count_members
from gql.domain import member_exports as rules
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.jobs import JobKind
from gql.domain.member_exports import ExportErrorCode, ExportFormat, ExportStatus, Recipients, status_of
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.group_use import mark_used
from gql.services.idempotency import Once
from gql.services.member_jobs import new_job
from gql.services.memberships import visible_group
from gql.services.reassignments import Begun
from gql.vault.age import fingerprint_of, is_public_key
from gql.vault.links import Link, Links, Purpose
from gql.vault.sealing import Place, Vault
from gql.vault.stores import Store

_ENDS: Final = timedelta(seconds=1)
"""Links end at whole seconds: so far apart are two of one export."""


@dataclass(frozen=True, slots=True)
class ExportGroupMembers:
    """The wish: this group's members, in a file that these can open, for this purpose."""

    group_id: UUID
    format: ExportFormat
    purpose: str
    recipients: Recipients
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ExportLinked:
    """The one link that is good now. `replayed`: it was asked for before, under the same key; the link is new."""

    link: Link
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class FetchedExport:
    """What is fetched, once."""

    store_key: str
    size: int
    format: ExportFormat


def place_of(job_id: UUID) -> Place:
    """Where an export's sealed passphrase stands."""
    return Place("member_exports.sealed_passphrase", job_id)


async def export_group_members(
    database: Database, vault: Vault, actor: Actor, viewer: AdminViewer, wish: ExportGroupMembers
) -> Begun:
    """Begin the job that makes the file, on record with who can open it.

    Raises Refused (ExportErrorCode), with every reason at once, and writes nothing then.
    """
    given = wish.recipients
    secret = None if given.passphrase is None else vault.fingerprint(given.passphrase)
    request = asdict(wish) | {"idempotency_key": None, "recipients": [*given.public_keys, secret]}
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "exportGroupMembers", wish.idempotency_key, ExportErrorCode)
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            return Begun(UUID(earlier["job_id"]), replayed=True)
        refusals = await _refusals(session, viewer, wish)
        if refusals:
            raise Refused(*refusals)
        [members] = await count_members(database, viewer.access, [MembersTotal(wish.group_id)])
        kind = JobKind.EXPORT_GROUP_MEMBERS
        job = new_job(actor, viewer, kind, wish.group_id, wish.purpose, dry_run=False)
        job.total = members
        sealed = None if given.passphrase is None else vault.seal(given.passphrase, place_of(job.id)).text
        export = MemberExport(
            job_id=job.id,
            format=wish.format,
            public_keys=list(given.public_keys),
            by_passphrase=given.passphrase is not None,
            sealed_passphrase=sealed,
            downloads=0,
        )
        session.add(job)
        await session.flush()
        session.add(export)
        for_whom = {"keys": [fingerprint_of(key) for key in given.public_keys], "by_passphrase": export.by_passphrase}
        details = {"job_id": str(job.id), "format": wish.format.value, "purpose": wish.purpose, "count": members}
        _record(session, actor, "requested", job, details | for_whom)
        await mark_used(session, wish.group_id)
        await once.keep({"job_id": str(job.id)})
        return Begun(job.id)


async def _refusals(session: AsyncSession, viewer: AdminViewer, wish: ExportGroupMembers) -> list[Refusal]:
    group = await visible_group(session, viewer, wish.group_id, lock=False)
    found = [] if group is not None else [rules.GROUP_NOT_FOUND]
    if not (viewer.may(Permission.GROUP_EXPORT) and viewer.may(Permission.GROUP_MEMBERS_READ)):
        return [*found, rules.FORBIDDEN]
    given = wish.recipients
    malformed = [place for place, key in enumerate(given.public_keys) if not is_public_key(key)]
    flaw = None if given.passphrase is None else rules.passphrase_flaw(given.passphrase)
    return [*found, *rules.recipients_refusals(given, malformed, flaw)]


def _record(session: AsyncSession, actor: Actor, what: str, job: Job, details: dict[str, Any]) -> None:
    action = f"group.export_{what}"
    audit.record(session, actor, action, subject_kind="group", subject_id=job.group_id, details=details)


async def create_export_download(
    database: Database, links: Links, viewer: AdminViewer, job_id: UUID, idempotency_key: str | None
) -> ExportLinked:
    """Make the link to fetch an export by; an earlier one that was not used is good no more.

    For who asked for the export alone. Raises Refused (ExportErrorCode).
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createExportDownload", idempotency_key, ExportErrorCode)
        earlier = await once.earlier_answer(database.dialect, {"job_id": job_id})
        _, export = await _ready(session, viewer, job_id)
        link = links.make(Purpose.EXPORT, job_id, viewer.admin_id, viewer.session_id)
        if export.link_until == link.expires_at:  # made within the same second: another one all the same
            link = links.earlier(link, _ENDS)
        export.link_until = link.expires_at
        await once.keep({})
        return ExportLinked(link, replayed=earlier is not None)


async def fetch_export(database: Database, actor: Actor, viewer: AdminViewer, link: Link) -> FetchedExport:
    """Use the link, on record: it is good no more. Raises Refused (ExportErrorCode)."""
    async with database.begin() as session:
        job, export = await _ready(session, viewer, link.subject_id)
        if export.link_until != link.expires_at or export.store_key is None or export.size is None:
            raise Refused(rules.MAY_NOT_FETCH)
        export.link_until, export.downloads, export.downloaded_at = None, export.downloads + 1, now()
        _record(session, actor, "downloaded", job, {"job_id": str(job.id), "sha256": export.sha256})
        return FetchedExport(export.store_key, export.size, export.format)


async def _ready(session: AsyncSession, viewer: AdminViewer, job_id: UUID) -> tuple[Job, MemberExport]:
    """The viewer's export, locked, that can be fetched. Raises Refused."""
    job = await session.scalar(select(Job).where(Job.id == job_id).with_for_update())
    export = await session.get(MemberExport, job_id)
    may = viewer.may(Permission.GROUP_EXPORT)
    if job is None or export is None or job.requested_by_id != viewer.admin_id:
        raise Refused(rules.EXPORT_NOT_FOUND, *(() if may else (rules.MAY_NOT_FETCH,)))
    status = status_of(job.status, export.expires_at, export.removed_at, now())
    refusals = [] if may else [rules.MAY_NOT_FETCH]
    if status is ExportStatus.EXPIRED:
        refusals.append(rules.EXPIRED)
    elif status is not ExportStatus.READY:
        refusals.append(rules.NOT_READY)
    if refusals:
        raise Refused(*refusals)
    return job, export


async def remove_exports(database: Database, store: Store, batch: int) -> int:
    """Remove files that have expired, and what jobs left behind that made none; answers how many.

    First the bytes, so that none are forgotten, and while no transaction waits for the store.
    """
    count = 0
    for row in await _leftover(database, batch):
        job_id = row.job_id
        if row.store_key is not None:
            await store.delete(row.store_key)
        async with database.begin() as session:
            held = select(Job).where(Job.id == job_id)
            job = await session.scalar(database.dialect.skip_locked(held))
            if job is None:
                continue
            export = await session.get_one(MemberExport, job_id)
            if export.removed_at is not None:
                continue  # another process was quicker
            if export.ready_at is not None:
                details = {"job_id": str(job_id), "downloads": export.downloads}
                _record(session, Actor(SubjectKind.SYSTEM, None), "removed", job, details)
            export.store_key = export.link_until = None
            export.removed_at = now()
            count += 1
    return count


async def _leftover(database: Database, batch: int) -> Sequence[AnyRow]:
    is_over = MemberExport.expires_at.is_(None) | (MemberExport.expires_at <= now())
    over = (MemberExport.removed_at.is_(None), Job.finished_at.is_not(None), is_over)
    columns = (MemberExport.job_id, MemberExport.store_key)
    return await database.rows(select(*columns).join(Job, Job.id == MemberExport.job_id).where(*over).limit(batch))
