"""A page of audit events is read by an index, whatever is asked for: what PostgreSQL does, among 30,000 events."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from gql.db.engine import Database
from gql.db.queries.audit_events import list_events, trails
from gql.domain.audit import BY_AT, AuditCriteria
from gql.domain.ids import new_id
from gql.domain.paging import PageRequest, Position
from gql.domain.policies import access_map
from gql.domain.roles import AUDITOR
from tests.databases import fresh_database

PAGE, FEW = 25, 100
ALL = access_map(new_id(), new_id(), frozenset(), [AUDITOR])
_EVENTS = """
    INSERT INTO audit_events
        (id, at, actor_kind, actor_id, action, subject_kind, subject_id, details, customer_id, denied)
    SELECT gen_random_uuid(), TIMESTAMPTZ '2026-01-01T00:00:00Z' + i * INTERVAL '20 seconds', 'ADMIN',
           md5('actor' || i % 300)::uuid,
           CASE WHEN i % 1000 = 0 THEN 'rare' WHEN i % 7 = 0 THEN 'often' ELSE 'customer.read' END,
           'customer', md5('customer' || i % 500)::uuid, '{}', md5('customer' || i % 500)::uuid, i % 900 = 0
    FROM generate_series(1, 30000) AS i
"""


def _key(name: str) -> UUID:
    return UUID(hashlib.md5(name.encode()).hexdigest())  # noqa: S324 - as PostgreSQL makes them above


FROM = datetime(2026, 1, 3, tzinfo=UTC)
CASES = {
    "everything": AuditCriteria(),
    "an actor's": AuditCriteria(actor_id=_key("actor7")),
    "a subject's": AuditCriteria(subject_id=_key("customer7")),
    "a customer's": AuditCriteria(customer_id=_key("customer7")),
    "a rare action": AuditCriteria(actions=frozenset({"rare"})),
    "actions": AuditCriteria(actions=frozenset({"rare", "often", "never"})),
    "an actor's actions": AuditCriteria(actor_id=_key("actor7"), actions=frozenset({"often"})),
    "denied ones": AuditCriteria(denied_only=True),
    "a stretch of time": AuditCriteria(since=FROM, until=datetime(2026, 1, 4, tzinfo=UTC)),
    "an actor's in a stretch of time": AuditCriteria(actor_id=_key("actor7"), since=FROM),
}


@pytest.fixture(scope="module")
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The trail, which these tests only read."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("the plans are PostgreSQL's: SQLite does not tell what a plan filters out")
    with fresh_database("postgresql") as url:
        asyncio.run(_fill(url))
        yield url


async def _fill(url: str) -> None:
    database = Database(url, statement_timeout=0)
    async with database.begin() as session:
        await session.execute(text(_EVENTS))
        await session.execute(text("ANALYZE"))
    await database.close()


async def _plan(database: Database, read: Any) -> tuple[dict[str, Any], int]:
    """What PostgreSQL does for the one statement of the read, planned as the application has it; and its rows."""
    sent: list[tuple[str, Any]] = []
    end = database.listen(lambda statement, parameters: sent.append((statement, parameters)))
    page = await read
    end()
    [(statement, parameters)] = sent
    async with database.writer.connect() as connection:
        await connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        explained = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", tuple(parameters))
        [found] = explained.scalar_one()
    page = page[0] if isinstance(page, list) else page
    return found["Plan"], len(page.edges)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _assert_few(plan: dict[str, Any], what: str) -> None:
    nodes = [node for node in _nodes(plan) if node.get("Relation Name") == "audit_events"]
    assert nodes, what
    assert all(node["Node Type"] != "Seq Scan" for node in nodes), what + json.dumps(plan)
    removed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    in_vain = sum(node.get(kind, 0) * node["Actual Loops"] for node in nodes for kind in removed)
    read = sum(round(node["Actual Rows"] * node["Actual Loops"]) for node in nodes)
    assert in_vain <= FEW, f"{what}: {in_vain} rows in vain"
    assert read <= FEW, f"{what}: {read} rows read"


async def test_each_filter_has_an_index_in_the_lists_order(url: str) -> None:
    """Page 1 and one in the middle, forwards and backwards."""
    database = Database(url)
    middle = Position(datetime(2026, 1, 3, 12, tzinfo=UTC), UUID(int=0))
    pages = [PageRequest(PAGE, BY_AT, backward=b, after=a) for b in (False, True) for a in (None, middle)]
    for name, criteria in CASES.items():
        for page in pages:
            plan, found = await _plan(database, list_events(database, ALL, criteria, page))
            assert found > 0, name
            _assert_few(plan, name)
    for page in pages:
        plan, found = await _plan(database, trails(database, ALL, [_key("customer7")], page))
        _assert_few(plan, "a customer's trail")
    await database.close()
