"""`signOut`: the session ends at once, and only this one."""

from tests.api.client import Api, Client
from tests.factories import PASSWORD, World

SIGN_IN = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken } }"
REFRESH = """
mutation($token: String!) {
  refreshSession(input: {refreshToken: $token}) { accessToken userErrors { code } }
}
"""
SIGN_OUT = "mutation { signOut { signedOut userErrors { code } } }"
WHO = "{ viewer { admin { name } customer { displayName } } }"


async def test_signing_out_ends_the_session_at_once(api: Api, world: World) -> None:
    ada = await world.admin()
    await world.password(ada)
    tokens = (await api.anonymous.data(SIGN_IN, {"input": {"email": ada.email, "password": PASSWORD}}))["signIn"]
    client = Client(api.http, {"Authorization": f"Bearer {tokens['accessToken']}"})
    assert await client.data(SIGN_OUT) == {"signOut": {"signedOut": True, "userErrors": []}}
    [error] = (await client.answer(WHO))["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "session has ended" in error["message"]
    refreshed = (await api.anonymous.data(REFRESH, {"token": tokens["refreshToken"]}))["refreshSession"]
    assert refreshed == {"accessToken": None, "userErrors": [{"code": "INVALID_REFRESH_TOKEN"}]}


async def test_sessions_elsewhere_go_on(api: Api, world: World) -> None:
    ada, other = await world.admin(), await world.customer()
    laptop, phone, customer = await api.sign_in(ada), await api.sign_in(ada), await api.sign_in(other)
    await laptop.data(SIGN_OUT)
    assert await laptop.codes(WHO) == ["UNAUTHENTICATED"]
    assert await phone.codes(WHO) == await customer.codes(WHO) == []


async def test_a_customer_signs_out_too(api: Api, world: World) -> None:
    client = await api.sign_in(await world.customer())
    assert await client.data(SIGN_OUT) == {"signOut": {"signedOut": True, "userErrors": []}}
    assert await client.codes(WHO) == ["UNAUTHENTICATED"]


async def test_signing_out_twice_needs_a_session_the_second_time(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin())
    await client.data(SIGN_OUT)
    assert await client.codes(SIGN_OUT) == ["UNAUTHENTICATED"]


async def test_what_follows_in_the_same_operation_is_nobodys(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin())
    answer = await client.answer("mutation { first: signOut { signedOut } second: signOut { signedOut } }")
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "UNAUTHENTICATED")
