"""`memberCount` is the number of open memberships after any interleaving of all that changes members, or tries to."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from gql.db.models import Customer, Group
from gql.domain.enums import CustomerStatus
from gql.domain.groups import GroupAction
from gql.services.job_runner import JobRunner
from tests.api.client import Api, Client, gid, open_api
from tests.api.keeping_groups import change, keep, remove
from tests.api.member_jobs import add_many
from tests.api.mutations import add, codes
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World
from tests.records import current, memberships
from tests.services.conftest import wait_long

CUSTOMERS = 5
MOST_AT_ONCE = 6
keys = st.none() | st.sampled_from(["one", "another"])
numbers = st.integers(0, CUSTOMERS - 1)
acts = st.one_of(
    st.tuples(st.just("add"), numbers, keys),
    st.tuples(st.just("remove"), numbers, keys),
    st.tuples(st.just("status"), st.sampled_from([action.lower() for action in GroupAction]), keys),
    st.tuples(st.just("maximum"), st.none() | st.integers(1, CUSTOMERS), st.none()),
    st.tuples(st.just("job"), st.lists(numbers, min_size=1, max_size=3, unique=True), st.none()),
)
histories = st.lists(st.lists(acts, min_size=1, max_size=MOST_AT_ONCE), max_size=6)


@dataclass
class Lender:
    """Whoever changes groups, and whom they add: the last of these is suspended, and joins nothing."""

    api: Api
    world: World
    client: Client
    customers: list[Customer]

    def act(self, group: Group, what: str, argument: Any, key: str | None) -> Awaitable[Any]:
        """One attempt, by the API; it may be refused, or repeat what was answered before."""
        named = {} if key is None else {"idempotencyKey": f"{group.id} {what} {key}"}
        if what == "add":
            return self._added(group, self.customers[argument], named)
        if what == "remove":
            return remove(self.client, group, self.customers[argument], **named)
        if what == "status":
            return change(self.client, f"{argument}Group", group, **named)
        return self._limited(group, argument) if what == "maximum" else self._by_a_job(group, argument)

    async def _added(self, group: Group, customer: Customer, named: dict[str, str]) -> None:
        payload = await add(self.client, group, customer, **named)
        assert not (customer is self.customers[-1] and payload["membership"]), "who is suspended joins nothing"
        assert codes(payload) or payload["membership"]["customer"]["id"] == gid(customer)

    async def _limited(self, group: Group, maximum: int | None) -> None:
        version = (await current(self.api.database, group)).version
        wish = {"groupId": gid(group), "expectedVersion": version, "maximumMembers": maximum}
        await keep(self.client, "updateGroup", **wish)

    async def _by_a_job(self, group: Group, numbers: list[int]) -> None:
        await add_many(self.client, group, customerIds=[gid(self.customers[one]) for one in numbers])
        await JobRunner(self.api.database, self.api.settings, batch=2).work()


async def _lender(stack: AsyncExitStack, url: str, folder: Path) -> Lender:
    api = await stack.enter_async_context(open_api(url, folder, database_pool_size=2 * MOST_AT_ONCE))
    if not api.database.is_sqlite:
        event.listen(api.database.writer.sync_engine, "connect", wait_long)
    world = World(api.database)
    client = await api.sign_in(await world.admin("super_admin"))
    suspended = await world.customer(status=CustomerStatus.SUSPENDED)
    return Lender(api, world, client, [*await world.customers(CUSTOMERS - 1), suspended])


async def _live_through(lender: Lender, maximum: int | None, history: list[list[tuple[str, Any, str | None]]]) -> None:
    group = await lender.world.group(maximum=maximum)
    for at_once in history:
        await asyncio.gather(*(lender.act(group, *one) for one in at_once))
        spans = await memberships(lender.api.database, group)
        open_now = [row.customer_id for row in spans if row.until is None]
        row = await current(lender.api.database, group)
        assert len(set(open_now)) == len(open_now) == row.member_count, at_once
        assert row.maximum_members is None or row.member_count <= row.maximum_members, at_once


def test_the_count_is_right_after_any_interleaving(database_kind: DatabaseKind, tmp_path: Path) -> None:
    """Additions, removals, replays, changes of status and limit, and jobs, in any order and at the same moment."""
    with fresh_database(database_kind) as url, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        lender = runner.run(_lender(stack, url, tmp_path))

        @settings(max_examples=30)
        @given(maximum=st.none() | st.integers(1, CUSTOMERS), history=histories)
        def holds(maximum: int | None, history: list[list[tuple[str, Any, str | None]]]) -> None:
            runner.run(_live_through(lender, maximum, history))

        try:
            holds()
        finally:
            runner.run(stack.aclose())
