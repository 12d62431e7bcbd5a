"""Lists of customers over all that the viewer sees: filtered, searched and sorted, a page at a time, and counted."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, func, select, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.queries import keyset
from gql.db.queries.customer_filters import (
    NO_FILTERS,
    FilterShape,
    filter_parameters,
    filter_shape,
    matches,
    parts,
)
from gql.db.queries.customer_reads import read, usable
from gql.db.queries.customer_sections import sections_of
from gql.db.queries.customers import customers
from gql.db.queries.sections import read_sections
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, in_bucket, parameters
from gql.domain.listing import CustomerCriteria
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap


@dataclass(frozen=True, slots=True)
class CustomersTotal:
    """Counts the customers whom the viewer sees and who match, in a list with this sort key."""

    criteria: CustomerCriteria
    sort: str


async def list_customers(
    database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest
) -> Page[Edge[CustomerRow]]:
    """One page of the customers whom the viewer sees and who match, in any order but that by relevance."""
    sections = sections_of(database, access, criteria, page.sort)
    if sections is None:
        edges = await read(database, access, criteria, page)
    else:
        edges = await read_sections(page, sections)
    return keyset.to_page(page, edges, CustomersTotal(criteria, page.sort.name))


@lru_cache(maxsize=256)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape) -> Select[Any]:
    counts = [
        select(func.count().label("n"))
        .select_from(customers)
        .where(*in_bucket(dialect, bucket), *part, *matches(filters, bucket.withheld))
        for bucket in buckets
        for part in parts(filters)
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_customers(database: Database, access: AccessMap, total: CustomersTotal) -> int:
    """How many customers `list_customers` has in all."""
    criteria = total.criteria
    filters = filter_shape(criteria)
    buckets = usable(access, filters, total.sort)
    if not buckets:
        return 0
    statement = _count(database.dialect, buckets, filters)
    bound = {**filter_parameters(criteria), **parameters(access)}
    rows = await database.rows(statement, bound, by_values=filters != NO_FILTERS)
    return int(rows[0][0])
