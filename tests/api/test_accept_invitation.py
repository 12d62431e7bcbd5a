"""`acceptInvitation`: a password for the account that waits, and a first session."""

import asyncio
from typing import Any

import pytest

from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.services import password_tokens
from tests.api.client import Api
from tests.api.links import NEW_PASSWORD, WHO, try_to_sign_in, with_token
from tests.auth.accounts import set_admin_status
from tests.factories import World
from tests.records import events, is_stored, unchanged

ACCEPT = """
mutation($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) {
    accessToken refreshToken expiresAt viewer { admin { name status } permissions } userErrors { code message field }
  }
}
"""


async def accept(api: Api, token: str, password: str = NEW_PASSWORD) -> dict[str, Any]:
    """The payload of accepting by a token."""
    data = await api.anonymous.data(ACCEPT, {"input": {"token": token, "password": password}})
    payload: dict[str, Any] = data["acceptInvitation"]
    refused = bool(payload["userErrors"])
    assert all((payload[name] is None) is refused for name in ("accessToken", "refreshToken", "expiresAt", "viewer"))
    return payload


def _codes(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def invited(api: Api, world: World) -> tuple[Any, str]:
    """An admin who was invited, and the token of their link."""
    ngozi = await world.admin("auditor", name="Ngozi Eze", status=AdminStatus.INVITED)
    async with api.database.begin() as transaction:
        _, token = await password_tokens.issue(
            transaction, PasswordTokenPurpose.INVITATION, SubjectKind.ADMIN, ngozi.id
        )
    return ngozi, token


async def test_who_was_invited_sets_a_password_and_is_signed_in(api: Api, world: World) -> None:
    ngozi, token = await invited(api, world)
    assert (await try_to_sign_in(api, ngozi.email, NEW_PASSWORD))["userErrors"] == [{"code": "INVALID_CREDENTIALS"}]

    payload = await accept(api, token)

    assert payload["viewer"]["admin"] == {"name": "Ngozi Eze", "status": "ACTIVE"}
    assert "AUDIT_READ" in payload["viewer"]["permissions"]
    who = await with_token(api, payload["accessToken"]).data(WHO)
    assert who == {"viewer": {"admin": {"name": "Ngozi Eze"}, "customer": None}}
    assert (await try_to_sign_in(api, ngozi.email, NEW_PASSWORD))["userErrors"] == []
    [event] = await events(api.database, "invitation.accepted")
    assert (event.actor_kind, event.actor_id, event.subject_id) == ("ADMIN", ngozi.id, ngozi.id)
    assert not await is_stored(api.database, token)
    assert not await is_stored(api.database, NEW_PASSWORD)


async def test_a_link_works_once_also_when_it_comes_several_times_at_once(api: Api, world: World) -> None:
    _, token = await invited(api, world)
    payloads = await asyncio.gather(*(accept(api, token) for _ in range(4)))
    assert [payload["userErrors"] for payload in payloads].count([]) == 1
    async with unchanged(api.database):
        assert _codes(await accept(api, token)) == [("INVALID_TOKEN", ["token"])]


@pytest.mark.parametrize("password", ["short", "x" * 257, "Welcome2026!!", "Ngozi Eze 2026", "lenddesk-demo-only"])
async def test_a_password_that_may_not_be_leaves_the_invitation_as_it_is(api: Api, world: World, password: str) -> None:
    _, token = await invited(api, world)
    async with unchanged(api.database):
        assert _codes(await accept(api, token, password)) == [("INVALID_PASSWORD", ["password"])]
    assert (await accept(api, token))["userErrors"] == []


@pytest.mark.parametrize("status", [AdminStatus.ACTIVE, AdminStatus.INACTIVE])
async def test_an_account_that_does_not_wait_any_more_is_not_come_into(
    api: Api, world: World, status: AdminStatus
) -> None:
    ngozi, token = await invited(api, world)
    await set_admin_status(api.database, ngozi, status)
    async with unchanged(api.database):
        assert _codes(await accept(api, token)) == [("INVALID_TOKEN", ["token"])]


async def test_neither_link_does_the_other_s_work(api: Api, world: World) -> None:
    _, invitation = await invited(api, world)
    ada = await world.admin("auditor")
    async with api.database.begin() as transaction:
        _, reset = await password_tokens.issue(transaction, PasswordTokenPurpose.RESET, SubjectKind.ADMIN, ada.id)
    document = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { userErrors { code } } }"
    async with unchanged(api.database):
        given = {"input": {"token": invitation, "newPassword": NEW_PASSWORD}}
        refused = (await api.anonymous.data(document, given))["resetPassword"]
        assert refused == {"userErrors": [{"code": "INVALID_TOKEN"}]}
        assert _codes(await accept(api, reset)) == [("INVALID_TOKEN", ["token"])]
        assert _codes(await accept(api, "nonsense", "short")) == [
            ("INVALID_TOKEN", ["token"]),
            ("INVALID_PASSWORD", ["password"]),
        ]
