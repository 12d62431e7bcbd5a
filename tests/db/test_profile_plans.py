"""Related customers and customers of a tag are read by an index: what PostgreSQL does for an employer of thousands.

The head of each bucket is a walk along the employer's own relations at most, never one through the customers.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from bench.explaining import Explained
from gql.db.engine import Database
from gql.db.queries.related import RelatedRequest, related
from gql.domain.listing import BY_SINCE
from gql.domain.paging import PageRequest
from gql.domain.policies import AccessMap, access_map
from gql.domain.relations import Relation
from gql.domain.roles import BUILT_IN_ROLES
from tests.databases import fresh_database
from tests.factories import World

PAGE = 25
EMPLOYEES = 4_000

_CUSTOMERS = """
    INSERT INTO customers (id, number, kind, name, search_name, search_name_reversed, email, phone, status,
                           status_changed_at, office_id, account_manager_id, version, created_at, updated_at)
    SELECT gen_random_uuid(), 'E' || i, 'PERSON', 'Employee ' || i, 'employee ' || i, i || ' employee',
           'employee' || i || '@customers.example', '+234805' || lpad(i::text, 7, '0'), 'ACTIVE', moment,
           CASE WHEN i % 2 = 0 THEN CAST(:here AS uuid) ELSE CAST(:there AS uuid) END,
           CASE WHEN i % 400 = 0 THEN CAST(:viewer AS uuid) ELSE CAST(:manager AS uuid) END, 1, moment, moment
    FROM (SELECT i, TIMESTAMPTZ '2026-01-01T00:00:00Z' + i * INTERVAL '1 minute' AS moment
          FROM generate_series(1, :employees) AS i) AS numbers
"""
_SIDES = """
    INSERT INTO customer_relations (id, customer_id, related_id, relation, since)
    SELECT gen_random_uuid(), CAST(:employer AS uuid), id, 'EMPLOYEE', created_at FROM customers
    WHERE number LIKE 'E%'
    UNION ALL SELECT gen_random_uuid(), id, CAST(:employer AS uuid), 'EMPLOYER', created_at FROM customers
    WHERE number LIKE 'E%'
"""
_TAGS = """
    INSERT INTO customer_tags (customer_id, tag)
    SELECT id, 'tag ' || row_number() OVER () % 400 FROM customers WHERE number LIKE 'E%'
"""


@dataclass(frozen=True)
class Company:
    """An employer of customers of two offices. The viewer works in one, and ten are the viewer's own."""

    url: str
    employer: UUID
    viewer: UUID
    here: UUID

    def access(self, role: str) -> AccessMap:
        """What the viewer sees with the role."""
        return access_map(self.viewer, self.here, frozenset({self.here}), [BUILT_IN_ROLES[role]])


@pytest.fixture(scope="module")
def company(request: pytest.FixtureRequest) -> Iterator[Company]:
    """The company, of which these tests only read."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        yield asyncio.run(_build(url))


async def _build(url: str) -> Company:
    database = Database(url, statement_timeout=0)
    world = World(database)
    here, there = await world.office("Here"), await world.office("There")
    viewer, manager = await world.admin(office=here), await world.admin(office=there)
    employer = await world.customer(office=here)
    where = {"here": here.id, "there": there.id, "manager": manager.id, "viewer": viewer.id, "employees": EMPLOYEES}
    async with database.begin() as session:
        await session.execute(text(_CUSTOMERS), where)
        await session.execute(text(_SIDES), {"employer": employer.id})
        await session.execute(text(_TAGS))
        await session.execute(text("ANALYZE"))
    await database.close()
    return Company(url, employer.id, viewer.id, here.id)


@pytest.fixture
async def database(company: Company) -> AsyncIterator[Database]:
    """That company's database."""
    opened = Database(company.url)
    yield opened
    await opened.close()


async def _explained(database: Database, statement: str, parameters: Any) -> Explained:
    async with database.writer.connect() as connection:
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", tuple(parameters))
        [found] = explained.scalar_one()
    return Explained(found["Plan"], found["Planning Time"], found["Execution Time"])


@pytest.mark.parametrize("relation", [None, Relation.EMPLOYEE])
@pytest.mark.parametrize("role", ["super_admin", "portfolio_manager", "auditor", "collections_officer"])
async def test_a_page_of_thousands_of_employees_is_read_by_indexes(
    role: str, relation: Relation | None, company: Company, database: Database
) -> None:
    """Along the list's index until the page is full; for the viewer's own book at worst to its end."""
    sent: list[tuple[str, Any]] = []
    end = database.listen(lambda statement, parameters: sent.append((statement, parameters)))
    request = RelatedRequest(PageRequest(PAGE, BY_SINCE), relation)
    [page] = await related(database, company.access(role), [company.employer], request)
    end()
    assert len(page.edges) == PAGE
    [(statement, parameters)] = sent
    plan = await _explained(database, statement, parameters)
    scans = [node for node in plan.nodes() if "Scan" in node["Node Type"] and "Relation Name" in node]
    assert {scan["Node Type"] for scan in scans} <= {"Index Scan", "Index Only Scan"}
    others, books = 12 * PAGE, EMPLOYEES  # PostgreSQL may look for a book of ten among all employees
    has_book = role != "super_admin"
    assert sum(round(scan["Actual Rows"] * scan["Actual Loops"]) for scan in scans) <= others + books * has_book
    assert plan.in_vain <= others + books * has_book


async def test_the_customers_of_a_tag_are_read_by_its_index(company: Company, database: Database) -> None:
    plan = await _explained(database, "SELECT customer_id FROM customer_tags WHERE tag = $1", ["tag 7"])
    [scan] = [node for node in plan.nodes() if "Index Name" in node]
    assert scan["Index Name"] == "ix_customer_tags_tag_customer_id"
    assert (plan.plan["Actual Rows"], plan.in_vain) == (EMPLOYEES / 400, 0)
