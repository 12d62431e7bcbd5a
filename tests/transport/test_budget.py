"""What a user may ask for in a minute, and what an operation costs of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gql.db.engine import Database
from gql.domain.errors import RateLimited
from gql.transport.budget import Budget, Charge
from tests.api.client import Api, open_api
from tests.factories import World

PAGE = "{ customers(first: 100) { edges { cursor } } }"
ENDPOINT = "http://lenddesk.test/graphql"


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_point_is_a_hundred_nodes_and_an_operation_costs_one_at_least() -> None:
    budget = Budget(100, Clock())
    assert [budget.charge("ada", nodes).points for nodes in (0, 1, 100, 101, 5_000)] == [1, 1, 1, 2, 50]


def test_what_was_spent_comes_back_evenly() -> None:
    clock = Clock()
    budget = Budget(60, clock)
    assert budget.charge("ada", 6_000) == Charge(6_000, 60, 0, 60)
    clock.now += 9.5
    with pytest.raises(RateLimited) as refused:
        budget.charge("ada", 1_000)
    assert refused.value.retry_after == 1
    clock.now += 1
    assert budget.charge("ada", 1_000).remaining == 0
    clock.now += 3_600
    assert budget.charge("ada", 100).remaining == 59, "never more than a minute's"


def test_a_refused_operation_costs_nothing() -> None:
    clock = Clock()
    budget = Budget(10, clock)
    budget.charge("ada", 900)
    for _ in range(50):
        with pytest.raises(RateLimited):
            budget.charge("ada", 200)
    assert budget.charge("ada", 100).remaining == 0


def test_one_user_does_not_spend_anothers() -> None:
    budget = Budget(10, Clock())
    budget.charge("ada", 1_000)
    assert budget.charge("bola", 1_000).remaining == 0


def test_what_costs_more_than_a_minute_has_is_refused_for_good() -> None:
    with pytest.raises(RateLimited, match="Ask for less"):
        Budget(10, Clock()).charge("ada", 1_001)


@pytest.fixture
async def api(database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """A server that gives each user ten points a minute."""
    async with open_api(database_url, tmp_path, points_per_minute=10) as made:
        yield made


async def test_who_has_spent_it_all_waits_while_others_go_on(api: Api, database: Database) -> None:
    """A 429 with the code and the time to wait; and nothing was executed."""
    world = World(database)
    one, other = [await api.sign_in(await world.admin("super_admin")) for _ in range(2)]
    for _ in range(10):
        assert (await one.post(PAGE)).status_code == 200
    refused = await one.post(PAGE)
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert "data" not in refused.json()
    assert 1 <= int(refused.headers["retry-after"]) <= 6
    assert (await other.post(PAGE)).status_code == 200


async def test_a_client_that_asks_is_told_the_cost(api: Api, database: Database) -> None:
    client = await api.sign_in(await World(database).admin("super_admin"))
    body = {"query": PAGE, "extensions": {"cost": True}}
    response = await client.http.post(ENDPOINT, json=body, headers=client.headers)
    assert response.json()["extensions"] == {"cost": {"nodes": 100, "points": 1, "remaining": 9, "limit": 10}}
    assert "extensions" not in await client.answer(PAGE)
