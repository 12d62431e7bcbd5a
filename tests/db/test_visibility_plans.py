"""A list reads little more than the page that it answers with: what PostgreSQL does for it, among 20,000 customers.

Times depend on the machine; the rows that a plan reads and throws away do not.
"""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from gql.db.engine import Database
from gql.db.models import Admin, Customer, Office
from gql.db.queries.customers import list_customers
from gql.db.queries.interactions import DueCriteria, list_due
from gql.domain.listing import BY_DUE_AT, CUSTOMER_SORTS, CustomerCriteria, CustomerOrderField
from gql.domain.paging import Page, PageRequest, Position, Sort
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
                           status_changed_at, office_id, account_manager_id, version, created_at, updated_at)
    SELECT gen_random_uuid(), 'C' || i, 'PERSON', 'Customer ' || md5(i::text), 'customer ' || md5(i::text),
           md5(i::text) || ' customer', 'customer' || i || '@customers.example', '+234803' || lpad(i::text, 7, '0'),
           CASE WHEN i % 10 = 0 THEN 'SUSPENDED' ELSE 'ACTIVE' END, moment, office,
           CASE WHEN office = :new_branch AND i % 100 < 98 OR i % 5 < 2 THEN NULL ELSE manager END, 1, moment, moment
    FROM (SELECT i, CAST(:offices AS uuid[]) AS offices, CAST(:managers AS uuid[]) AS managers,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' + i * INTERVAL '24 seconds' AS moment
          FROM generate_series(1, 20000) AS i) AS numbers,
         LATERAL (SELECT offices[1 + (i / 7) % cardinality(offices)] AS office,
                         managers[1 + (i / 3) % cardinality(managers)] AS manager) AS places
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


@dataclass(frozen=True)
class Lender:
    """Sixteen offices in three levels, forty managers, and a viewer with a book of ten in each viewing office."""

    url: str
    offices: dict[str, UUID]
    subtrees: dict[str, frozenset[UUID]]
    viewer: UUID

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
    ids = {office.name: office.id for office in offices}
    async with database.begin() as session:
        values = {"offices": list(ids.values()), "managers": [m.id for m in managers], "new_branch": ids[NEW_BRANCH]}
        await session.execute(text(_CUSTOMERS), values)
        await session.execute(text(_BOOK_OF_TEN), {"viewer": viewer.id, "office": ids[REGION]})
        await session.execute(text(_INTERACTIONS))
        await session.execute(text("ANALYZE"))
    await database.close()
    subtrees = {
        HEAD: frozenset(ids.values()),
        REGION: frozenset(office.id for office in tree[REGION]),
        NEW_BRANCH: frozenset({ids[NEW_BRANCH]}),
    }
    return Lender(url, ids, subtrees, viewer.id)


@pytest.fixture
async def database(lender: Lender) -> AsyncIterator[Database]:
    """That lender's database."""
    opened = Database(lender.url)
    yield opened
    await opened.close()


List = Callable[[PageRequest], Awaitable[Page[Any]]]


async def _plan(database: Database, listed: List, request: PageRequest) -> tuple[dict[str, Any], int]:
    """What PostgreSQL does for the very statement that reads the list; and how many rows it gave."""
    sent: list[tuple[str, Any]] = []

    end = database.listen(lambda statement, parameters: sent.append((statement, parameters)))
    page = await listed(request)
    end()
    [(statement, parameters)] = sent or [("", ())]
    async with database.writer.connect() as connection:
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", tuple(parameters))
        [found] = explained.scalar_one()
    return found["Plan"], len(page.edges)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _in_vain(plan: dict[str, Any]) -> int:
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck", "Rows Removed by Join Filter")
    return sum(node.get(kind, 0) * node["Actual Loops"] for node in _nodes(plan) for kind in removed)


def _read(plan: dict[str, Any], table: str = "customers") -> int:
    scans = [node for node in _nodes(plan) if node.get("Relation Name") == table]
    assert all(scan["Node Type"] != "Seq Scan" for scan in scans)
    return sum(round(scan["Actual Rows"] * scan["Actual Loops"]) for scan in scans)


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

    def listed(request: PageRequest) -> Awaitable[Page[Any]]:
        return list_customers(database, access, CustomerCriteria(), request)

    for order_field, base in CUSTOMER_SORTS.items():
        for descending in (False, True):
            sort = Sort(base.name, base.type, descending)
            for after in (None, MIDDLE[order_field]):
                plan, rows = await _plan(database, listed, PageRequest(PAGE, sort, after=after))
                assert _in_vain(plan) <= FEW, (sort, after, rows)
                assert _read(plan) <= seeks * (PAGE + 1), (sort, after, rows)


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
                plan, rows = await _plan(database, listed, request)
                assert _in_vain(plan) <= FEW_DUE, (roles, name, request, rows)
                assert _read(plan, "interactions") <= seeks * (PAGE + 1) + FEW_DUE, (roles, name, request, rows)
