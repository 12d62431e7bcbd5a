"""Customers by the name of another record: their office's, their account manager's.

Names are not repeated in customers' rows, which a renaming would have to change. A list walks those who have the names
instead, in the names' order, and seeks a page of each one's customers in an index, until the page is full.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, Text, Uuid, bindparam, case, literal, select, tuple_
from sqlalchemy.sql.elements import KeyedColumnElement

from gql.db.dialect import Dialect
from gql.db.models import Admin, Customer, Office
from gql.db.queries import keyset
from gql.db.queries.customer_filters import LAST_CHARACTER
from gql.db.visibility import BucketShape, in_bucket

customers = Customer.__table__
offices = Office.__table__
admins = Admin.__table__

_NO_ID, _LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


class Parent(NamedTuple):
    """Of whose names an order is, and the customers' column that refers to them."""

    table: FromClause
    of_customer: KeyedColumnElement[Any]

    @property
    def id(self) -> ColumnElement[Any]:
        """The key."""
        return self.table.c.id

    @property
    def name(self) -> ColumnElement[Any]:
        """What the order goes by."""
        return self.table.c.name


OFFICE_NAME: Final = "office_name"
MANAGER_NAME: Final = "account_manager_name"
PARENTS: Final[Mapping[str, Parent]] = {
    OFFICE_NAME: Parent(offices, customers.c.office_id),
    MANAGER_NAME: Parent(admins, customers.c.account_manager_id),
}
"""By the key of the order: the name under which rows have it."""

Build = Callable[[FromClause, ColumnElement[Any], list[ColumnElement[bool]]], Select[Any]]


def with_names(parent: Parent) -> FromClause:
    """Customers, each beside whose name the order goes by; those who have none are left out."""
    return customers.join(parent.table, parent.id == parent.of_customer)


def walk(
    dialect: Dialect, bucket: BucketShape, build: Build, page: keyset.PageShape, only: ColumnElement[bool] | None
) -> Select[Any]:
    """Rows of a bucket of others' customers, in no order: the first of each who has a name, from one to the next.

    `build` makes the unordered select from what it selects from, the name, and the predicates. `only` says of which
    offices, as a predicate of an office.
    """
    parent = PARENTS[page.sort]
    by_office = page.sort == OFFICE_NAME
    in_sight = _offices(dialect, bucket, only)
    keys = select(parent.id.label("key"), parent.name.label(page.sort)).where(*_parents_between(parent, page))
    if by_office:
        keys = keys.where(*in_sight)
        held = in_bucket(dialect, bucket._replace(listed=False, excepted=False))
    else:
        held = in_bucket(dialect, bucket)
        if bucket.listed or only is not None:
            # Sorted there, or the database would look up each admin among them, in the order of the names.
            named = parent.name.desc() if page.reverse else parent.name
            keys = keys.where(parent.id.in_(_managers_of(bucket, in_sight))).order_by(named)
    inner = page._replace(sort="name", then=None)

    def of_parent(is_parent: ColumnElement[bool], outer: FromClause | None) -> Select[Any]:
        name = parent.name if outer is None else outer.c[page.sort]
        source = with_names(parent) if outer is None else customers
        statement = build(source, name, [is_parent, *held, *_between(page, name)])
        if outer is None:
            return statement
        ordered = statement.correlate(outer).order_by(*keyset.order_of(inner)(customers.c))
        return ordered.limit(bindparam("page_rows"))

    return dialect.for_each(parent.of_customer, bucket.offices, of_parent, keyset.order_of(inner), "page_rows", keys)


def _offices(dialect: Dialect, bucket: BucketShape, only: ColumnElement[bool] | None) -> list[ColumnElement[bool]]:
    """Of which offices a bucket has customers, as far as it says."""
    of = [dialect.is_one_of(offices.c.id, bucket.offices)] if bucket.listed else []
    of += [~dialect.is_one_of(offices.c.id, bucket.other_offices)] if bucket.excepted else []
    return of if only is None else [*of, only]


def _managers_of(bucket: BucketShape, in_sight: list[ColumnElement[bool]]) -> Select[Any]:
    """The account managers of some offices' customers: one seek for each of an office's, from one to the next."""
    manager, office = customers.c.account_manager_id, customers.c.office_id

    def next_one(*where: ColumnElement[bool]) -> ColumnElement[Any]:
        # Compared with null, too, for SQLite, which takes only that for what the index has.
        found = select(manager).where(manager.is_not(None), *where).order_by(manager).limit(1)
        return found.correlate_except(customers).scalar_subquery()

    first = select(offices.c.id.label("office_id"), next_one(office == offices.c.id).label("manager_id"))
    found = first.where(*in_sight).cte(f"managers_{bucket.number}", recursive=True)
    following = next_one(office == found.c.office_id, manager > found.c.manager_id)
    every = found.union_all(select(found.c.office_id, following).where(found.c.manager_id.is_not(None)))
    return select(every.c.manager_id).where(every.c.manager_id.is_not(None))


def _bounds(page: keyset.PageShape) -> list[tuple[str, bool]]:
    """The page's bounds, and whether what is wanted comes after each in ascending order."""
    both = (("after", page.after, not page.descending), ("before", page.before, page.descending))
    return [(name, beyond) for name, wanted, beyond in both if wanted]


def _parents_between(parent: Parent, page: keyset.PageShape) -> list[ColumnElement[bool]]:
    def at(name: str) -> ColumnElement[Any]:
        return bindparam(f"{name}_key", type_=Text())

    return [parent.name >= at(name) if beyond else parent.name <= at(name) for name, beyond in _bounds(page)]


def _between(page: keyset.PageShape, name: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Whose customers are between the bounds, of a parent who is not outside of them: an index can seek that.

    Of the one whose name is a bound's they begin or end at the bound; of the others they all count.
    """
    found: list[ColumnElement[bool]] = []
    place = tuple_(customers.c.name, customers.c.id)
    for bound, beyond in _bounds(page):
        is_there = name == bindparam(f"{bound}_key", type_=Text())
        all_names, all_ids = ("", _NO_ID) if beyond else (LAST_CHARACTER, _LAST_ID)
        limit = tuple_(
            case((is_there, bindparam(f"{bound}_then", type_=Text())), else_=literal(all_names, Text())),
            case((is_there, bindparam(f"{bound}_id", type_=Uuid())), else_=literal(all_ids, Uuid())),
        )
        found.append(place > limit if beyond else place < limit)
    return found
