"""Jobs: what is done to many customers, and what came of each."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from gql.db.job_rows import JobRow
from gql.domain.ids import Kind
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from gql.execution.declarations import Loaded
from gql.permissions import SignedInAdmin
from gql.resolvers import job as resolvers
from gql.schema.access import open_to
from gql.schema.admin import Admin
from gql.schema.assignment import Assignment
from gql.schema.fields import (
    After,
    Before,
    First,
    Info,
    Last,
    argument,
    column,
    computed,
    declared,
    describe,
    given,
    global_id,
    loaded,
    paging,
)
from gql.schema.member_export import MemberExport
from gql.schema.membership import Membership
from gql.schema.node import Node
from gql.schema.pagination import PageInfo, cursor, page_info, total_count
from gql.schema.roots import root

if TYPE_CHECKING:
    from gql.schema.customer import Customer
    from gql.schema.group import Group

describe(
    JobKind,
    "What a job does.",
    REASSIGN_BOOK="Gives customers other account managers.",
    UNDO="Takes back what another job did.",
    HAND_OVER="Gave a book to others at once, since its account manager left: `handOverAndDeactivate`.",
    ADD_GROUP_MEMBERS="Adds customers to a group: `addGroupMembers`.",
    IMPORT_GROUP_MEMBERS="Adds the customers whom a file names to a group: `importGroupMembers`.",
    EXPORT_GROUP_MEMBERS="Writes the members of a group to an encrypted file: `exportGroupMembers`.",
)
describe(
    JobStatus,
    "How far a job has come.",
    WAITING="The file that it is to work on hasn't come yet.",
    QUEUED="Nobody has begun with it.",
    RUNNING="It is being worked on, or waits for who goes on with it.",
    DONE="All customers have an outcome.",
    FAILED="It ended early: `failure` says why.",
    CANCELLED="Somebody stopped it.",
)
describe(
    ItemOutcome,
    "What came of a customer of a job.",
    MOVED="The customer has the other account manager, or none, since.",
    ADDED="The customer is a member of the group since; of a dry run, could become one.",
    REMOVED="The customer is no more a member of the group.",
    UNCHANGED="So it was already.",
    REFUSED="A rule was against it: `codes` says which.",
    SKIPPED="Somebody else has decided since the job was asked for.",
)

_READERS = "whoever reads the job"


@open_to(_READERS)
@strawberry.type(description="How many of a job's customers have which outcome.")
class JobCounts:
    """Rows are `JobRow`."""

    moved: int = computed(
        resolvers.changed_as(ItemOutcome.MOVED), description="Who have the other account manager, or none, since."
    )
    added: int = computed(
        resolvers.changed_as(ItemOutcome.ADDED),
        description="Who are members of the group since; of a dry run, who could become it.",
    )
    removed: int = computed(
        resolvers.changed_as(ItemOutcome.REMOVED), description="Who are no more members of the group."
    )
    exported: int = computed(resolvers.exported, description="Whom an export has written to its file.")
    unchanged: int = column("Who had the same account manager, or were members, already.")
    refused: int = column("Whom a rule kept from it.")
    skipped: int = column("About whom somebody else has decided since the job was asked for.")


@open_to(_READERS, "position line customer outcome to")
@strawberry.type(description="One customer of a job, or one line of the file that it works on.")
class JobItem:
    """Rows are `JobItemRow`."""

    position: int = column("The place in the job, from 0 on.")
    line: int | None = column("The line of the file, the heading being the first; null where there is no file.")
    customer: Annotated["Customer", strawberry.lazy("gql.schema.customer")] | None = loaded(
        "customer",
        lambda row: row.customer_id,
        description="The customer; null where the viewer doesn't see them now, or a line names nobody.",
    )
    to: Admin | None = loaded(
        "admin", lambda row: row.to_admin_id, description="Who shall have the customer; null for nobody."
    )
    outcome: ItemOutcome | None = column(
        "What came of it; null until it is their turn, and for good where the job ended before: they are as they were."
    )
    codes: list[str] | None = column(
        "Why not, of REFUSED and SKIPPED: codes of `assignAccountManager` or `addGroupMember`, TOUCHED_SINCE, or of a "
        "line INVALID_LINE or DUPLICATE_LINE. Null where the viewer doesn't see the customer now.",
        guard=resolvers.sees_codes,
    )
    assignment: Assignment | None = loaded(
        "assignment",
        lambda row: row.assignment_id,
        description="The assignment that began, or ended where nobody followed, as far as the viewer sees history.",
        guard=resolvers.sees_history,
    )
    previous_account_manager: Admin | None = loaded(
        "admin",
        lambda row: row.previous_admin_id,
        description="Who had the customer before it, as far as the viewer sees history.",
        guard=resolvers.sees_history,
    )
    membership: Membership | None = loaded(
        "membership",
        lambda row: row.membership_id,
        description="The membership that began or ended, as far as the viewer sees the customer's groups.",
        guard=resolvers.sees_groups,
    )


@strawberry.type(description="A customer in the list of a job's.")
class JobItemEdge:
    """Rows are edges."""

    node: JobItem = column("The customer, and what came of it.")
    cursor: str = cursor()


@strawberry.type(description="A page of a job's customers.")
class JobItemConnection:
    """Rows are pages."""

    edges: list[JobItemEdge] = column("The customers of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The customers of the whole list, seen by the viewer or not.")


def _items() -> Any:
    def key(row: Any) -> Any:
        return row.id

    def resolve(
        root: Any,
        info: Info,
        outcome: Annotated[ItemOutcome | None, argument("Only those of this outcome.")] = strawberry.UNSET,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        arguments = paging(first, after, last, before) | {"outcome": given(outcome)}
        return info.context.loaders.load("job_items", root.id, resolvers.items_request(arguments))

    declaration = Loaded("job_items", key, resolvers.items_request, resolvers.is_in_full)
    description = "The job's customers, in the order in which they are worked on; null where one may not read the job."
    return declared(declaration, description, resolve)


@open_to("whoever reads the job, or an assignment that it made", "id kind status reason requestedBy createdAt")
@strawberry.type(description="Something that is done to many customers, one after another.")
class Job(Node):
    """Rows are `JobRow`. Of somebody else's job, without `audit.read`, most is null."""

    id: strawberry.ID = global_id(Kind.JOB)
    kind: JobKind = column("What it does.")
    group: Annotated["Group", strawberry.lazy("gql.schema.group")] | None = loaded(
        "group",
        lambda row: row.group_id,
        description="The group that it is about; null where it is about none.",
        guard=resolvers.reads_group,
    )
    dry_run: bool | None = column("Whether it only finds out what would come of it.", guard=resolvers.is_in_full)
    status: JobStatus = column("How far it has come.")
    reason: str = column("Why, as the assignments' history has it.")
    requested_by: Admin = loaded("admin", lambda row: row.requested_by_id, description="Who asked for it.")
    created_at: datetime = column("When it was asked for.")
    started_at: datetime | None = column("When it was begun with.", guard=resolvers.is_in_full)
    finished_at: datetime | None = column("When it ended.", guard=resolvers.is_in_full)
    total: int | None = column("How many customers it is about.", guard=resolvers.is_in_full)
    done: int | None = column("How many of them have an outcome.", guard=resolvers.is_in_full)
    counts: JobCounts | None = computed(
        lambda row: row, description="How many have which outcome.", guard=resolvers.is_in_full
    )
    failure: str | None = column(
        "Why it FAILED: FORBIDDEN where who asked for it may not do such a thing any more; "
        "INTERNAL_SERVER_ERROR where the next customers could not be written, again and again: the same asked for once "
        "more does the rest.",
        guard=resolvers.is_in_full,
    )
    undo_until: datetime | None = computed(
        for_viewer=resolvers.undo_until,
        description="Until when `undoJob` takes it back; null where it doesn't.",
        guard=resolvers.is_in_full,
    )
    undo_of: Annotated["Job", strawberry.lazy("gql.schema.job")] | None = loaded(
        "job",
        lambda row: row.undo_of_id,
        description="The job that this one takes back, if the viewer may read it.",
        guard=resolvers.is_in_full,
    )
    undone_by: Annotated["Job", strawberry.lazy("gql.schema.job")] | None = loaded(
        "job",
        lambda row: row.undone_by_id,
        description="The job that takes this one back, if the viewer may read it.",
        guard=resolvers.is_in_full,
    )
    items: JobItemConnection | None = _items()
    export: MemberExport | None = loaded(
        "member_export",
        lambda row: row.id,
        description="The file that it makes; null of a job that makes none.",
        guard=resolvers.is_in_full,
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """For `node`."""
        return isinstance(obj, JobRow)


@strawberry.type(description="A job in a list.")
class JobEdge:
    """Rows are edges."""

    node: Job = column("The job of this edge.")
    cursor: str = cursor()


@strawberry.type(description="A page of jobs.")
class JobConnection:
    """Rows are pages."""

    edges: list[JobEdge] = column("The jobs of this page, with their places.")
    page_info: PageInfo = page_info()
    total_count: int = total_count("The jobs of the whole list.")


@strawberry.type
class JobQueries:
    """Root fields."""

    @root(
        Job | None,
        needs=SignedInAdmin(),
        description="A job that one asked for, or with `audit.read` anybody's; null for any other, there or not.",
    )
    async def job(self, info: Info, id: Annotated[strawberry.ID, argument("The ID of the job.")]) -> Any:
        """One job."""
        return await resolvers.job(info.context, id)

    @root(
        JobConnection,
        needs=SignedInAdmin(),
        description="The jobs that one asked for, or with `audit.read` everybody's, newest first.",
    )
    async def jobs(
        self,
        info: Info,
        first: First = strawberry.UNSET,
        after: After = strawberry.UNSET,
        last: Last = strawberry.UNSET,
        before: Before = strawberry.UNSET,
    ) -> Any:
        """A list."""
        return await resolvers.jobs(info.context, paging(first, after, last, before))
