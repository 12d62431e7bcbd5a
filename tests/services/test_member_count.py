"""Whatever happens to a group, `member_count` is the number of its open memberships."""

import asyncio
from dataclasses import dataclass
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from gql.db.engine import Database
from gql.db.models import Admin, Customer, Group, Membership
from gql.domain.enums import SubjectKind
from gql.domain.errors import Refused
from gql.domain.memberships import AddMemberErrorCode
from gql.domain.roles import SUPER_ADMIN
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.memberships import AddGroupMember, add_group_member
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World
from tests.records import current, memberships

CUSTOMERS = 4
additions = st.tuples(st.just("add"), st.integers(0, CUSTOMERS - 1))
removals = st.tuples(st.just("remove"), st.integers(0, CUSTOMERS - 1))
histories = st.lists(additions | removals, max_size=14)


@dataclass
class Lender:
    """Whoever adds, and whom."""

    database: Database
    world: World
    boss: Admin
    customers: list[Customer]

    async def add(self, group: Group, customer: Customer) -> set[str]:
        """Through the service; answers why not."""
        viewer = AdminViewer(self.boss.id, uuid4(), self.boss.office_id, (SUPER_ADMIN,))
        actor = Actor(SubjectKind.ADMIN, self.boss.id)
        try:
            await add_group_member(self.database, actor, viewer, AddGroupMember(group.id, "customerId", customer.id))
        except Refused as refused:
            return {refusal.code for refusal in refused.refusals}
        return set()

    async def remove(self, group: Group, customer: Customer) -> None:
        """As removing a member does: the membership ends, and the group counts one less, if there was one."""
        still_in = (
            (Membership.group_id == group.id) & (Membership.customer_id == customer.id) & Membership.until.is_(None)
        )
        async with self.database.begin() as session:
            ended = await session.scalar(select(func.count()).select_from(Membership).where(still_in))
            await session.execute(update(Membership).where(still_in).values(until=now()))
            fewer = {"member_count": Group.member_count - ended}
            await session.execute(update(Group).where(Group.id == group.id).values(fewer))


async def _lender(url: str) -> Lender:
    database = Database(url)
    world = World(database)
    return Lender(database, world, await world.admin("super_admin"), await world.customers(CUSTOMERS))


async def _live_through(lender: Lender, maximum: int | None, history: list[tuple[str, int]]) -> None:
    group, members = await lender.world.group(maximum=maximum), set[UUID]()
    for event, number in history:
        customer = lender.customers[number]
        if event == "remove":
            await lender.remove(group, customer)
            members.discard(customer.id)
        else:
            expected = set()
            if customer.id in members:
                expected.add(AddMemberErrorCode.ALREADY_MEMBER)
            if maximum is not None and len(members) >= maximum:
                expected.add(AddMemberErrorCode.GROUP_FULL)
            assert await lender.add(group, customer) == expected
            if not expected:
                members.add(customer.id)
        open_now = [row.customer_id for row in await memberships(lender.database, group) if row.until is None]
        assert sorted(open_now) == sorted(members)
        assert (await current(lender.database, group)).member_count == len(members)


def test_the_count_follows_any_history(database_kind: DatabaseKind) -> None:
    """Of additions and removals in any order, with a limit that is reached or without one."""
    with fresh_database(database_kind) as url, asyncio.Runner() as runner:
        lender = runner.run(_lender(url))

        @settings(max_examples=25)
        @given(maximum=st.none() | st.integers(1, CUSTOMERS), history=histories)
        def holds(maximum: int | None, history: list[tuple[str, int]]) -> None:
            runner.run(_live_through(lender, maximum, history))

        try:
            holds()
        finally:
            runner.run(lender.database.close())
