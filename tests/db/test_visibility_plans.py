"""A list reads little more than the page that it answers with: what PostgreSQL does for it, among 20,000 customers.

Times depend on the machine; the rows that a plan reads and throws away do not.
"""

import asyncio
import functools
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from bench.explaining import Explained, explained
from gql.db.engine import Database
from gql.db.models import Admin, Customer
from gql.db.queries.customer_lists import list_customers
from gql.db.queries.customer_relevance import MOST_SIMILAR, search_by_relevance
from gql.db.queries.interactions import DueCriteria, list_due
from gql.domain.back_office import CustomerTier
from gql.domain.covers import Covers
from gql.domain.enums import CustomerStatus
from gql.domain.listing import (
    BY_DUE_AT,
    BY_RELEVANCE,
    CUSTOMER_SORTS,
    CustomerCriteria,
    CustomerOrderField,
    CustomerSearch,
)
from gql.domain.paging import PageRequest, Position
from gql.domain.policies import AccessMap
from gql.domain.roles import BUILT_IN_ROLES
from gql.domain.time import today
from tests.databases import fresh_database
from tests.db.large_lender import HEAD, NEW_BRANCH, REGION, Lender, build

PAGE = 25
FEW = 200
"""The most rows that a page may read in vain."""
FEW_DUE = 400
"""The same where one manager's book is read for what the viewer sees of it: no book is larger."""

MIDDLE = {
    CustomerOrderField.NAME: Position("Customer 8", UUID(int=0)),
    CustomerOrderField.CREATED_AT: Position(datetime(2026, 1, 3, 18, 46, 40, tzinfo=UTC), UUID(int=0)),
}


@pytest.fixture(scope="module")
def lender(request: pytest.FixtureRequest) -> Iterator[Lender]:
    """The lender, which these tests only read."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        yield asyncio.run(build(url))


@pytest.fixture
async def database(lender: Lender) -> AsyncIterator[Database]:
    """That lender's database."""
    opened = Database(lender.url)
    yield opened
    await opened.close()


async def _plan(
    database: Database, access: AccessMap, criteria: CustomerCriteria, request: PageRequest
) -> tuple[Explained | None, int]:
    """What PostgreSQL does for the very statement that lists customers; and how many rows it gave."""
    ask = search_by_relevance if request.sort is BY_RELEVANCE else list_customers
    found, page = await explained(database, lambda: ask(database, access, criteria, request))
    assert not any(one.walks_through("customers") for one in found)
    costly = max(found, key=lambda one: one.in_vain, default=None)
    return costly, len(page.edges)


async def test_the_lender_is_large_and_the_book_small(lender: Lender, database: Database) -> None:
    """Or the bounds below would bound nothing."""
    c = Customer.__table__.c
    rows = await database.rows(select(c.office_id, c.account_manager_id))
    assert len(rows) == 20_000
    assert sum(row.account_manager_id == lender.viewer for row in rows) == 10
    of_new_branch = [row.account_manager_id for row in rows if row.office_id == lender.offices[NEW_BRANCH]]
    assert 0 < sum(manager is not None for manager in of_new_branch) < len(of_new_branch) / 20


@pytest.mark.parametrize("office", [HEAD, REGION, NEW_BRANCH])
@pytest.mark.parametrize(
    "roles",
    [
        *BUILT_IN_ROLES,
        "account_manager + collections_officer",
        "portfolio_manager + auditor",
        "team_member + auditor",
        "collections_officer + auditor",
    ],
)
async def test_a_page_of_customers_is_a_few_seeks(roles: str, office: str, lender: Lender, database: Database) -> None:
    """Each office of each bucket gives at most a page; page 1 and one in the middle, either way, in every order."""
    access = lender.access(roles, office)
    seeks = sum(len(bucket.offices or lender.offices) for bucket in access.buckets)
    for order_field in (CustomerOrderField.NAME, CustomerOrderField.CREATED_AT):
        base = CUSTOMER_SORTS[order_field]
        for descending in (False, True):
            sort = base._replace(descending=descending)
            for after in (None, MIDDLE[order_field]):
                plan, rows = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort, after=after))
                if plan is not None:
                    assert plan.in_vain <= FEW, (sort, after, rows)
                    assert plan.read_of("customers") <= seeks * (PAGE + 1), (sort, after, rows)


def _criteria(lender: Lender) -> dict[str, CustomerCriteria]:
    """One of each filter, with the bounds that differ much in how many they let through, and the searches."""
    begin = datetime(2026, 1, 2, tzinfo=UTC)
    return {
        "a status that few have": CustomerCriteria(statuses=frozenset({CustomerStatus.BLACKLISTED})),
        "statuses that many have": CustomerCriteria(
            statuses=frozenset({CustomerStatus.ACTIVE, CustomerStatus.PENDING})
        ),
        "an office": CustomerCriteria(office_id=lender.offices[REGION]),
        "an office and beneath": CustomerCriteria(office_id=lender.offices[REGION], include_subtree=True),
        "an account manager": CustomerCriteria(account_manager_id=lender.managers[0]),
        "the viewer's own": CustomerCriteria(account_manager_id=lender.viewer),
        "nobody's": CustomerCriteria(has_account_manager=False),
        "somebody's": CustomerCriteria(has_account_manager=True),
        "a tier": CustomerCriteria(tiers=frozenset({CustomerTier.GOLD, CustomerTier.PLATINUM})),
        "a tag": CustomerCriteria(tag="vip"),
        "a small group": CustomerCriteria(group_id=lender.group),
        "created in a minute": CustomerCriteria(created_from=begin, created_before=begin + timedelta(minutes=1)),
        "created in three days": CustomerCriteria(created_from=begin, created_before=begin + timedelta(days=3)),
        "long past due": CustomerCriteria(days_past_due_min=95),
        "past due": CustomerCriteria(days_past_due_min=1, days_past_due_max=30),
        "not past due": CustomerCriteria(days_past_due_max=0),
        "a whole number": CustomerCriteria(search=CustomerSearch(number="C777")),
        "a whole email": CustomerCriteria(search=CustomerSearch(email="customer777@customers.example", lookup=True)),
        "a name that some have": CustomerCriteria(search=CustomerSearch(name_prefix="customer ab")),
        "a name that all have": CustomerCriteria(search=CustomerSearch(name_prefix="customer")),
    }


NAMESAKES = 1_000
"""Those called Amaka Oyelaran."""
SOUGHT_IN_VAIN = 2_000
"""The most rows that a filtered page may throw away, of 20,000: where many of an office's customers are nobody's, the
few others are found among them."""


@pytest.mark.parametrize(
    ("office", "roles"), [(HEAD, tuple(BUILT_IN_ROLES)), (NEW_BRANCH, ("account_manager", "team_member"))]
)
async def test_every_filter_search_and_order_is_answered_from_an_index(
    office: str, roles: tuple[str, ...], lender: Lender, database: Database
) -> None:
    """For every role; no walk through all customers, and no walk through most of an index."""
    for role in roles:
        access = lender.access(role, office)
        for name, criteria in _criteria(lender).items():
            orders = [CUSTOMER_SORTS[CustomerOrderField.NAME]]
            if criteria.search is not None and criteria.search.is_of_a_name:
                orders.append(BY_RELEVANCE)
            for sort in orders:
                plan, _ = await _plan(database, access, criteria, PageRequest(PAGE, sort))
                in_vain = plan.in_vain if plan is not None else 0
                assert in_vain <= SOUGHT_IN_VAIN, (role, name, sort, in_vain)
        for sort in CUSTOMER_SORTS.values():
            plan, _ = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort))
            in_vain = plan.in_vain if plan is not None else 0
            assert in_vain <= SOUGHT_IN_VAIN, (role, sort, in_vain)


OTHER_ORDERS = (
    CustomerOrderField.EMAIL,
    CustomerOrderField.PHONE,
    CustomerOrderField.OFFICE,
    CustomerOrderField.ACCOUNT_MANAGER,
    CustomerOrderField.DAYS_PAST_DUE,
    CustomerOrderField.TIER,
)


async def test_a_saved_view_is_answered_from_an_index_in_every_order(lender: Lender, database: Database) -> None:
    """Which is a filter, and an order of its own: each with each, for who sees all, some in outline, and a book.

    Some go together, which PostgreSQL doesn't know: GOLD customers are all suspended, and who was created later was
    changed later.
    """
    for role, office in (("super_admin", HEAD), ("collections_officer", HEAD), ("account_manager", REGION)):
        access = lender.access(role, office)
        for name, criteria in _criteria(lender).items():
            for order, sort in CUSTOMER_SORTS.items():
                if order in OTHER_ORDERS:
                    continue
                plan, _ = await _plan(database, access, criteria, PageRequest(PAGE, sort))
                in_vain = plan.in_vain if plan is not None else 0
                assert in_vain <= SOUGHT_IN_VAIN, (role, name, order, in_vain)


MANAGED_PAIRS = 16 * 41
"""Offices and account managers: who has whose customers is read before an order by account manager."""
WALKED_IN_VAIN = 4_000
"""The most rows that a filtered page in such an order may throw away, of 20,000, where PostgreSQL thinks that quicker
than to sort what passes."""


async def test_orders_by_all_that_a_console_shows_are_a_few_seeks(lender: Lender, database: Database) -> None:
    """For every role: the first page, either way, and the last one."""
    viewers = [(roles, REGION) for roles in (*BUILT_IN_ROLES, "portfolio_manager + auditor")]
    for roles, office in (*viewers, ("account_manager", NEW_BRANCH), ("team_member", NEW_BRANCH)):
        access = lender.access(roles, office)
        seeks = sum(len(bucket.offices or lender.offices) for bucket in access.buckets)
        by_seeks = 2 * seeks * (PAGE + 1) + MANAGED_PAIRS
        ways = ((False, False), (True, False), (False, True))
        for order_field, (descending, backward) in itertools.product(OTHER_ORDERS, ways):
            sort = CUSTOMER_SORTS[order_field]._replace(descending=descending)
            request = PageRequest(PAGE, sort, backward)
            listed = functools.partial(list_customers, database, access, CustomerCriteria(), request)
            found, _ = await explained(database, listed)
            for plan in found:
                asked = (roles, office, order_field, descending, backward)
                assert not plan.walks_through("customers"), asked
                assert plan.in_vain <= SOUGHT_IN_VAIN, (asked, plan.in_vain)
                bound = 4 * (PAGE + 1) * len(access.buckets) if order_field is CustomerOrderField.OFFICE else by_seeks
                assert plan.read_of("customers") <= bound, (asked, plan.read_of("customers"), bound)


async def test_such_an_order_goes_with_every_filter_and_search(lender: Lender, database: Database) -> None:
    """Without a walk through all customers, or through most of an index: each for one of three viewers, in turn."""
    viewers = (("super_admin", HEAD), ("portfolio_manager", REGION), ("team_member", NEW_BRANCH))
    turns = itertools.product(_criteria(lender).items(), OTHER_ORDERS)
    for turn, ((name, criteria), order_field) in enumerate(turns):
        role, office = viewers[(turn + turn // 6) % 3]
        request = PageRequest(PAGE, CUSTOMER_SORTS[order_field]._replace(descending=turn % 2 == 1))
        plan, _ = await _plan(database, lender.access(role, office), criteria, request)
        in_vain = plan.in_vain if plan is not None else 0
        assert in_vain <= WALKED_IN_VAIN, (role, name, order_field, in_vain)


async def test_a_day_on_which_many_were_due_is_not_read_as_a_whole(lender: Lender, database: Database) -> None:
    """A quarter of all customers has been overdue since one day, as where salaries come on one day of the month."""
    middle = Position(f"0{today() - timedelta(days=40)}", UUID(int=0), "Customer 8")
    for role, office in (("super_admin", HEAD), ("portfolio_manager", REGION)):
        access = lender.access(role, office)
        for descending in (False, True):
            sort = CUSTOMER_SORTS[CustomerOrderField.DAYS_PAST_DUE]._replace(descending=descending)
            plan, rows = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort, after=middle))
            assert plan is not None
            assert rows == PAGE
            assert plan.in_vain <= FEW, (role, descending)
            assert plan.read_of("customers") <= len(lender.subtrees[office]) * (PAGE + 1), (role, descending)


async def test_similar_names_are_found_among_names_and_then_sought(lender: Lender, database: Database) -> None:
    """Who has a name is looked at once, and nobody but them; in a book, its own names are compared."""
    criteria = CustomerCriteria(search=CustomerSearch(name_prefix="amkaa oyelaran"))
    for role in BUILT_IN_ROLES:
        access = lender.access(role, HEAD)
        plan, rows = await _plan(database, access, criteria, PageRequest(PAGE, BY_RELEVANCE))
        assert plan is not None
        assert rows, role
        assert plan.in_vain <= FEW + MOST_SIMILAR, (role, plan.in_vain)
        assert plan.read_of("customers") <= NAMESAKES + MOST_SIMILAR * len(access.buckets), (
            role,
            plan.read_of("customers"),
        )


async def test_a_far_page_costs_what_the_first_one_costs(lender: Lender, database: Database) -> None:
    """By what PostgreSQL looks at, in each order, for who sees all of 20,000 and for who sees a subtree."""
    for role, office in (("super_admin", HEAD), ("portfolio_manager", REGION)):
        access = lender.access(role, office)
        for base, descending in itertools.product(CUSTOMER_SORTS.values(), (False, True)):
            sort = base._replace(descending=descending)
            first, _ = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort))
            far_place: Position | None = None
            for _ in range(10):
                request = PageRequest(100, sort, after=far_place)
                far_place = (await list_customers(database, access, CustomerCriteria(), request)).edges[-1].position
            far, rows = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort, after=far_place))
            assert first is not None
            assert far is not None
            assert rows == PAGE
            assert far.pages <= 2 * first.pages + 40, (role, sort, first.pages, far.pages)


async def test_a_far_page_of_a_filtered_list_costs_what_its_first_one_costs(lender: Lender, database: Database) -> None:
    """For each filter that lets enough customers through for a far page, forwards.

    Who passes is not spread evenly among the names, hence three times: reading on from the start would be 33 times.
    """
    filters = _criteria(lender) | {"a tier that many have": CustomerCriteria(tiers=frozenset({CustomerTier.BRONZE}))}
    sort, far_ones = CUSTOMER_SORTS[CustomerOrderField.NAME], set()
    for role, office in (("super_admin", HEAD), ("portfolio_manager", REGION)):
        access = lender.access(role, office)
        for name, criteria in filters.items():
            first, _ = await _plan(database, access, criteria, PageRequest(PAGE, sort))
            place: Position | None = None
            for _ in range(8):
                edges = (await list_customers(database, access, criteria, PageRequest(100, sort, after=place))).edges
                place = edges[-1].position if edges else None
                if len(edges) < 100:
                    break
            else:
                far, rows = await _plan(database, access, criteria, PageRequest(PAGE, sort, after=place))
                assert first is not None
                assert far is not None
                far_ones.add((role, name))
                assert far.pages <= 3 * first.pages + 60, (role, name, rows, first.pages, far.pages)
    assert len(far_ones) >= 12, far_ones


@pytest.mark.parametrize("office", [REGION, NEW_BRANCH])
async def test_what_is_due_is_a_few_seeks(office: str, lender: Lender, database: Database) -> None:
    """For every role, with every filter; page 1 and one in the middle, either way."""
    noon = datetime(2026, 1, 12, 12, tzinfo=UTC)
    middle = Position(noon, UUID(int=0))
    manager = (await database.rows(select(Admin.id).where(Admin.id != lender.viewer).limit(1)))[0].id
    filters = {
        "everything": DueCriteria(),
        "mine": DueCriteria(account_manager_id=lender.viewer),
        "somebody's": DueCriteria(account_manager_id=manager),
        "an office's": DueCriteria(office_id=lender.offices[REGION]),
        "soon": DueCriteria(due_before=noon),
    }
    for roles in BUILT_IN_ROLES:
        access = lender.access(roles, office)
        seeks = sum(len(bucket.offices or lender.offices) for bucket in access.buckets)
        for name, criteria in filters.items():
            listed = functools.partial(list_due, database, access, criteria)
            for backward, after in ((False, None), (False, middle), (True, None)):
                request = PageRequest(PAGE, BY_DUE_AT, backward=backward, after=after)
                found, _ = await explained(database, functools.partial(listed, request))
                for plan in found:
                    assert not plan.walks_through("interactions"), (roles, name, request)
                    assert plan.in_vain <= FEW_DUE, (roles, name, request)
                    assert plan.read_of("interactions") <= seeks * (PAGE + 1) + FEW_DUE, (roles, name, request)


BOOKS_IN_VAIN = 1_500
"""The most rows that a page may throw away where two books of 500 are covered: in other orders they are read whole."""


async def test_covers_add_a_seek_for_each_book_and_one_for_all_who_are_opened(
    lender: Lender, database: Database
) -> None:
    """In every order, for roles that see nobody else of a book, or an outline; nothing walks through everybody."""
    rows = await database.rows(select(Customer.id).order_by(Customer.number).limit(3))
    covers = Covers(
        books=tuple((manager, UUID(int=number)) for number, manager in enumerate(lender.managers[:2])),
        opened=tuple((row.id, UUID(int=9)) for row in rows),
    )
    for roles, office in (("account_manager", REGION), ("collections_officer", HEAD), ("team_member", NEW_BRANCH)):
        access = lender.access(roles, office, covers)
        for order, sort in CUSTOMER_SORTS.items():
            plan, _ = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort))
            in_vain = plan.in_vain if plan is not None else 0
            assert in_vain <= BOOKS_IN_VAIN, (roles, order, in_vain)
            if order is CustomerOrderField.NAME:
                assert in_vain <= FEW, (roles, in_vain)
