"""Both flows in GraphiQL, as a newcomer does them: sign in, assign an account manager, add a customer to a group."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from gql import demo
from gql.app import create_app
from gql.db.engine import Database
from gql.settings import Settings
from gql.transport.graphiql.install import InstallError, install
from tests.databases import fresh_database
from tests.transport.browser import Graphiql, chromium, chromium_path, graphiql_in
from tests.transport.scripted_api import served

pytestmark = pytest.mark.skipif(chromium_path() is None, reason="no Chromium on this machine")

PICK = """{
  customers(first: 1, filter: {hasAccountManager: false, status: [ACTIVE]}) { edges { node { id number } } }
  offices(first: 1, search: "Ikeja") { edges { node { id } } }
  groups(first: 1, search: "2026 SME Loans") { edges { node { id memberCount } } }
}"""
MANAGERS = "query($office: ID!) { assignableManagers(officeId: $office, first: 1) { edges { node { id name } } } }"
ASSIGN = """mutation($input: AssignAccountManagerInput!) {
  assignAccountManager(input: $input) { changed customer { accountManager { name } } userErrors { code } }
}"""
ADD = """mutation($input: AddGroupMemberInput!) {
  addGroupMember(input: $input) { group { memberCount } membershipEdge { node { number } } userErrors { code } }
}"""


@pytest.fixture
def var_dir(tmp_path: Path) -> Path:
    """Where the mails go."""
    return tmp_path


@pytest.fixture
async def demo_url() -> AsyncIterator[str]:
    """A small demo lender."""
    with fresh_database("sqlite") as url:
        database = Database(url, pool_size=1)
        await demo.seed(database, customers=demo.SMALLEST)
        await database.close()
        yield url


@pytest.fixture
def origin(demo_url: str, var_dir: Path) -> Iterator[str]:
    """The server, with its dispatcher, at a port of its own."""
    try:
        install()
    except InstallError as error:
        pytest.skip(str(error))
    settings = {"database_url": demo_url, "var_dir": var_dir, "outbox_poll_seconds": 0.1}
    with served(create_app(Settings.model_validate(settings))) as address:
        yield address


async def test_both_flows_work_in_the_browser(origin: str, var_dir: Path) -> None:
    """With nothing but the page: no error in its console, nothing that its policy refuses, no foreign request."""
    async with chromium() as browser, graphiql_in(browser, origin) as page:
        await page.open()
        await page.sign_in("portfolio@lenddesk.example", demo.PASSWORD)
        assert (await page.signed_in_as()).endswith("portfolio@lenddesk.example")
        await page.wait_for_schema()
        await _both_flows(page)
        await page.screenshot(var_dir / "graphiql.png")
        assert page.errors == []
        assert await page.violations() == []
        assert page.foreign_requests() == []
    assert len(list((var_dir / "mail").glob("*.eml"))) == 2


async def _both_flows(page: Graphiql) -> None:
    picked = (await page.run(PICK))["data"]
    customer, office, group = (picked[name]["edges"][0]["node"] for name in ("customers", "offices", "groups"))
    managers = (await page.run(MANAGERS, {"office": office["id"]}))["data"]
    manager: dict[str, Any] = managers["assignableManagers"]["edges"][0]["node"]

    wish = {"customerId": customer["id"], "accountManagerId": manager["id"]}
    assigned = await page.run(ASSIGN, {"input": wish})
    assert assigned["data"]["assignAccountManager"] == {
        "changed": True,
        "customer": {"accountManager": {"name": manager["name"]}},
        "userErrors": [],
    }

    added = await page.run(ADD, {"input": {"groupId": group["id"], "customerId": customer["id"]}})
    assert added["data"]["addGroupMember"] == {
        "group": {"memberCount": group["memberCount"] + 1},
        "membershipEdge": {"node": {"number": customer["number"]}},
        "userErrors": [],
    }
