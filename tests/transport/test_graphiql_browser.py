"""GraphiQL as a team member uses it, in a real browser: sign in, explore, run, sign out."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from gql.transport.graphiql.install import InstallError, install
from tests.transport.browser import Graphiql, chromium, chromium_path, graphiql_in
from tests.transport.scripted_api import PASSWORD, ScriptedApi, scripted_app, served

EMAIL = "adaeze@lender.test"
WHO = "{ viewer { admin { name } customer { displayName } } }"

pytestmark = [
    pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine"),
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    try:
        install()
    except InstallError as error:
        pytest.skip(str(error))


@pytest.fixture
def api() -> ScriptedApi:
    return ScriptedApi()


@pytest.fixture
def origin(api: ScriptedApi) -> Iterator[str]:
    with served(scripted_app(api)) as address:
        yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def graphiql(browser: Browser, origin: str) -> AsyncIterator[Graphiql]:
    """The opened page. In the end, nothing may have left the server, broken the policy or failed."""
    async with graphiql_in(browser, origin) as opened:
        await opened.open()
        yield opened
        assert await opened.violations() == []
        assert opened.errors == []
        assert opened.foreign_requests() == []


async def test_before_sign_in_there_are_a_hint_and_examples_and_nothing_is_asked(
    graphiql: Graphiql, api: ScriptedApi
) -> None:
    assert "Sign in to run operations" in await graphiql.page.inner_text("#hint")
    assert api.operations == []
    tabs = await graphiql.page.locator(".graphiql-tab-button").all_inner_texts()
    assert {"Customers", "AssignableManagers", "AssignAccountManager", "Groups", "AddGroupMember"} <= set(tabs)
    variables = await graphiql.page.inner_text(".graphiql-editor-tool .CodeMirror-code >> nth=0")
    assert "ACTIVE" in variables


async def test_signed_in_the_schema_is_there_and_an_operation_runs_as_the_viewer(graphiql: Graphiql) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)

    assert await graphiql.signed_in_as() == f"Adaeze Okafor · {EMAIL}"
    assert not await graphiql.page.is_visible("#hint")
    await graphiql.wait_for_schema()
    assert await graphiql.run(WHO) == {"data": {"viewer": {"admin": {"name": "Adaeze Okafor"}, "customer": None}}}


async def test_a_wrong_password_is_told_in_words_and_forgotten(graphiql: Graphiql) -> None:
    await graphiql.sign_in(EMAIL, "wrong")

    assert await graphiql.problem() == "The email or the password is wrong."
    assert await graphiql.page.input_value("#password") == ""
    assert await graphiql.page.input_value("#email") == EMAIL


async def test_sign_in_works_by_keyboard_alone(graphiql: Graphiql) -> None:
    await graphiql.page.keyboard.press("Tab")
    await graphiql.page.keyboard.type(EMAIL)
    await graphiql.page.keyboard.press("Tab")
    await graphiql.page.keyboard.type(PASSWORD)
    await graphiql.page.keyboard.press("Enter")
    await graphiql.page.wait_for_selector("#signed-in:visible")

    focused = await graphiql.page.evaluate("document.activeElement.textContent")
    assert focused == "Sign out"


async def test_a_reload_keeps_the_session_and_only_this_tab_has_it(graphiql: Graphiql) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)
    await graphiql.open()

    assert await graphiql.signed_in_as() == f"Adaeze Okafor · {EMAIL}"
    assert (await graphiql.run(WHO))["data"]["viewer"]["admin"] == {"name": "Adaeze Okafor"}
    assert await graphiql.page.evaluate("document.cookie + JSON.stringify(localStorage)") == "{}"


async def test_signing_out_ends_the_session_and_clears_the_answers(graphiql: Graphiql, api: ScriptedApi) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)
    await graphiql.run(WHO)
    await graphiql.sign_out()

    assert api.sessions == {}
    await graphiql.page.wait_for_selector(".result-window .CodeMirror")
    assert await graphiql.result() == ""
    assert "access-" not in await graphiql.page.evaluate("JSON.stringify(sessionStorage)")
    assert (await graphiql.run(WHO))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_an_expired_token_is_renewed_and_the_operation_sent_again(graphiql: Graphiql, api: ScriptedApi) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)
    await graphiql.wait_for_schema()
    api.expire_access()

    assert (await graphiql.run(WHO))["data"]["viewer"]["admin"] == {"name": "Adaeze Okafor"}
    assert api.issued == 2


async def test_a_session_that_the_server_ended_asks_to_sign_in_again(graphiql: Graphiql, api: ScriptedApi) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)
    await graphiql.wait_for_schema()
    api.end_sessions()
    await graphiql.page.click(".graphiql-execute-button")
    await graphiql.page.wait_for_selector("#sign-in:visible")

    assert await graphiql.problem() == "Your session has ended. Sign in again."
    await graphiql.sign_in(EMAIL, PASSWORD)
    assert await graphiql.problem() == ""


async def test_a_token_is_renewed_before_it_expires(graphiql: Graphiql, api: ScriptedApi) -> None:
    api.lifetime = timedelta(seconds=31)
    await graphiql.sign_in(EMAIL, PASSWORD)
    api.lifetime = timedelta(minutes=10)

    async with graphiql.page.expect_response(lambda answer: "refreshSession(" in (answer.request.post_data or "")):
        pass
    assert (await graphiql.run(WHO))["data"]["viewer"]["admin"] == {"name": "Adaeze Okafor"}
    assert api.issued == 2


async def test_a_customer_is_told_that_the_schema_is_not_theirs_and_may_run(
    graphiql: Graphiql, api: ScriptedApi
) -> None:
    await graphiql.sign_in("tunde@mail.test", PASSWORD, "CUSTOMER")

    assert await graphiql.signed_in_as() == "Tunde Bello · customer"
    assert "signed in as a customer" in await graphiql.page.inner_text("#hint")
    assert (await graphiql.run(WHO))["data"]["viewer"]["customer"] == {"displayName": "Tunde Bello"}
    assert "IntrospectionQuery" not in api.operations


async def test_graphiql_s_own_dialogs_stay_within_the_policy(graphiql: Graphiql) -> None:
    await graphiql.sign_in(EMAIL, PASSWORD)
    for button in ("Open short keys dialog", "Open settings dialog"):
        await graphiql.page.get_by_label(button).click()
        await graphiql.page.wait_for_selector(".graphiql-dialog")
        await graphiql.page.keyboard.press("Escape")
    await graphiql.page.get_by_label("Show History").click()
    await graphiql.page.wait_for_selector(".graphiql-history")


async def test_a_server_that_is_gone_is_told_in_words(graphiql: Graphiql) -> None:
    await graphiql.page.route("**/graphql", lambda route: route.abort())
    await graphiql.sign_in(EMAIL, PASSWORD)

    assert await graphiql.problem() == "The server cannot be reached."
    graphiql.errors.clear()  # the browser's own note of the failed request
