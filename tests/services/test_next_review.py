"""Whatever is done with a group, the column by which reviews are listed says what the rule does of its history."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from gql.db.engine import Database
from gql.db.models import Admin, Group
from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity, GroupStatus, SubjectKind
from gql.domain.errors import Refused
from gql.domain.groups import GroupAction, GroupTerms
from gql.domain.roles import SUPER_ADMIN
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services.audit import Actor
from gql.services.group_changes import (
    ChangeGroupStatus,
    CreateGroup,
    UpdateGroup,
    change_group_status,
    create_group,
    update_group,
)
from gql.services.group_reviews import SignGroupReview, sign_group_review
from tests.databases import DatabaseKind, fresh_database
from tests.factories import World
from tests.records import current

intervals = st.none() | st.sampled_from([1, 7, 30])
deeds = (
    st.tuples(st.just("interval"), intervals)
    | st.tuples(st.sampled_from(GroupAction), st.none())
    | st.tuples(st.just("sign"), st.none())
    | st.tuples(st.just("wait"), st.integers(1, 40))
    | st.tuples(st.just("rename"), st.none())
)
histories = st.lists(deeds, max_size=16)


@dataclass
class Model:
    """The rule, read off what has happened: the interval after the last moment from which it counts."""

    days: int | None
    counted_from: datetime | None = None
    in_use: bool = False
    happened: list[str] = field(default_factory=list)

    @property
    def due_at(self) -> datetime | None:
        """When it is to be reviewed."""
        if self.days is None or not self.in_use or self.counted_from is None:
            return None
        return self.counted_from + timedelta(days=self.days)


@dataclass
class Keeper:
    """Whoever does it all."""

    database: Database
    world: World
    boss: Admin

    async def does(self, group: Group, deed: str, days: int | None) -> bool:
        """Through the services; answers whether it was done."""
        viewer = AdminViewer(self.boss.id, uuid4(), self.boss.office_id, (SUPER_ADMIN,))
        actor, version = Actor(SubjectKind.ADMIN, self.boss.id), (await current(self.database, group)).version
        try:
            if deed == "sign":
                await sign_group_review(self.database, actor, viewer, SignGroupReview(group.id, "Looked at."))
                return True
            if deed in ("interval", "rename"):
                new = {"review_interval_days": days} if deed == "interval" else {"description": f"Version {version}"}
                return (await update_group(self.database, actor, viewer, UpdateGroup(group.id, version, new))).changed
            wish = ChangeGroupStatus(GroupAction(deed), group.id, "As it comes")
            return (await change_group_status(self.database, actor, viewer, wish)).changed
        except Refused:
            return False

    async def makes(self, days: int | None) -> UUID:
        """A group that is not in use yet."""
        viewer = AdminViewer(self.boss.id, uuid4(), self.boss.office_id, (SUPER_ADMIN,))
        terms = GroupTerms(
            name=f"Group of {uuid4()}",
            purpose=GroupPurpose.OTHER,
            description="One.",
            criteria_text="Any.",
            minimum_members=None,
            maximum_members=None,
            capacity_mode=CapacityMode.HARD,
            sensitivity=GroupSensitivity.NORMAL,
            visible_to_customers=False,
            review_interval_days=days,
            removal_statuses=[],
            removes_graduated=False,
        )
        actor = Actor(SubjectKind.ADMIN, self.boss.id)
        return (await create_group(self.database, actor, viewer, CreateGroup(terms, None, None))).group_id


async def _live_through(keeper: Keeper, days: int | None, history: list[tuple[str, int | None]]) -> None:
    group, model = Group(id=await keeper.makes(days)), Model(days)
    for deed, number in history:
        if deed == "wait":
            assert number is not None
            await keeper.world.let_time_pass(group, days=number)
            if model.counted_from is not None:
                model.counted_from -= timedelta(days=number)
            continue
        was_due = model.due_at
        done = await keeper.does(group, deed, number)
        row = await current(keeper.database, group)
        if deed == "sign":
            assert done is (was_due is not None and was_due <= now())
            model.counted_from = row.reviewed_at if done else model.counted_from
        elif done and deed == "interval":
            model.counted_from = row.updated_at if model.days is None else model.counted_from
            model.days = number
        elif done and deed != "rename":
            was_in_use, model.in_use = model.in_use, row.status in (GroupStatus.ACTIVE, GroupStatus.SUSPENDED)
            model.counted_from = row.status_changed_at if model.in_use and not was_in_use else model.counted_from
        model.happened.append(deed)
        assert row.next_review_at == model.due_at, model


def test_the_column_follows_any_history(database_kind: DatabaseKind) -> None:
    """Of intervals, changes of status, signatures and waiting, in any order."""
    with fresh_database(database_kind) as url, asyncio.Runner() as runner:

        async def made() -> Keeper:
            database = Database(url)
            world = World(database)
            return Keeper(database, world, await world.admin("super_admin"))

        keeper = runner.run(made())

        @settings(max_examples=25)
        @given(days=intervals, history=histories)
        def holds(days: int | None, history: list[tuple[str, int | None]]) -> None:
            runner.run(_live_through(keeper, days, history))

        try:
            holds()
        finally:
            runner.run(keeper.database.close())
