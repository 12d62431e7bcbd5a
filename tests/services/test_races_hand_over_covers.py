"""A book is handed over while covers of it, or by who leaves, are being granted."""

import asyncio

from sqlalchemy import select

from gql.db.models import Admin, Cover, PasswordToken, ScheduledAssignment
from gql.domain.enums import PasswordTokenPurpose, SubjectKind
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.services import password_tokens
from tests.api.covering import grant
from tests.api.mutations import codes
from tests.api.test_hand_over import hand_over
from tests.api.test_reassign_book import to
from tests.api.test_scheduled_assignments import assign_at, moment
from tests.services.conftest import Crowd
from tests.services.test_races_leavers import A_WHILE, client_of, is_inactive


async def test_a_cover_that_is_just_being_granted_ends_too(crowd: Crowd) -> None:
    """The covers were looked at, and the leaver is not yet locked, when one more is written."""
    ada, bola, chi = [await crowd.world.admin("account_manager") for _ in range(3)]
    await crowd.world.customer(manager=ada)
    granter = await crowd.world.admin("super_admin")
    granting_client = await client_of(crowd, granter)
    async with crowd.database.begin() as holding:
        # Whoever grants is named by the row that is written last.
        await holding.execute(select(Admin.id).where(Admin.id == granter.id).with_for_update())
        granting = asyncio.create_task(grant(granting_client, ada, chi))
        await asyncio.sleep(A_WHILE)
        leaving = asyncio.create_task(hand_over(crowd.client, ada, to=to(bola)))
        await asyncio.sleep(A_WHILE)
    granted, left = await granting, await leaving

    assert left["changed"]
    assert await is_inactive(crowd.database, ada)
    open_covers = select(Cover.id).where(Cover.manager_id == ada.id, Cover.ended_at.is_(None))
    assert await crowd.database.rows(open_covers) == []
    assert left["counts"]["coversEnded"] == (1 if granted["changed"] else 0)


async def test_who_leaves_may_be_granting_a_cover_of_who_takes_over(crowd: Crowd) -> None:
    """Neither waits for the other in a ring."""
    ada = await crowd.world.admin("super_admin")
    bola, chi = [await crowd.world.admin("account_manager") for _ in range(2)]
    await crowd.world.customer(manager=ada)
    ada_s = await client_of(crowd, ada)
    async with crowd.database.begin() as holding:
        await holding.execute(select(Admin.id).where(Admin.id == chi.id).with_for_update())
        granting = asyncio.create_task(grant(ada_s, bola, chi))
        await asyncio.sleep(A_WHILE)
        leaving = asyncio.create_task(hand_over(crowd.client, ada, to=to(bola)))
        await asyncio.sleep(A_WHILE)
    granted, left = await granting, await leaving
    assert codes(granted) == []
    assert left["changed"]


async def test_who_leaves_schedules_nothing_more(crowd: Crowd) -> None:
    """The leaving is under way and not yet written when the leaver schedules an assignment."""
    ada = await crowd.world.admin("super_admin")
    bola, chi = [await crowd.world.admin("account_manager") for _ in range(2)]
    await crowd.world.customer(manager=ada)
    another = await crowd.world.customer()
    ada_s = await client_of(crowd, ada)
    async with crowd.database.begin() as transaction:
        await password_tokens.issue(transaction, PasswordTokenPurpose.RESET, SubjectKind.ADMIN, ada.id)
    async with crowd.database.begin() as holding:
        await holding.execute(select(PasswordToken.id).where(PasswordToken.admin_id == ada.id).with_for_update())
        leaving = asyncio.create_task(hand_over(crowd.client, ada, to=to(bola)))
        await asyncio.sleep(A_WHILE)
        scheduling = asyncio.create_task(assign_at(ada_s, another, chi, moment(days=7)))
        await asyncio.sleep(A_WHILE)
    left, scheduled = await leaving, await scheduling

    assert left["changed"]
    assert codes(scheduled) == ["FORBIDDEN"]
    pending = select(ScheduledAssignment.id).where(
        ScheduledAssignment.scheduled_by_id == ada.id, ScheduledAssignment.status == ScheduleStatus.PENDING
    )
    assert await crowd.database.rows(pending) == []
