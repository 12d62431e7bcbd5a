"""The SQL of lists is the same rule as the policy: whatever the world and the roles, it has whom the policy shows."""

import functools
import itertools
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from gql.db.engine import Database
from gql.db.queries import customer_lists, customers, memberships
from gql.domain.back_office import CustomerTier
from gql.domain.listing import BY_NAME, BY_SINCE, CUSTOMER_SORTS, CustomerCriteria
from gql.domain.paging import Page, PageRequest, Sort
from gql.domain.policies import AccessMap
from gql.domain.roles import CustomerField
from gql.domain.time import today
from tests.db.visibility_cases import Case, Stage, cases
from tests.examples import examples

ReadPage = Callable[[PageRequest], Awaitable[Page[Any]]]

# All examples of a test share its database: each puts its customers in the place of those before. Making a failing
# example smaller would take minutes of statements.
_examples = functools.partial(
    settings,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
async def stage(database: Database) -> Stage:
    """The offices and managers of a test."""
    return await Stage.build(database)


_TOLD_BY = {
    "created_at": CustomerField.CREATED_AT,
    "updated_at": CustomerField.UPDATED_AT,
    "email": CustomerField.EMAIL,
    "phone": CustomerField.PHONE,
    "days_past_due": CustomerField.ARREARS,
    "tier": CustomerField.BACK_OFFICE,
}
"""What an order tells of customers, who are left out of it where that is withheld."""


def _listed(row: dict[str, Any], criteria: CustomerCriteria, sort: Sort, access: AccessMap) -> bool:
    seen = access.to(row["id"], row["account_manager_id"], row["office_id"])
    withheld = _TOLD_BY.get(sort.name)
    sortable = withheld is None or seen.shows(withheld)
    return seen.is_visible and sortable and _matches(row, criteria, seen.shows)


def _matches(row: dict[str, Any], criteria: CustomerCriteria, shows: Callable[[CustomerField], bool]) -> bool:
    """The filters as the design words them: what is withheld matches nothing, but for a look-up."""
    search = criteria.search
    if search is not None:
        by_email = row["email"] == search.email and (search.lookup or shows(CustomerField.EMAIL))
        by_phone = row["phone"] == search.phone and (search.lookup or shows(CustomerField.PHONE))
        by_name = search.name_prefix is not None and row["search_name"].startswith(search.name_prefix)
        if not (by_email or by_phone or by_name):
            return False
    if criteria.tiers is not None and not (row["tier"] in criteria.tiers and shows(CustomerField.BACK_OFFICE)):
        return False
    least, most = criteria.days_past_due_min, criteria.days_past_due_max
    if (least, most) != (None, None):
        within = (least or 0) <= _days(row) <= (most if most is not None else 99)
        if not (within and shows(CustomerField.ARREARS)):
            return False
    return (
        (criteria.statuses is None or row["status"] in criteria.statuses)
        and criteria.office_id in (None, row["office_id"])
        and criteria.account_manager_id in (None, row["account_manager_id"])
        and criteria.has_account_manager in (None, row["account_manager_id"] is not None)
        and (criteria.group_id is None or (row["membership"] is not None and shows(CustomerField.GROUPS)))
    )


def _days(row: dict[str, Any]) -> int:
    """Past due, as the design words it: who owes nothing that is overdue has 0."""
    due = row["oldest_unpaid_due_on"]
    return 0 if due is None else max((today() - due).days, 0)


async def _both_ways(read: ReadPage, sort: Sort, sizes: list[int]) -> list[UUID]:
    """The IDs of a whole list, read by pages of these sizes over and over; backwards it must be the same."""
    forwards = await _read_through(read, sort, sizes, backward=False)
    assert await _read_through(read, sort, sizes, backward=True) == forwards
    return forwards


async def _read_through(read: ReadPage, sort: Sort, sizes: list[int], *, backward: bool) -> list[UUID]:
    found: list[UUID] = []
    request = PageRequest(sizes[0], sort, backward)
    for turn in range(1, 1000):
        page = await read(request)
        ids = [edge.node.id for edge in page.edges]
        found = ids + found if backward else found + ids
        if not (page.has_previous_page if backward else page.has_next_page):
            return found
        place = page.edges[0 if backward else -1].position
        size = sizes[turn % len(sizes)]
        request = PageRequest(size, sort, backward, before=place) if backward else PageRequest(size, sort, after=place)
    pytest.fail("the list has no end")


@_examples(max_examples=examples(10))
@given(case=cases)
async def test_lists_and_counts_have_whom_the_policy_shows_each_once(case: Case, stage: Stage) -> None:
    """Sorted and filtered, by pages of any size, in both directions."""
    database = stage.database
    rows, access = await stage.put(case), stage.access(case)
    by_group, drawn = case.wanted
    orders = list(CUSTOMER_SORTS.values())
    for wanted, base in (*itertools.product([by_group], orders[:2]), *itertools.product([drawn], orders)):
        criteria, sort = stage.criteria(wanted), base._replace(descending=case.descending)
        expected = _in_order([row for row in rows if _listed(row, criteria, sort, access)], sort, stage)
        read = functools.partial(customer_lists.list_customers, database, access, criteria)
        assert await _both_ways(read, sort, case.sizes) == [row["id"] for row in expected], (sort, wanted)
        total = customer_lists.CustomersTotal(criteria, sort.name)
        assert await customer_lists.count_customers(database, access, total) == len(expected)


@_examples(max_examples=examples(8))
@given(case=cases)
async def test_books_and_members_have_whom_the_policy_shows_each_once(case: Case, stage: Stage) -> None:
    """Of each manager and of the group; counts too, and nobody in the lists of others."""
    database = stage.database
    rows, access = await stage.put(case), stage.access(case)
    visible = [row for row in rows if access.to(row["id"], row["account_manager_id"], row["office_id"]).is_visible]

    books = [[row for row in visible if row["account_manager_id"] == manager] for manager in stage.managers]
    for number, book in enumerate(books):

        async def read(request: PageRequest, number: int = number) -> Page[Any]:
            return (await customers.books(database, access, stage.managers, request))[number]

        book.sort(key=_by(BY_NAME))
        assert await _both_ways(read, BY_NAME, case.sizes) == [row["id"] for row in book]
    totals = [customers.BookTotal(manager) for manager in stage.managers]
    assert await customers.count_books(database, access, totals) == [len(book) for book in books]

    async def members(request: PageRequest) -> Page[Any]:
        [page] = await memberships.members(database, access, [stage.group], request)
        return page

    joined = [row for row in visible if row["membership"] is not None]
    joined.sort(key=lambda row: (row["membership"]["since"], row["membership"]["id"]), reverse=True)
    assert await _both_ways(members, BY_SINCE, case.sizes) == [row["id"] for row in joined]
    assert await memberships.count_members(database, access, [memberships.MembersTotal(stage.group)]) == [len(joined)]


def _in_order(rows: list[dict[str, Any]], sort: Sort, stage: Stage) -> list[dict[str, Any]]:
    """As the descriptions of the orders say."""
    keys: dict[str, Callable[[dict[str, Any]], Any]] = {
        "office_name": lambda row: stage.names[row["office_id"]],
        "account_manager": lambda row: stage.names.get(row["account_manager_id"]),
        "tier": lambda row: None if row["tier"] is None else list(CustomerTier).index(row["tier"]),
    }
    key, downwards = keys.get(sort.name), sort.descending
    if sort.name == "days_past_due":
        # The longest overdue first and by name within a day, or that from its end.
        return sorted(rows, key=lambda row: (_overdue_since(row), row["name"], row["id"]), reverse=not downwards)
    if key is None:
        return sorted(rows, key=_by(sort), reverse=downwards)
    known = [row for row in rows if key(row) is not None]
    known.sort(key=lambda row: (key(row), row["name"], row["id"]), reverse=downwards)
    unknown = sorted((row for row in rows if key(row) is None), key=_by(BY_NAME), reverse=downwards)
    return known + unknown


def _overdue_since(row: dict[str, Any]) -> date:
    """The day on which what is overdue was due; today for who owes nothing that is."""
    return today() - timedelta(days=_days(row))


def _by(sort: Sort) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """The key of an order: text by code point, ties by a second key where it has one, and by ID."""
    keys = [name for name in (sort.name, sort.then, "id") if name is not None]
    return lambda row: tuple(row[name] for name in keys)
