"""What all connections share."""

from typing import Any

import strawberry

from gql.domain.paging import Edge, Page, encode_cursor
from gql.schema.fields import column, computed, loaded


def _cursor(edge: Edge[Any]) -> str:
    return encode_cursor(edge.sort, edge.position)


def _end(page: Page[Any], index: int) -> str | None:
    return _cursor(page.edges[index]) if page.edges else None


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Rows are pages."""

    has_next_page: bool = column("Whether the list goes on after this page.")
    has_previous_page: bool = column("Whether the list goes on before this page.")
    start_cursor: str | None = computed(lambda page: _end(page, 0), description="The cursor of the first edge.")
    end_cursor: str | None = computed(lambda page: _end(page, -1), description="The cursor of the last edge.")


def page_info() -> Any:
    """The `pageInfo` of a connection."""
    return computed(lambda page: page, description="Where this page lies in the list.")


def total_count(description: str) -> Any:
    """The `totalCount` of a connection: counted only where it is asked for."""
    return loaded("total", lambda page: page.total, description=description)


def cursor() -> Any:
    """The `cursor` of an edge."""
    return computed(_cursor, description="The place of this edge, to page on from.")
