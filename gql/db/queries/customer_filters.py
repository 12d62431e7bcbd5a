"""The WHERE of customer lists: filters and searches, with what a viewer's bucket withholds left out of them."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, exists, or_, select

from gql.db.dialect import Dialect
from gql.db.models import Customer, Membership
from gql.db.queries.office_tree import office_and_beneath
from gql.domain.listing import CustomerCriteria
from gql.domain.roles import CustomerField

customers = Customer.__table__
memberships = Membership.__table__

LAST_CHARACTER = "\U0010ffff"
"""Sorts after everything that can follow a prefix."""


class FilterShape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    statuses: bool
    office: bool
    subtree: bool
    manager: bool
    has_manager: bool | None
    group: bool
    search: frozenset[str] | None
    lookup: bool


def filter_shape(criteria: CustomerCriteria) -> FilterShape:
    """The shape of the criteria."""
    search = criteria.search
    meanings = None
    if search is not None:
        meanings = frozenset(
            name for name in ("name_prefix", "number", "email", "phone") if getattr(search, name) is not None
        )
    return FilterShape(
        statuses=criteria.statuses is not None,
        office=criteria.office_id is not None,
        subtree=criteria.include_subtree,
        manager=criteria.account_manager_id is not None,
        has_manager=criteria.has_account_manager,
        group=criteria.group_id is not None,
        search=meanings,
        lookup=search is not None and search.lookup,
    )


def filter_parameters(criteria: CustomerCriteria) -> dict[str, Any]:
    """The bound values of the criteria."""
    bound: dict[str, Any] = {}
    if criteria.statuses is not None:
        bound["statuses"] = sorted(criteria.statuses)
    for name in ("office_id", "account_manager_id", "group_id"):
        if getattr(criteria, name) is not None:
            bound[f"filter_{name}"] = getattr(criteria, name)
    if criteria.search is not None:
        for name in ("number", "email", "phone"):
            if getattr(criteria.search, name) is not None:
                bound[f"search_{name}"] = getattr(criteria.search, name)
        if criteria.search.name_prefix is not None:
            bound["search_from"] = criteria.search.name_prefix
            bound["search_to"] = criteria.search.name_prefix + LAST_CHARACTER
    return bound


def _meanings(shape: FilterShape, withheld: frozenset[CustomerField]) -> frozenset[str]:
    """What the search may mean where these fields are withheld."""
    meanings = shape.search or frozenset()
    if shape.lookup:
        return meanings
    hidden = {field.value for field in (CustomerField.EMAIL, CustomerField.PHONE) if field in withheld}
    return meanings - hidden


def may_match(shape: FilterShape, withheld: frozenset[CustomerField]) -> bool:
    """Whether any row can match where these fields are withheld: filtering by them would tell them."""
    if shape.group and CustomerField.GROUPS in withheld:
        return False
    return shape.search is None or bool(_meanings(shape, withheld))


def matches(dialect: Dialect, shape: FilterShape, withheld: frozenset[CustomerField]) -> list[ColumnElement[bool]]:
    """The predicates, all of which must hold."""
    c = customers.c
    predicates: list[ColumnElement[bool]] = []
    if shape.statuses:
        predicates.append(dialect.is_one_of(c.status, "statuses"))
    if shape.office:
        predicates.append(_in_office(shape.subtree))
    if shape.manager:
        predicates.append(c.account_manager_id == bindparam("filter_account_manager_id", type_=Uuid()))
    if shape.has_manager is not None:
        predicates.append(c.account_manager_id.is_not(None) if shape.has_manager else c.account_manager_id.is_(None))
    if shape.group:
        predicates.append(
            exists(
                select(memberships.c.id).where(
                    memberships.c.group_id == bindparam("filter_group_id", type_=Uuid()),
                    memberships.c.customer_id == c.id,
                    memberships.c.until.is_(None),
                )
            )
        )
    if shape.search is not None:
        predicates.append(or_(*_searched(_meanings(shape, withheld))))
    return predicates


_FILTER_OFFICE = bindparam("filter_office_id", type_=Uuid())
_FILTER_SUBTREE = office_and_beneath(_FILTER_OFFICE, "filter_subtree")


def _in_office(subtree: bool) -> ColumnElement[bool]:
    if subtree:
        return customers.c.office_id.in_(select(_FILTER_SUBTREE.c.id))
    return customers.c.office_id == _FILTER_OFFICE


def prefixed(column: ColumnElement[str], first: str = "search_from", last: str = "search_to") -> ColumnElement[bool]:
    """Whether a key starts with the bound prefix, as a range that an index can seek."""
    return column.between(bindparam(first, type_=Text()), bindparam(last, type_=Text()))


def _searched(meanings: frozenset[str]) -> list[ColumnElement[bool]]:
    c = customers.c
    predicates: list[ColumnElement[bool]] = []
    if "name_prefix" in meanings:
        predicates += [prefixed(c.search_name), prefixed(c.search_name_reversed)]
    for name in ("number", "email", "phone"):
        if name in meanings:
            predicates.append(c[name] == bindparam(f"search_{name}", type_=Text()))
    return predicates
