"""The peer `postgraphile` as it is asked, and its answers in the shape of our server's.

PostGraphile's schema follows the tables, so that its documents differ from ours and ask for the same fields. What is
made of its answers here costs it nothing: names, global IDs of UUIDs, decimals of minor units, our cursors in the place
of its own. `access` and `viewerActions` have no columns and are not asked of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from bench.measure import body_of
from bench.operations import Name, Operation
from bench.peers.assembling import named
from bench.peers.facts import ACTIONS_BY_CASE, case_of, permission_names
from bench.peers.serving import amount
from gql.domain.ids import Kind, parse_global_id, to_global_id
from gql.domain.listing import BY_NAME, BY_SINCE
from gql.domain.paging import Position, encode_cursor

Json = Mapping[str, Any]

_DOCUMENTS = {
    Name.CUSTOMERS: """
query Customers {
  allCustomers(first: 50, orderBy: [NAME_ASC, ROW_ID_ASC]) {
    edges {
      cursor
      node {
        rowId number name status phone email
        adminByAccountManagerId { rowId name }
        officeByOfficeId { rowId name }
        membershipsByCustomerId(first: 10, condition: { until: null }, orderBy: [SINCE_DESC, ROW_ID_DESC]) {
          edges { node { groupByGroupId { rowId name } } }
        }
        balances { edges { node { currency loans activeLoans loansInArrears outstandingMinor arrearsMinor } } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
""",
    Name.PROFILE: """
query Profile($id: UUID!) {
  customerByRowId(rowId: $id) {
    rowId number name status kind email phone version createdAt updatedAt
    officeByOfficeId { rowId name officeByParentId { rowId name } }
    adminByAccountManagerId { rowId name email officeByOfficeId { rowId name } }
    assignmentsByCustomerId(first: 10, orderBy: [STARTED_AT_DESC, ROW_ID_DESC]) {
      edges { node {
        rowId startedAt endedAt reason adminByAdminId { rowId name } adminByAssignedById { rowId name }
      } }
    }
    membershipsByCustomerId(first: 10, condition: { until: null }, orderBy: [SINCE_DESC, ROW_ID_DESC]) {
      edges { node { since reason adminByAddedById { rowId name } groupByGroupId { rowId name status } } }
    }
    loansByCustomerId(first: 10, orderBy: [DISBURSED_AT_DESC, ROW_ID_DESC]) {
      edges { node { rowId number product status outstandingMinor currency inArrears } }
    }
    balances { edges { node { currency loans activeLoans loansInArrears outstandingMinor } } }
  }
}
""",
    Name.GROUP: """
query Group($id: UUID!) {
  groupByRowId(rowId: $id) {
    rowId name status description criteriaText memberCount maximumMembers updatedAt
    membershipsByGroupId(first: 100, condition: { until: null }, orderBy: [SINCE_DESC, ROW_ID_DESC]) {
      edges { node {
        rowId since
        adminByAddedById { rowId name }
        customerByCustomerId {
          rowId number name status adminByAccountManagerId { rowId name } officeByOfficeId { rowId name }
        }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
""",
    Name.VIEWER: """
query Viewer {
  viewer {
    rowId name email status
    officeByOfficeId { rowId name }
    adminRolesByAdminId { edges { node { roleByRoleId { key name permissions } } } }
    bookSize
  }
}
""",
}


def request(operation: Operation) -> tuple[str, bytes]:
    """The question as PostGraphile is asked it."""
    variables = {name: str(parse_global_id(text)[1]) for name, text in operation.variables.items()}
    return "/graphql", body_of(_DOCUMENTS[operation.name], variables)


def normal(operation: Operation, data: Json) -> Any:
    """Its answer, as our server would give it."""
    return _NORMAL[operation.name](data)


def _nodes(connection: Json) -> Sequence[Json]:
    return [edge["node"] for edge in connection["edges"]]


def _named(kind: Kind, row: Json | None) -> Any:
    return None if row is None else named(kind, UUID(row["rowId"]), row["name"])


def _id(kind: Kind, row: Json) -> str:
    return to_global_id(kind, UUID(row["rowId"]))


def _money(minor: Any, currency: str) -> Any:
    return {"amount": amount(int(minor)), "currency": currency}


def _summary(row: Json, figures: Sequence[str]) -> Any:
    balances = _nodes(row["balances"])
    return {
        "loans": sum(one["loans"] for one in balances),
        "activeLoans": sum(one["activeLoans"] for one in balances),
        "loansInArrears": sum(one["loansInArrears"] for one in balances),
        "balances": [
            {"currency": one["currency"]}
            | {figure: _money(one[f"{figure}Minor"], one["currency"]) for figure in figures}
            for one in balances
        ],
    }


def _outline(row: Json) -> dict[str, Any]:
    return {
        "id": _id(Kind.CUSTOMER, row),
        "number": row["number"],
        "displayName": row["name"],
        "status": row["status"],
        "accountManager": _named(Kind.ADMIN, row["adminByAccountManagerId"]),
        "office": _named(Kind.OFFICE, row["officeByOfficeId"]),
    }


def _customers(data: Json) -> Any:
    connection = data["allCustomers"]
    edges = [
        {
            "cursor": encode_cursor(BY_NAME, Position(row["name"], UUID(row["rowId"]))),
            "node": _outline(row)
            | {"phone": row["phone"], "email": row["email"]}
            | {
                "groups": {
                    "edges": [
                        {"node": _named(Kind.GROUP, one["groupByGroupId"])}
                        for one in _nodes(row["membershipsByCustomerId"])
                    ]
                },
                "loansSummary": _summary(row, ("outstanding", "arrears")),
            },
        }
        for row in _nodes(connection)
    ]
    page_info = {"hasNextPage": connection["pageInfo"]["hasNextPage"], "endCursor": edges[-1]["cursor"]}
    return {"customers": {"edges": edges, "pageInfo": page_info}}


def _profile(data: Json) -> Any:
    row = data["customerByRowId"]
    customer = _outline(row)
    customer["office"]["parent"] = _named(Kind.OFFICE, row["officeByOfficeId"]["officeByParentId"])
    manager = row["adminByAccountManagerId"]
    if manager is not None:
        desk = _named(Kind.OFFICE, manager["officeByOfficeId"])
        customer["accountManager"] |= {"email": manager["email"], "office": desk}
    same = ("kind", "email", "phone", "createdAt", "updatedAt")
    reason = "ROLE_UNASSIGNED" if manager is None else "ROLE_ASSIGNED"
    return {
        "customer": customer
        | {name: row[name] for name in same}
        | {
            "version": int(row["version"]),
            "access": {"level": "FULL", "reason": reason, "withheldFields": []},
            "viewerActions": ACTIONS_BY_CASE[case_of(row["status"], manager)],
            "assignmentHistory": {
                "edges": [{"node": _assignment(one)} for one in _nodes(row["assignmentsByCustomerId"])]
            },
            "groups": {"edges": [_membership(one) for one in _nodes(row["membershipsByCustomerId"])]},
            "loans": {"edges": [{"node": _loan(one)} for one in _nodes(row["loansByCustomerId"])]},
            "loansSummary": _summary(row, ("outstanding",)),
        }
    }


def _assignment(row: Json) -> Any:
    return {
        "id": _id(Kind.ASSIGNMENT, row),
        "startedAt": row["startedAt"],
        "endedAt": row["endedAt"],
        "reason": row["reason"],
        "accountManager": _named(Kind.ADMIN, row["adminByAdminId"]),
        "assignedBy": _named(Kind.ADMIN, row["adminByAssignedById"]),
    }


def _membership(row: Json) -> Any:
    group = row["groupByGroupId"]
    return {
        "since": row["since"],
        "reason": row["reason"],
        "addedBy": _named(Kind.ADMIN, row["adminByAddedById"]),
        "node": _named(Kind.GROUP, group) | {"status": group["status"]},
    }


def _loan(row: Json) -> Any:
    same = ("number", "product", "status", "inArrears")
    owed = _money(row["outstandingMinor"], row["currency"])
    return {"id": _id(Kind.LOAN, row), "outstanding": owed} | {name: row[name] for name in same}


def _group(data: Json) -> Any:
    row = data["groupByRowId"]
    members = row["membershipsByGroupId"]
    edges = [
        {
            "since": one["since"],
            "addedBy": _named(Kind.ADMIN, one["adminByAddedById"]),
            "node": _outline(one["customerByCustomerId"]),
        }
        for one in _nodes(members)
    ]
    last = _nodes(members)[-1]
    end = encode_cursor(BY_SINCE, Position(datetime.fromisoformat(last["since"]), UUID(last["rowId"])))
    maximum = row["maximumMembers"]
    return {
        "group": {name: row[name] for name in ("name", "status", "description", "criteriaText", "updatedAt")}
        | {
            "id": _id(Kind.GROUP, row),
            "memberCount": int(row["memberCount"]),
            "maximumMembers": None if maximum is None else int(maximum),
            "members": {
                "edges": edges,
                "pageInfo": {"hasNextPage": members["pageInfo"]["hasNextPage"], "endCursor": end},
            },
        }
    }


def _viewer(data: Json) -> Any:
    row = data["viewer"]
    roles = sorted((one["roleByRoleId"] for one in _nodes(row["adminRolesByAdminId"])), key=lambda role: role["name"])
    return {
        "viewer": {
            "permissions": permission_names({name for role in roles for name in role["permissions"]}),
            "admin": {
                "id": _id(Kind.ADMIN, row),
                "name": row["name"],
                "email": row["email"],
                "status": row["status"],
                "office": _named(Kind.OFFICE, row["officeByOfficeId"]),
                "roles": [{"key": role["key"], "name": role["name"]} for role in roles],
                "bookSize": row["bookSize"],
            },
        }
    }


_NORMAL: Mapping[Name, Callable[[Json], Any]] = {
    Name.CUSTOMERS: _customers,
    Name.PROFILE: _profile,
    Name.GROUP: _group,
    Name.VIEWER: _viewer,
}
