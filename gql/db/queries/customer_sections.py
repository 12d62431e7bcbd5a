"""The orders of customers that are lists in sections: by account manager, days past due, and tier."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from gql.db.engine import Database
from gql.db.queries.customer_reads import DUE, read
from gql.db.queries.customer_walks import MANAGER_NAME
from gql.db.queries.sections import Section
from gql.domain.back_office import CustomerTier
from gql.domain.listing import CustomerCriteria
from gql.domain.paging import Sort
from gql.domain.policies import AccessMap

_Part = tuple[int, CustomerCriteria | None, Sort]
"""A section's number, who is in it, and their order; None where nobody can be."""


def sections_of(
    database: Database, access: AccessMap, criteria: CustomerCriteria, sort: Sort
) -> Sequence[Section] | None:
    """The sections of a list, from its start on; None for an order that has none."""
    parts_of = _PARTS.get(sort.name)
    if parts_of is None:
        return None
    return [
        Section(number, order, None if of is None else functools.partial(read, database, access, of))
        for number, of, order in parts_of(criteria, sort.descending)
    ]


def _by_tier(criteria: CustomerCriteria, descending: bool) -> list[_Part]:
    by_name = Sort("name", str, descending)
    tiers = [
        (
            number,
            replace(criteria, tiers=frozenset({tier})) if criteria.tiers is None or tier in criteria.tiers else None,
            by_name,
        )
        for number, tier in enumerate(CustomerTier)
    ]
    without = replace(criteria, without_tier=True) if criteria.tiers is None else None
    return [*(reversed(tiers) if descending else tiers), (len(tiers), without, by_name)]


def _by_manager(criteria: CustomerCriteria, descending: bool) -> list[_Part]:
    managed = unmanaged = None
    if criteria.has_account_manager is not False:
        managed = replace(criteria, has_account_manager=True)
    if not criteria.has_account_manager and criteria.account_manager_id is None:
        unmanaged = replace(criteria, has_account_manager=False)
    return [
        (0, managed, Sort(MANAGER_NAME, str, descending, then="name")),
        (1, unmanaged, Sort("name", str, descending)),
    ]


def _by_days(criteria: CustomerCriteria, descending: bool) -> list[_Part]:
    """Who has been overdue for longest has the earliest day; names run with the days."""
    least, most = criteria.days_past_due_min or 0, criteria.days_past_due_max
    overdue = not_overdue = None
    if most != 0:
        overdue = replace(criteria, days_past_due_min=max(least, 1))
    if least == 0:
        not_overdue = replace(criteria, days_past_due_min=None, days_past_due_max=0)
    parts: list[_Part] = [
        (0, overdue, Sort(DUE, date, not descending, then="name")),
        (1, not_overdue, Sort("name", str, not descending)),
    ]
    return parts if descending else parts[::-1]


_PARTS: Final[dict[str, Callable[[CustomerCriteria, bool], list[_Part]]]] = {
    "account_manager": _by_manager,
    "days_past_due": _by_days,
    "tier": _by_tier,
}
