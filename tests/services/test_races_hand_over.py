"""A book is handed over while customers come to it and go from it, and while those who take over leave, too."""

import asyncio

from sqlalchemy import select

from gql.db.models import Admin, PasswordToken
from gql.domain.enums import PasswordTokenPurpose, SubjectKind
from gql.services import password_tokens
from tests.api.mutations import assign
from tests.api.test_deactivate_admin import deactivate
from tests.api.test_hand_over import hand_over
from tests.api.test_reassign_book import to
from tests.records import current, history, is_chain
from tests.services.conftest import Crowd
from tests.services.test_races_leavers import A_WHILE, book, client_of, is_inactive


async def test_nobody_is_left_with_who_is_gone(crowd: Crowd) -> None:
    """Whoever comes first: each customer's history is a chain, and ends with somebody who is there."""
    world = crowd.world
    for _ in range(3):
        ada, bola, chi = [await world.admin("account_manager") for _ in range(3)]
        theirs = [await world.customer(manager=ada) for _ in range(4)]
        others = await world.customers(4)
        done, *_ = await asyncio.gather(
            hand_over(crowd.client, ada, to=to(bola)),
            *(assign(crowd.client, one, ada) for one in (*others, theirs[0])),
            *(assign(crowd.client, one, chi) for one in theirs[:2]),
            deactivate(crowd.client, chi),
        )
        if not done["changed"]:
            assert [error["code"] for error in done["userErrors"]] == ["BOOK_CHANGED"]
            done = await hand_over(crowd.client, ada, to=to(bola))
        assert done["changed"]
        assert await is_inactive(crowd.database, ada)
        for admin in (ada, bola, chi):
            customers, open_spans = await book(crowd.database, admin)
            assert customers == open_spans
            assert customers == 0 or not await is_inactive(crowd.database, admin)
        for customer in (*theirs, *others):
            spans = await history(crowd.database, customer)
            assert is_chain(spans) or not spans  # refused, since Ada had left


async def test_two_who_hand_over_to_each_other_do_not_both_leave(crowd: Crowd) -> None:
    """The second finds that who shall take over is gone."""
    ada, bola = [await crowd.world.admin("account_manager") for _ in range(2)]
    books = {admin.id: await crowd.world.customer(manager=admin) for admin in (ada, bola)}
    another = await client_of(crowd, await crowd.world.admin("super_admin"))
    done = await asyncio.gather(
        hand_over(crowd.client, ada, to=to(bola)), hand_over(another, bola, to=to(ada)), return_exceptions=False
    )
    assert sorted(one["changed"] for one in done) == [False, True]
    [refused] = [one for one in done if not one["changed"]]
    assert [error["code"] for error in refused["userErrors"]] == ["ADMIN_INACTIVE"]
    [left] = {(await current(crowd.database, one)).account_manager_id for one in books.values()}
    assert not await is_inactive(crowd.database, Admin(id=left))


async def test_who_is_just_handing_over_is_given_no_customer(crowd: Crowd) -> None:
    """The book was looked at, and the leaving is not yet written when the assignment begins."""
    ada, bola = [await crowd.world.admin("account_manager") for _ in range(2)]
    await crowd.world.customer(manager=ada)
    another = await crowd.world.customer()
    async with crowd.database.begin() as transaction:
        await password_tokens.issue(transaction, PasswordTokenPurpose.RESET, SubjectKind.ADMIN, ada.id)
    async with crowd.database.begin() as holding:
        await holding.execute(select(PasswordToken.id).where(PasswordToken.admin_id == ada.id).with_for_update())
        leaving = asyncio.create_task(hand_over(crowd.client, ada, to=to(bola)))
        await asyncio.sleep(A_WHILE)
        assigning = asyncio.create_task(assign(crowd.client, another, ada))
        await asyncio.sleep(A_WHILE)
    left, assigned = await leaving, await assigning
    assert left["changed"]
    assert await is_inactive(crowd.database, ada)
    assert await book(crowd.database, ada) == (0, 0)
    assert assigned["changed"] is ((await book(crowd.database, bola)) == (2, 2))  # the assignment came first
