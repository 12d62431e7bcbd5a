"""Idempotency keys where nobody has signed in yet, and where tokens are the answer: none is kept to be told again."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from gql.db.models import Admin, IdempotencyKey, Session
from gql.domain.session_errors import SessionErrorCode
from gql.services import idempotency
from gql.services.idempotency import Once
from tests.api.client import Api, Client
from tests.api.links import NEW_PASSWORD, WHO, tokens_sent, try_to_sign_in, with_token
from tests.api.test_accept_invitation import invited
from tests.api.test_cookie_sessions import REFRESH, Browser
from tests.factories import PASSWORD, World
from tests.patience import PATIENCE
from tests.records import events, is_stored, outbox, unchanged

TOKENS = "accessToken refreshToken viewer { admin { name } } replayed userErrors { code field }"
MUTATIONS = {
    "signIn": ("SignInInput!", TOKENS),
    "refreshSession": ("RefreshSessionInput!", TOKENS),
    "acceptInvitation": ("AcceptInvitationInput!", TOKENS),
    "resetPassword": ("ResetPasswordInput!", "changed replayed userErrors { code field }"),
    "requestPasswordReset": ("RequestPasswordResetInput!", "accepted replayed userErrors { code field }"),
    "signOut": ("SignOutInput", "signedOut replayed userErrors { code field }"),
    "revokeOtherSessions": ("RevokeOtherSessionsInput", "revokedSessions replayed userErrors { code field }"),
}
CONFLICT = [{"code": "IDEMPOTENCY_CONFLICT", "field": ["idempotencyKey"]}]
INVALID = [{"code": "INVALID_REFRESH_TOKEN", "field": None}]


def document(mutation: str) -> str:
    """An operation whose input is `$input`."""
    kind, selection = MUTATIONS[mutation]
    return f"mutation($input: {kind}) {{ {mutation}(input: $input) {{ {selection} }} }}"


async def send(client: Client, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload."""
    payload: dict[str, Any] = (await client.data(document(mutation), {"input": given}))[mutation]
    return payload


@pytest.fixture
async def ada(world: World) -> Admin:
    """Somebody with a password."""
    ada = await world.admin("auditor", name="Ada")
    await world.password(ada)
    return ada


async def signs_in(api: Api, who: Admin, **given: Any) -> dict[str, Any]:
    """The payload of signing in."""
    return await send(api.anonymous, "signIn", **({"email": who.email, "password": PASSWORD} | given))


async def refreshes(api: Api, token: str, **given: Any) -> dict[str, Any]:
    """The payload of refreshing."""
    return await send(api.anonymous, "refreshSession", refreshToken=token, **given)


async def is_in(api: Api, payload: dict[str, Any]) -> bool:
    """Whether the access token of the payload is good."""
    return await with_token(api, payload["accessToken"]).codes(WHO) == []


async def sessions(api: Api) -> int:
    """How many sessions there ever were."""
    [row] = await api.database.rows(select(func.count().label("n")).select_from(Session))
    return int(row.n)


async def test_signing_in_again_under_the_key_goes_on_with_the_same_session(api: Api, ada: Admin) -> None:
    first = await signs_in(api, ada, idempotencyKey="k")
    again = await signs_in(api, ada, idempotencyKey="k")

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["refreshToken"] == first["refreshToken"]
    assert again["viewer"] == {"admin": {"name": "Ada"}}
    assert await is_in(api, again)
    assert await sessions(api) == 1
    assert len(await events(api.database, "session.started")) == 1
    assert not await is_stored(api.database, first["refreshToken"])


async def test_the_key_is_no_password(api: Api, ada: Admin) -> None:
    await signs_in(api, ada, idempotencyKey="k")
    wrong = await signs_in(api, ada, idempotencyKey="k", password="not the password")

    assert [error["code"] for error in wrong["userErrors"]] == ["INVALID_CREDENTIALS"]
    assert wrong["refreshToken"] is None


async def test_two_people_may_have_the_same_key(api: Api, world: World, ada: Admin) -> None:
    chidi = await world.admin(name="Chidi")
    await world.password(chidi)
    payloads = [await signs_in(api, who, idempotencyKey="k") for who in (ada, chidi)]

    assert [payload["viewer"]["admin"]["name"] for payload in payloads] == ["Ada", "Chidi"]


@pytest.mark.parametrize("ends", ["it was refreshed", "it has ended"])
async def test_a_session_that_went_on_or_ended_is_not_told_again(api: Api, ada: Admin, ends: str) -> None:
    """The client had the answer, so whoever asks again is mistaken, or somebody else."""
    first = await signs_in(api, ada, idempotencyKey="k")
    if ends == "it was refreshed":
        await refreshes(api, first["refreshToken"])
    else:
        await send(with_token(api, first["accessToken"]), "signOut")
    async with unchanged(api.database, but=["throttles"]):
        again = await signs_in(api, ada, idempotencyKey="k")

    assert (again["userErrors"], again["refreshToken"], again["replayed"]) == (CONFLICT, None, False)
    for _ in range(10):  # a right password is no failure: nobody is locked out for it
        assert (await signs_in(api, ada, idempotencyKey="k"))["userErrors"] == CONFLICT


async def test_a_refresh_whose_answer_was_lost_is_repeated(api: Api, ada: Admin) -> None:
    """And costs nobody the session, as it does without the key."""
    first = await signs_in(api, ada)
    lost = await refreshes(api, first["refreshToken"], idempotencyKey="k")
    async with unchanged(api.database):
        again = await refreshes(api, first["refreshToken"], idempotencyKey="k")

    assert (lost["replayed"], again["replayed"]) == (False, True)
    assert again["refreshToken"] == lost["refreshToken"]
    assert await is_in(api, again)
    assert (await refreshes(api, again["refreshToken"], idempotencyKey="k2"))["userErrors"] == []
    assert not await is_stored(api.database, lost["refreshToken"])


@pytest.mark.parametrize("key", [None, "another"])
async def test_a_used_refresh_token_still_ends_the_session_without_its_key(
    api: Api, ada: Admin, key: str | None
) -> None:
    first = await signs_in(api, ada)
    second = await refreshes(api, first["refreshToken"], idempotencyKey="k")
    stolen = await refreshes(api, first["refreshToken"], **({} if key is None else {"idempotencyKey": key}))

    assert stolen["userErrors"] == INVALID
    assert not await is_in(api, second)
    assert [event.subject_id for event in await events(api.database, "session.reuse_detected")]
    keys = await api.database.rows(select(IdempotencyKey.key))
    assert [row.key for row in keys] == ["k"]  # a refusal is not kept


async def test_and_with_its_key_once_what_it_gave_was_used(api: Api, ada: Admin) -> None:
    first = await signs_in(api, ada)
    second = await refreshes(api, first["refreshToken"], idempotencyKey="k")
    third = await refreshes(api, second["refreshToken"])

    assert (await refreshes(api, first["refreshToken"], idempotencyKey="k"))["userErrors"] == INVALID
    assert not await is_in(api, third)


async def test_a_key_that_refreshed_another_token_is_a_conflict_and_ends_nothing(api: Api, ada: Admin) -> None:
    first = await signs_in(api, ada)
    second = await refreshes(api, first["refreshToken"], idempotencyKey="k")
    async with unchanged(api.database):
        third = await refreshes(api, second["refreshToken"], idempotencyKey="k")

    assert third["userErrors"] == CONFLICT
    assert await is_in(api, second)
    assert (await refreshes(api, second["refreshToken"]))["userErrors"] == []


async def test_two_refreshes_at_once_under_one_key_have_one_answer(
    api: Api, ada: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two tabs of one browser may."""
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", PATIENCE)
    first = await signs_in(api, ada)
    both = await asyncio.gather(*(refreshes(api, first["refreshToken"], idempotencyKey="k") for _ in range(2)))

    assert both[0]["refreshToken"] == both[1]["refreshToken"] is not None
    assert sorted(payload["replayed"] for payload in both) == [False, True]
    assert await is_in(api, both[0])


async def test_a_key_in_flight_is_told_and_ends_nothing(api: Api, ada: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    if api.database.is_sqlite:
        pytest.skip("SQLite's only writer holds up everybody: there it is waited for")
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", 0.05)
    first = await signs_in(api, ada)
    [session] = await api.database.rows(select(Session.id))
    async with api.database.begin() as other:
        once = Once(other, session.id, "refreshSession", "k", SessionErrorCode)
        await once.earlier_answer(api.database.dialect, {})
        told = await refreshes(api, first["refreshToken"], idempotencyKey="k")
        await other.rollback()

    assert told["userErrors"] == [{"code": "IDEMPOTENCY_IN_FLIGHT", "field": ["idempotencyKey"]}]
    assert (await refreshes(api, first["refreshToken"], idempotencyKey="k"))["userErrors"] == []


async def test_a_browser_gets_the_same_cookie_again_and_keeps_its_session_after_a_conflict(
    api: Api, ada: Admin
) -> None:
    browser = Browser(api)
    await browser.sign_in(ada)
    before = dict(browser.cookies)
    renew = {"input": {"refreshToken": "", "idempotencyKey": "k"}}
    await browser.data(document("refreshSession"), renew)
    after, browser.cookies = dict(browser.cookies), dict(before)  # the answer was lost
    assert (await browser.data(document("refreshSession"), renew))["refreshSession"]["replayed"]
    assert browser.cookies[REFRESH] == after[REFRESH] != before[REFRESH]

    assert (await browser.data(document("refreshSession"), renew))["refreshSession"]["userErrors"] == CONFLICT
    assert browser.cookies[REFRESH] == after[REFRESH]
    assert (await browser.data(WHO))["viewer"]["admin"] == {"name": "Ada"}


async def reset_token(api: Api, who: Admin, **given: Any) -> str:
    """The token of the link that was mailed."""
    await send(api.anonymous, "requestPasswordReset", email=who.email, **given)
    return (await tokens_sent(api.database))[-1]


async def test_a_reset_whose_answer_was_lost_is_repeated(api: Api, ada: Admin) -> None:
    wish = {"token": await reset_token(api, ada), "newPassword": NEW_PASSWORD, "idempotencyKey": "k"}
    first = await send(api.anonymous, "resetPassword", **wish)
    async with unchanged(api.database):
        again = await send(api.anonymous, "resetPassword", **wish)
        other = await send(api.anonymous, "resetPassword", **(wish | {"newPassword": "another of my own words"}))
        no_key = await send(api.anonymous, "resetPassword", token=wish["token"], newPassword=NEW_PASSWORD)
        wrong_key = await send(api.anonymous, "resetPassword", **(wish | {"idempotencyKey": "k2"}))

    assert first == {"changed": True, "replayed": False, "userErrors": []}
    assert again == {"changed": True, "replayed": True, "userErrors": []}
    assert other == {"changed": False, "replayed": False, "userErrors": CONFLICT}
    for refused in (no_key, wrong_key):
        assert refused["userErrors"] == [{"code": "INVALID_TOKEN", "field": ["token"]}]
    assert (await try_to_sign_in(api, ada.email, NEW_PASSWORD))["userErrors"] == []
    assert not await is_stored(api.database, NEW_PASSWORD)


async def test_two_resets_at_once_under_one_key_have_one_answer(
    api: Api, ada: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE_SECONDS", PATIENCE)
    wish = {"token": await reset_token(api, ada), "newPassword": NEW_PASSWORD, "idempotencyKey": "k"}
    both = await asyncio.gather(*(send(api.anonymous, "resetPassword", **wish) for _ in range(2)))

    assert [payload["changed"] for payload in both] == [True, True]
    assert sorted(payload["replayed"] for payload in both) == [False, True]
    assert len(await events(api.database, "password.reset")) == 1


async def test_a_link_is_asked_for_once_under_a_key_and_nobody_learns_for_whom(api: Api, ada: Admin) -> None:
    asked = [ada.email, ada.email.upper(), ada.email, "nobody@lender.example", "nobody@lender.example"]
    told = [await send(api.anonymous, "requestPasswordReset", email=email, idempotencyKey="k") for email in asked]

    assert [payload["accepted"] for payload in told] == [True] * 5
    assert [payload["replayed"] for payload in told] == [False, True, True, False, True]
    assert len(await outbox(api.database)) == 1
    again = await send(api.anonymous, "requestPasswordReset", email=ada.email, idempotencyKey="k2")
    assert not again["replayed"]
    assert len(await outbox(api.database)) == 2


async def test_an_invitation_whose_acceptance_was_lost_is_repeated(api: Api, world: World) -> None:
    ngozi, token = await invited(api, world)
    wish = {"token": token, "password": NEW_PASSWORD, "idempotencyKey": "k"}
    first = await send(api.anonymous, "acceptInvitation", **wish)
    async with unchanged(api.database):
        again = await send(api.anonymous, "acceptInvitation", **wish)
        other = await send(api.anonymous, "acceptInvitation", **(wish | {"password": "another of my own words"}))

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["refreshToken"] == first["refreshToken"] is not None
    assert again["viewer"]["admin"] == {"name": ngozi.name}
    assert other["userErrors"] == CONFLICT
    await send(with_token(api, first["accessToken"]), "signOut")
    assert (await send(api.anonymous, "acceptInvitation", **wish))["userErrors"] == CONFLICT


async def test_signing_out_is_told_again_to_whom_it_was_told(api: Api, ada: Admin) -> None:
    client, other = await api.sign_in(ada), await api.sign_in(ada)
    assert await send(client, "signOut", idempotencyKey="k") == {
        "signedOut": True,
        "replayed": False,
        "userErrors": [],
    }
    async with unchanged(api.database):
        assert (await send(client, "signOut", idempotencyKey="k"))["replayed"]
        for key in ("k2", None):
            assert await client.codes(document("signOut"), {"input": {"idempotencyKey": key}}) == ["UNAUTHENTICATED"]
        assert await api.anonymous.codes(document("signOut"), {"input": {"idempotencyKey": "k"}}) == ["UNAUTHENTICATED"]
    assert await other.codes(WHO) == []


async def test_other_sessions_are_ended_once_under_a_key(api: Api, ada: Admin) -> None:
    here, _, _ = [await api.sign_in(ada) for _ in range(3)]
    first = await send(here, "revokeOtherSessions", idempotencyKey="k")
    later = await api.sign_in(ada)
    again = await send(here, "revokeOtherSessions", idempotencyKey="k")

    assert first == {"revokedSessions": 2, "replayed": False, "userErrors": []}
    assert again == {"revokedSessions": 2, "replayed": True, "userErrors": []}
    assert await later.codes(WHO) == []
    assert (await send(later, "revokeOtherSessions", idempotencyKey="k"))["userErrors"] == CONFLICT
