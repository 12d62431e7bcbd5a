"""A lender of many batches, whose rows the database takes unchecked and checks at the end."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import bindparam, select, text

from gql.db.engine import Database
from gql.db.models import Group
from gql.db.models.base import UTCDateTime
from gql.demo import seed
from tests.databases import fresh_database
from tests.demo.test_lender import BROKEN, START_OF_DAY
from tests.vaults import VAULT

DAY = date(2026, 11, 20)
CUSTOMERS = 10_000

SHAPE = """
    SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename::text, indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2, 3"""
"""Every constraint and index. The definition of a constraint says so where its rows were not all checked."""


@pytest.fixture(scope="module")
def large_url(request: pytest.FixtureRequest) -> Any:
    """An empty database on PostgreSQL, where lenders of this size belong."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with fresh_database("postgresql") as url:
        yield url


@pytest.fixture
async def empty(large_url: str) -> AsyncIterator[Database]:
    """The same, opened; without a bound for statements, as the command opens it."""
    database = Database(large_url, statement_timeout=0)
    yield database
    await database.close()


async def test_a_large_lender_keeps_every_rule_and_the_tables_as_they_were(empty: Database) -> None:
    """All constraints and indexes stand and hold for each row; groups count their members, none beyond its maximum."""
    before = await empty.rows(text(SHAPE))
    report = await seed(empty, customers=CUSTOMERS, today=DAY, vault=VAULT)
    assert report.rows["customers"] == CUSTOMERS
    assert await empty.rows(text(SHAPE)) == before
    for rule in BROKEN.values():
        statement = text(rule)
        if ":now" in rule:
            statement = statement.bindparams(bindparam("now", START_OF_DAY, UTCDateTime()))
        assert await empty.rows(statement) == [], rule
    groups = await empty.rows(select(Group.name, Group.member_count, Group.maximum_members))
    assert len(groups) == 32
    assert max(group.member_count for group in groups) > 1_000
    assert [group.name for group in groups if group.maximum_members == group.member_count] == ["2026 Founders Circle"]
