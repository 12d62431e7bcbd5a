"""`refreshSession`: new tokens for the newest refresh token, and the end of the session for an old one."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from gql.db.models import Admin, Session
from gql.domain.enums import AdminStatus
from gql.domain.time import now
from tests.api.client import Api, Client
from tests.factories import PASSWORD, World

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }"
REFRESH = """
mutation($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    accessToken refreshToken expiresAt viewer { admin { name } customer { displayName } permissions }
    userErrors { code message field }
  }
}
"""
WHO = "{ viewer { admin { name } } }"


async def _signed_in(api: Api, world: World, *roles: str, **facts: Any) -> tuple[Admin, dict[str, str]]:
    ada = await world.admin(*roles, name="Ada", **facts)
    await world.password(ada)
    data = await api.anonymous.data(SIGN_IN, {"input": {"email": ada.email, "password": PASSWORD}})
    tokens: dict[str, str] = data["signIn"]
    return ada, tokens


async def _refresh(client: Client, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await client.data(REFRESH, {"input": {"refreshToken": token}}))["refreshSession"]
    if payload["userErrors"]:
        assert [error["code"] for error in payload["userErrors"]] == ["INVALID_REFRESH_TOKEN"]
        assert {payload[name] for name in ("accessToken", "refreshToken", "expiresAt")} == {None}
        assert payload["viewer"] is None
    return payload


def _with(api: Api, access_token: str) -> Client:
    return Client(api.http, {"Authorization": f"Bearer {access_token}"})


async def test_a_refresh_token_gives_new_tokens_of_the_same_session(api: Api, world: World) -> None:
    _, first = await _signed_in(api, world, "auditor")
    second = await _refresh(api.anonymous, first["refreshToken"])
    assert second["userErrors"] == []
    assert second["expiresAt"] is not None
    assert second["viewer"]["admin"] == {"name": "Ada"}
    assert "AUDIT_READ" in second["viewer"]["permissions"]
    assert len({first["accessToken"], first["refreshToken"], second["accessToken"], second["refreshToken"]}) == 4
    for token in (first["accessToken"], second["accessToken"]):
        assert await _with(api, token).data(WHO) == {"viewer": {"admin": {"name": "Ada"}}}
    third = await _refresh(api.anonymous, second["refreshToken"])
    assert third["userErrors"] == []


async def test_a_customer_refreshes_too(api: Api, world: World) -> None:
    customer = await world.customer(name="Ada Obi")
    await world.password(customer)
    credentials = {"email": customer.email, "password": PASSWORD, "audience": "CUSTOMER"}
    first = (await api.anonymous.data(SIGN_IN, {"input": credentials}))["signIn"]
    second = await _refresh(api.anonymous, first["refreshToken"])
    assert second["viewer"] == {"admin": None, "customer": {"displayName": "Ada Obi"}, "permissions": []}


async def test_a_refresh_token_that_comes_again_ends_the_session_for_everybody(api: Api, world: World) -> None:
    """It was stolen, from the client or by it: the thief's new tokens are worth nothing either."""
    _, first = await _signed_in(api, world)
    second = await _refresh(api.anonymous, first["refreshToken"])
    assert (await _refresh(api.anonymous, first["refreshToken"]))["userErrors"]
    assert (await _refresh(api.anonymous, second["refreshToken"]))["userErrors"]
    for token in (first["accessToken"], second["accessToken"]):
        assert await _with(api, token).codes(WHO) == ["UNAUTHENTICATED"]


async def test_an_unknown_refresh_token_gives_nothing_and_ends_nothing(api: Api, world: World) -> None:
    _, tokens = await _signed_in(api, world)
    for wrong in ("", "nonsense", tokens["accessToken"], tokens["refreshToken"][:-1], "\0", "é" * 100):
        assert (await _refresh(api.anonymous, wrong))["userErrors"], wrong
    assert await _with(api, tokens["accessToken"]).codes(WHO) == []
    assert (await _refresh(api.anonymous, tokens["refreshToken"]))["userErrors"] == []


async def test_refreshing_needs_no_access_token_and_minds_none(api: Api, world: World) -> None:
    _, tokens = await _signed_in(api, world)
    assert (await _refresh(_with(api, "expired long ago"), tokens["refreshToken"]))["userErrors"] == []


async def test_a_refresh_token_opens_nothing_by_itself(api: Api, world: World) -> None:
    _, tokens = await _signed_in(api, world)
    assert await _with(api, tokens["refreshToken"]).codes(WHO) == ["UNAUTHENTICATED"]


async def test_who_was_deactivated_does_not_refresh(api: Api, world: World) -> None:
    ada, tokens = await _signed_in(api, world)
    async with api.database.begin() as session:
        await session.execute(update(Admin).where(Admin.id == ada.id).values(status=AdminStatus.INACTIVE))
    assert (await _refresh(api.anonymous, tokens["refreshToken"]))["userErrors"]


async def test_a_session_that_was_not_used_for_too_long_does_not_come_back(api: Api, world: World) -> None:
    _, tokens = await _signed_in(api, world)
    async with api.database.begin() as session:
        await session.execute(update(Session).values(expires_at=now() - timedelta(seconds=1)))
    assert await _with(api, tokens["accessToken"]).codes(WHO) == ["UNAUTHENTICATED"]
    assert (await _refresh(api.anonymous, tokens["refreshToken"]))["userErrors"]
