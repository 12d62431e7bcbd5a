"""Jobs that change the members of a group: begun."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gql.context import Context
from gql.db.job_rows import JobRow
from gql.domain import member_jobs as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.jobs import MAY_NOT_STEER
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, optional_id, required_reason_of
from gql.resolvers.customer import criteria_of
from gql.resolvers.job import JobPayload, begun, listed_customers
from gql.services.job_reports import CreateJobReport, create_job_report
from gql.services.member_imports import ImportGroupMembers, import_group_members
from gql.services.member_jobs import AddGroupMembers, add_group_members
from gql.vault.links import Link

_FOLDER = "/member-files/"
_SOURCES = ("customer_filter", "customer_ids", "from_group_id")


@dataclass(frozen=True, slots=True)
class FileLink:
    """Where a file goes to or comes from: below this server's own address, and until when a request may begin."""

    path: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class FileLinkPayload:
    """A link, and the job that it is of."""

    job: JobRow | None = None
    link: FileLink | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def add_members(context: Context, arguments: Arguments) -> JobPayload:
    """Begin a job that adds many customers to a group, or finds out what would come of it."""
    if sum(arguments.get(name) is not None for name in _SOURCES) != 1:
        raise BadUserInput("Say which customers: pass one of `customerFilter`, `customerIds` and `fromGroupId`.")
    given = arguments.get("customer_filter")
    wish = AddGroupMembers(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        reason=required_reason_of(arguments),
        criteria=None if given is None else criteria_of(given),
        customer_ids=listed_customers(arguments),
        from_group_id=optional_id(Kind.GROUP, arguments, "from_group_id"),
        dry_run=bool(arguments.get("dry_run")),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await add_group_members(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return JobPayload(user_errors=refused.refusals)
    return await begun(context, done)


async def import_members(context: Context, arguments: Arguments) -> FileLinkPayload:
    """Make a job that waits for a file of customers, and a link to send that to."""
    wish = ImportGroupMembers(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        reason=required_reason_of(arguments),
        dry_run=bool(arguments.get("dry_run")),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return FileLinkPayload(user_errors=(rules.FORBIDDEN,))
    links = context.application.links
    try:
        done = await import_group_members(context.database, links, context.actor, context.admin, wish)
    except Refused as refused:
        return FileLinkPayload(user_errors=refused.refusals)
    return await linked(context, done.job_id, done.link, _FOLDER, replayed=done.replayed)


async def report(context: Context, arguments: Arguments) -> FileLinkPayload:
    """Make a link to what came of a job's items."""
    wish = CreateJobReport(parse_id_of(Kind.JOB, arguments["job_id"]), idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return FileLinkPayload(user_errors=(MAY_NOT_STEER,))
    links = context.application.links
    try:
        done = await create_job_report(context.database, links, context.actor, context.admin, wish)
    except Refused as refused:
        return FileLinkPayload(user_errors=refused.refusals)
    return await linked(context, wish.job_id, done.link, _FOLDER, replayed=done.replayed)


async def linked(context: Context, job_id: UUID, link: Link | None, folder: str, *, replayed: bool) -> FileLinkPayload:
    """The link, if there is one, below a folder of the server; and the job."""
    context.renew()
    job: JobRow | None = await context.loaders.one("job", job_id)
    told = None
    if link is not None:
        told = FileLink(folder + context.application.links.text_of(link), link.expires_at)
    return FileLinkPayload(job, told, replayed)
