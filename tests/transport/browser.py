"""Drives the GraphiQL page in a real, headless Chromium, and keeps a record of what went wrong or left the server."""

import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",  # a page that a test makes up comes from no network
]
RECORD_VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
});
"""
SET_EDITOR = "([selector, text]) => document.querySelector(`${selector} .CodeMirror`).CodeMirror.setValue(text)"
EDITOR_TEXT = "(selector) => document.querySelector(`${selector} .CodeMirror`)?.CodeMirror.getValue() ?? ''"
# GraphiQL takes the operation's name from the text a tenth of a second after the last change.
UNTIL_READ = "new Promise((resolve) => setTimeout(resolve, 150))"
RESULT = ".result-window"
ANSWER = re.compile("{")


def chromium_path() -> str | None:
    """Where Chromium is on this machine, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


@dataclass
class Graphiql:
    """The page as its user sees it; `origin` is the server's address, without a path."""

    page: Page
    origin: str
    errors: list[str] = field(default_factory=list)
    """What the console reported as an error, and exceptions that nobody caught."""
    requests: list[str] = field(default_factory=list)
    """The address of every request that the page made."""

    async def open(self) -> None:
        """Load the page and wait until GraphiQL is on it."""
        await self.page.goto(f"{self.origin}/graphql", wait_until="load")
        await self.page.wait_for_selector(".graphiql-query-editor .CodeMirror")

    async def sign_in(self, email: str, password: str, audience: str = "ADMIN") -> None:
        """Fill in the sign-in box and wait until it has answered, either way."""
        await self.page.get_by_label("Email").fill(email)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_label("Sign in as").select_option(audience)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_selector("#signed-in:visible, #problem:visible")

    async def sign_out(self) -> None:
        """Sign out and wait for the sign-in box."""
        await self.page.get_by_role("button", name="Sign out").click()
        await self.page.wait_for_selector("#sign-in:visible")

    async def signed_in_as(self) -> str:
        """The name shown in the bar; empty where nobody is signed in."""
        return await self.page.inner_text("#who")

    async def problem(self) -> str:
        """The sentence that tells of a failure; empty where there is none."""
        return await self.page.inner_text("#problem")

    async def wait_for_schema(self) -> None:
        """Wait until the documentation lists the root types."""
        if not await self.page.is_visible(".graphiql-doc-explorer"):
            await self.page.get_by_label("Show Documentation Explorer").click()
        await self.page.wait_for_selector(".graphiql-doc-explorer-root-type")

    async def run(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """Type an operation, press the button, and return the answer that is shown."""
        await self.page.evaluate(SET_EDITOR, [".graphiql-query-editor", query])
        await self.page.evaluate(SET_EDITOR, [".graphiql-editor-tool", json.dumps(variables or {})])
        await self.page.evaluate(SET_EDITOR, [RESULT, ""])
        await self.page.evaluate(UNTIL_READ)
        await self.page.click(".graphiql-execute-button")
        await self.page.locator(f"{RESULT} .CodeMirror-line", has_text=ANSWER).first.wait_for()
        answer: dict[str, Any] = json.loads(await self.result())
        return answer

    async def result(self) -> str:
        """The text of the answer pane."""
        text: str = await self.page.evaluate(EDITOR_TEXT, RESULT)
        return text

    async def violations(self) -> list[str]:
        """What the content security policy refused since the page was loaded."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found

    def foreign_requests(self) -> list[str]:
        """Requests to anywhere but the server; `data:` and `blob:` addresses make none."""
        ours = urlsplit(self.origin).netloc
        return [url for url in self.requests if (parts := urlsplit(url)).netloc != ours and parts.netloc]

    async def screenshot(self, path: Path) -> None:
        """Write what is visible to a PNG file."""
        await self.page.screenshot(path=path)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium, closed at the end. Call only where `chromium_path` found one."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def graphiql_in(browser: Browser, origin: str, *, dark: bool = False) -> AsyncIterator[Graphiql]:
    """A window of 1280 by 800 pixels with storage of its own, not yet at the page."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="dark" if dark else "light"
    )
    await context.add_init_script(RECORD_VIOLATIONS)
    page = await context.new_page()
    graphiql = Graphiql(page, origin.rstrip("/"))
    page.on("console", graphiql._on_console)
    page.on("pageerror", lambda error: graphiql.errors.append(str(error)))
    page.on("request", graphiql._on_request)
    yield graphiql
    await context.close()
