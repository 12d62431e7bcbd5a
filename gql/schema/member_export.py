"""An export of a group's members: what is known of the file."""

from datetime import datetime

import strawberry

from gql.domain.member_exports import ExportFormat, ExportStatus
from gql.resolvers import member_export as resolvers
from gql.schema.access import open_to
from gql.schema.fields import column, computed, describe

describe(
    ExportFormat,
    "In what an export is written, before it is encrypted.",
    CSV="Values with commas between, in UTF-8.",
    XLSX="A workbook, with a sheet about the export.",
)
describe(
    ExportStatus,
    "How far an export is.",
    PENDING="Its job is under way.",
    READY="It can be fetched.",
    EXPIRED="It is too old, and its file is gone or about to be.",
    FAILED="Its job made no file.",
)


@open_to("whoever reads the job")
@strawberry.type(description="The file that a job makes of a group's members, encrypted with age.")
class MemberExport:
    """Rows are `MemberExportRow`."""

    status: ExportStatus = computed(resolvers.status, description="How far it is.")
    format: ExportFormat = column("In what it is written.")
    recipients: int = computed(
        lambda row: len(row.public_keys), description="How many keys open it; none where a passphrase does."
    )
    by_passphrase: bool = column("Whether a passphrase opens it.")
    rows: int | None = column("How many members it has; null until it is ready.")
    size: int | None = column("Its bytes, encrypted; null until it is ready.")
    sha256: str | None = column("SHA-256 of the encrypted bytes, in hexadecimal; null until it is ready.")
    ready_at: datetime | None = column("When it was made.")
    expires_at: datetime | None = column("When it is removed.")
    downloads: int = column("How often it was fetched.")
    downloaded_at: datetime | None = column("When it was fetched last.")
