"""Which customers a viewer sees, as SQL: `domain/policies.py` in terms of rows.

One OR over a viewer's offices and book makes the database walk an index and throw most rows away. A viewer's
buckets are disjoint instead, each one a seek in an index that has the list's order, and a list merges their heads.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, Uuid, and_, bindparam, false, or_, select, true, union_all

from gql.db.dialect import Dialect
from gql.db.models import Customer, Office
from gql.domain.buckets import Holder
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField

customers = Customer.__table__
offices = Office.__table__


FEW_OFFICES: Final = 16
_COVERED: Final = "covered_managers"
_OPENED: Final = "opened_customers"


class BucketShape(NamedTuple):
    """All of a bucket that shows in the SQL; `number` tells its bound values from other buckets'."""

    number: int
    holder: Holder
    listed: bool
    excepted: bool
    withheld: frozenset[CustomerField]
    few: int = 0
    """How many offices are listed, where they are so few that each can have a part of its own in the statement."""
    but_covered: bool = False
    """Whether the books that the viewer covers are left out, which are buckets of their own."""
    but_opened: bool = False
    """The same of customers whom the viewer has opened."""

    @property
    def offices(self) -> str:
        """The name under which the offices are bound."""
        return f"offices_{self.number}"

    @property
    def other_offices(self) -> str:
        """The name under which the offices are bound that are left out."""
        return f"except_{self.number}"

    def office(self, place: int) -> str:
        """The name under which one of few offices is bound."""
        return f"office_{self.number}_{place}"

    @property
    def manager(self) -> str:
        """The name under which the account manager is bound whose book it is, where the viewer covers it."""
        return f"covered_{self.number}"

    @property
    def is_book(self) -> bool:
        """Whether all are one account manager's."""
        return self.holder in (Holder.MINE, Holder.COVERED)

    @property
    def is_small(self) -> bool:
        """Whether they are so few that they can be read and then sorted."""
        return self.is_book or self.holder is Holder.OPENED

    @property
    def is_of_offices(self) -> bool:
        """Whether a list seeks it office by office; a book is one seek, and so is what is seen alike everywhere."""
        return self.listed or (self.excepted and not self.is_small)


_BUT_COVERED: Final = frozenset({Holder.NOT_MINE, Holder.OTHERS, Holder.OPENED})
_BUT_OPENED: Final = frozenset({Holder.NOT_MINE, Holder.OTHERS, Holder.NOBODYS})


@lru_cache(maxsize=2048)
def shapes_of(access: AccessMap) -> tuple[BucketShape, ...]:
    """The shapes of a viewer's buckets, numbered."""
    return tuple(
        BucketShape(
            number,
            b.holder,
            listed=b.offices is not None,
            excepted=bool(b.except_offices),
            withheld=b.access.withheld,
            few=len(b.offices) if b.offices is not None and len(b.offices) <= FEW_OFFICES else 0,
            but_covered=bool(access.covered) and b.holder in _BUT_COVERED,
            but_opened=bool(access.opened) and b.holder in _BUT_OPENED,
        )
        for number, b in enumerate(access.buckets)
    )


@lru_cache(maxsize=2048)
def parameters(access: AccessMap) -> Mapping[str, Any]:
    """The bound values of a viewer's buckets."""
    bound: dict[str, Any] = {"viewer_id": access.admin_id}
    for shape, bucket in zip(shapes_of(access), access.buckets, strict=True):
        if bucket.offices is not None:
            bound[shape.offices] = sorted(bucket.offices)
            if shape.few:
                bound |= {shape.office(place): office for place, office in enumerate(sorted(bucket.offices))}
        if bucket.except_offices:
            bound[shape.other_offices] = sorted(bucket.except_offices)
        if bucket.manager is not None:
            bound[shape.manager] = bucket.manager
    if access.covered:
        bound[_COVERED] = sorted(access.covered)
    if access.opened:
        bound[_OPENED] = sorted(access.opened)
    return MappingProxyType(bound)


def _held(dialect: Dialect, shape: BucketShape, of: Any) -> list[ColumnElement[bool]]:
    manager, customer = of.account_manager_id, of.get("customer_id", of.id)
    is_opened = dialect.is_one_of(customer, _OPENED)
    viewer = bindparam("viewer_id", type_=Uuid())
    held: dict[Holder, list[ColumnElement[bool]]] = {
        Holder.ANYBODY: [],
        Holder.MINE: [manager == viewer],
        Holder.NOT_MINE: [manager.is_distinct_from(viewer)],
        Holder.OTHERS: [manager.is_not(None), manager != viewer],
        Holder.NOBODYS: [manager.is_(None)],
        Holder.COVERED: [manager == bindparam(shape.manager, type_=Uuid())],
        Holder.OPENED: [is_opened, manager.is_distinct_from(viewer)],
    }
    predicates = held[shape.holder]
    if shape.but_covered:
        not_covered = ~dialect.is_one_of(manager, _COVERED)
        predicates.append(not_covered if shape.holder is Holder.OTHERS else or_(manager.is_(None), not_covered))
    if shape.but_opened:
        predicates.append(~is_opened)
    return predicates


def in_bucket(dialect: Dialect, shape: BucketShape, of: Any = customers.c) -> list[ColumnElement[bool]]:
    """The predicates of one bucket, all of which must hold.

    `of` are the columns of a table that repeats its customers' `account_manager_id` and `office_id`, and has theirs as
    `customer_id`.
    """
    predicates = _held(dialect, shape, of)
    if shape.listed:
        predicates.append(dialect.is_one_of(of.office_id, shape.offices))
    if shape.excepted:
        predicates.append(~dialect.is_one_of(of.office_id, shape.other_offices))
    return predicates


def is_visible(dialect: Dialect, shapes: Iterable[BucketShape], of: Any = customers.c) -> ColumnElement[bool]:
    """Whether any of the buckets has the customer: for rows that are found by their keys, not for lists."""
    return or_(false(), *(and_(true(), *in_bucket(dialect, shape, of)) for shape in shapes))


Build = Callable[[BucketShape, list[ColumnElement[bool]]], Select[Any]]
OrderBy = Callable[[Any], list[ColumnElement[Any]]]


class Seeks(Enum):
    """How a list gets at the offices of a bucket."""

    UNROLLED = "few offices are a part of the statement each, which the database stops once it has what is asked for"
    BY_OFFICE = "one seek for each office; quicker to plan"
    BY_OFFICE_EVERYWHERE = "the same, where a bucket has all offices, too"
    AT_ONCE = "one predicate for all of them: for filters that let few through, which are sought rather than the order"


def merged(
    dialect: Dialect,
    shapes: Iterable[BucketShape],
    builds: Sequence[Build],
    order: OrderBy,
    limit: str,
    seeks: Seeks,
    only: ColumnElement[bool] | None = None,
    of: Any = customers.c,
) -> Select[Any]:
    """The first rows, in order, of the union of the buckets: one seek per bucket and office, merged.

    Each build makes the unordered select of one bucket, or of a part of it, from the bucket's predicates; the parts
    must be disjoint, and all must select the same columns. `only` says of which offices, of those that are sought one
    by one (`goes_by_office`); elsewhere the builds must. `of` is as for `in_bucket`.
    """
    heads = [
        head
        for shape in shapes
        for build in builds
        for head in _heads_of_bucket(dialect, shape, build, order, limit, seeks, only, of)
    ]
    return first_of(heads, order, limit)


def first_of(heads: Sequence[Select[Any]], order: OrderBy, limit: str) -> Select[Any]:
    """The first rows, in order, of several selects of the first."""
    if len(heads) == 1:
        return heads[0]
    rows = union_all(*(select(*head.subquery().c) for head in heads)).subquery("merged")
    return select(*rows.c).order_by(*order(rows.c)).limit(bindparam(limit))


def goes_by_office(shape: BucketShape, seeks: Seeks) -> bool:
    """Whether the bucket's offices are the keys of one seek each."""
    if seeks is Seeks.BY_OFFICE_EVERYWHERE:
        return not shape.is_small
    if seeks is Seeks.AT_ONCE or shape.few == 1 or (shape.few and seeks is Seeks.UNROLLED):
        return False
    return shape.is_of_offices


def _heads_of_bucket(
    dialect: Dialect,
    shape: BucketShape,
    build: Build,
    order: OrderBy,
    limit: str,
    seeks: Seeks,
    only: ColumnElement[bool] | None,
    of: Any,
) -> list[Select[Any]]:
    if goes_by_office(shape, seeks):
        return [_heads_by_office(dialect, shape, build, order, limit, only, of)]
    if shape.few == 1 or (shape.few and seeks is Seeks.UNROLLED):
        is_of_each = [of.office_id == bindparam(shape.office(n), type_=Uuid()) for n in range(shape.few)]
        return [first(build(shape, [*_held(dialect, shape, of), is_office]), order, limit) for is_office in is_of_each]
    return [first(build(shape, in_bucket(dialect, shape, of)), order, limit)]


def first(rows: Select[Any], order: OrderBy, limit: str) -> Select[Any]:
    """The first rows, in order."""
    return rows.order_by(*order(rows.selected_columns)).limit(bindparam(limit))


def _heads_by_office(
    dialect: Dialect,
    shape: BucketShape,
    build: Build,
    order: OrderBy,
    limit: str,
    only: ColumnElement[bool] | None,
    of: Any,
) -> Select[Any]:
    held = _held(dialect, shape, of)
    keys = None
    if not shape.listed or only is not None:
        keys = select(offices.c.id.label("key"))
        keys = keys.where(dialect.is_one_of(offices.c.id, shape.offices)) if shape.listed else keys
        keys = keys.where(~dialect.is_one_of(offices.c.id, shape.other_offices)) if shape.excepted else keys
        keys = keys.where(only) if only is not None else keys

    def of_office(is_office: ColumnElement[bool], outer: Any) -> Select[Any]:
        statement = build(shape, [*held, is_office])
        if outer is None:
            return statement
        return first(statement.correlate(outer), order, limit)

    rows = dialect.for_each(of.office_id, shape.offices, of_office, order, limit, keys)
    heads = rows.subquery(f"heads_{shape.number}")
    return select(*heads.c).order_by(*order(heads.c)).limit(bindparam(limit))
