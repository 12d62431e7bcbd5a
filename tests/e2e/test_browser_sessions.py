"""A single-page application's session in a real browser: cookies that scripts can't read and other pages can't use."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from gql.demo import PASSWORD
from gql.transport.cookies import ACCESS_COOKIE, REFRESH_COOKIE
from tests.e2e.conftest import Server
from tests.transport.browser import chromium, chromium_path
from tests.transport.scripted_api import served

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine")

EMAIL = "manager1@lenddesk.example"
SIGN_IN = f"""mutation {{ signIn(input: {{ email: "{EMAIL}", password: "{PASSWORD}" }}) {{
  accessToken refreshToken viewer {{ admin {{ email }} }} userErrors {{ code }} }} }}"""
WHO = "{ viewer { admin { email } } }"
SIGN_OUT = "mutation { signOut { signedOut } }"
REFRESH = 'mutation { refreshSession(input: { refreshToken: "" }) { accessToken userErrors { code } } }'

ASK = """async ([query, headers]) => {
  const answer = await fetch("/graphql", {
    method: "POST", headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify({ query }),
  });
  return [answer.status, await answer.json()];
}"""
AS_CONSOLE = {"X-LendDesk-Client": "web"}
SEND_FROM_ELSEWHERE = """async ([url, query, type, headers, mode]) => {
  try {
    await fetch(url, {
      method: "POST", mode, credentials: "include", headers: { "Content-Type": type, ...headers },
      body: JSON.stringify({ query }),
    });
    return "sent";
  } catch { return "refused by the browser"; }
}"""
SPEAK = """(url) => new Promise((resolve) => {
  const socket = new WebSocket(url, "graphql-transport-ws");
  socket.onopen = () => socket.send(JSON.stringify({ type: "connection_init" }));
  socket.onmessage = (message) => { resolve(JSON.parse(message.data).type); socket.close(); };
  socket.onclose = (event) => resolve(`closed ${event.code}`);
})"""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A page of the same host at another port: the same site, so that even SameSite cookies go along."""
    page = Starlette(routes=[Route("/", lambda _request: HTMLResponse("<title>Elsewhere</title>"))])
    with served(page) as address:
        yield address


async def _console(context: BrowserContext, origin: str) -> Page:
    """A page of the server's own origin: what a proxy in front of both would serve as the console."""
    await context.route(f"{origin}/console", lambda route: route.fulfill(body="Console", content_type="text/html"))
    page = await context.new_page()
    await page.goto(f"{origin}/console")
    return page


async def _ask(page: Page, query: str, headers: dict[str, str] | None = None) -> Any:
    status, answer = await page.evaluate(ASK, [query, AS_CONSOLE if headers is None else headers])
    return answer["data"] if status == 200 else status


async def test_a_console_signs_in_works_and_signs_out_without_ever_holding_a_token(demo: Server) -> None:
    async with chromium() as browser:
        context = await browser.new_context()
        page = await _console(context, demo.url)

        payload = (await _ask(page, SIGN_IN))["signIn"]
        assert payload == {
            "accessToken": None,
            "refreshToken": None,
            "viewer": {"admin": {"email": EMAIL}},
            "userErrors": [],
        }
        assert await page.evaluate("document.cookie") == ""
        kept = {cookie["name"]: cookie for cookie in await context.cookies()}
        assert set(kept) == {ACCESS_COOKIE, REFRESH_COOKIE}
        for cookie in kept.values():
            assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")

        assert (await _ask(page, WHO))["viewer"]["admin"]["email"] == EMAIL
        assert await _ask(page, WHO, {}) == 403, "a request without the console's header"
        assert await page.evaluate(SPEAK, f"{demo.url}/graphql".replace("http", "ws")) == "connection_ack"

        assert (await _ask(page, REFRESH))["refreshSession"] == {"accessToken": None, "userErrors": []}
        assert (await context.cookies())[0]["value"] not in {cookie["value"] for cookie in kept.values()}
        assert (await _ask(page, WHO))["viewer"]["admin"]["email"] == EMAIL

        assert (await _ask(page, SIGN_OUT))["signOut"] == {"signedOut": True}
        assert await context.cookies() == []
        assert (await _ask(page, WHO))["viewer"] is None


async def test_a_page_from_elsewhere_can_do_nothing_with_the_session(demo: Server, elsewhere: str) -> None:
    """It tries to sign the console out, in every way that a page has, and to listen to its events."""
    async with chromium() as browser:
        context = await browser.new_context()
        console, other = await _console(context, demo.url), await context.new_page()
        await _ask(console, SIGN_IN)
        await other.goto(elsewhere)
        url = f"{demo.url}/graphql"

        for content_type in ("text/plain", "application/json"):
            for headers in ({}, AS_CONSOLE):
                for mode in ("cors", "no-cors"):
                    await other.evaluate(SEND_FROM_ELSEWHERE, [url, SIGN_OUT, content_type, headers, mode])
        assert (await other.evaluate(SPEAK, url.replace("http", "ws"))).startswith("closed")

        assert (await _ask(console, WHO))["viewer"]["admin"]["email"] == EMAIL
