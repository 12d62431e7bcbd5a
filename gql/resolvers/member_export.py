"""Exports of groups' members: begun, looked at, and fetched."""

from gql.context import Context
from gql.db.queries.member_exports import MemberExportRow
from gql.domain import member_exports as rules
from gql.domain.errors import Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.member_exports import ExportStatus, Recipients, status_of
from gql.domain.time import now
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import LONGEST_REASON, Arguments, idempotency_key_of, text
from gql.resolvers.job import JobPayload, begun
from gql.resolvers.member_job import FileLinkPayload, linked
from gql.services.member_exports import ExportGroupMembers, create_export_download, export_group_members

FOLDER = "/exports/"


async def export_members(context: Context, arguments: Arguments) -> JobPayload:
    """Begin a job that writes a group's members to an encrypted file."""
    given = arguments["recipients"]
    keys = tuple(dict.fromkeys(key.strip() for key in given.get("public_keys") or ()))
    wish = ExportGroupMembers(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        format=arguments["format"],
        purpose=str(text(arguments["purpose"], "purpose", LONGEST_REASON, "Say what the file is for.")),
        recipients=Recipients(keys, given.get("passphrase")),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.FORBIDDEN,))
    vault = context.application.vault
    try:
        done = await export_group_members(context.database, vault, context.actor, context.admin, wish)
    except Refused as refused:
        return JobPayload(user_errors=refused.refusals)
    return await begun(context, done)


async def download(context: Context, arguments: Arguments) -> FileLinkPayload:
    """Make the one link to an export's bytes."""
    job_id, key = parse_id_of(Kind.JOB, arguments["job_id"]), idempotency_key_of(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return FileLinkPayload(user_errors=(rules.MAY_NOT_FETCH,))
    links = context.application.links
    try:
        done = await create_export_download(context.database, links, context.admin, job_id, key)
    except Refused as refused:
        return FileLinkPayload(user_errors=refused.refusals)
    return await linked(context, job_id, done.link, FOLDER, replayed=done.replayed)


def status(row: MemberExportRow) -> ExportStatus:
    """How far it is."""
    return status_of(row.job_status, row.expires_at, row.removed_at, now())
