"""Whether few customers pass a filter: then they are read and sorted, not looked for in the order of the list."""

from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select

from gql.db.engine import Database
from gql.db.models import Group
from gql.db.queries.customer_filters import (
    NO_FILTERS,
    FilterShape,
    filter_parameters,
    has_tag,
    matches,
    parts,
    tags,
)
from gql.db.queries.customers import customers
from gql.domain.listing import CustomerCriteria

groups = Group.__table__

SMALL: Final = 5_000
"""Members of a group, or bearers of a tag, whom a list rather reads one by one than look each customer up among them,
in the list's order."""

MODEST: Final = 50_000
"""Customers who were created in a span of time: they lie together, and are soon read."""


async def is_small_group(database: Database, group_id: UUID | None) -> bool:
    """By the count that the group keeps. The database, which knows no group by itself, may be wrong a thousandfold."""
    counted = select(groups.c.member_count).where(groups.c.id == bindparam("id"))
    [[members]] = await database.rows(counted, {"id": group_id}) or [[0]]
    return bool(members <= SMALL)


async def is_rare_tag(database: Database, criteria: CustomerCriteria) -> bool:
    """Nobody counts those who have a tag; so many are soon read in its index."""
    some = select(tags.c.customer_id).where(has_tag()).limit(SMALL + 1).subquery()
    [[bearers]] = await database.rows(select(func.count()).select_from(some), {"filter_tag": criteria.tag})
    return bool(bearers <= SMALL)


async def is_narrow(database: Database, filters: FilterShape, criteria: CustomerCriteria, sort: str) -> bool:
    """Whether few have the tiers, or were created then, that are asked for, in an order that no index has with these.

    The database takes filter and order for independent. Where they go together (who was created last was changed last),
    it would walk through everybody in that order.
    """
    created = filters.created_from or filters.created_before
    if filters.tiers and sort != "name":
        wanted, most = or_(*(one[0] for one in parts(filters._replace(statuses=None)))), SMALL
    elif created and sort == "updated_at":
        only = NO_FILTERS._replace(created_from=filters.created_from, created_before=filters.created_before)
        wanted, most = and_(*matches(only, frozenset())), MODEST
    else:
        return False
    some = select(customers.c.id).where(wanted).limit(most + 1).subquery()
    counted = select(func.count()).select_from(some)
    [[found]] = await database.rows(counted, filter_parameters(criteria), by_values=True)
    return bool(found <= most)
