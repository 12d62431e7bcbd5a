"""Who leaves while they are given customers, sign in, or are about to throw out whoever throws them out."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, Assignment, Customer, PasswordToken, ReferenceVersion, Session
from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.services import password_tokens
from tests.api.client import KEY, Client
from tests.api.links import NEW_PASSWORD, SIGN_IN
from tests.api.mutations import assign, codes
from tests.api.test_accept_invitation import ACCEPT
from tests.api.test_change_admin import give, move
from tests.api.test_deactivate_admin import deactivate
from tests.auth.accounts import begin_session
from tests.factories import PASSWORD
from tests.records import current
from tests.services.conftest import Crowd

A_WHILE = 0.5
"""Seconds in which whoever doesn't wait for a lock is through; whoever does has to wait until it is given back."""


async def book(database: Database, admin: Admin) -> tuple[int, int]:
    """Of how many customers they are account manager, by the customers' rows and by the history."""
    customers = await database.rows(select(Customer.id).where(Customer.account_manager_id == admin.id))
    spans = await database.rows(
        select(Assignment.id).where(Assignment.admin_id == admin.id, Assignment.ended_at.is_(None))
    )
    return len(customers), len(spans)


async def lasting(database: Database, admin: Admin) -> int:
    """How many of their sessions have not ended."""
    return len(
        await database.rows(select(Session.id).where(Session.admin_id == admin.id, Session.revoked_at.is_(None)))
    )


async def client_of(crowd: Crowd, admin: Admin) -> Client:
    """A client of one more admin's."""
    session = await begin_session(crowd.database, admin)
    token = AccessTokens(KEY, timedelta(minutes=10)).issue(SubjectKind.ADMIN, admin.id, session.id)
    return Client(crowd.client.http, {"Authorization": f"Bearer {token.text}"})


async def is_inactive(database: Database, admin: Admin) -> bool:
    return bool((await current(database, admin)).status == AdminStatus.INACTIVE)


async def test_a_crowd_of_assignments_and_leavings_leaves_no_inactive_account_manager(crowd: Crowd) -> None:
    """Whichever comes first: a book that keeps them, or a leaver whom nobody is given to."""
    for _ in range(4):
        ada, people = await crowd.world.admin("account_manager"), await crowd.world.customers(6)
        leaving, *assigned = await asyncio.gather(
            deactivate(crowd.client, ada), *(assign(crowd.client, customer, ada) for customer in people)
        )
        gone, given = await is_inactive(crowd.database, ada), sum(payload["changed"] for payload in assigned)
        assert leaving["changed"] is gone
        assert await book(crowd.database, ada) == (given, given)
        if gone:
            assert given == 0
            assert all(codes(payload) == ["ADMIN_INACTIVE"] for payload in assigned)
        else:
            [refused] = leaving["userErrors"]
            assert refused["code"] == "HAS_BOOK"
            assert 1 <= refused["bookSize"] <= given == len(people)


async def test_who_is_just_being_given_a_customer_has_a_book(crowd: Crowd) -> None:
    """The assignment has looked at the account manager and is not yet written when the leaving begins."""
    ada, customer = await crowd.world.admin("account_manager"), await crowd.world.customer()
    other_boss, another = await crowd.world.admin("super_admin"), await crowd.world.admin("super_admin")
    assigner, leaver = await client_of(crowd, other_boss), await client_of(crowd, another)
    async with crowd.database.begin() as holding:
        # Whoever assigns is named by the row that is written last.
        await holding.execute(select(Admin.id).where(Admin.id == other_boss.id).with_for_update())
        assigning = asyncio.create_task(assign(assigner, customer, ada))
        await asyncio.sleep(A_WHILE)
        leaving = asyncio.create_task(deactivate(leaver, ada))
        await asyncio.sleep(A_WHILE)
    assigned, left = await assigning, await leaving

    assert sorted([assigned["changed"], left["changed"]]) == [False, True]
    assert await book(crowd.database, ada) == ((1, 1) if assigned["changed"] else (0, 0))
    assert await is_inactive(crowd.database, ada) is left["changed"]


async def test_who_is_just_leaving_is_given_no_customer(crowd: Crowd) -> None:
    """The book was counted, and the leaving is not yet written when the assignment begins."""
    ada, customer = await crowd.world.admin("account_manager"), await crowd.world.customer()
    async with crowd.database.begin() as transaction:
        await password_tokens.issue(transaction, PasswordTokenPurpose.RESET, SubjectKind.ADMIN, ada.id)
    async with crowd.database.begin() as holding:
        await holding.execute(select(PasswordToken.id).where(PasswordToken.admin_id == ada.id).with_for_update())
        leaving = asyncio.create_task(deactivate(crowd.client, ada))
        await asyncio.sleep(A_WHILE)
        assigning = asyncio.create_task(assign(crowd.client, customer, ada))
        await asyncio.sleep(A_WHILE)
    left, assigned = await leaving, await assigning

    assert sorted([assigned["changed"], left["changed"]]) == [False, True]
    assert await book(crowd.database, ada) == ((1, 1) if assigned["changed"] else (0, 0))
    assert await is_inactive(crowd.database, ada) is left["changed"]


async def test_who_just_gets_a_role_that_never_holds_a_book_is_given_no_customer(crowd: Crowd) -> None:
    """The book was counted, and the roles are not yet written when the assignment begins. Nor is one lost on the way
    when an account manager is only moved.
    """
    ada, bola = [await crowd.world.admin("account_manager") for _ in range(2)]
    one, another = await crowd.world.customers(2)
    kano = await crowd.world.office("Kano")
    async with crowd.database.begin() as holding:
        held = select(ReferenceVersion.version).with_for_update()  # what every change of an admin writes, last
        await holding.execute(held)
        changes = [
            asyncio.create_task(give(crowd.client, ada, "auditor")),
            asyncio.create_task(move(crowd.client, bola, kano)),
        ]
        await asyncio.sleep(A_WHILE)
        assigning = [asyncio.create_task(assign(crowd.client, *pair)) for pair in ((one, ada), (another, bola))]
        await asyncio.sleep(A_WHILE)
    given, _ = await asyncio.gather(*changes)
    assigned, to_who_moved = await asyncio.gather(*assigning)

    assert sorted([assigned["changed"], given["changed"]]) == [False, True]
    assert await book(crowd.database, ada) == ((1, 1) if assigned["changed"] else (0, 0))
    if not assigned["changed"]:
        assert codes(assigned) == ["ADMIN_NOT_ELIGIBLE"]
    assert (to_who_moved["changed"], codes(to_who_moved)) == (True, [])


async def test_of_two_who_deactivate_each_other_one_stays(crowd: Crowd) -> None:
    """Else nobody would be left who could let anybody in."""
    ada, bola = await crowd.world.admin("super_admin"), await crowd.world.admin("super_admin")
    adas, bolas = await client_of(crowd, ada), await client_of(crowd, bola)
    async with crowd.database.begin() as transaction:
        for admin in (ada, bola):
            await password_tokens.issue(transaction, PasswordTokenPurpose.RESET, SubjectKind.ADMIN, admin.id)
    async with crowd.database.begin() as holding:  # until both have come as far as they come
        await holding.execute(select(PasswordToken.id).with_for_update())
        changes = [asyncio.create_task(deactivate(adas, bola)), asyncio.create_task(deactivate(bolas, ada))]
        await asyncio.sleep(A_WHILE)
    payloads = await asyncio.gather(*changes)

    assert sorted(payload["changed"] for payload in payloads) == [False, True]
    [lost] = [payload for payload in payloads if not payload["changed"]]
    assert codes(lost) == ["FORBIDDEN"]
    assert [await is_inactive(crowd.database, admin) for admin in (ada, bola)].count(True) == 1


async def test_a_session_that_is_just_beginning_ends_too(crowd: Crowd) -> None:
    """It is written and not yet committed when the leaving begins; it must not come back with its owner."""
    ada = await crowd.world.admin("auditor")
    async with crowd.database.begin() as signing_in:
        moment = now()
        begun = Session(id=new_id(), admin_id=ada.id, created_at=moment, expires_at=moment + timedelta(hours=1))
        signing_in.add(begun)
        await signing_in.flush()
        leaving = asyncio.create_task(deactivate(crowd.client, ada))
        await asyncio.sleep(A_WHILE)
    assert (await leaving)["changed"] is True
    assert await lasting(crowd.database, ada) == 0


async def test_sign_ins_and_links_beside_a_leaving_let_nobody_in(crowd: Crowd) -> None:
    """Without a deadlock: links, account and sessions are locked in one order."""
    ada, ngozi = await crowd.world.admin("auditor"), await crowd.world.admin("auditor", status=AdminStatus.INVITED)
    await crowd.world.password(ada)
    async with crowd.database.begin() as transaction:
        _, token = await password_tokens.issue(
            transaction, PasswordTokenPurpose.INVITATION, SubjectKind.ADMIN, ngozi.id
        )
    nobody = Client(crowd.client.http)
    given = {"email": ada.email, "password": PASSWORD, "audience": "ADMIN"}

    await asyncio.gather(
        *(nobody.data(SIGN_IN, {"input": given}) for _ in range(4)),
        nobody.data(ACCEPT, {"input": {"token": token, "password": NEW_PASSWORD}}),
        *(deactivate(crowd.client, admin) for admin in (ada, ngozi)),
    )

    for admin in (ada, ngozi):
        assert await is_inactive(crowd.database, admin)
        assert await lasting(crowd.database, admin) == 0


async def test_an_invitation_that_is_being_accepted_and_withdrawn_is_no_deadlock(crowd: Crowd) -> None:
    """Who accepts locks the account before the link, as who deactivates does."""
    ngozi = await crowd.world.admin("auditor", status=AdminStatus.INVITED)
    async with crowd.database.begin() as transaction:
        _, token = await password_tokens.issue(
            transaction, PasswordTokenPurpose.INVITATION, SubjectKind.ADMIN, ngozi.id
        )
    given = {"input": {"token": token, "password": NEW_PASSWORD}}
    async with crowd.database.begin() as holding:  # so that who deactivates has the account first, and then the link
        await holding.execute(select(Admin.id).where(Admin.id == ngozi.id).with_for_update())
        leaving = asyncio.create_task(deactivate(crowd.client, ngozi))
        await asyncio.sleep(A_WHILE)
        accepting = asyncio.create_task(Client(crowd.client.http).data(ACCEPT, given))
        await asyncio.sleep(A_WHILE)
    await accepting
    assert (await leaving)["changed"] is True
    assert await is_inactive(crowd.database, ngozi)
    assert await lasting(crowd.database, ngozi) == 0
