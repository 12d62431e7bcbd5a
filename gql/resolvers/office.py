"""Offices: one, and lists."""

from gql.context import Context
from gql.db.queries import offices as reads
from gql.db.rows import OfficeRow
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_NAME, OfficeCriteria
from gql.domain.paging import Edge, Page
from gql.resolvers.arguments import Arguments, optional_id, optional_set, page_of, search_prefix


async def office(context: Context, global_id: str) -> OfficeRow | None:
    """An office by ID."""
    found: OfficeRow | None = await context.loaders.one("office", parse_id_of(Kind.OFFICE, global_id))
    return found


async def offices(
    context: Context, criteria: Arguments, search: str | None, paging: Arguments
) -> Page[Edge[OfficeRow]]:
    """A page of the offices, by name."""
    wanted = OfficeCriteria(
        parent_id=optional_id(Kind.OFFICE, criteria, "parent_id"),
        statuses=optional_set(criteria, "status"),
        search_prefix=search_prefix(search),
    )
    return await reads.list_offices(context.database, wanted, page_of(BY_NAME, paging))
