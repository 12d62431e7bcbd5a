"""A dry run of `reassignBook` says what its job then does: random lenders, under each scope that a lender can set."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from gql.db.models import Admin, Customer, Office
from gql.db.queries.active_admins import active_accesses
from gql.domain.enums import CustomerStatus
from tests.api.client import Api, gid, open_api
from tests.api.test_reassign_book import job, reassign, to, work
from tests.examples import examples
from tests.factories import World
from tests.records import unchanged

_CUSTOMERS = 24


class Lender:
    """Offices three levels deep and one elsewhere; a portfolio manager of the middle one asks, and has opened one
    customer elsewhere.
    """

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.managers: list[Admin] = []
        self.customers: list[Customer] = []

    async def build(self) -> "Lender":
        world, random = self.world, self.random
        head = await world.office()
        middle = await world.office(parent=head)
        offices: list[Office] = [middle, await world.office(parent=middle), await world.office()]
        self.boss = await world.admin("portfolio_manager", office=middle)
        roles = ("account_manager", "account_manager", "team_member", "collections_officer", "account_manager")
        where = [middle, *(random.choice([head, *offices]) for _ in roles[1:])]
        self.managers = [await world.admin(role, office=office) for role, office in zip(roles, where, strict=True)]
        for _ in range(_CUSTOMERS):
            manager = random.choice([None, self.boss, *self.managers])
            status = random.choice([CustomerStatus.ACTIVE, CustomerStatus.ACTIVE, CustomerStatus.ARCHIVED])
            office = random.choice(offices)
            self.customers.append(await world.customer(office=office, manager=manager, status=status))
        opened = await world.customer(office=offices[-1], manager=self.managers[0])
        self.customers.append(opened)
        await world.cover(self.boss, customer=opened)
        await world.cover(self.managers[2], self.managers[1])
        return self

    def wishes(self) -> list[dict[str, Any]]:
        """By filter, by a book, by hand; with weights and counts."""
        some = [self.managers[0], self.random.choice(self.managers[1:])]
        return [
            {"customerFilter": {}, "to": to(*some, weight=self.random.randint(1, 9))},
            {"fromAdminId": gid(self.boss), "to": to(*some)},
            {"moves": [{"customerId": gid(self.customers[-1]), "adminId": gid(some[0])}]},
        ]


@pytest.mark.parametrize("scope", ["any", "office", "ancestors", "assigner"])
async def test_a_dry_run_says_what_the_job_then_does(scope: str, database_url: str, tmp_path: Path) -> None:
    """Outcomes, refusals by code, books, and who gains and loses sight of how many."""
    async with open_api(database_url, tmp_path, assignment_scope=scope) as api:
        world = World(api.database)
        for seed in range(examples(1)):
            lender = await Lender(world, Random(f"{scope} {seed}")).build()
            client = await api.sign_in(lender.boss)
            moved = 0
            for wish in lender.wishes():
                await api.app.state.reads.flush()  # those under covers, of the last job's items
                before = await levels(api)
                async with unchanged(api.database):
                    payload = await reassign(client, **wish, dryRun=True)
                if payload["userErrors"]:  # nothing left in the book
                    assert [error["code"] for error in payload["userErrors"]] == ["NO_CUSTOMERS"]
                    continue
                plan, begun = payload["plan"], await reassign(client, **wish)
                await work(api, batch=7)
                done = await job(client, begun["job"]["id"])
                counts, items = done["counts"], [edge["node"] for edge in done["items"]["edges"]]
                assert {name: plan[name] for name in counts if name != "skipped"} | {"skipped": 0} == counts
                codes = Counter(code for item in items for code in item["codes"] or ())
                assert {one["code"]: one["customers"] for one in plan["refusals"]} == codes
                sizes = await book_sizes(api)
                assert {one["admin"]["id"]: one["after"] for one in plan["books"]} == {
                    one["admin"]["id"]: sizes[one["admin"]["id"]] for one in plan["books"]
                }
                assert told(plan) == changes(before, await levels(api))
                moved += counts["moved"]
            assert moved, "a lender where nothing moves shows nothing"


async def book_sizes(api: Api) -> Counter[str]:
    admins = {admin.id: gid(admin) for admin in await all_of(api, Admin)}
    return Counter(admins[one.account_manager_id] for one in await all_of(api, Customer) if one.account_manager_id)


async def all_of(api: Api, model: Any) -> list[Any]:
    async with api.database.begin() as session:
        return list(await session.scalars(select(model)))


async def levels(api: Api) -> dict[str, dict[Any, Any]]:
    """What each active admin sees of each customer, one by one; but for glasses broken, which close within hours."""
    async with api.database.begin() as session:
        accesses = [replace(access, opened={}) for access in await active_accesses(session)]
    admins = {admin.id: gid(admin) for admin in await all_of(api, Admin)}
    customers = await all_of(api, Customer)
    return {
        admins[access.admin_id]: {
            one.id: access.to(one.id, one.account_manager_id, one.office_id).level for one in customers
        }
        for access in accesses
    }


_KIND_OF_CHANGE = {
    ("NONE", "FULL"): "gainsFull",
    ("LIMITED", "FULL"): "gainsFull",
    ("NONE", "LIMITED"): "gainsLimited",
    ("FULL", "LIMITED"): "losesFull",
    ("FULL", "NONE"): "losesAll",
    ("LIMITED", "NONE"): "losesAll",
}


def changes(before: dict[str, dict[Any, Any]], after: dict[str, dict[Any, Any]]) -> dict[str, Counter[str]]:
    found = {
        admin: Counter(
            _KIND_OF_CHANGE[level.name, after[admin][customer].name]
            for customer, level in levels.items()
            if level is not after[admin][customer]
        )
        for admin, levels in before.items()
    }
    return {admin: kinds for admin, kinds in found.items() if kinds}


def told(plan: dict[str, Any]) -> dict[str, Counter[str]]:
    assert plan["changedViewers"] == len(plan["sightChanges"])
    names = sorted(set(_KIND_OF_CHANGE.values()))
    return {one["admin"]["id"]: Counter({name: one[name] for name in names}) for one in plan["sightChanges"]}
