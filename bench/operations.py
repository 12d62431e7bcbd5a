"""What is asked of the server: an admin console's screens, on a lender that the server's answers are explored for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Ask = Callable[[str, Mapping[str, Any]], dict[str, Any]]
"""Sends an operation and answers its data, which came without errors."""


class Name(StrEnum):
    """The operations, by the names that the command line takes."""

    CUSTOMERS = "customers"
    PROFILE = "profile"
    GROUP = "group"
    VIEWER = "viewer"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Operation:
    """A document with its variables. `rows` is how many rows of its list the answer has; 1 where it has none."""

    name: Name
    document: str
    variables: Mapping[str, Any]
    rows: int = 1


MEANINGS: Mapping[Name, str] = {
    Name.CUSTOMERS: "list of 50 customers with manager, office, groups and loan totals",
    Name.PROFILE: "one customer's profile: back office section, history, groups, loans",
    Name.GROUP: "a group's first 100 members with manager, office and who added them",
    Name.VIEWER: "whoever is signed in, with roles and permissions",
    Name.NOTHING: "{ __typename }: HTTP, sign-in check and nothing else",
}

NOTHING = Operation(Name.NOTHING, "{ __typename }", {})

_CUSTOMERS = """
query Customers {
  customers(first: 50) {
    edges {
      cursor
      node {
        id number displayName status phone email
        accountManager { id name }
        office { id name }
        groups(first: 10) { edges { node { id name } } }
        loansSummary {
          loans activeLoans loansInArrears
          balances { currency outstanding { amount currency } arrears { amount currency } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

_PROFILE = """
query Profile($id: ID!) {
  customer(id: $id) {
    id number displayName status kind email phone version createdAt updatedAt
    access { level reason withheldFields }
    viewerActions { action allowed reason }
    office { id name parent { id name } }
    accountManager { id name email office { id name } }
    assignmentHistory(first: 10) {
      edges { node { id startedAt endedAt reason accountManager { id name } assignedBy { id name } } }
    }
    groups(first: 10) { edges { since reason addedBy { id name } node { id name status } } }
    loans(first: 10) { edges { node { id number product status outstanding { amount currency } inArrears } } }
    loansSummary { loans activeLoans loansInArrears balances { currency outstanding { amount currency } } }
  }
}
"""

_GROUP = """
query Group($id: ID!) {
  group(id: $id) {
    id name status description criteriaText memberCount maximumMembers updatedAt
    members(first: 100) {
      edges {
        since
        addedBy { id name }
        node { id number displayName status accountManager { id name } office { id name } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

_VIEWER = """
query Viewer {
  viewer { permissions admin { id name email status office { id name } roles { key name } bookSize } }
}
"""

_FIND_PROFILE = """
query FindProfile($id: ID!) {
  customers(first: 100, filter: { groupId: $id }) {
    edges { node { id accountManager { id } groups(first: 10) { edges { cursor } } loansSummary { loans } } }
  }
}
"""

_FIND_GROUP = "query FindGroup { groups(first: 100) { edges { node { id members(first: 1) { totalCount } } } } }"


def find_operations(ask: Ask) -> list[Operation]:
    """All operations, on the fullest group that the viewer sees and on the member with the most to show."""
    customers = ask(_CUSTOMERS, {})["customers"]["edges"]
    groups = [edge["node"] for edge in ask(_FIND_GROUP, {})["groups"]["edges"]]
    group = max(groups, key=lambda node: node["members"]["totalCount"])
    of_group = {"id": group["id"]}
    members = ask(_GROUP, of_group)["group"]["members"]["edges"]
    candidates = [edge["node"] for edge in ask(_FIND_PROFILE, of_group)["customers"]["edges"]]
    profile = max(candidates, key=_much_to_show)
    return [
        Operation(Name.CUSTOMERS, _CUSTOMERS, {}, len(customers)),
        Operation(Name.PROFILE, _PROFILE, {"id": profile["id"]}),
        Operation(Name.GROUP, _GROUP, of_group, len(members)),
        Operation(Name.VIEWER, _VIEWER, {}),
        NOTHING,
    ]


def _much_to_show(customer: Mapping[str, Any]) -> tuple[bool, int]:
    shown = len(customer["groups"]["edges"]) + customer["loansSummary"]["loans"]
    return customer["accountManager"] is not None, shown
