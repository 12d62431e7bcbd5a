"""Reviews of who looks after whom read little more than their page: what PostgreSQL does, among 20,000 customers."""

import asyncio
import functools
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text

from bench.explaining import explained
from gql.db.engine import Database
from gql.db.queries.assignment_reviews import ReviewCriteria, list_reviews, oddities_of
from gql.domain.assignment_reviews import BY_REVIEWED_AT, ReviewReason
from gql.domain.paging import PageRequest, Position
from gql.domain.roles import BUILT_IN_ROLES
from tests.databases import fresh_database
from tests.db.large_lender import HEAD, NEW_BRANCH, REGION, Lender, build

PAGE = 25
ODD_BOOKS = 1_000
"""More than the two odd managers have: their books may be read whole, and in vain as far as another page has them."""
OFFICES, MANAGERS, PARTS = 16, 41, 3
MIDDLE = Position(datetime(2026, 1, 3, 18, tzinfo=UTC), UUID(int=0))
SINCE = datetime(2026, 1, 2, tzinfo=UTC)

_AS_USUAL = """
    UPDATE customers SET manager_reviewed_at = created_at + hashtext(number) % 1000 * INTERVAL '1 minute';
    UPDATE admins SET office_id = :head WHERE id <> :viewer;
    UPDATE admins SET office_id = :branch WHERE id = (SELECT id FROM admins WHERE id <> :viewer ORDER BY id LIMIT 1);
    UPDATE admins SET status = 'INACTIVE'
    WHERE id = (SELECT id FROM admins WHERE id <> :viewer ORDER BY id DESC LIMIT 1);
    ANALYZE customers
"""


@pytest.fixture(scope="module")
def lender(request: pytest.FixtureRequest) -> Iterator[Lender]:
    """The lender: nearly all managers work above all of their customers; one is elsewhere, and one has left."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        yield asyncio.run(_build(url))


async def _build(url: str) -> Lender:
    lender = await build(url)
    database = Database(url, statement_timeout=0)
    try:
        bound = {"head": lender.offices[HEAD], "branch": lender.offices[NEW_BRANCH], "viewer": lender.viewer}
        async with database.begin() as session:
            for statement in _AS_USUAL.split(";"):
                await session.execute(text(statement), {k: v for k, v in bound.items() if f":{k}" in statement})
    finally:
        await database.close()
    return lender


async def test_reviews_are_a_few_seeks(lender: Lender) -> None:
    """For every role that sees history, for each reason and all; page 1 and one in the middle, either way."""
    database = Database(lender.url)
    try:
        oddities = await oddities_of(database)
        assert 10 <= len(oddities.inactive | oddities.outside) <= 40
        told = set()
        wanted = [frozenset(ReviewReason), *(frozenset({one}) for one in ReviewReason)]
        pages = [(False, None), (False, MIDDLE), (True, None)]
        for case in itertools.product(BUILT_IN_ROLES, (REGION, NEW_BRANCH), wanted, pages):
            roles, office, reasons, (backward, after) = case
            access, criteria = lender.access(roles, office), ReviewCriteria(reasons, SINCE, oddities=oddities)
            request = PageRequest(PAGE, BY_REVIEWED_AT, backward=backward, after=after)
            listed = functools.partial(list_reviews, database, access, criteria, request)
            found, page = await explained(database, listed)
            told |= {roles} if page.edges else set()
            for plan in found:
                assert not plan.walks_through("customers"), case
                assert plan.in_vain <= ODD_BOOKS, case
                assert plan.read_of("customers") <= PARTS * OFFICES * (PAGE + 1) + ODD_BOOKS, case
        assert told >= {"super_admin", "compliance_officer", "portfolio_manager", "team_member"}
    finally:
        await database.close()


async def test_posts_are_found_without_reading_the_books(lender: Lender) -> None:
    """As many rows as there are pairs of manager and office, of which there are some hundreds."""
    database = Database(lender.url)
    try:
        found, _ = await explained(database, lambda: oddities_of(database))
        for plan in found:
            assert not plan.walks_through("customers")
            assert plan.in_vain == 0
            assert plan.read_of("customers") <= OFFICES * MANAGERS
    finally:
        await database.close()
