"""Interactions below customers; and what is due of all of them, as far as the viewer sees it.

What is due repeats its customer's office and account manager, so that a list of it is a seek in each of the viewer's
visibility buckets, as lists of customers are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, bindparam, func, select, text, union_all

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.interaction_rows import InteractionRow
from gql.db.models import Interaction
from gql.db.models.base import UTCDateTime
from gql.db.models.interactions import IS_DUE
from gql.db.queries import keyset
from gql.db.queries.records import Records
from gql.db.visibility import BucketShape, Seeks, in_bucket, is_visible, merged, parameters, shapes_of
from gql.domain.paging import Edge, Page, PageRequest
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

interactions = Interaction.__table__
_c = interactions.c

COLUMNS = (
    _c.id,
    _c.customer_id,
    _c.kind,
    _c.direction,
    _c.summary,
    _c.outcome,
    _c.occurred_at,
    _c.logged_at,
    _c.author_id,
    _c.next_step,
    _c.due_at,
    _c.done_at,
    _c.done_by_id,
    _c.next_step_outcome,
)
INTERACTIONS: Final = Records(select(*COLUMNS), _c.customer_id, InteractionRow)


@dataclass(frozen=True, slots=True)
class DueCriteria:
    """Which of what is due; every given part must hold."""

    account_manager_id: UUID | None = None
    office_id: UUID | None = None
    due_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueTotal:
    """Counts all that `list_due` has."""

    criteria: DueCriteria


class _Shape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    manager: bool
    office: bool
    before: bool


def _shape(criteria: DueCriteria) -> _Shape:
    values = (criteria.account_manager_id, criteria.office_id, criteria.due_before)
    return _Shape(*(value is not None for value in values))


def _bound(criteria: DueCriteria) -> dict[str, Any]:
    values = {
        "due_of_manager": criteria.account_manager_id,
        "due_of_office": criteria.office_id,
        "due_before": criteria.due_before,
    }
    return {name: value for name, value in values.items() if value is not None}


def _matches(shape: _Shape) -> list[ColumnElement[bool]]:
    """Due, and what was asked for."""
    predicates: list[Any] = [text(IS_DUE)]
    if shape.manager:
        predicates.append(_c.account_manager_id == bindparam("due_of_manager", type_=Uuid()))
    if shape.office:
        predicates.append(_c.office_id == bindparam("due_of_office", type_=Uuid()))
    if shape.before:
        predicates.append(_c.due_at < bindparam("due_before", type_=UTCDateTime()))
    return predicates


def _usable(access: AccessMap) -> tuple[BucketShape, ...]:
    """The buckets whose interactions the viewer sees."""
    return tuple(shape for shape in shapes_of(access) if CustomerField.INTERACTIONS not in shape.withheld)


@lru_cache(maxsize=256)
def _list(dialect: Dialect, buckets: tuple[BucketShape, ...], shape: _Shape, page: keyset.PageShape) -> Select[Any]:
    order = keyset.order_of(page)

    def build(predicates: Sequence[ColumnElement[bool]]) -> Select[Any]:
        statement = select(*COLUMNS, _c.office_id).where(*_matches(shape), *predicates)
        return keyset.within(statement, page, _c.due_at, _c.id)

    if shape.manager:  # one book is a seek of its own, and hardly longer than what the viewer sees of it
        visible = build([is_visible(dialect, buckets, _c)])
        return visible.order_by(*order(visible.selected_columns)).limit(bindparam("page_rows"))
    builds = [lambda bucket, predicates: build(predicates)]
    return merged(dialect, buckets, builds, order, "page_rows", Seeks.BY_OFFICE, of=_c)


async def list_due(
    database: Database, access: AccessMap, criteria: DueCriteria, page: PageRequest
) -> Page[Edge[InteractionRow]]:
    """One page of what is due and matches, of customers whose interactions the viewer sees."""
    buckets, total = _usable(access), DueTotal(criteria)
    if not buckets:
        return keyset.to_page(page, [], total)
    statement = _list(database.dialect, buckets, _shape(criteria), keyset.shape_of(page))
    bound = {**keyset.parameters(page), **_bound(criteria), **parameters(access)}
    rows = await database.rows(statement, bound)
    return keyset.to_page(page, [keyset.edge(InteractionRow(*row[:-1]), page.sort) for row in rows], total)


@lru_cache(maxsize=256)
def _count(dialect: Dialect, buckets: tuple[BucketShape, ...], shape: _Shape) -> Select[Any]:
    counts = [
        select(func.count().label("n"))
        .select_from(interactions)
        .where(*in_bucket(dialect, bucket, _c), *_matches(shape))
        for bucket in buckets
    ]
    return select(func.sum(union_all(*counts).subquery().c.n).cast(BigInteger))


async def count_due(database: Database, access: AccessMap, total: DueTotal) -> int:
    """How many `list_due` has in all."""
    buckets = _usable(access)
    if not buckets:
        return 0
    statement = _count(database.dialect, buckets, _shape(total.criteria))
    rows = await database.rows(statement, {**_bound(total.criteria), **parameters(access)})
    return int(rows[0][0])
