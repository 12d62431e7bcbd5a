"""Exports of groups' members, by the jobs that make them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from gql.db.engine import Database
from gql.db.models import Job, MemberExport
from gql.domain.jobs import JobStatus
from gql.domain.member_exports import ExportFormat

_exports = MemberExport.__table__
_jobs = Job.__table__


@dataclass(slots=True)
class MemberExportRow:
    """An export, with the status of its job."""

    job_id: UUID
    format: ExportFormat
    public_keys: list[str]
    by_passphrase: bool
    rows: int | None
    size: int | None
    sha256: str | None
    ready_at: datetime | None
    expires_at: datetime | None
    downloads: int
    downloaded_at: datetime | None
    removed_at: datetime | None
    job_status: JobStatus


_COLUMNS: Final = (
    *(_exports.c[name] for name in MemberExportRow.__slots__ if name != "job_status"),
    _jobs.c.status,
)


async def exports_of_jobs(database: Database, job_ids: Sequence[UUID]) -> list[MemberExportRow | None]:
    """What each job exports, in that order; None of other jobs. One statement."""
    are_theirs = database.dialect.is_one_of(_exports.c.job_id, "ids")
    chosen = select(*_COLUMNS).join_from(_exports, _jobs, _jobs.c.id == _exports.c.job_id).where(are_theirs)
    found = {row.job_id: MemberExportRow(*row) for row in await database.rows(chosen, {"ids": [*job_ids]})}
    return [found.get(key) for key in job_ids]
