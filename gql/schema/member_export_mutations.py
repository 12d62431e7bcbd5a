"""Export a group's members to an encrypted file, and fetch it."""

from typing import Annotated, Any

import strawberry

from gql.domain.member_exports import ExportErrorCode, ExportFormat
from gql.permissions import SignedIn
from gql.resolvers import member_export as resolvers
from gql.schema.fields import Info, argument, column, idempotency_key, plain, replayed
from gql.schema.job import Job
from gql.schema.member_job_mutations import FileLink
from gql.schema.roots import root
from gql.schema.user_errors import UserError


@strawberry.type(description="Why members are not exported, or an export can't be fetched.")
class MemberExportUserError(UserError):
    """Rows are `Refusal`."""

    code: ExportErrorCode = column("The reason, for programs.")


@strawberry.input(one_of=True, description="Who can open a file: exactly one of these.")
class ExportRecipientsInput:
    """The argument."""

    public_keys: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whoever holds one of these keys: up to 20, of age (`age1…`) or SSH (`ssh-ed25519 …`).",
    )
    passphrase: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Whoever knows this: 12 to 200 characters. It is forgotten once the file is made.",
    )


@strawberry.type(description="What came of exporting a group's members.")
class ExportGroupMembersPayload:
    """Rows are `JobPayload`."""

    job: Job | None = column("The job that makes the file; its `export` tells when that is ready.")
    replayed: bool = replayed()
    user_errors: list[MemberExportUserError] = column("Why nothing is exported; all reasons at once.")


@strawberry.input(description="Which group's members go to whom, and what for.")
class ExportGroupMembersInput:
    """The argument."""

    group_id: strawberry.ID = strawberry.field(description="The group whose members are written.")
    format: ExportFormat = strawberry.field(description="In what the file is written.")
    purpose: str = strawberry.field(description="What it is for, for the record. At most 500 characters.")
    recipients: ExportRecipientsInput = strawberry.field(description="Who can open it.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type(description="What came of asking for an export's bytes.")
class CreateExportDownloadPayload:
    """Rows are `FileLinkPayload`."""

    job: Job | None = column("The job that made the export.")
    link: FileLink | None = column("Where to GET the file, once. An earlier link is good no more.")
    replayed: bool = column("Whether it was asked for before, under the same `idempotencyKey`; the link is new.")
    user_errors: list[MemberExportUserError] = column("Why there is no link; all reasons at once.")


@strawberry.input(description="Which export to fetch.")
class CreateExportDownloadInput:
    """The argument."""

    job_id: strawberry.ID = strawberry.field(description="The job that made it: one's own.")
    idempotency_key: str | None = idempotency_key()


@strawberry.type
class MemberExportMutations:
    """Root fields."""

    @root(
        ExportGroupMembersPayload,
        needs=SignedIn(),
        description=(
            "Begin a job that writes a group's members to a file, as far as one sees them, encrypted with age as it is "
            "written. Each row says who exported it and when. The file is kept for 24 hours. On record with its "
            "purpose and who can open it. Takes `group.export` and `group.members.read`."
        ),
    )
    async def export_group_members(
        self, info: Info, input: Annotated[ExportGroupMembersInput, argument("Whose members, for whom.")]
    ) -> Any:
        """Begin."""
        return await resolvers.export_members(info.context, plain(input))

    @root(
        CreateExportDownloadPayload,
        needs=SignedIn(),
        description=(
            "Get a link to fetch an export of one's own by: good for minutes and for one request, which is on record. "
            "Takes `group.export`."
        ),
    )
    async def create_export_download(
        self, info: Info, input: Annotated[CreateExportDownloadInput, argument("Which export.")]
    ) -> Any:
        """Fetch."""
        return await resolvers.download(info.context, plain(input))
