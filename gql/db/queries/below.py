"""Lists below parents: the same page for each of many parents, in one statement."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.sql.elements import KeyedColumnElement

from gql.db.dialect import Dialect
from gql.db.engine import AnyRow, Database
from gql.db.queries import keyset
from gql.db.visibility import BucketShape, in_bucket
from gql.domain.paging import Page, PageRequest

PARENTS = "parents"
_position = attrgetter("position")


def pages(
    dialect: Dialect,
    rows: Select[Any],
    parent: KeyedColumnElement[Any],
    page: keyset.PageShape,
    buckets: Sequence[BucketShape] | None = None,
    wanted: Callable[[BucketShape], list[ColumnElement[bool]]] = lambda bucket: [],
) -> Select[Any]:
    """The statement of one page per parent.

    `rows` selects the parent's key, `id` and the sort key, unordered. With `buckets` it reads customers, and each
    bucket is a seek of its own, of those who are `wanted`.
    """
    order = keyset.order_of(page)
    selected = rows.selected_columns
    key, tie = _inner(selected[page.sort]), _inner(selected["id"])

    def of_parent(is_parent: ColumnElement[bool], outer: FromClause | None) -> Select[Any]:
        def part(predicates: list[ColumnElement[bool]], is_small: bool = False) -> Select[Any]:
            statement = keyset.within(rows.where(is_parent, *predicates), page, key, tie)
            if outer is None:
                return statement
            statement = statement.correlate(outer)
            if is_small:
                # A fence: whoever hopes to meet a book's few in the list's order reads all of a large group in vain.
                few = statement.offset(literal_column("0")).subquery()
                statement = select(*few.c)
            return statement.order_by(*order(statement.selected_columns)).limit(bindparam("page_rows"))

        if buckets is None:
            return part([])
        parts = [part([*in_bucket(dialect, bucket), *wanted(bucket)], bucket.is_small) for bucket in buckets]
        if len(parts) == 1:
            return parts[0]
        heads = union_all(*(select(*p.subquery().c) for p in parts)).subquery()
        merged = select(*heads.c)
        return merged if outer is None else merged.order_by(*order(heads.c)).limit(bindparam("page_rows"))

    return dialect.for_each(parent, PARENTS, of_parent, order, "page_rows")


def _inner(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column beneath a label: WHERE can't see labels."""
    return getattr(column, "element", column)


def counts(
    dialect: Dialect,
    rows: Select[Any],
    parent: ColumnElement[Any],
    buckets: Sequence[BucketShape] | None = None,
) -> Select[Any]:
    """The statement that counts the rows of each parent."""
    keys = rows.with_only_columns(parent.label("parent")).where(dialect.is_one_of(parent, PARENTS))
    if buckets is None:
        every = keys.subquery()
    else:
        every = union_all(*(keys.where(*in_bucket(dialect, bucket)) for bucket in buckets)).subquery()
    return select(every.c.parent, func.count()).group_by(every.c.parent)


async def read_pages(
    database: Database,
    statement: Select[Any],
    parents: Sequence[UUID],
    page: PageRequest,
    *,
    edge: Callable[[AnyRow], tuple[UUID, Any]],
    total: Callable[[UUID], Hashable],
    parameters: Mapping[str, Any] | None = None,
) -> list[Page[Any]]:
    """Run a statement of `pages`; `edge` makes the parent's key and the edge of each row. One page per parent."""
    bound = keyset.parameters(page) | {PARENTS: list(parents)} | dict(parameters or {})
    edges: dict[UUID, list[Any]] = {key: [] for key in parents}
    for row in await database.rows(statement, bound):
        key, made = edge(row)
        edges[key].append(made)
    # The statement promises which rows, not the order in which the parents' rows come.
    reverse = page.sort.descending != page.backward
    for listed in edges.values():
        if len(listed) > 1:
            listed.sort(key=_position, reverse=reverse)
    return [keyset.to_page(page, edges[key], total(key)) for key in parents]


async def read_counts(
    database: Database, statement: Select[Any], parents: Sequence[UUID], parameters: Mapping[str, Any] | None = None
) -> list[int]:
    """Run a statement of `counts`; 0 for a parent without rows."""
    rows = await database.rows(statement, {PARENTS: list(parents)} | dict(parameters or {}))
    found = {row[0]: int(row[1]) for row in rows}
    return [found.get(key, 0) for key in parents]
