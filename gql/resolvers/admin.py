"""Admins: one, lists, who can be made account manager, and what of an admin is not for everyone."""

from uuid import UUID

from gql.context import Context
from gql.db.queries import admins as reads
from gql.db.rows import AdminRow
from gql.domain.errors import BadUserInput, Forbidden
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_NAME, AdminCriteria
from gql.domain.paging import Edge, Page
from gql.domain.roles import Permission
from gql.domain.search import search_key
from gql.resolvers.arguments import LONGEST_SEARCH, Arguments, optional_id, optional_set, page_of, text


async def admin(context: Context, global_id: str) -> AdminRow | None:
    """An admin by ID."""
    found: AdminRow | None = await context.loaders.one("admin", parse_id_of(Kind.ADMIN, global_id))
    return found


async def admins(context: Context, criteria: Arguments, search: str | None, paging: Arguments) -> Page[Edge[AdminRow]]:
    """A page of the admins, by name. Filtering by status is for those who may read it."""
    statuses = optional_set(criteria, "status")
    if statuses is not None and not _reads_staff(context):
        raise Forbidden("Filtering admins by status takes the permission admin.write or audit.read.")
    wanted = AdminCriteria(
        office_id=optional_id(Kind.OFFICE, criteria, "office_id"), statuses=statuses, search=_search(search)
    )
    return await reads.list_admins(context.database, wanted, page_of(BY_NAME, paging))


async def assignable_managers(
    context: Context, office_id: str, search: str | None, paging: Arguments
) -> Page[Edge[AdminRow]]:
    """A page of an office's admins who can be made account manager, by name."""
    office = parse_id_of(Kind.OFFICE, office_id)
    outside = (
        context.application.settings.assignment_scope == "assigner" and not context.access.unassigned.of(office).is_full
    )
    wanted = AdminCriteria(
        office_id=office,
        search=_search(search),
        statuses=frozenset() if outside else None,  # the mutation would answer OUTSIDE_SCOPE for each of them
        assignable=True,
    )
    return await reads.list_admins(context.database, wanted, page_of(BY_NAME, paging))


def _search(value: str | None) -> str | None:
    term = text(value, "search", LONGEST_SEARCH)
    if term is not None and not search_key(term):
        raise BadUserInput("`search` needs a letter or a digit.")
    return term


def _reads_staff(context: Context) -> bool:
    viewer = context.admin
    return viewer.may(Permission.ADMIN_WRITE) or viewer.may(Permission.AUDIT_READ)


def is_own_or_staff_reader(row: AdminRow, context: Context) -> bool:
    """Guard of roles and status: one's own, or with the permission to read them."""
    return _is_viewer(row.id, context) or _reads_staff(context)


def is_own_or_workload_reader(row: AdminRow, context: Context) -> bool:
    """Guard of the book's size: one's own, or with the permission to read workloads."""
    return _is_viewer(row.id, context) or context.admin.may(Permission.WORKLOAD_READ)


def _is_viewer(admin_id: UUID, context: Context) -> bool:
    return context.admin.admin_id == admin_id
