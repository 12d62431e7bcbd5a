"""A search for a name by relevance: whose name begins so, whose last name does, and who is called something similar.

The sections follow each other in one list. Each is read only where the page reaches into it: similar names, which take
longest to find, where the others don't fill the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, select, true

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import CustomerName
from gql.db.queries import keyset
from gql.db.queries.customer_filters import FilterShape, filter_parameters, filter_shape, matches, parts, prefixed
from gql.db.queries.customer_lists import CustomersTotal, count_customers
from gql.db.queries.customer_reads import read, usable
from gql.db.queries.customers import COLUMNS, customers, to_row
from gql.db.queries.sections import Section, in_order, read_sections
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, Seeks, merged, parameters
from gql.domain.listing import BY_RELEVANCE, CustomerCriteria, CustomerSearch, NameReading
from gql.domain.paging import Edge, Page, PageRequest, Position, Sort
from gql.domain.policies import AccessMap

names = CustomerName.__table__

MOST_SIMILAR: Final = 100
"""The most alike are listed, no more: further down, names have little in common with the one that is looked for."""

_SHORTEST: Final = 4
"""Letters of a text that is compared: of fewer, too many names have parts."""

_BEGINNINGS: Final = (
    (NameReading.AS_WRITTEN, Sort("search_name", str)),
    (NameReading.LAST_WORD_FIRST, Sort("search_name_reversed", str)),
)
_MILLIONTHS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class RelevantTotal:
    """Counts the customers whom the viewer sees, and whom `search_by_relevance` lists."""

    criteria: CustomerCriteria


async def search_by_relevance(
    database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest
) -> Page[Edge[CustomerRow]]:
    """One page of the customers whom the viewer sees and who match, the most relevant first."""
    sections = [
        Section(number, sort, partial(_beginning, database, access, criteria, reading))
        for number, (reading, sort) in enumerate(_BEGINNINGS)
    ]
    similar = Section(len(sections), BY_RELEVANCE, partial(_similar, database, access, criteria))
    return keyset.to_page(page, await read_sections(page, [*sections, similar]), RelevantTotal(criteria))


async def count_relevant(database: Database, access: AccessMap, total: RelevantTotal) -> int:
    """How many the whole list has."""
    beginning = await count_customers(database, access, CustomersTotal(total.criteria, "search_name"))
    return beginning + len(await _most_similar(database, access, total.criteria))


async def _beginning(
    database: Database, access: AccessMap, criteria: CustomerCriteria, reading: NameReading, page: PageRequest
) -> list[Edge[CustomerRow]]:
    search = replace(criteria.search or CustomerSearch(), reading=reading)
    return await read(database, access, replace(criteria, search=search), page)


async def _similar(
    database: Database, access: AccessMap, criteria: CustomerCriteria, page: PageRequest
) -> list[Edge[CustomerRow]]:
    """They are so few that all are read, and the page is taken of them."""
    found = await _most_similar(database, access, criteria)
    return in_order([Edge(row, Position(key, row.id), BY_RELEVANCE) for key, row in found], page)


async def _most_similar(
    database: Database, access: AccessMap, criteria: CustomerCriteria
) -> Sequence[tuple[str, CustomerRow]]:
    """Keys in the order of the section, and rows; none where the database doesn't tell what is similar."""
    search = criteria.search
    filters = filter_shape(criteria)
    buckets = usable(access, filters, BY_RELEVANCE.name)
    statement = _similar_in(database.dialect, buckets, filters) if buckets else None
    if statement is None or search is None or search.name_prefix is None or len(search.name_prefix) < _SHORTEST:
        return []
    term = search.name_prefix
    bound = {
        **filter_parameters(criteria),
        **parameters(access),
        "search_term": term,
        "most_similar": MOST_SIMILAR,
    }
    width = len(COLUMNS)
    return [
        (f"{_MILLIONTHS - row.similarity:07}{row.search_name}", to_row(row[:width], access))
        for row in await database.rows(statement, bound, by_values=True)
    ]


@lru_cache(maxsize=256)
def _similar_in(dialect: Dialect, buckets: tuple[BucketShape, ...], filters: FilterShape) -> Select[Any] | None:
    """The statement; None where the database doesn't tell what is similar.

    Millions of customers share some ten thousands of names: which of these are similar is found first, and then, from
    the most similar on, who of those whom the viewer sees has them. A book is so small that its names are compared.
    """
    alike = dialect.similar(names.c.search_name, "search_term")
    of_customer = dialect.similar(customers.c.search_name, "search_term")
    if alike is None or of_customer is None:
        return None
    is_alike, similarity = alike
    found = select(names.c.search_name, similarity.label("similarity")).where(is_alike)
    every = found.cte("alike").prefix_with("MATERIALIZED")
    ordered = select(*every.c).order_by(every.c.similarity.desc(), every.c.search_name).subquery("alike_in_order")
    besides = filters._replace(search=None)
    begins = prefixed(customers.c.search_name) | prefixed(customers.c.search_name_reversed)
    columns = (*COLUMNS, customers.c.search_name)

    def of(part: list[ColumnElement[bool]]) -> Any:
        def build(bucket: BucketShape, predicates: list[ColumnElement[bool]]) -> Select[Any]:
            wanted = [*predicates, *part, *matches(besides, bucket.withheld), ~begins]
            if bucket.is_small:
                is_similar, how_much = of_customer
                return select(*columns, how_much.label("similarity")).where(*wanted, is_similar)
            of_name = select(*columns).where(customers.c.search_name == ordered.c.search_name, *wanted)
            first = of_name.correlate(ordered).order_by(customers.c.id).limit(bindparam("most_similar")).lateral()
            # Limited as they come, which is in the names' order: a join with what is found for each can't be another
            # than a loop. Asked for the order again, the database would read all before it sorts.
            rows = select(*first.c, ordered.c.similarity).select_from(ordered.join(first, true()))
            return select(*rows.limit(bindparam("most_similar")).subquery().c)

        return build

    def order(columns: Any) -> list[ColumnElement[Any]]:
        return [columns["similarity"].desc(), columns["search_name"], columns["id"]]

    return merged(dialect, buckets, [of(part) for part in parts(filters)], order, "most_similar", Seeks.AT_ONCE)
