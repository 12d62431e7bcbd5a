"""The queue of loan requests reads little more than its page: what PostgreSQL does for it, among 20,000 requests.

As `test_visibility_plans.py` does for customers. All of the older half are decided; of the others half wait, which is
far more than a lender leaves waiting.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import text

from bench.explaining import explained
from gql.db.engine import Database
from gql.db.queries.loan_requests import RequestCriteria, list_requests
from gql.domain.listing import BY_SUBMITTED_AT
from gql.domain.loan_requests import RequestStatus
from gql.domain.paging import PageRequest, Position, Sort
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES
from tests.databases import fresh_database
from tests.factories import World

PAGE = 25
FEW = 200
"""The most rows that a page may read in vain."""
MOST = 1_500
"""The most rows that it may read at all: a page of each office and status. Some 5,500 requests wait."""
OPEN = frozenset({RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW})
MIDDLE = Position(datetime(2026, 1, 3, 18, 46, 40, tzinfo=UTC), UUID(int=0))

_CUSTOMERS = """
    INSERT INTO customers (id, number, kind, name, search_name, search_name_reversed, email, phone, status,
                           status_changed_at, office_id, account_manager_id, version, created_at, updated_at)
    SELECT gen_random_uuid(), 'C' || i, 'PERSON', 'C', 'c', 'c', 'c' || i || '@c.example', '+234' || i, 'ACTIVE',
           moment, offices[1 + (i / 7) % cardinality(offices)],
           CASE WHEN i % 5 >= 2 THEN managers[1 + (i / 3) % cardinality(managers)] END, 1, moment, moment
    FROM (SELECT i, CAST(:offices AS uuid[]) AS offices, CAST(:managers AS uuid[]) AS managers,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' AS moment FROM generate_series(1, 4000) AS i) AS numbers
"""
_REQUESTS = """
    INSERT INTO loan_requests (id, customer_id, office_id, account_manager_id, product, amount_minor, currency, purpose,
                               status, submitted_at, decided_at)
    SELECT gen_random_uuid(), id, office_id, account_manager_id, 'P', 100, 'NGN', 'p', status, moment,
           CASE WHEN status NOT IN ('SUBMITTED', 'UNDER_REVIEW') THEN moment END
    FROM (SELECT c.id, c.office_id, c.account_manager_id,
                 CASE WHEN k > 9000 AND k % 4 = 0 THEN 'SUBMITTED' WHEN k > 9000 AND k % 4 = 1 THEN 'UNDER_REVIEW'
                              WHEN k % 3 = 0 THEN 'DECLINED' ELSE 'APPROVED' END AS status,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' + k * INTERVAL '24 seconds' AS moment
          FROM customers AS c, generate_series(1, 5) AS n,
               LATERAL (SELECT (hashtext(c.number || n) & 2147483647) % 20000 AS k) AS place) AS asked
"""


@dataclass(frozen=True)
class Lender:
    """Eleven offices, twenty managers and their requests; a viewer with a small book."""

    url: str
    offices: dict[str, UUID]
    viewer: UUID
    manager: UUID

    def access(self, role: str) -> AccessMap:
        """What the viewer sees with this role, working in Region 0, which has four branches."""
        subtree = frozenset(key for name, key in self.offices.items() if "egion 0" in name)
        return access_map(self.viewer, self.offices["Region 0"], subtree, [BUILT_IN_ROLES[role]])


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
    head = await world.office("Head")
    offices = [head]
    for number in range(2):
        region = await world.office(f"Region {number}", parent=head)
        offices.append(region)
        offices += [await world.office(f"Branch {n} of region {number}", parent=region) for n in range(4)]
    managers = [await world.admin(office=offices[number % len(offices)]) for number in range(20)]
    viewer = await world.admin(office=offices[1])
    ids = {office.name: office.id for office in offices}
    async with database.begin() as session:
        await session.execute(text(_CUSTOMERS), {"offices": list(ids.values()), "managers": [m.id for m in managers]})
        await session.execute(text(_REQUESTS))
        book = "UPDATE customers SET account_manager_id = :viewer WHERE number IN ('C7', 'C700', 'C1400', 'C2100')"
        await session.execute(text(book), {"viewer": viewer.id})  # the trigger takes the requests along
        await session.execute(text("ANALYZE"))
    await database.close()
    return Lender(url, ids, viewer.id, managers[0].id)


@pytest.fixture
async def database(lender: Lender) -> AsyncIterator[Database]:
    """That lender's database."""
    opened = Database(lender.url)
    yield opened
    await opened.close()


async def test_a_page_of_the_queue_is_a_few_seeks(lender: Lender, database: Database) -> None:
    """For every role, either way, at the beginning and in the middle; of all, of what waits, of one book or office."""
    wanted = {
        "all": RequestCriteria(),
        "what waits": RequestCriteria(statuses=OPEN),
        "a book": RequestCriteria(statuses=OPEN, account_manager_id=lender.manager),
        "the own book": RequestCriteria(account_manager_id=lender.viewer),
        "an office": RequestCriteria(statuses=OPEN, office_id=lender.offices["Branch 1 of region 0"]),
    }
    answered = set()
    for role in BUILT_IN_ROLES:
        access = lender.access(role)
        for name, criteria in wanted.items():
            for descending, after in ((False, None), (False, MIDDLE), (True, None)):
                sort = Sort(BY_SUBMITTED_AT.name, BY_SUBMITTED_AT.type, descending)
                request = PageRequest(PAGE, sort, after=after)
                plans, page = await explained(database, partial(list_requests, database, access, criteria, request))
                case = (role, name, descending, after is None, len(page.edges))
                if page.edges:
                    answered.add((role, name))
                assert not any(plan.walks_through("loan_requests") for plan in plans), case
                assert sum(plan.in_vain for plan in plans) <= FEW, case
                assert sum(plan.read_of("loan_requests") for plan in plans) <= MOST, case
    assert {("super_admin", name) for name in wanted} <= answered
    assert {("portfolio_manager", name) for name in wanted} <= answered
    assert {("account_manager", "all"), ("team_member", "what waits")} <= answered
