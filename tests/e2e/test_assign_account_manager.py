"""How to assign an account manager, from the customers list to the mail in the customer's inbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from tests.e2e.conftest import App, Server, wait_until

CUSTOMER = "customer1@lenddesk.example"

CUSTOMERS = """
    query Customers($search: String) {
      customers(search: $search, first: 10) {
        edges { node { id displayName number status version accountManager { id name email }
                       viewerActions { action allowed reason } } }
      }
    }
"""
OFFICES = """
    query Offices($after: String) {
      offices(first: 5, after: $after) { edges { node { id name status } } pageInfo { hasNextPage endCursor } }
    }
"""
TEAM = """
    query Team($office: ID!, $search: String) {
      assignableManagers(officeId: $office, search: $search, first: 20) {
        totalCount edges { node { id name email bookSize } }
      }
    }
"""
ASSIGN = """
    mutation Assign($input: AssignAccountManagerInput!) {
      assignAccountManager(input: $input) {
        changed userErrors { code message field }
        customer { id version accountManager { name } }
        assignment { id reason accountManager { name } assignedBy { name } endedAt }
      }
    }
"""
PROFILE = """
    query GeneralDetails($id: ID!) {
      customer(id: $id) {
        displayName email phone office { name }
        accountManager { id name email office { name } bookSize }
        assignmentHistory(first: 2) {
          edges { node { startedAt endedAt reason accountManager { name } assignedBy { name } } }
        }
      }
    }
"""
ME = "{ me { displayName accountManager { name email office since } } }"


def nodes(connection: Mapping[str, Any]) -> list[Any]:
    """The nodes of a page."""
    return [edge["node"] for edge in connection["edges"]]


def all_offices(console: App) -> list[Any]:
    """The offices, page by page, as a long drop-down loads them."""
    found: list[Any] = []
    after = None
    while True:
        page = console.data(OFFICES, {"after": after})["offices"]
        found += nodes(page)
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


@dataclass
class Assigned:
    """What the flow did, for the tests that look at it from elsewhere."""

    server: Server
    console: App
    customer: Mapping[str, Any]
    """As it was in the list, before."""
    manager: Mapping[str, Any]
    """Whom the new account manager was picked from the drop-down as."""
    office: Mapping[str, Any]
    request: Mapping[str, Any]
    answer: Mapping[str, Any]
    mails: list[EmailMessage]


@pytest.fixture(scope="module")
def assigned(demo: Server) -> Assigned:
    """A portfolio manager goes through the flow once, for a customer who has an account manager already."""
    console = demo.sign_in("portfolio@lenddesk.example")
    before = len(demo.mails())
    [customer] = nodes(console.data(CUSTOMERS, {"search": CUSTOMER})["customers"])
    old = customer["accountManager"]["name"]
    [office] = [office for office in all_offices(console) if office["name"].startswith("Lekki")]
    picked = nodes(console.data(TEAM, {"office": office["id"]})["assignableManagers"])
    manager = next(admin for admin in picked if admin["name"] != old)
    request = {
        "customerId": customer["id"],
        "accountManagerId": manager["id"],
        "reason": "Moved to the island",
        "expectedVersion": customer["version"],
        "idempotencyKey": "click-1",
    }
    answer = console.data(ASSIGN, {"input": request})["assignAccountManager"]
    wait_until(lambda: len(demo.mails()) >= before + 3, "three mails arrive")
    return Assigned(demo, console, customer, manager, office, request, answer, demo.mails()[before:])


def test_the_list_offers_the_action_and_the_answer_confirms_it(assigned: Assigned) -> None:
    offered = {action["action"]: action["allowed"] for action in assigned.customer["viewerActions"]}
    assert offered["ASSIGN_ACCOUNT_MANAGER"]
    answer = assigned.answer
    assert (answer["changed"], answer["userErrors"]) == (True, [])
    assert answer["customer"]["accountManager"] == {"name": assigned.manager["name"]}
    assert answer["customer"]["version"] > assigned.customer["version"]
    assert answer["assignment"]["reason"] == "Moved to the island"
    assert answer["assignment"]["endedAt"] is None


def test_a_team_member_is_found_by_the_beginning_of_a_name(assigned: Assigned) -> None:
    search = assigned.manager["name"][:4].lower()
    found = nodes(
        assigned.console.data(TEAM, {"office": assigned.office["id"], "search": search})["assignableManagers"]
    )
    assert assigned.manager["name"] in [admin["name"] for admin in found]
    assert all(word.lower().startswith(search) for admin in found for word in [admin["name"].split()[0]])


def test_the_profile_shows_the_manager_and_the_history(assigned: Assigned) -> None:
    profile = assigned.console.data(PROFILE, {"id": assigned.customer["id"]})["customer"]
    manager = profile["accountManager"]
    assert (manager["id"], manager["office"]) == (assigned.manager["id"], {"name": assigned.office["name"]})
    assert manager["bookSize"] == assigned.manager["bookSize"] + 1
    newest, before = nodes(profile["assignmentHistory"])
    assert (newest["accountManager"]["name"], newest["endedAt"]) == (assigned.manager["name"], None)
    assert newest["assignedBy"]["name"] == assigned.answer["assignment"]["assignedBy"]["name"]
    assert before["accountManager"]["name"] == assigned.customer["accountManager"]["name"]
    assert before["endedAt"] == newest["startedAt"]


def test_the_customers_own_app_shows_the_manager(assigned: Assigned) -> None:
    app = assigned.server.sign_in(CUSTOMER, "CUSTOMER")
    shown = app.data(ME)["me"]["accountManager"]
    assert (shown["name"], shown["email"]) == (assigned.manager["name"], assigned.manager["email"])
    assert shown["office"] == assigned.office["name"]


def test_customer_new_manager_and_old_manager_get_one_mail_each(assigned: Assigned) -> None:
    old = assigned.customer["accountManager"]
    by_recipient = {str(mail["To"]): mail for mail in assigned.mails}
    assert len(assigned.mails) == 3
    assert by_recipient.keys() == {CUSTOMER, assigned.manager["email"], old["email"]}
    new_manager, customer = assigned.manager["name"], assigned.customer["displayName"]
    assert new_manager in by_recipient[CUSTOMER]["Subject"]
    assert customer in by_recipient[assigned.manager["email"]]["Subject"]
    assert customer in by_recipient[old["email"]]["Subject"]
    assert len({mail["Message-ID"] for mail in assigned.mails}) == 3
    for mail in assigned.mails:
        assert mail["From"]
        assert mail["Date"]
        text, html = (mail.get_body(preferencelist=(kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert html is not None
        for part in (text, html):
            assert new_manager in part.get_content()


def test_the_same_again_changes_nothing_and_sends_nothing(assigned: Assigned) -> None:
    """A double click is the same request; a second admin's wish for the same manager is already fulfilled."""
    before = len(assigned.server.mails())
    assert assigned.console.data(ASSIGN, {"input": assigned.request})["assignAccountManager"] == assigned.answer
    again = {name: assigned.request[name] for name in ("customerId", "accountManagerId")}
    answer = assigned.console.data(ASSIGN, {"input": again})["assignAccountManager"]
    assert (answer["changed"], answer["userErrors"]) == (False, [])
    assert answer["assignment"]["id"] == assigned.answer["assignment"]["id"]
    outdated = again | {"expectedVersion": assigned.customer["version"]}
    refused = assigned.console.data(ASSIGN, {"input": outdated})["assignAccountManager"]
    assert [error["code"] for error in refused["userErrors"]] == ["VERSION_CONFLICT"]
    assert len(assigned.server.mails()) == before


def test_the_log_names_nobody(assigned: Assigned) -> None:
    log = assigned.server.log
    for secret in (CUSTOMER, assigned.customer["displayName"], assigned.manager["email"], "lenddesk-demo-only"):
        assert secret not in log
    assert "internal error" not in log
