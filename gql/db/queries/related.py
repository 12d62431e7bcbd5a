"""Customers who are related to a customer, as far as the viewer sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.models import Customer, CustomerRelation
from gql.db.profile_rows import RelatedEdge
from gql.db.queries import below, customers, keyset
from gql.db.rows import CustomerRow
from gql.db.visibility import BucketShape, is_visible, parameters, shapes_of
from gql.domain.paging import Page, PageRequest, Position
from gql.domain.policies import AccessMap
from gql.domain.relations import Relation

_relations = CustomerRelation.__table__
_COLUMNS = (
    _relations.c.id,
    _relations.c.customer_id,
    _relations.c.relation,
    _relations.c.since,
    _relations.c.added_by_id,
)
_WIDTH = len(_COLUMNS)
_RELATED = select(*_COLUMNS, *(c.label(f"related_{c.key}") for c in customers.COLUMNS)).join_from(
    _relations, Customer.__table__, _relations.c.related_id == Customer.__table__.c.id
)


class RelatedRequest(NamedTuple):
    """A page of the related customers, or of those alone who are this to the customer."""

    page: PageRequest
    relation: Relation | None


@dataclass(frozen=True, slots=True)
class RelatedTotal:
    """Counts the customers whom the viewer sees and who are related to one, or are this to them."""

    customer_id: UUID
    relation: Relation | None


@lru_cache(maxsize=2)
def _rows(of_one_relation: bool) -> Select[Any]:
    if not of_one_relation:
        return _RELATED
    return _RELATED.where(_relations.c.relation == bindparam("relation", type_=_relations.c.relation.type))


@lru_cache(maxsize=256)
def _pages(
    dialect: Dialect, buckets: tuple[BucketShape, ...], page: keyset.PageShape, of_one_relation: bool
) -> Select[Any]:
    return below.pages(dialect, _rows(of_one_relation), _relations.c.customer_id, page, buckets)


async def related(
    database: Database, access: AccessMap, customer_ids: Sequence[UUID], request: RelatedRequest
) -> list[Page[RelatedEdge]]:
    """The same page of the customers who are related to each, as far as the viewer sees them. One statement."""
    page, relation = request

    def edge(row: AnyRow) -> tuple[UUID, RelatedEdge]:
        node = customers.to_row(row[_WIDTH:], access)
        position = Position(row.since, row.id)
        return row.customer_id, RelatedEdge(node, position, page.sort, row.relation, row.since, row.added_by_id)

    statement = _pages(database.dialect, shapes_of(access), keyset.shape_of(page), relation is not None)
    return await below.read_pages(
        database,
        statement,
        customer_ids,
        page,
        edge=edge,
        total=lambda customer_id: RelatedTotal(customer_id, relation),
        parameters={**parameters(access), **_bound(relation)},
    )


def _bound(relation: Relation | None) -> dict[str, Any]:
    return {} if relation is None else {"relation": relation}


@lru_cache(maxsize=128)
def _counts(dialect: Dialect, buckets: tuple[BucketShape, ...], of_one_relation: bool) -> Select[Any]:
    return below.counts(dialect, _rows(of_one_relation), _relations.c.customer_id, buckets)


async def count_related(database: Database, access: AccessMap, totals: Sequence[RelatedTotal]) -> list[int]:
    """How many of the related customers the viewer sees. One statement for each relation that is asked for."""
    found: dict[RelatedTotal, int] = {}
    for relation in {total.relation for total in totals}:
        alike = [total for total in totals if total.relation is relation]
        statement = _counts(database.dialect, shapes_of(access), relation is not None)
        bound = {**parameters(access), **_bound(relation)}
        counts = await below.read_counts(database, statement, [total.customer_id for total in alike], bound)
        found.update(zip(alike, counts, strict=True))
    return [found[total] for total in totals]


@lru_cache(maxsize=64)
def _employers(dialect: Dialect, buckets: tuple[BucketShape, ...]) -> Select[Any]:
    return _RELATED.where(
        _relations.c.relation == Relation.EMPLOYER,
        dialect.is_one_of(_relations.c.customer_id, "customers"),
        is_visible(dialect, buckets),
    )


async def employers_of(database: Database, access: AccessMap, customer_ids: Sequence[UUID]) -> list[CustomerRow | None]:
    """The customer who employs each, of whom there is one at most; None where the viewer doesn't see them."""
    bound = {"customers": list(customer_ids), **parameters(access)}
    rows = await database.rows(_employers(database.dialect, shapes_of(access)), bound)
    found = {row.customer_id: customers.to_row(row[_WIDTH:], access) for row in rows}
    return [found.get(key) for key in customer_ids]
