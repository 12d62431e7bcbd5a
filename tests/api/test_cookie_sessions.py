"""Sessions in cookies, for single-page applications: no script reads them, and no other site uses them."""

from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from gql.db.models import Admin, Session
from gql.settings import Settings
from tests.api.client import Api, Client, open_api
from tests.api.links import NEW_PASSWORD, WHO
from tests.api.test_accept_invitation import ACCEPT, invited
from tests.factories import PASSWORD, World
from tests.records import unchanged

ACCESS, REFRESH = "__Host-lenddesk-access", "__Host-lenddesk-refresh"
WEB = {"X-LendDesk-Client": "web"}
SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) { accessToken refreshToken expiresAt viewer { admin { name } } userErrors { code } }
}
"""
RENEW = """
mutation($token: String!) {
  refreshSession(input: {refreshToken: $token}) { accessToken refreshToken expiresAt userErrors { code } }
}
"""
SIGN_OUT = "mutation { signOut { signedOut } }"
REVOKE = "mutation($id: ID!) { revokeSession(input: {sessionId: $id}) { revoked } }"


class Browser:
    """A browser's tab: keeps cookies, sends them back, and tells where it stands."""

    def __init__(self, api: Api, **headers: str) -> None:
        self.client = Client(api.http, {**WEB, **headers})
        self.cookies: dict[str, str] = {}

    async def send(self, query: str, variables: Any = None, **headers: str | None) -> httpx.Response:
        """One request with the cookies; a header of None is left out."""
        sent = {**self.client.headers, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        plain = Client(self.client.http, {name: value for name, value in sent.items() if value is not None})
        response = await plain.post(query, variables)
        self.client.http.cookies.clear()  # this browser keeps its own
        for name, morsel in _set_cookies(response).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return response

    async def data(self, query: str, variables: Any = None) -> dict[str, Any]:
        """The data of an operation that must have no errors."""
        answer = (await self.send(query, variables)).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def sign_in(self, who: Admin, password: str = PASSWORD) -> httpx.Response:
        """Sign in."""
        return await self.send(SIGN_IN, {"input": {"email": who.email, "password": password}})


def _set_cookies(response: httpx.Response) -> SimpleCookie:
    cookies = SimpleCookie()
    for line in response.headers.get_list("set-cookie"):
        cookies.load(line)
    return cookies


@pytest.fixture
async def ada(world: World) -> Admin:
    admin = await world.admin("auditor", name="Ada")
    await world.password(admin)
    return admin


@pytest.fixture
async def signed_in(api: Api, ada: Admin) -> Browser:
    """A browser in which Ada has signed in."""
    browser = Browser(api)
    await browser.sign_in(ada)
    assert browser.cookies.keys() == {ACCESS, REFRESH}
    return browser


async def _refused(browser: Browser, query: str = WHO, **headers: str | None) -> None:
    response = await browser.send(query, **headers)
    assert response.status_code == 403
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["FORBIDDEN"]
    assert "data" not in response.json()
    assert not response.headers.get_list("set-cookie")


async def test_signing_in_puts_the_tokens_into_cookies_and_nowhere_else(api: Api, ada: Admin) -> None:
    browser = Browser(api)
    response = await browser.sign_in(ada)

    payload = response.json()["data"]["signIn"]
    assert (payload["accessToken"], payload["refreshToken"], payload["userErrors"]) == (None, None, [])
    assert payload["expiresAt"] is not None
    assert payload["viewer"] == {"admin": {"name": "Ada"}}
    assert all(value not in response.text for value in browser.cookies.values())
    for name, longest in ((ACCESS, 600), (REFRESH, 14 * 86_400)):
        morsel = _set_cookies(response)[name]
        assert (morsel["path"], morsel["samesite"].lower(), morsel["domain"]) == ("/", "strict", "")
        assert morsel["secure"] is morsel["httponly"] is True
        assert longest - 60 <= int(morsel["max-age"]) <= longest
    assert await browser.data(WHO) == {"viewer": {"admin": {"name": "Ada"}, "customer": None}}


async def test_apps_get_their_tokens_in_the_answer_and_no_cookie(api: Api, ada: Admin) -> None:
    response = await Client(api.http).post(SIGN_IN, {"input": {"email": ada.email, "password": PASSWORD}})
    assert response.json()["data"]["signIn"]["accessToken"]
    assert "set-cookie" not in response.headers


async def test_a_refused_sign_in_sets_no_cookie(api: Api, ada: Admin) -> None:
    response = await Browser(api).sign_in(ada, "wrong")
    assert response.json()["data"]["signIn"]["userErrors"] == [{"code": "INVALID_CREDENTIALS"}]
    assert "set-cookie" not in response.headers


async def test_an_invitation_is_accepted_into_cookies_too(api: Api, world: World) -> None:
    _, token = await invited(api, world)
    browser = Browser(api)
    payload = (await browser.data(ACCEPT, {"input": {"token": token, "password": NEW_PASSWORD}}))["acceptInvitation"]
    assert payload["accessToken"] is payload["refreshToken"] is None
    assert (await browser.data(WHO))["viewer"]["admin"] == {"name": "Ngozi Eze"}


async def test_a_browser_refreshes_by_its_cookie(signed_in: Browser) -> None:
    before = dict(signed_in.cookies)
    payload = (await signed_in.data(RENEW, {"token": ""}))["refreshSession"]
    assert (payload["accessToken"], payload["refreshToken"], payload["userErrors"]) == (None, None, [])
    assert all(signed_in.cookies[name] != before[name] for name in (ACCESS, REFRESH))
    assert (await signed_in.data(WHO))["viewer"]["admin"] == {"name": "Ada"}


async def test_an_old_cookie_ends_the_session_and_is_forgotten(api: Api, signed_in: Browser) -> None:
    thief = Browser(api)
    thief.cookies = dict(signed_in.cookies)
    await signed_in.data(RENEW, {"token": ""})

    payload = (await thief.data(RENEW, {"token": ""}))["refreshSession"]
    assert payload["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]
    assert thief.cookies == {}
    assert (await signed_in.send(WHO)).json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_without_a_cookie_there_is_nothing_to_refresh(api: Api) -> None:
    payload = (await Browser(api).data(RENEW, {"token": ""}))["refreshSession"]
    assert payload["userErrors"] == [{"code": "INVALID_REFRESH_TOKEN"}]


async def test_signing_out_clears_the_cookies(api: Api, signed_in: Browser) -> None:
    kept = dict(signed_in.cookies)
    assert await signed_in.data(SIGN_OUT) == {"signOut": {"signedOut": True}}
    assert signed_in.cookies == {}
    signed_in.cookies = kept
    assert (await signed_in.send(WHO)).json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_revoking_the_present_session_clears_them_too(signed_in: Browser) -> None:
    [own] = (await signed_in.data("{ viewer { sessions { id } } }"))["viewer"]["sessions"]
    assert (await signed_in.data(REVOKE, own))["revokeSession"] == {"revoked": True}
    assert signed_in.cookies == {}


async def test_cookies_without_the_custom_header_are_refused_and_nothing_is_executed(
    api: Api, signed_in: Browser
) -> None:
    """Another site can make a browser send cookies, and cannot make it add a header."""
    async with unchanged(api.database):
        await _refused(signed_in, SIGN_OUT, **{"X-LendDesk-Client": None})
        await _refused(signed_in, SIGN_OUT, **{"X-LendDesk-Client": "app"})
        refresh_only = Browser(api)
        refresh_only.cookies = {REFRESH: signed_in.cookies[REFRESH]}
        await _refused(refresh_only, SIGN_OUT, **{"X-LendDesk-Client": None})
    assert (await signed_in.data(WHO))["viewer"]["admin"] == {"name": "Ada"}


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://lenddesk.test.evil.example"},
        {"Origin": "http://lenddesk.test:8080"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://lenddesk.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
async def test_requests_of_other_sites_are_refused_and_nothing_is_executed(
    api: Api, signed_in: Browser, ada: Admin, sent: dict[str, str]
) -> None:
    async with unchanged(api.database):
        await _refused(signed_in, SIGN_OUT, **sent)
        elsewhere = Browser(api, **sent)  # nor does another site sign a browser in, as somebody else
        assert (await elsewhere.sign_in(ada)).status_code == 403
        assert elsewhere.cookies == {}


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "http://lenddesk.test", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://lenddesk.test"},
        {"Sec-Fetch-Site": "none"},
        {"X-LendDesk-Client": "Web"},
    ],
    ids=str,
)
async def test_requests_of_the_console_itself_are_taken(signed_in: Browser, sent: dict[str, str]) -> None:
    assert (await signed_in.send(WHO, **sent)).json()["data"]["viewer"]["admin"] == {"name": "Ada"}


async def test_origins_of_a_console_behind_another_name_are_a_setting(database_url: str, tmp_path: Path) -> None:
    origins = "https://console.lender.example, https://desk.lender.example:8443"
    async with open_api(database_url, tmp_path, console_origins=origins) as api:
        world = World(api.database)
        ada = await world.admin("auditor", name="Ada")
        await world.password(ada)
        for origin in ("https://console.lender.example", "https://desk.lender.example:8443"):
            browser = Browser(api, Origin=origin, **{"Sec-Fetch-Site": "same-origin"})
            await browser.sign_in(ada)
            assert (await browser.data(WHO))["viewer"]["admin"] == {"name": "Ada"}
        await _refused(browser, Origin="https://desk.lender.example")


async def test_a_bearer_token_wins_over_the_cookie(api: Api, world: World, signed_in: Browser) -> None:
    eve = await api.sign_in(await world.admin("auditor", name="Eve"))
    for sent in ({}, {"X-LendDesk-Client": None}):
        headers: dict[str, str | None] = {**eve.headers, **sent}
        assert (await signed_in.send(WHO, **headers)).json()["data"]["viewer"]["admin"] == {"name": "Eve"}
    answer = (await signed_in.send(WHO, Authorization="Bearer nonsense")).json()
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_cookies_of_others_on_the_same_host_are_nobody_s_business(api: Api) -> None:
    browser = Browser(api)
    browser.cookies = {"theme": "dark"}
    response = await browser.send("{ __typename }", **{"X-LendDesk-Client": None, "Origin": "https://evil.example"})
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_a_forged_cookie_is_as_good_as_a_forged_token(api: Api) -> None:
    browser = Browser(api)
    browser.cookies = {ACCESS: "nonsense"}
    assert (await browser.send(WHO)).json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    [[sessions]] = await api.database.rows(select(func.count()).select_from(Session))
    assert sessions == 0


@pytest.mark.parametrize("wrong", ["*", "console.lender.example", "https://console.lender.example/", "https://a@b"])
def test_an_origin_that_can_not_be_one_is_told_at_the_start(wrong: str) -> None:
    with pytest.raises(ValueError, match="Write origins"):
        Settings.model_validate({"console_origins": wrong})
