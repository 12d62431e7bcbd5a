"""A dry run of `handOverAndDeactivate` says what is then done: random lenders, under two of their scopes."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gql.db.models import Admin, Customer, ScheduledAssignment
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.domain.scheduled_assignments import ScheduleStatus
from tests.api.client import Api, gid, open_api
from tests.api.test_hand_over import hand_over
from tests.api.test_reassign_book import to
from tests.api.test_reassign_plans import Lender, all_of, book_sizes, changes, levels, told
from tests.examples import examples
from tests.factories import World
from tests.records import unchanged

_REFUSALS = {"NO_SUCCESSOR", "OUTSIDE_SCOPE"}


async def _more(lender: Lender, boss: Admin) -> None:
    """What is scheduled, covered and due, here and there."""
    world, random = lender.world, lender.random
    for customer in random.sample(lender.customers, 8):
        by, follower = random.sample([boss, *lender.managers], 2)
        await world.scheduled(customer, follower, by)
    for customer in random.sample(lender.customers, 6):
        await world.interaction(customer, due_at=world.moment())
    for _ in range(3):
        await world.cover(*random.sample(lender.managers, 2))


async def _ways(api: Api, lender: Lender, leaver: Admin) -> list[dict[str, Any]]:
    """By office, by weights, one by one: two of them, of which the second is tried where the first won't do."""
    random = lender.random
    gone = {one.id for one in await all_of(api, Admin) if one.status is not AdminStatus.ACTIVE}
    staying = [admin for admin in lender.managers if admin.id not in {leaver.id, *gone}]
    to_come = {
        one.customer_id
        for one in await all_of(api, ScheduledAssignment)
        if one.admin_id == leaver.id and one.status is ScheduleStatus.PENDING
    }
    needy = [
        one
        for one in await all_of(api, Customer)
        if (one.account_manager_id == leaver.id or one.id in to_come) and one.status is not CustomerStatus.ARCHIVED
    ]
    ways: list[dict[str, Any]] = [
        {"byOffice": True},
        {"to": to(*random.sample(staying, 2), weight=random.randint(1, 9))},
        {"moves": [{"customerId": gid(one), "adminId": gid(random.choice(staying))} for one in needy]},
    ]
    return random.sample([way for way in ways if way != {"moves": []}], 2)


@pytest.mark.parametrize("scope", ["any", "office"])
async def test_a_dry_run_says_what_is_then_done(scope: str, database_url: str, tmp_path: Path) -> None:
    """Refusals, counts, books, and who gains and loses sight of how many."""
    async with open_api(database_url, tmp_path, assignment_scope=scope) as api:
        world, left = World(api.database), 0
        for seed in range(examples(1)):
            lender = await Lender(world, Random(f"{scope} {seed}")).build()
            boss = await world.admin("super_admin", office=await world.office())
            await _more(lender, boss)
            client = await api.sign_in(boss)
            for leaver in lender.managers[:2]:
                for way in await _ways(api, lender, leaver):
                    if await _says_what_it_does(api, client, leaver, way):
                        left += 1
                        break
        assert left, "a lender whom nobody leaves shows nothing"


async def _says_what_it_does(api: Api, client: Any, leaver: Admin, way: dict[str, Any]) -> bool:
    """Whether the leaver has left."""
    before = await levels(api)
    async with unchanged(api.database):
        planned = await hand_over(client, leaver, **way, dryRun=True)
    done = await hand_over(client, leaver, **way)
    after = await levels(api)
    assert planned["userErrors"] == done["userErrors"]
    if done["userErrors"]:
        assert {error["code"] for error in done["userErrors"]} <= _REFUSALS
        assert after == before
        return False
    plan, own = planned["plan"], gid(leaver)
    assert planned["counts"] == done["counts"]
    sizes = await book_sizes(api)
    assert {one["admin"]["id"]: one["after"] for one in plan["books"]} == {
        one["admin"]["id"]: sizes[one["admin"]["id"]] for one in plan["books"]
    }
    said = told(plan)
    assert said.pop(own, Counter())["losesAll"] == (
        done["counts"]["moved"] + done["counts"]["unassigned"] if own in before else 0
    )
    before.pop(own, None)
    assert own not in after
    assert said == changes(before, after)
    return bool(done["changed"])
