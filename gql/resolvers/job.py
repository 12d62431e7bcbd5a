"""Jobs: begun, looked ahead, followed, stopped and taken back."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from gql.context import Context
from gql.db.job_rows import JobItemRow, JobRow
from gql.db.queries.jobs import ItemsRequest, list_jobs
from gql.domain import jobs as rules
from gql.domain.errors import BadUserInput, Forbidden, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.jobs import (
    BY_POSITION,
    MOST_LISTED,
    MOST_TARGETS,
    MOST_WEIGHT,
    UNDER_WAY,
    ItemOutcome,
    JobKind,
    Share,
    change_of,
)
from gql.domain.listing import BY_CREATED_AT, CustomerCriteria
from gql.domain.paging import Edge, Page, page_request
from gql.domain.roles import CustomerField, Permission
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, optional_id, page_of, required_reason_of
from gql.resolvers.customer import criteria_of
from gql.services.job_batches import JOB_PROGRESS
from gql.services.job_steering import CancelJob, UndoJob, cancel_job, undo_job
from gql.services.reassignment_plans import ReassignmentPlan, plan_reassignment
from gql.services.reassignments import Begun, Pair, ReassignBook, reassign_book

_MOST_CUSTOMERS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class JobPayload:
    """The job as it is now; of a dry run, what it would do."""

    job: JobRow | None = None
    plan: ReassignmentPlan | None = None
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def reassign(context: Context, arguments: Arguments) -> JobPayload:
    """Begin a job that gives many customers other account managers, or say what it would do."""
    wish = _wish(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.FORBIDDEN,))
    if not arguments.get("dry_run"):
        return await _answer(context, reassign_book(context.database, context.actor, context.admin, wish))
    scope = context.application.settings.assignment_scope
    try:
        return JobPayload(plan=await plan_reassignment(context.database, context.admin, wish, scope))
    except Refused as refused:
        return JobPayload(user_errors=refused.refusals)


async def cancel(context: Context, arguments: Arguments) -> JobPayload:
    """Stop a job."""
    wish = CancelJob(parse_id_of(Kind.JOB, arguments["job_id"]), idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.MAY_NOT_STEER,))
    return await _answer(context, cancel_job(context.database, context.actor, context.admin, wish))


async def undo(context: Context, arguments: Arguments) -> JobPayload:
    """Take a job back."""
    job_id, reason = parse_id_of(Kind.JOB, arguments["job_id"]), required_reason_of(arguments)
    wish = UndoJob(job_id, reason, idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return JobPayload(user_errors=(rules.MAY_NOT_STEER,))
    done = undo_job(context.database, context.actor, context.admin, wish, _window(context))
    return await _answer(context, done)


async def _answer(context: Context, change: Any) -> JobPayload:
    try:
        done: Begun = await change
    except Refused as refused:
        return JobPayload(user_errors=refused.refusals)
    return await begun(context, done)


async def begun(context: Context, done: Begun) -> JobPayload:
    """The job as it is by now."""
    context.renew()
    return JobPayload(await context.loaders.one("job", done.job_id), replayed=done.replayed)


def _wish(arguments: Arguments) -> ReassignBook:
    """What is asked for. Raises BadUserInput for what can't be meant."""
    selectors = [
        name for name in ("customer_filter", "customer_ids", "group_id", "moves") if arguments.get(name) is not None
    ]
    from_admin_id = optional_id(Kind.ADMIN, arguments, "from_admin_id")
    if len(selectors) > 1 or not (selectors or from_admin_id):
        raise BadUserInput(
            "Say which customers: pass one of `customerFilter`, `customerIds`, `groupId` and `moves`, or `fromAdminId` "
            "for a whole book."
        )
    wish = ReassignBook(
        reason=required_reason_of(arguments),
        from_admin_id=from_admin_id,
        customer_ids=listed_customers(arguments),
        moves=moves_of(arguments),
        shares=shares_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if bool(wish.moves) == bool(wish.shares):
        raise BadUserInput("Say to whom: pass `to`, but with `moves`, which say it themselves, leave it out.")
    if wish.moves or wish.customer_ids:
        return wish
    return replace(wish, criteria=_criteria(arguments, from_admin_id))


def _criteria(arguments: Arguments, from_admin_id: UUID | None) -> CustomerCriteria:
    criteria = criteria_of(arguments.get("customer_filter") or {})
    group_id = optional_id(Kind.GROUP, arguments, "group_id")
    if group_id is not None:
        criteria = replace(criteria, group_id=group_id)
    if from_admin_id is None:
        return criteria
    if criteria.account_manager_id not in (None, from_admin_id):
        raise BadUserInput("`fromAdminId` and `customerFilter.accountManagerId` are two admins. Pass one of them.")
    return replace(criteria, account_manager_id=from_admin_id)


def listed_customers(arguments: Arguments) -> tuple[UUID, ...]:
    """The customers who are named one by one, if so. Raises BadUserInput."""
    given = arguments.get("customer_ids")
    if given is None:
        return ()
    return tuple(_once("customerIds", [parse_id_of(Kind.CUSTOMER, one) for one in given]))


def moves_of(arguments: Arguments) -> tuple[Pair, ...]:
    """Who goes to whom, as `moves` say. Raises BadUserInput."""
    given = arguments.get("moves")
    if given is None:
        return ()
    pairs = [Pair(parse_id_of(Kind.CUSTOMER, m["customer_id"]), parse_id_of(Kind.ADMIN, m["admin_id"])) for m in given]
    _once("moves", [pair.customer_id for pair in pairs])
    _at_most("moves", len({pair.admin_id for pair in pairs}), MOST_TARGETS, "admins")
    return tuple(pairs)


def _once(name: str, ids: Sequence[UUID]) -> Sequence[UUID]:
    if not ids:
        raise BadUserInput(f"`{name}` is empty. Name a customer.")
    _at_most(name, len(ids), MOST_LISTED, "customers")
    if len(set(ids)) < len(ids):
        raise BadUserInput(f"`{name}` has a customer twice. Name each once.")
    return ids


def _at_most(name: str, count: int, most: int, what: str) -> None:
    if count > most:
        raise BadUserInput(f"`{name}` has {count:,} {what}; at most {most:,} are allowed.")


def shares_of(arguments: Arguments) -> tuple[Share, ...]:
    """Who gets how many, as `to` says. Raises BadUserInput."""
    given = arguments.get("to")
    if given is None:
        return ()
    if not given:
        raise BadUserInput("`to` is empty. Name an admin.")
    _at_most("to", len(given), MOST_TARGETS, "admins")
    shares = tuple(
        Share(parse_id_of(Kind.ADMIN, one["admin_id"]), one.get("weight"), one.get("count")) for one in given
    )
    if len({share.admin_id for share in shares}) < len(shares):
        raise BadUserInput("`to` has an admin twice. Name each once.")
    by_count = [share.count is not None for share in shares]
    if any((share.weight is None) == (share.count is None) for share in shares) or any(by_count) != all(by_count):
        raise BadUserInput("Give each admin of `to` a `weight`, or each a `count`.")
    for share in shares:
        value, most = (share.count, _MOST_CUSTOMERS) if share.weight is None else (share.weight, MOST_WEIGHT)
        if not 1 <= (value or 0) <= most:
            raise BadUserInput(f"A weight is between 1 and {MOST_WEIGHT:,}, a count between 1 and {_MOST_CUSTOMERS:,}.")
    return shares


async def job(context: Context, global_id: str) -> JobRow | None:
    """A job that the viewer may read; None for any other, there or not."""
    found: JobRow | None = await context.loaders.one("job", parse_id_of(Kind.JOB, global_id))
    return found


async def jobs(context: Context, paging: Arguments) -> Page[Edge[JobRow]]:
    """A page of one's own jobs; with audit.read, of everybody's."""
    admin = context.admin
    whose = None if admin.may(Permission.AUDIT_READ) else admin.admin_id
    return await list_jobs(context.database, whose, page_of(BY_CREATED_AT, paging))


def items_request(arguments: Arguments) -> ItemsRequest:
    """Which page of a job's customers."""
    page = page_request(BY_POSITION, *(arguments.get(name) for name in ("first", "after", "last", "before")))
    return ItemsRequest(page, arguments.get("outcome"))


def undo_until(row: JobRow, context: Context) -> datetime | None:
    """Until when the job can be taken back."""
    if (
        row.status in UNDER_WAY
        or row.finished_at is None
        or row.kind in (JobKind.UNDO, JobKind.EXPORT_GROUP_MEMBERS)
        or row.dry_run
        or row.undone_by_id
        or not row.changed
    ):
        return None
    return row.finished_at + _window(context)


def _window(context: Context) -> timedelta:
    return timedelta(hours=context.application.settings.job_undo_hours)


def is_in_full(row: JobRow, context: Context) -> bool:
    """Guard of what only who asked for the job, or has audit.read, may read."""
    return row.in_full


def changed_as(outcome: ItemOutcome) -> Callable[[JobRow], int]:
    """How many customers have this outcome, of those that say that something was done."""
    return lambda row: row.changed if change_of(row.kind, of_group=row.group_id is not None) is outcome else 0


def exported(row: JobRow) -> int:
    """How many customers an export has written so far."""
    return row.changed if row.kind is JobKind.EXPORT_GROUP_MEMBERS else 0


def sees_codes(row: JobItemRow, context: Context) -> bool:
    """Guard of what tells of a customer; a line that names nobody tells of none."""
    return row.customer_id is None or row.access.is_visible


def sees_history(row: JobItemRow, context: Context) -> bool:
    """Guard of what tells whose customer somebody was."""
    return row.access.shows(CustomerField.ASSIGNMENT_HISTORY)


def reads_group(row: JobRow, context: Context) -> bool:
    """Guard of which group a job is about."""
    return row.in_full and context.admin.may(Permission.GROUP_READ)


def sees_groups(row: JobItemRow, context: Context) -> bool:
    """Guard of what tells since when a customer was in a group, and by whom."""
    return row.access.shows(CustomerField.GROUPS)


def reads_workloads(row: Any, context: Context) -> bool:
    """Guard of how large others' books are."""
    return context.admin.may(Permission.WORKLOAD_READ)


async def progress(context: Context, job_id: str) -> AsyncGenerator[JobRow, None]:
    """The job at once, and after each of its batches, until it has ended.

    Session and permission are looked at anew before each one. Raises Forbidden for a job that isn't there for the
    viewer.
    """
    key = parse_id_of(Kind.JOB, job_id)
    subscription = await context.database.events.subscribe(JOB_PROGRESS, key)  # before looking: no gap
    first: JobRow | None = await context.loaders.one("job", key)
    if first is None:
        raise Forbidden("There is no such job for you.")

    async def changes(present: JobRow | None) -> AsyncGenerator[JobRow, None]:
        while present is not None:
            yield present
            if present.status not in UNDER_WAY:
                return
            await subscription.next()
            await context.check_again()
            [present] = await context.loaders.batch("job", None, [key])

    return changes(first)
