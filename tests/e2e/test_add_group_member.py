"""How to add a customer to a group, from the groups list to the customer's Groups tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import App, Server
from tests.e2e.test_assign_account_manager import nodes

GROUPS = """
    query Groups($search: String, $after: String) {
      groups(filter: { status: [ACTIVE] }, search: $search, orderBy: { field: NAME }, first: 10, after: $after) {
        edges { node { id name memberCount maximumMembers createdAt updatedAt status
                       viewerActions { action allowed } } }
        pageInfo { hasNextPage endCursor }
      }
    }
"""
DETAILS = """
    query ViewDetails($id: ID!) {
      group(id: $id) {
        name description criteriaText memberCount maximumMembers
        members(first: 3) { totalCount edges { since reason addedBy { name } node { id displayName } } }
      }
    }
"""
CANDIDATES = """
    query Candidates($office: ID) {
      customers(filter: { status: [ACTIVE], officeId: $office, includeSubtree: true }, first: 100) {
        edges { node { id displayName email groups { edges { node { id riskCategory } } } } }
      }
    }
"""
ADD = """
    mutation AddMember($input: AddGroupMemberInput!) {
      addGroupMember(input: $input) {
        group { memberCount } membership { id since }
        membershipEdge { since reason addedBy { name } node { id displayName } }
        warnings { code message } userErrors { code message field }
      }
    }
"""
TAB = """
    query GroupsTab($id: ID!) {
      customer(id: $id) { groups(first: 5) { edges { since node { id name memberCount } } } }
    }
"""
OWN_OFFICE = "{ viewer { admin { name office { id } } permissions } }"


@dataclass
class Added:
    """What the flow did."""

    console: App
    group: Mapping[str, Any]
    """As it was in the list, before."""
    before: Mapping[str, Any]
    """Its details, before."""
    customer: Mapping[str, Any]
    viewer: Mapping[str, Any]
    payload: Mapping[str, Any]


@pytest.fixture(scope="module")
def added(demo: Server) -> Added:
    """A group administrator goes through the flow once, with an email address that the customer gave on the phone."""
    console = demo.sign_in("groups@lenddesk.example")
    viewer = console.data(OWN_OFFICE)["viewer"]
    [group] = nodes(console.data(GROUPS, {"search": "customer advisory"})["groups"])
    before = console.data(DETAILS, {"id": group["id"]})["group"]
    everything = demo.sign_in("super@lenddesk.example")
    candidates = everything.data(CANDIDATES, {"office": viewer["admin"]["office"]["id"]})["customers"]
    customer = next(
        each for each in nodes(candidates) if group["id"] not in [found["id"] for found in nodes(each["groups"])]
    )
    request = {"groupId": group["id"], "email": customer["email"], "reason": "Asked on the phone"}
    payload = console.data(ADD, {"input": request})["addGroupMember"]
    return Added(console, group, before, customer, viewer, payload)


def test_the_list_pages_through_all_active_groups_and_offers_the_action(added: Added) -> None:
    listed: list[Any] = []
    page: Mapping[str, Any] = {"pageInfo": {"hasNextPage": True, "endCursor": None}}
    while page["pageInfo"]["hasNextPage"]:
        page = added.console.data(GROUPS, {"after": page["pageInfo"]["endCursor"]})["groups"]
        listed += nodes(page)
    assert [group["name"] for group in listed].count(added.group["name"]) == 1
    assert len({group["id"] for group in listed}) == len(listed) > 10
    assert {group["status"] for group in listed} == {"ACTIVE"}
    offered = {action["action"]: action["allowed"] for action in added.group["viewerActions"]}
    assert offered["ADD_MEMBER"]


def test_the_answer_confirms_the_addition(added: Added) -> None:
    assert added.payload["userErrors"] == []
    assert added.payload["group"] == {"memberCount": added.group["memberCount"] + 1}
    edge = added.payload["membershipEdge"]
    assert edge["node"]["id"] == added.customer["id"]
    assert edge["addedBy"] == {"name": added.viewer["admin"]["name"]}
    assert edge["since"] == added.payload["membership"]["since"]


def test_members_listing_groups_tab_and_statistics_agree(added: Added) -> None:
    details = added.console.data(DETAILS, {"id": added.group["id"]})["group"]
    assert details["memberCount"] == added.before["memberCount"] + 1
    assert details["members"]["totalCount"] == added.before["members"]["totalCount"] + 1
    assert details["members"]["edges"][0] == added.payload["membershipEdge"], "the newest member comes first"
    assert details["members"]["edges"][1:] == added.before["members"]["edges"][:2]

    tab = added.console.data(TAB, {"id": added.customer["id"]})["customer"]["groups"]["edges"]
    assert tab[0]["since"] == added.payload["membership"]["since"]
    assert tab[0]["node"]["name"] == added.group["name"]
    assert tab[0]["node"]["memberCount"] == details["memberCount"]


def test_a_second_time_is_refused_in_words_and_counted_by_nobody(added: Added) -> None:
    for name, value in (("email", added.customer["email"]), ("customerId", added.customer["id"])):
        request = {"groupId": added.group["id"], name: value}
        refused = added.console.data(ADD, {"input": request})["addGroupMember"]
        assert [error["code"] for error in refused["userErrors"]] == ["ALREADY_MEMBER"]
        assert "already" in refused["userErrors"][0]["message"]
    details = added.console.data(DETAILS, {"id": added.group["id"]})["group"]
    assert details["memberCount"] == added.before["memberCount"] + 1


def test_a_group_that_is_full_is_refused_with_its_numbers(added: Added, demo: Server) -> None:
    full = """
        query { groups(filter: { status: [ACTIVE] }, first: 100) { edges { node { id memberCount maximumMembers } } } }
    """
    group = next(
        each for each in nodes(added.console.data(full)["groups"]) if each["memberCount"] == each["maximumMembers"]
    )
    ask = """
        mutation($input: AddGroupMemberInput!) { addGroupMember(input: $input) {
          userErrors { code message currentMembers maximumMembers } } }
    """
    request = {"groupId": group["id"], "email": added.customer["email"]}
    errors = added.console.data(ask, {"input": request})["addGroupMember"]["userErrors"]
    [error] = [error for error in errors if error["code"] == "GROUP_FULL"]
    assert (error["currentMembers"], error["maximumMembers"]) == (group["memberCount"], group["maximumMembers"])
    assert "internal error" not in demo.log
