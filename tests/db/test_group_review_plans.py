"""Reviews that are due, and groups that nobody uses, are read off an index: what PostgreSQL does, among 10,000."""

import asyncio
import functools
import itertools
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from bench.explaining import explained
from gql.db.engine import Database
from gql.db.models import Group
from gql.db.queries.group_reviews import DueCriteria, list_due
from gql.db.queries.unused_groups import UnusedCriteria, list_unused
from gql.domain.enums import GroupPurpose
from gql.domain.group_reviews import BY_NEXT_REVIEW, GroupReviewStatus, due_spans
from gql.domain.paging import PageRequest, Position
from gql.domain.unused_groups import BY_LAST_USED
from gql.services import group_reminders
from gql.services.group_reminders import GroupReminders
from tests.databases import fresh_database
from tests.factories import World

PAGE = 25
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = START + timedelta(hours=2_000)
"""A fifth of the reviews is due by then, and a fifth of the groups unused."""
MIDDLE = Position(START + timedelta(hours=1_000), UUID(int=0))

_GROUPS = """
    INSERT INTO groups (id, name, search_name, status, purpose, description, criteria_text, member_count, version,
                        created_at, updated_at, owner_id, review_interval_days, next_review_at, last_used_at,
                        kept_until, kept_reason)
    SELECT gen_random_uuid(), 'G' || i, 'g' || i, status, CASE WHEN i % 10 = 0 THEN 'RISK' ELSE 'OTHER' END, '', '', 0,
           1, moment, moment, owners[1 + i % cardinality(owners)], 30,
           CASE WHEN status = 'ACTIVE' THEN moment END, moment,
           CASE WHEN i % 11 = 3 THEN TIMESTAMPTZ '2030-01-01T00:00:00Z' END, CASE WHEN i % 11 = 3 THEN 'Kept' END
    FROM (SELECT i, CAST(:owners AS uuid[]) AS owners, CASE WHEN i % 7 = 1 THEN 'ARCHIVED' ELSE 'ACTIVE' END AS status,
                 TIMESTAMPTZ '2026-01-01T00:00:00Z' + (i * 7919 % 10000) * INTERVAL '1 hour' AS moment
          FROM generate_series(1, 10000) AS i) AS numbers
"""


@pytest.fixture(scope="module")
def many(request: pytest.FixtureRequest) -> Iterator[str]:
    """The groups, of twenty owners."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        asyncio.run(_build(url))
        yield url


async def _build(url: str) -> None:
    database = Database(url, statement_timeout=0)
    try:
        world = World(database)
        owners = [(await world.admin()).id for _ in range(20)]
        async with database.begin() as session:
            await session.execute(text(_GROUPS), {"owners": owners})
            await session.execute(text("ANALYZE groups"))
    finally:
        await database.close()


def _most(filters: dict[str, Any]) -> int:
    """Rows that a page may read in vain: one in eleven is kept, and one in ten is of the purpose."""
    return 500 if "purposes" in filters else 60


@pytest.mark.parametrize("backward", [False, True])
async def test_a_page_is_a_few_seeks(many: str, *, backward: bool) -> None:
    """Of all, of an owner and of a purpose; the first page and one in the middle."""
    database = Database(many)
    try:
        [owner] = await database.rows(select(Group.owner_id).limit(1))
        risk = frozenset({GroupPurpose.RISK})
        narrower: list[dict[str, Any]] = [{}, {"owner_id": owner.owner_id}, {"purposes": risk}]
        places = [None] if backward else [None, MIDDLE]
        wanted = [{GroupReviewStatus.OVERDUE}, {GroupReviewStatus.DUE, GroupReviewStatus.OVERDUE}, {*GroupReviewStatus}]
        for statuses, filters, after in itertools.product(wanted, narrower, places):
            spans = tuple(due_spans(statuses, NOW))
            page = PageRequest(PAGE, BY_NEXT_REVIEW, backward=backward, after=after)
            asked = functools.partial(list_due, database, DueCriteria(spans, **filters), page)
            [plan], found = await explained(database, asked)
            assert found.edges
            assert not plan.walks_through("groups"), (statuses, filters)
            assert plan.in_vain <= _most(filters), (statuses, filters, plan.plan)
            assert plan.read_of("groups") <= PAGE + 1
        for filters, after in itertools.product(narrower, places):
            page = PageRequest(PAGE, BY_LAST_USED, backward=backward, after=after)
            criteria = UnusedCriteria(NOW, NOW, **filters)
            [plan], found = await explained(database, functools.partial(list_unused, database, criteria, page))
            assert found.edges
            assert not plan.walks_through("groups"), filters
            assert plan.in_vain <= _most(filters), (filters, plan.plan)
            assert plan.read_of("groups") <= PAGE + 1
    finally:
        await database.close()


async def test_the_plans_that_are_made_once_for_all_values_use_the_indexes(
    many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As reads do: a partial index then fits what stands in the text alone."""
    database = Database(many)
    try:
        [owner] = await database.rows(select(Group.owner_id).limit(1))
        spans = tuple(due_spans({GroupReviewStatus.DUE, GroupReviewStatus.OVERDUE}, NOW))
        for owner_id, prefix in ((None, ""), (owner.owner_id, "owner_")):
            due = DueCriteria(spans, owner_id)
            listed = functools.partial(list_due, database, due, PageRequest(PAGE, BY_NEXT_REVIEW, after=MIDDLE))
            assert await _indexes(database, listed) == {f"ix_groups_{prefix}next_review"}
            idle = UnusedCriteria(NOW, NOW, owner_id)
            listed = functools.partial(list_unused, database, idle, PageRequest(PAGE, BY_LAST_USED, after=MIDDLE))
            assert await _indexes(database, listed) == {f"ix_groups_{prefix}last_used"}
        monkeypatch.setattr(group_reminders, "now", lambda: START - timedelta(days=500))  # nothing is to be told
        assert "ix_groups_untold" in await _indexes(database, GroupReminders(database, 365).tell)
    finally:
        await database.close()


async def _indexes(database: Database, ask: Callable[[], Awaitable[Any]]) -> set[str]:
    """Those of the plans of all that is asked."""
    sent: list[tuple[str, Any]] = []
    end = database.listen(lambda statement, parameters: sent.append((statement, parameters)))
    try:
        await ask()
    finally:
        end()
    found: set[str] = set()
    async with database.writer.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        for number, (statement, parameters) in enumerate(sent):
            if statement.startswith("SELECT") and "FOR UPDATE" not in statement:
                values = ", ".join("NULL" for _ in parameters)
                await connection.exec_driver_sql(f"PREPARE asked_{number} AS {statement}")
                plan = await connection.exec_driver_sql(f"EXPLAIN EXECUTE asked_{number}({values})")
                await connection.exec_driver_sql(f"DEALLOCATE asked_{number}")
                found |= set(re.findall(r"using (ix_groups_\w+)", " ".join(row[0] for row in plan)))
    return found
