"""Statistics of a group read what they sum, and little else: what PostgreSQL does, among 20,000 customers."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from bench.explaining import Explained, explained
from gql.db.engine import Database
from gql.db.group_rows import GroupStatisticsRow
from gql.db.queries.group_statistics import group_statistics
from gql.db.queries.memberships import members
from gql.domain.listing import BY_SINCE
from gql.domain.paging import PageRequest
from gql.domain.periods import Interval, Period
from gql.domain.roles import BUILT_IN_ROLES
from tests.databases import fresh_database
from tests.db.large_lender import HEAD, REGION, Lender, build
from tests.factories import World

BOOK = 10
"""The viewer's own customers."""
SMALL = 20
"""Members of the small group, give or take."""
PAGE = 50
IN_VAIN = 2_500
"""Rows that the page of a group may read: who is seen may be an office's among sixteen offices' members."""
FEW = 100
"""Rows that may be read in vain."""

_MEMBERS = """
    INSERT INTO memberships (id, group_id, customer_id, since, until)
    SELECT gen_random_uuid(), groups.id, customers.id, moment,
           CASE WHEN place % 10 = 0 THEN moment + INTERVAL '90 days' END
    FROM groups, LATERAL (
        SELECT id, row_number() OVER (ORDER BY md5(number)) AS place FROM customers
    ) AS customers, LATERAL (SELECT TIMESTAMPTZ '2024-01-01T12:00:00Z' + place % 700 * INTERVAL '1 day' AS moment) AS at
    WHERE groups.id = ANY(CAST(:large AS uuid[]))
"""
_LOANS = """
    INSERT INTO loans (id, number, customer_id, product, status, currency, principal_minor, outstanding_minor,
                       disbursed_at)
    SELECT gen_random_uuid(), 'L' || number, id, 'Any', 'ACTIVE', 'NGN', 3000, 2000, TIMESTAMPTZ '2024-01-01T00:00:00Z'
    FROM customers;
    INSERT INTO loan_instalments (id, loan_id, sequence, due_on, due_minor, paid_minor, settled_on)
    SELECT gen_random_uuid(), id, place, DATE '2024-02-01' + place * 30, 1000,
           CASE WHEN place = 1 THEN 1000 ELSE 0 END, CASE WHEN place = 1 THEN DATE '2024-03-01' END
    FROM loans, generate_series(1, 3) AS place;
    INSERT INTO loan_payments (id, loan_id, amount_minor, received_at)
    SELECT gen_random_uuid(), id, 1000, TIMESTAMPTZ '2024-03-01T00:00:00Z' FROM loans
"""


@dataclass(frozen=True)
class Grouped:
    """A group of a few, and one of four that everybody was or is in."""

    lender: Lender
    small: UUID
    large: UUID


@pytest.fixture(scope="module")
def grouped(request: pytest.FixtureRequest) -> Iterator[Grouped]:
    """The lender, with a loan for each customer."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        yield asyncio.run(_build(url))


async def _build(url: str) -> Grouped:
    lender = await build(url)
    database = Database(url, statement_timeout=0)
    world = World(database)
    large = [await world.group(f"Everybody {number}") for number in range(4)]
    try:
        async with database.begin() as session:
            await session.execute(text(_MEMBERS), {"large": [group.id for group in large]})
        # Each in a transaction of its own: who analyses a table meanwhile, as autovacuum may, finds nothing of one that
        # has not ended, and each check of a key then reads the whole table.
        for statement in (*_LOANS.split(";"), "ANALYZE"):
            async with database.begin() as session:
                await session.execute(text(statement))
    finally:
        await database.close()
    return Grouped(lender, lender.group, large[0].id)


async def _plans(
    grouped: Grouped, roles: str, group: UUID, period: Period, office: str = HEAD
) -> tuple[list[Explained], GroupStatisticsRow]:
    """Of the statements, in their order: members, what they owe, how they repaid, who came and left."""
    database = Database(grouped.lender.url)
    permissions = BUILT_IN_ROLES[roles].permissions
    access = grouped.lender.access(roles, office)
    try:
        found, [row] = await explained(
            database, lambda: group_statistics(database, access, permissions, [group], period)
        )
    finally:
        await database.close()
    assert len(found) == 4
    return found, row


A_MONTH = Period(date(2025, 3, 1), date(2025, 3, 31), Interval.DAY)


@pytest.mark.parametrize("roles", ["super_admin", "portfolio_manager", "auditor", "group_administrator"])
@pytest.mark.parametrize("office", [HEAD, REGION])
async def test_who_came_and_left_in_a_month_is_sought_in_that_month(roles: str, office: str, grouped: Grouped) -> None:
    """Not among all who ever came or left."""
    [*_, changes], row = await _plans(grouped, roles, grouped.large, A_MONTH, office)
    all_of_them = (await _plans(grouped, "auditor", grouped.large, A_MONTH))[1].changes
    moved = sum(part.joined + part.left for part in all_of_them)
    assert 500 < moved < 2_000
    assert 0 < sum(part.joined + part.left for part in row.changes) <= moved
    assert not changes.walks_through("memberships")
    assert changes.read_of("memberships") <= moved * len(grouped.lender.access(roles, office).buckets)
    if office == HEAD:
        assert changes.in_vain <= FEW


@pytest.mark.parametrize("roles", BUILT_IN_ROLES)
async def test_a_small_group_among_large_ones_is_read_by_its_members(roles: str, grouped: Grouped) -> None:
    found, row = await _plans(grouped, roles, grouped.small, A_MONTH)
    assert row.figures.members <= SMALL + BOOK
    for plan in found:
        for table in ("memberships", "customers", "loans", "loan_instalments", "loan_payments"):
            assert not plan.walks_through(table), table
            assert plan.read_of(table) <= 4 * SMALL, table
        assert plan.in_vain <= FEW


@pytest.mark.parametrize("office", [HEAD, REGION])
async def test_of_a_large_group_who_sees_a_book_reads_that_book(office: str, grouped: Grouped) -> None:
    """Twenty thousand members, of whom the viewer has ten, and sees who is nobody's in the office."""
    found, row = await _plans(grouped, "account_manager", grouped.large, A_MONTH, office)
    assert 1 < row.figures.counted <= BOOK < row.figures.members < 1_500
    _, owed, repaid, _ = found
    for plan in (owed, repaid):
        for table in ("memberships", "customers", "loans", "loan_instalments", "loan_payments"):
            assert not plan.walks_through(table), table
            assert plan.read_of(table) <= 8 * BOOK, table
        assert plan.in_vain <= FEW


@pytest.mark.parametrize("roles", BUILT_IN_ROLES)
@pytest.mark.parametrize("office", [HEAD, REGION])
async def test_the_page_of_a_large_group_reads_little_more_than_the_page(
    roles: str, office: str, grouped: Grouped
) -> None:
    """Newest first, also where one of the viewer's buckets has nobody, or next to nobody, of its twenty thousand."""
    database = Database(grouped.lender.url)
    access = grouped.lender.access(roles, office)
    request = PageRequest(PAGE, BY_SINCE)
    try:
        [plan], _ = await explained(database, lambda: members(database, access, [grouped.large], request))
    finally:
        await database.close()
    assert not plan.walks_through("memberships")
    assert plan.in_vain <= IN_VAIN, plan.in_vain
    assert plan.read_of("memberships") <= IN_VAIN, plan.read_of("memberships")


async def test_money_of_a_large_group_is_read_once(grouped: Grouped) -> None:
    """Each loan once for what is owed, and where nothing can be late, no instalment."""
    period = Period(date(2024, 1, 1), date(2024, 1, 1) + timedelta(days=365), Interval.MONTH)
    [counts, owed, repaid, _], row = await _plans(grouped, "super_admin", grouped.large, period)
    assert row.figures.members == row.figures.counted == 18_000
    assert (counts.read_of("memberships"), counts.in_vain) == (18_000, 0)
    assert owed.read_of("loans") <= 20_000
    assert owed.read_of("loan_instalments") <= 20_000
    assert repaid.read_of("loan_instalments") <= 60_000
    assert repaid.read_of("loan_payments") <= 20_000
