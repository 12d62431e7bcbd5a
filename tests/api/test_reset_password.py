"""`requestPasswordReset` and `resetPassword`: a link by mail, good once and for an hour, and no hint as to accounts."""

import asyncio
import quopri
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gql.delivery.outbox import requeue_dead
from gql.domain.enums import AdminStatus, CustomerStatus
from gql.services.upkeep import Upkeep
from tests.api.client import Api, open_api
from tests.api.links import (
    NEW_PASSWORD,
    REFRESH,
    WHO,
    deliver,
    let_mails_age,
    let_tokens_age,
    tokens_sent,
    try_to_sign_in,
    with_token,
)
from tests.auth.accounts import set_admin_status, set_customer_status
from tests.factories import PASSWORD, World
from tests.records import events, is_stored, outbox, unchanged

REQUEST = """
mutation($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { accepted userErrors { code message field } }
}
"""
RESET = """
mutation($input: ResetPasswordInput!) {
  resetPassword(input: $input) { changed userErrors { code message field } }
}
"""


async def _request(api: Api, email: str, audience: str = "ADMIN") -> str:
    response = await api.anonymous.post(REQUEST, {"input": {"email": email, "audience": audience}})
    assert response.status_code == 200
    return response.text


async def _token(api: Api, email: str, audience: str = "ADMIN") -> str:
    """The token of the link that the account is sent."""
    await _request(api, email, audience)
    return (await tokens_sent(api.database))[-1]


async def _reset(api: Api, token: str, password: str = NEW_PASSWORD) -> dict[str, Any]:
    data = await api.anonymous.data(RESET, {"input": {"token": token, "newPassword": password}})
    payload: dict[str, Any] = data["resetPassword"]
    assert payload["changed"] is not bool(payload["userErrors"])
    return payload


def _codes(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_an_admin_sets_a_new_password_by_the_link_in_a_mail(api: Api, world: World) -> None:
    ada = await world.admin("auditor", name="Ada Obi", email="ada@lender.example")
    await world.password(ada)
    answer = await _request(api, " Ada@Lender.example ")
    assert answer == '{"data":{"requestPasswordReset":{"accepted":true,"userErrors":[]}}}'
    [token] = await tokens_sent(api.database)

    [mail] = await deliver(api)
    text = quopri.decodestring(mail.encode()).decode()
    assert "To: ada@lender.example" in text
    assert "Hello Ada Obi," in text
    assert text.count(f"http://localhost:3000/reset-password#token={token}") == 2
    assert (await _reset(api, token))["changed"]
    assert (await try_to_sign_in(api, ada.email, NEW_PASSWORD))["viewer"] == {"admin": {"name": "Ada Obi"}}
    assert [e["code"] for e in (await try_to_sign_in(api, ada.email))["userErrors"]] == ["INVALID_CREDENTIALS"]
    [asked], [done] = (
        await events(api.database, "password.reset_requested"),
        await events(api.database, "password.reset"),
    )
    assert (asked.actor_kind, asked.actor_id, asked.subject_id) == ("SYSTEM", None, ada.id)
    assert (done.actor_kind, done.actor_id, done.subject_id) == ("ADMIN", ada.id, ada.id)


async def test_a_customer_resets_too_and_is_led_to_the_customers_app(api: Api, world: World) -> None:
    chidi = await world.customer(email="chidi@mail.example")
    token = await _token(api, chidi.email, "CUSTOMER")
    [message] = await outbox(api.database)
    assert message.payload["link"] == "http://localhost:3001/reset-password#token="
    assert (await _reset(api, token))["changed"]
    signed_in = await try_to_sign_in(api, chidi.email, NEW_PASSWORD, "CUSTOMER")
    assert signed_in["userErrors"] == []


async def test_a_new_password_ends_all_sessions_of_the_account_and_no_other(api: Api, world: World) -> None:
    ada, eve = await world.admin("auditor"), await world.admin("auditor")
    await world.password(ada)
    await world.password(eve)
    hers = [await try_to_sign_in(api, ada.email) for _ in range(2)]
    other = await try_to_sign_in(api, eve.email)

    assert (await _reset(api, await _token(api, ada.email)))["changed"]

    for tokens in hers:
        assert await with_token(api, tokens["accessToken"]).codes(WHO) == ["UNAUTHENTICATED"]
        refused = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
        assert refused["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]
    assert await with_token(api, other["accessToken"]).codes(WHO) == []


async def test_asking_tells_nobody_which_accounts_exist(api: Api, world: World) -> None:
    """The same to the letter, by the same statements; and only the account that can sign in gets a mail."""
    ada = await world.admin("auditor", email="ada@lender.example")
    for status in (AdminStatus.INVITED, AdminStatus.INACTIVE):
        await world.admin("auditor", email=f"{status.lower()}@lender.example", status=status)
    await world.customer(email="archived@mail.example", status=CustomerStatus.ARCHIVED)
    asked = [
        (ada.email, "ADMIN"),
        ("nobody@lender.example", "ADMIN"),
        ("invited@lender.example", "ADMIN"),
        ("inactive@lender.example", "ADMIN"),
        ("no address", "ADMIN"),
        ("nul\0@lender.example", "ADMIN"),
        (ada.email, "CUSTOMER"),
        ("archived@mail.example", "CUSTOMER"),
    ]
    await _request(api, "first@lender.example")  # of this address: it is not known before
    answers, work = set(), []
    for email, audience in asked:
        sent: list[str] = []
        exists = (email, audience) == (ada.email, "ADMIN")
        async with unchanged(api.database, but=_WRITTEN if exists else ["throttles"]):
            end = api.database.listen(_noting(sent))
            answers.add(await _request(api, email, audience))
            end()
        work.append(sent)
    assert len(answers) == 1
    assert work == [work[0]] * len(asked)
    assert len(work[0]) >= 10
    assert [message.recipient for message in await outbox(api.database)] == [ada.email]


_WRITTEN = ["throttles", "outbox_messages", "password_tokens", "audit_events"]


def _noting(sent: list[str]) -> Any:
    """A listener that notes what each statement does, to which table."""

    def note(statement: str, _parameters: Any) -> None:
        if "SAVEPOINT" in statement:
            statement = "SAVEPOINT"  # released, or rolled back to
        sent.append(" ".join(statement.replace("customers.", "admins.").split()[:3]))

    return note


async def test_asking_too_often_is_refused_for_accounts_that_exist_and_that_do_not(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    for email in (ada.email, "nobody@lender.example"):
        for _ in range(5):
            assert "RATE_LIMITED" not in await _request(api, email)
    async with unchanged(api.database):
        [refused] = {await _request(api, email) for email in (ada.email, "nobody@lender.example")}
    assert '"code":"RATE_LIMITED"' in refused
    assert len(await outbox(api.database)) == 5
    for number in range(10):
        assert "RATE_LIMITED" not in await _request(api, f"{number}@lender.example")
    assert "RATE_LIMITED" in await _request(api, "another@lender.example")


async def test_a_link_works_once_and_a_newer_one_ends_it(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    older, newer = await _token(api, ada.email), await _token(api, ada.email)
    async with unchanged(api.database):
        assert _codes(await _reset(api, older)) == [("INVALID_TOKEN", ["token"])]
    assert (await _reset(api, newer))["changed"]
    async with unchanged(api.database):
        assert _codes(await _reset(api, newer, "five words of my own")) == [("INVALID_TOKEN", ["token"])]


async def test_of_many_uses_at_once_one_counts(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    token = await _token(api, ada.email)
    passwords = [f"{NEW_PASSWORD} {number}" for number in range(4)]
    payloads = await asyncio.gather(*(_reset(api, token, password) for password in passwords))
    [winner] = [password for password, payload in zip(passwords, payloads, strict=True) if payload["changed"]]
    assert (await try_to_sign_in(api, ada.email, winner))["userErrors"] == []


async def test_a_link_lasts_an_hour(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    token = await _token(api, ada.email)
    await let_tokens_age(api.database, timedelta(minutes=59))
    assert _codes(await _reset(api, token, "short")) == [("INVALID_PASSWORD", ["newPassword"])]
    await let_tokens_age(api.database, timedelta(minutes=2))
    assert _codes(await _reset(api, token)) == [("INVALID_TOKEN", ["token"])]


@pytest.mark.parametrize("token", ["", "nonsense", "\0", "é" * 1_000])
async def test_an_unknown_token_changes_nothing(api: Api, world: World, token: str) -> None:
    ada = await world.admin("auditor")
    await _request(api, ada.email)
    async with unchanged(api.database):
        assert _codes(await _reset(api, token)) == [("INVALID_TOKEN", ["token"])]
        assert _codes(await _reset(api, token, "short")) == [
            ("INVALID_TOKEN", ["token"]),
            ("INVALID_PASSWORD", ["newPassword"]),
        ]


@pytest.mark.parametrize("password", ["", "short", "x" * 257, "Password2026!", "Ada Lovelace 42", "lenddesk-demo-only"])
async def test_a_password_that_may_not_be_leaves_the_link_as_it_is(api: Api, world: World, password: str) -> None:
    ada = await world.admin("auditor", name="Ada Lovelace")
    token = await _token(api, ada.email)
    async with unchanged(api.database):
        assert _codes(await _reset(api, token, password)) == [("INVALID_PASSWORD", ["newPassword"])]
    assert (await _reset(api, token))["changed"]


async def test_who_was_shut_out_meanwhile_can_not_use_the_link(api: Api, world: World) -> None:
    ada, chidi = await world.admin("auditor"), await world.customer()
    tokens = [await _token(api, ada.email), await _token(api, chidi.email, "CUSTOMER")]
    await set_admin_status(api.database, ada, AdminStatus.INACTIVE)
    await set_customer_status(api.database, chidi, CustomerStatus.BLACKLISTED)
    async with unchanged(api.database):
        for token in tokens:
            assert _codes(await _reset(api, token)) == [("INVALID_TOKEN", ["token"])]


async def test_whoever_was_locked_out_signs_in_with_the_new_password_at_once(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    await world.password(ada)
    for _ in range(5):
        await try_to_sign_in(api, ada.email, "wrong")
    assert (await _reset(api, await _token(api, ada.email)))["changed"]
    assert (await try_to_sign_in(api, ada.email, NEW_PASSWORD))["userErrors"] == []


async def test_the_token_outlives_its_delivery_nowhere(
    api: Api, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = await world.admin("auditor")
    token = await _token(api, ada.email)
    await deliver(api)
    assert not await is_stored(api.database, token)
    assert not await is_stored(api.database, PASSWORD)
    assert token not in repr(capsys.readouterr())


async def test_a_mail_that_could_not_be_delivered_in_time_is_not_sent_any_more(api: Api, world: World) -> None:
    ada = await world.admin("auditor")
    token = await _token(api, ada.email)
    await let_mails_age(api.database, timedelta(hours=71))
    await Upkeep(api.database, api.settings).clear()
    assert await tokens_sent(api.database) == [token]
    await let_mails_age(api.database, timedelta(hours=73))
    await Upkeep(api.database, api.settings).clear()
    [message] = await outbox(api.database)
    assert (message.secret, message.status, message.last_error) == (None, "DEAD", "Expired")
    assert await requeue_dead(api.database) == 0


async def test_where_links_lead_is_a_setting(database_url: str, tmp_path: Path) -> None:
    async with open_api(database_url, tmp_path, console_url="https://console.lender.example/desk/") as api:
        ada = await World(api.database).admin("auditor")
        await _request(api, ada.email)
        [message] = await outbox(api.database)
    assert message.payload["link"] == "https://console.lender.example/desk/reset-password#token="
