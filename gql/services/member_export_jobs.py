"""The job that writes a group's members to a file: a page at a time, encrypted as it is written.

Each page is read with what who asked for the export may see and do by then. A runner that dies leaves nothing that
could be fetched, and another one begins anew.
"""

import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import many_appended
from gql.db.engine import Database
from gql.db.events import Event
from gql.db.models import Admin, Group, Job, MemberExport
from gql.db.queries.admins import admins_by_id
from gql.db.queries.memberships import members
from gql.db.queries.offices import offices_by_id
from gql.db.rows import MembershipEdge
from gql.domain.enums import SubjectKind
from gql.domain.jobs import FORBIDDEN, JobStatus
from gql.domain.listing import BY_SINCE
from gql.domain.member_exports import LIFE, ExportFormat, Recipients
from gql.domain.paging import PageRequest
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.job_batches import JOB_PROGRESS, Lease
from gql.services.job_ends import end_job
from gql.services.member_export_files import Row, file_of
from gql.services.member_exports import place_of
from gql.services.reads import ACTION, UNDER_COVER, to_note
from gql.services.viewers_now import active_viewer
from gql.vault.age import Encrypted, encrypt
from gql.vault.sealing import Vault
from gql.vault.stores import Store

_PAGE: Final = 200
_PATIENCE: Final = timedelta(minutes=5)
"""Until another runner takes over: after the last page a passphrase takes its time, and so may the store."""


class _GivenUp(Exception):
    """The job is another's by now, was cancelled, or has failed."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be made, of whom and for whom."""

    job_id: UUID
    group_id: UUID
    group_name: str
    format: ExportFormat
    purpose: str
    requester: str
    recipients: Recipients
    actor: Actor
    store_key: str
    former_key: str | None


@dataclass(slots=True)
class Exporter:
    """Makes the files of one database's jobs."""

    database: Database
    vault: Vault
    store: Store
    lease: Lease

    async def export(self, job_id: UUID) -> None:
        """Make the file of a job that was claimed, and end the job. Nothing is done where it is another's by now."""
        order = await self._begin(job_id)
        if order is None:
            return
        if order.former_key is not None:  # of a runner that died
            await self.store.delete(order.former_key)
        moment = now().isoformat(timespec="seconds")
        about = {
            "Group": order.group_name,
            "Exported by": order.requester,
            "Exported at": moment,
            "Purpose": order.purpose,
            "Export": str(order.job_id),
        }
        watermark = (order.requester, moment, str(order.job_id))
        try:
            with tempfile.TemporaryFile() as file:  # of encrypted bytes alone
                pieces = file_of(order.format, self._pages(order, watermark), about)
                encrypted = await encrypt(pieces, file, order.recipients)
                await self.store.put(order.store_key, file)
        except _GivenUp:
            return
        await self._end(order, encrypted)

    async def _begin(self, job_id: UUID) -> _Order | None:
        async with self.database.begin() as session:
            job = await self._held(session, job_id)
            if job is None or await self._viewer(session, job) is None:
                return None
            export = await session.get_one(MemberExport, job_id)
            former_key, export.store_key = export.store_key, f"{job_id.hex}{secrets.token_hex(8)}"
            job.done = job.changed = 0
            requester = await session.get_one(Admin, job.requested_by_id)
            group = await session.get_one(Group, job.group_id)
            passphrase = None
            if export.sealed_passphrase is not None:
                passphrase = self.vault.open(export.sealed_passphrase, place_of(job_id))
            return _Order(
                job_id,
                group.id,
                group.name,
                export.format,
                job.reason,
                f"{requester.name} ({requester.email})",
                Recipients(tuple(export.public_keys), passphrase),
                Actor(SubjectKind.ADMIN, requester.id, job.request_id, job.address),
                export.store_key,
                former_key,
            )

    async def _held(self, session: AsyncSession, job_id: UUID) -> Job | None:
        is_ours = (Job.id == job_id, Job.lease_by == self.lease.holder, Job.status == JobStatus.RUNNING)
        found: Job | None = await session.scalar(select(Job).where(*is_ours).with_for_update())
        return found

    async def _viewer(self, session: AsyncSession, job: Job) -> AdminViewer | None:
        """Who asked for it, as they are by now; None, and the job has failed, where they may not have it any more."""
        viewer = await active_viewer(session, job.requested_by_id)
        if viewer is not None and viewer.may(Permission.GROUP_EXPORT) and viewer.may(Permission.GROUP_MEMBERS_READ):
            return viewer
        job.failure = str(FORBIDDEN.code)
        await end_job(session, self.database, job, JobStatus.FAILED)
        await self.database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))
        return None

    async def _pages(self, order: _Order, watermark: Row) -> AsyncIterator[Sequence[Row]]:
        """The rows, a page after the other, each on record where the viewer's roles ask for it."""
        request, is_more = PageRequest(_PAGE, BY_SINCE), True
        while is_more:
            viewer = await self._go_on(order.job_id)
            [page] = await members(self.database, viewer.access, [order.group_id], request)
            offices, admins = await self._names(page.edges)
            await self._count(order, viewer, page.edges)
            yield [_cells(edge, offices, admins, watermark) for edge in page.edges]
            is_more = page.has_next_page
            if is_more:
                request = PageRequest(_PAGE, BY_SINCE, after=page.edges[-1].position)

    async def _go_on(self, job_id: UUID) -> AdminViewer:
        """Who asked for it, as they are by now, and the lease renewed. Raises _GivenUp."""
        async with self.database.begin() as session:
            job = await self._held(session, job_id)
            viewer = None if job is None else await self._viewer(session, job)
            if job is not None and viewer is not None:
                job.lease_until = now() + _PATIENCE
        if viewer is None:
            raise _GivenUp
        return viewer

    async def _count(self, order: _Order, viewer: AdminViewer, edges: Sequence[MembershipEdge]) -> None:
        """Progress, and who was read."""
        async with self.database.begin() as session, many_appended(session, self.database.dialect):
            job = await self._held(session, order.job_id)
            if job is None:
                raise _GivenUp
            job.total = max(job.total, job.done + len(edges))
            job.changed = job.done = job.done + len(edges)
            for customer_id, cover_id in to_note(viewer, {e.node.id: e.node.access for e in edges}).items():
                action, details = (ACTION, {}) if cover_id is None else (UNDER_COVER, {"cover_id": str(cover_id)})
                audit.record(
                    session, order.actor, action, subject_kind="customer", subject_id=customer_id, details=details
                )
            await self.database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))

    async def _names(self, edges: Sequence[MembershipEdge]) -> tuple[Mapping[UUID, str], Mapping[UUID, str]]:
        """Of offices and team members."""
        offices = {edge.node.office_id for edge in edges}
        admins = {edge.node.account_manager_id for edge in edges} | {edge.membership.added_by_id for edge in edges}
        named = await offices_by_id(self.database, sorted(offices))
        people = await admins_by_id(self.database, sorted(key for key in admins if key is not None))
        return {row.id: row.name for row in named if row}, {row.id: row.name for row in people if row}

    async def _end(self, order: _Order, encrypted: Encrypted) -> None:
        """The file is in the store: it can be fetched, unless the job is another's by now."""
        async with self.database.begin() as session:
            job = await self._held(session, order.job_id)
            if job is None or await self._viewer(session, job) is None:
                return
            export = await session.get_one(MemberExport, order.job_id)
            export.rows, export.size, export.sha256 = job.done, encrypted.size, encrypted.sha256
            export.ready_at = now()
            export.expires_at = export.ready_at + LIFE
            job.total = job.done
            await end_job(session, self.database, job, JobStatus.DONE)
            await self.database.events.publish(session, Event(JOB_PROGRESS, job.id, job.id))


def _cells(
    edge: MembershipEdge, offices: Mapping[UUID, str], admins: Mapping[UUID, str], watermark: Row
) -> Sequence[str]:
    """A member as the API shows them to who asked: what is withheld is empty."""
    customer, span = edge.node, edge.membership
    shown = {
        "kind": customer.kind.value if customer.access.shows(CustomerField.KIND) else "",
        "email": customer.email if customer.access.shows(CustomerField.EMAIL) else "",
        "phone": customer.phone if customer.access.shows(CustomerField.PHONE) else "",
    }
    return (
        customer.number,
        customer.name,
        customer.status.value,
        offices.get(customer.office_id, ""),
        admins.get(customer.account_manager_id, "") if customer.account_manager_id else "",
        shown["kind"],
        shown["email"],
        shown["phone"],
        span.since.isoformat(timespec="seconds"),
        admins.get(span.added_by_id, "") if span.added_by_id else "",
        span.reason or "",
        *watermark,
    )
