"""Signing in, staying signed in, signing out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from gql.auth.authenticate import viewer_of
from gql.auth.passwords import Passwords
from gql.auth.tokens import fingerprint
from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent, Credential, Customer, RefreshToken, Session
from gql.domain.enums import AdminStatus, CustomerStatus, SubjectKind
from gql.domain.errors import Refused
from gql.domain.time import now
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer, Viewer
from gql.services.session_tokens import SignedIn
from gql.services.sessions import Sessions, SignIn
from gql.settings import Settings
from tests.auth.accounts import KEY, access_tokens, count_work, set_admin_status, set_customer_status
from tests.factories import PASSWORD, World
from tests.records import contents, is_stored, unchanged

ADMIN, CUSTOMER = SubjectKind.ADMIN, SubjectKind.CUSTOMER
_EMAIL = "ada@lender.example"


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(concurrency=2)
    yield made
    made.close()


@pytest.fixture
def sessions(database: Database, passwords: Passwords) -> Sessions:
    return Sessions(
        database, passwords, access_tokens(), Settings.model_validate({"refresh_token_days": 14, "secret_key": KEY})
    )


@pytest.fixture
async def ada(world: World) -> Admin:
    admin = await world.admin("portfolio_manager", email=_EMAIL)
    await world.password(admin)
    return admin


@pytest.fixture
async def chidi(world: World) -> Customer:
    customer = await world.customer(email="chidi@mail.example")
    await world.password(customer)
    return customer


async def viewer_now(database: Database, signed_in: SignedIn) -> Viewer:
    """Whom a request with this access token comes from."""
    return await viewer_of(database, access_tokens(), f"Bearer {signed_in.access_token}")


async def events(database: Database) -> list[tuple[Any, ...]]:
    rows = await database.rows(select(AuditEvent).order_by(AuditEvent.at, AuditEvent.id))
    return [(row.action, row.actor_kind, row.actor_id, row.subject_id, row.request_id) for row in rows]


async def refusal(work: Any) -> tuple[str, str]:
    """The code and the message of what must be refused."""
    with pytest.raises(Refused) as refused:
        await work
    [only] = refused.value.refusals
    return str(only.code), only.message


async def test_an_admin_signs_in(database: Database, sessions: Sessions, ada: Admin) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN), request_id="r1")

    assert isinstance(signed_in.viewer, AdminViewer)
    assert signed_in.viewer.admin_id == ada.id
    assert signed_in.viewer.subtree == {ada.office_id}
    assert await viewer_now(database, signed_in) == signed_in.viewer
    assert timedelta(minutes=9) < signed_in.expires_at - now() <= timedelta(minutes=10)
    assert await events(database) == [("session.started", ADMIN, ada.id, signed_in.viewer.session_id, "r1")]
    [session] = await database.rows(select(Session))
    assert timedelta(days=13, hours=23) < session.expires_at - now() <= timedelta(days=14)


async def test_a_customer_signs_in_as_themselves(database: Database, sessions: Sessions, chidi: Customer) -> None:
    signed_in = await sessions.sign_in(SignIn(chidi.email, PASSWORD, CUSTOMER))

    assert isinstance(signed_in.viewer, CustomerViewer)
    assert signed_in.viewer.customer_id == chidi.id
    assert await viewer_now(database, signed_in) == signed_in.viewer
    assert [event[:3] for event in await events(database)] == [("session.started", CUSTOMER, chidi.id)]


async def test_case_and_space_in_the_email_do_not_matter(sessions: Sessions, ada: Admin) -> None:
    signed_in = await sessions.sign_in(SignIn("  Ada@Lender.EXAMPLE ", PASSWORD, ADMIN))

    assert isinstance(signed_in.viewer, AdminViewer)
    assert signed_in.viewer.admin_id == ada.id


async def test_nothing_that_opens_a_session_is_stored_or_shown(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))

    for secret in (signed_in.access_token, signed_in.refresh_token, PASSWORD):
        assert secret not in repr(signed_in)
        assert not await is_stored(database, secret)
    [stored] = await database.rows(select(RefreshToken.token_hash))
    assert stored.token_hash == fingerprint(signed_in.refresh_token)


async def test_all_refused_sign_ins_look_the_same_and_write_nothing_but_their_count(
    database: Database, sessions: Sessions, world: World, ada: Admin, chidi: Customer
) -> None:
    for status in (AdminStatus.INVITED, AdminStatus.INACTIVE):
        await world.password(await world.admin("super_admin", email=f"{status.lower()}@lender.example", status=status))
    for shut_out in (CustomerStatus.ARCHIVED, CustomerStatus.BLACKLISTED):
        await world.password(await world.customer(email=f"{shut_out.lower()}@mail.example", status=shut_out))
    await world.admin("super_admin", email="nopassword@lender.example")
    await world.customer(email="nopassword@mail.example")
    attempts = [
        (_EMAIL, "wrong", ADMIN),
        (_EMAIL, "", ADMIN),
        (_EMAIL, PASSWORD + " ", ADMIN),
        (_EMAIL, "x" * 10_000, ADMIN),
        (_EMAIL, "half \ud800", ADMIN),
        (_EMAIL, PASSWORD, CUSTOMER),
        (chidi.email, PASSWORD, ADMIN),
        ("nobody@lender.example", PASSWORD, ADMIN),
        ("", PASSWORD, ADMIN),
        ("' OR 1=1 --", PASSWORD, ADMIN),
        ("nul\x00@lender.example", PASSWORD, ADMIN),
        ("half\ud800@lender.example", PASSWORD, CUSTOMER),
        ("invited@lender.example", PASSWORD, ADMIN),
        ("inactive@lender.example", PASSWORD, ADMIN),
        ("nopassword@lender.example", PASSWORD, ADMIN),
        ("nopassword@mail.example", PASSWORD, CUSTOMER),
        ("archived@mail.example", PASSWORD, CUSTOMER),
        ("blacklisted@mail.example", PASSWORD, CUSTOMER),
    ]

    async with unchanged(database, but=["throttles"]):
        refusals = {await refusal(sessions.sign_in(SignIn(*attempt))) for attempt in attempts}

    assert [code for code, _ in refusals] == ["INVALID_CREDENTIALS"]


@pytest.mark.parametrize("email", ["nobody@lender.example", "not an address", "inactive@lender.example"])
async def test_an_account_that_can_not_sign_in_costs_the_work_of_one_that_can(
    sessions: Sessions, passwords: Passwords, world: World, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    inactive = await world.admin("super_admin", email="inactive@lender.example", status=AdminStatus.INACTIVE)
    await world.password(inactive)
    work = count_work(passwords, monkeypatch)

    await refusal(sessions.sign_in(SignIn(email, PASSWORD, ADMIN)))

    assert len(work) == 1


async def test_an_admin_deactivated_while_the_password_is_verified_gets_no_session(
    database: Database, sessions: Sessions, passwords: Passwords, ada: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = passwords.verify

    async def verify_and_deactivate(stored: str | None, password: str) -> bool:
        answer = await verify(stored, password)
        await set_admin_status(database, ada, AdminStatus.INACTIVE)
        return answer

    monkeypatch.setattr(passwords, "verify", verify_and_deactivate)

    assert (await refusal(sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))))[0] == "INVALID_CREDENTIALS"
    assert await database.rows(select(Session)) == []
    assert await events(database) == []


async def test_an_old_password_begins_no_session_once_there_is_a_new_one(
    database: Database, sessions: Sessions, passwords: Passwords, ada: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor the other way round: whoever sets a password ends the sessions that began before."""
    verify = passwords.verify

    async def verify_and_change(stored: str | None, password: str) -> bool:
        answer = await verify(stored, password)
        async with database.begin() as transaction:
            await transaction.execute(update(Credential).values(password_hash="another"))
        return answer

    monkeypatch.setattr(passwords, "verify", verify_and_change)

    assert (await refusal(sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))))[0] == "INVALID_CREDENTIALS"
    assert await database.rows(select(Session)) == []


@pytest.mark.parametrize("status", [CustomerStatus.SUSPENDED, CustomerStatus.PENDING, CustomerStatus.INACTIVE])
async def test_a_suspended_customer_signs_in_all_the_same(
    database: Database, sessions: Sessions, chidi: Customer, status: CustomerStatus
) -> None:
    await set_customer_status(database, chidi, status)

    assert isinstance((await sessions.sign_in(SignIn(chidi.email, PASSWORD, CUSTOMER))).viewer, CustomerViewer)


async def test_refreshing_gives_new_tokens_of_the_same_session(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    first = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    second = await sessions.refresh(first.refresh_token)
    third = await sessions.refresh(second.refresh_token)

    assert first.viewer == second.viewer == third.viewer
    assert len({each.refresh_token for each in (first, second, third)}) == 3
    assert len({each.access_token for each in (first, second, third)}) == 3
    assert await viewer_now(database, third) == first.viewer
    assert len(await database.rows(select(Session))) == 1


async def test_refreshing_prolongs_the_session(database: Database, sessions: Sessions, ada: Admin) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    async with database.begin() as transaction:
        await transaction.execute(update(Session).values(expires_at=now() + timedelta(hours=1)))

    await sessions.refresh(signed_in.refresh_token)

    [session] = await database.rows(select(Session))
    assert session.expires_at - now() > timedelta(days=13, hours=23)


async def test_a_session_that_was_not_used_for_too_long_ends(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    async with database.begin() as transaction:
        await transaction.execute(update(Session).values(expires_at=now()))
    before = await contents(database)

    assert (await refusal(sessions.refresh(signed_in.refresh_token)))[0] == "INVALID_REFRESH_TOKEN"
    assert isinstance(await viewer_now(database, signed_in), Anonymous)
    assert await contents(database) == before


@pytest.mark.parametrize("token", ["", "unknown", "\x00", "\ud800", "x" * 100_000])
async def test_an_unknown_refresh_token_changes_nothing(
    database: Database, sessions: Sessions, ada: Admin, token: str
) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    before = await contents(database)

    assert (await refusal(sessions.refresh(token)))[0] == "INVALID_REFRESH_TOKEN"
    assert (await refusal(sessions.refresh(signed_in.access_token)))[0] == "INVALID_REFRESH_TOKEN"
    assert await contents(database) == before


async def test_a_refresh_token_that_comes_again_ends_the_session_for_everybody(
    database: Database, sessions: Sessions, ada: Admin
) -> None:
    elsewhere = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    stolen = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    second = await sessions.refresh(stolen.refresh_token)
    newest = await sessions.refresh(second.refresh_token)

    assert (await refusal(sessions.refresh(stolen.refresh_token, request_id="r9")))[0] == "INVALID_REFRESH_TOKEN"

    for each in (stolen, second, newest):
        assert isinstance(await viewer_now(database, each), Anonymous)
    after = await contents(database)
    for each in (newest, stolen, second):
        assert (await refusal(sessions.refresh(each.refresh_token)))[0] == "INVALID_REFRESH_TOKEN"
    assert await contents(database) == after
    assert (await events(database))[2:] == [
        ("session.reuse_detected", SubjectKind.SYSTEM, None, stolen.viewer.session_id, "r9")
    ]
    assert await viewer_now(database, elsewhere) == elsewhere.viewer


@pytest.mark.parametrize("status", [AdminStatus.INACTIVE, AdminStatus.INVITED])
async def test_a_deactivated_admin_does_not_refresh(
    database: Database, sessions: Sessions, ada: Admin, status: AdminStatus
) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    await set_admin_status(database, ada, status)
    before = await contents(database)

    assert (await refusal(sessions.refresh(signed_in.refresh_token)))[0] == "INVALID_REFRESH_TOKEN"
    assert isinstance(await viewer_now(database, signed_in), Anonymous)
    assert await contents(database) == before


async def test_an_archived_customer_does_not_refresh(database: Database, sessions: Sessions, chidi: Customer) -> None:
    signed_in = await sessions.sign_in(SignIn(chidi.email, PASSWORD, CUSTOMER))
    await set_customer_status(database, chidi, CustomerStatus.ARCHIVED)

    assert (await refusal(sessions.refresh(signed_in.refresh_token)))[0] == "INVALID_REFRESH_TOKEN"


async def test_of_many_refreshes_at_once_one_wins(database: Database, sessions: Sessions, ada: Admin) -> None:
    signed_in = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))

    answers = await asyncio.gather(
        *(sessions.refresh(signed_in.refresh_token) for _ in range(10)), return_exceptions=True
    )

    assert len([answer for answer in answers if isinstance(answer, SignedIn)]) == 1
    assert len([answer for answer in answers if isinstance(answer, Refused)]) == 9
    assert len(await database.rows(select(RefreshToken))) == 2
    assert isinstance(await viewer_now(database, signed_in), Anonymous)  # nine came again
    assert [event[0] for event in await events(database)] == ["session.started", "session.reuse_detected"]


async def test_signing_out_ends_this_session_only(database: Database, sessions: Sessions, ada: Admin) -> None:
    here = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))
    elsewhere = await sessions.sign_in(SignIn(_EMAIL, PASSWORD, ADMIN))

    await sessions.sign_out(here.viewer, request_id="r3")

    assert isinstance(await viewer_now(database, here), Anonymous)
    assert (await refusal(sessions.refresh(here.refresh_token)))[0] == "INVALID_REFRESH_TOKEN"
    assert await viewer_now(database, elsewhere) == elsewhere.viewer
    assert (await events(database))[2:] == [("session.ended", ADMIN, ada.id, here.viewer.session_id, "r3")]


async def test_signing_out_twice_is_signing_out_once(database: Database, sessions: Sessions, chidi: Customer) -> None:
    signed_in = await sessions.sign_in(SignIn(chidi.email, PASSWORD, CUSTOMER))
    await sessions.sign_out(signed_in.viewer)
    before = await contents(database)

    await sessions.sign_out(signed_in.viewer)

    assert await contents(database) == before
    assert [event[0] for event in await events(database)] == ["session.started", "session.ended"]
