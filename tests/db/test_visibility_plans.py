"""A list reads little more than the page that it answers with: what PostgreSQL does for it, among 20,000 customers.

Times depend on the machine; the rows that a plan reads and throws away do not.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bench.explaining import Explained, explained
from gql.db.engine import Database
from gql.db.models import Admin, Customer, Office
from gql.db.queries.customer_lists import list_customers
from gql.db.queries.customer_relevance import MOST_SIMILAR, search_by_relevance
from gql.db.queries.interactions import DueCriteria, list_due
from gql.domain.back_office import CustomerTier
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
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES
from tests.databases import fresh_database
from tests.factories import World

PAGE = 25
FEW = 200
"""The most rows that a page may read in vain."""
FEW_DUE = 400
"""The same where one manager's book is read for what the viewer sees of it: no book is larger."""

HEAD, REGION, NEW_BRANCH = "Head", "Region 0", "Branch 0 of region 0"
MIDDLE = {
    CustomerOrderField.NAME: Position("Customer 8", UUID(int=0)),
    CustomerOrderField.CREATED_AT: Position(datetime(2026, 1, 3, 18, 46, 40, tzinfo=UTC), UUID(int=0)),
}

_CUSTOMERS = """
    INSERT INTO customers (id, number, kind, name, search_name, search_name_reversed, email, phone, status,
                           status_changed_at, office_id, account_manager_id, version, created_at, updated_at,
                           oldest_unpaid_due_on, tier)
    SELECT gen_random_uuid(), 'C' || i, 'PERSON', first || ' ' || last, lower(first || ' ' || last),
           lower(last || ' ' || first), 'customer' || i || '@customers.example', '+234803' || lpad(i::text, 7, '0'),
           CASE WHEN i % 10 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END, moment, office,
           CASE WHEN office = :new_branch AND i % 100 < 98 OR i % 5 < 2 THEN NULL ELSE manager END, 1, moment,
           moment + i % 7 * INTERVAL '1 hour', CASE WHEN i % 2 = 0 THEN CURRENT_DATE + 15 - i % 120 END,
           CASE WHEN i % 50 = 0 THEN 'GOLD' WHEN i % 3 = 0 THEN 'BRONZE' END
    FROM (SELECT i, CAST(:offices AS uuid[]) AS offices, CAST(:managers AS uuid[]) AS managers,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' + i * INTERVAL '24 seconds' AS moment
          FROM generate_series(1, 20000) AS i) AS numbers,
         LATERAL (SELECT offices[1 + (i / 7) % cardinality(offices)] AS office,
                         managers[1 + (i / 3) % cardinality(managers)] AS manager,
                         CASE WHEN i % 20 = 0 THEN 'Amaka' ELSE 'Customer' END AS first,
                         CASE WHEN i % 20 = 0 THEN 'Oyelaran' ELSE md5(i::text) END AS last) AS places
"""
_INTERACTIONS = """
    INSERT INTO interactions (id, customer_id, office_id, account_manager_id, kind, direction, summary, occurred_at,
                              logged_at, next_step, due_at, done_at, next_step_outcome)
    SELECT gen_random_uuid(), id, office_id, account_manager_id, 'CALL', 'OUTBOUND', 'Called.', created_at, created_at,
           'Call.', moment, done_at, CASE WHEN done_at IS NULL THEN NULL ELSE 'Done.' END
    FROM customers, LATERAL (SELECT created_at + INTERVAL '9 days' AS moment) AS due,
         LATERAL (VALUES (moment), (NULL)) AS either(done_at)
    WHERE done_at IS NULL OR number LIKE '%0'
"""
_BOOK_OF_TEN = """
    UPDATE customers SET account_manager_id = :viewer
    WHERE id IN (SELECT id FROM customers WHERE office_id = :office ORDER BY md5(number) LIMIT 10)
"""
_TAGGED = "INSERT INTO customer_tags (customer_id, tag) SELECT id, 'vip' FROM customers WHERE right(number, 3) = '555'"
_MEMBERS = """
    INSERT INTO memberships (id, group_id, customer_id, since)
    SELECT gen_random_uuid(), :group, id, created_at FROM customers WHERE right(number, 3) = '777'
"""


@dataclass(frozen=True)
class Lender:
    """Sixteen offices in three levels, forty managers, and a viewer with a book of ten in each viewing office."""

    url: str
    offices: dict[str, UUID]
    subtrees: dict[str, frozenset[UUID]]
    viewer: UUID
    managers: list[UUID]
    group: UUID

    def access(self, roles: str, office: str) -> AccessMap:
        """What the viewer sees with these roles, working in that office."""
        held = [BUILT_IN_ROLES[role] for role in roles.split(" + ")]
        return access_map(self.viewer, self.offices[office], self.subtrees[office], held)


@pytest.fixture(scope="module")
def lender(request: pytest.FixtureRequest) -> Iterator[Lender]:
    """The lender, which these tests only read."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        yield asyncio.run(_build(url))


async def _build(url: str) -> Lender:
    database = Database(url, statement_timeout=0)
    world = World(database)
    head = await world.office(HEAD)
    tree: dict[str, list[Office]] = {}
    for region_number in range(3):
        region = await world.office(f"Region {region_number}", parent=head)
        name = "Branch {} of region " + str(region_number)
        tree[region.name] = [region] + [await world.office(name.format(number), parent=region) for number in range(4)]
    offices = [head, *(office for region in tree.values() for office in region)]
    managers: list[Admin] = [await world.admin(office=offices[number % len(offices)]) for number in range(40)]
    viewer = await world.admin(office=head)
    group = await world.group()
    ids = {office.name: office.id for office in offices}
    async with database.begin() as session:
        values = {"offices": list(ids.values()), "managers": [m.id for m in managers], "new_branch": ids[NEW_BRANCH]}
        await session.execute(text(_CUSTOMERS), values)
        await session.execute(text(_BOOK_OF_TEN), {"viewer": viewer.id, "office": ids[REGION]})
        await session.execute(text(_MEMBERS), {"group": group.id})
        await session.execute(text(_TAGGED))
        await session.execute(text(_INTERACTIONS))
        await session.execute(text("ANALYZE"))
    await database.close()
    subtrees = {
        HEAD: frozenset(ids.values()),
        REGION: frozenset(office.id for office in tree[REGION]),
        NEW_BRANCH: frozenset({ids[NEW_BRANCH]}),
    }
    return Lender(url, ids, subtrees, viewer.id, [manager.id for manager in managers], group.id)


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
            sort = replace(base, descending=descending)
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


async def test_a_saved_view_is_answered_from_an_index_in_every_order(lender: Lender, database: Database) -> None:
    """Which is a filter, and an order of its own: each with each, for who sees all, some in outline, and a book.

    Some go together, which PostgreSQL doesn't know: GOLD customers are all suspended, and who was created later was
    changed later.
    """
    for role, office in (("super_admin", HEAD), ("collections_officer", HEAD), ("account_manager", REGION)):
        access = lender.access(role, office)
        for name, criteria in _criteria(lender).items():
            for order, sort in CUSTOMER_SORTS.items():
                plan, _ = await _plan(database, access, criteria, PageRequest(PAGE, sort))
                in_vain = plan.in_vain if plan is not None else 0
                assert in_vain <= SOUGHT_IN_VAIN, (role, name, order, in_vain)


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
        for sort in CUSTOMER_SORTS.values():
            first, _ = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort))
            far_place: Position | None = None
            for _ in range(30):
                request = PageRequest(100, sort, after=far_place)
                far_place = (await list_customers(database, access, CustomerCriteria(), request)).edges[-1].position
            far, rows = await _plan(database, access, CustomerCriteria(), PageRequest(PAGE, sort, after=far_place))
            assert first is not None
            assert far is not None
            assert rows == PAGE
            assert far.pages <= 2 * first.pages + 40, (role, sort, first.pages, far.pages)


async def test_a_far_page_of_a_filtered_list_costs_what_its_first_one_costs(lender: Lender, database: Database) -> None:
    """For each filter that lets enough customers through for a far page, forwards."""
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
                assert far.pages <= 2 * first.pages + 60, (role, name, rows, first.pages, far.pages)
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
