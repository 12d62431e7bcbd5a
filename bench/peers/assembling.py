"""From rows to the JSON of an answer, by hand. Rows are asyncpg's, of the statements in `sql/`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from bench.peers.facts import ACTIONS_BY_CASE, case_of, permission_names
from bench.peers.serving import amount, moment
from gql.domain.ids import Kind, to_global_id
from gql.domain.listing import BY_SINCE
from gql.domain.paging import Position, encode_cursor

Row = Mapping[str, Any]


def named(kind: Kind, key: UUID | None, name: str | None) -> Any:
    """Something of which ID and name are asked, or null where there is none."""
    return None if key is None else {"id": to_global_id(kind, key), "name": name}


def customer_in_list(row: Row, groups: Sequence[Row], balances: Sequence[Row]) -> Any:
    """A customer of the list."""
    return {
        "id": to_global_id(Kind.CUSTOMER, row["id"]),
        "number": row["number"],
        "displayName": row["name"],
        "status": row["status"],
        "phone": row["phone"],
        "email": row["email"],
        "accountManager": named(Kind.ADMIN, row["account_manager_id"], row["manager_name"]),
        "office": named(Kind.OFFICE, row["office_id"], row["office_name"]),
        "groups": {"edges": [{"node": named(Kind.GROUP, group["id"], group["name"])} for group in groups]},
        "loansSummary": balances_of(balances, with_arrears=True),
    }


def balances_of(rows: Sequence[Row], *, with_arrears: bool) -> Any:
    """A customer's loans in figures."""
    balances = []
    for row in rows:
        currency = row["currency"]
        balance = {
            "currency": currency,
            "outstanding": {"amount": amount(row["outstanding_minor"]), "currency": currency},
        }
        if with_arrears:
            balance["arrears"] = {"amount": amount(row["arrears_minor"]), "currency": currency}
        balances.append(balance)
    return {
        "loans": sum(row["loans"] for row in rows),
        "activeLoans": sum(row["active_loans"] for row in rows),
        "loansInArrears": sum(row["loans_in_arrears"] for row in rows),
        "balances": balances,
    }


def profile_of(
    row: Row,
    viewer: UUID,
    *,
    history: Sequence[Row],
    memberships: Sequence[Row],
    loans: Sequence[Row],
    balances: Any,
) -> Any:
    """The profile. Whoever of the bench's viewer's kind sees a customer sees all of them."""
    manager_id = row["account_manager_id"]
    manager = named(Kind.ADMIN, manager_id, row["manager_name"])
    if manager is not None:
        manager["email"] = row["manager_email"]
        manager["office"] = named(Kind.OFFICE, row["desk_id"], row["desk_name"])
    office = named(Kind.OFFICE, row["office_id"], row["office_name"])
    office["parent"] = named(Kind.OFFICE, row["parent_id"], row["parent_name"])
    return {
        "id": to_global_id(Kind.CUSTOMER, row["id"]),
        "number": row["number"],
        "displayName": row["name"],
        "status": row["status"],
        "kind": row["kind"],
        "email": row["email"],
        "phone": row["phone"],
        "version": row["version"],
        "createdAt": moment(row["created_at"]),
        "updatedAt": moment(row["updated_at"]),
        "access": {"level": "FULL", "reason": reason_of(manager_id, viewer), "withheldFields": []},
        "viewerActions": ACTIONS_BY_CASE[case_of(row["status"], manager_id)],
        "office": office,
        "accountManager": manager,
        "assignmentHistory": {"edges": [{"node": _assignment(one)} for one in history]},
        "groups": {"edges": [_membership(one) for one in memberships]},
        "loans": {"edges": [{"node": _loan(one)} for one in loans]},
        "loansSummary": balances,
    }


def reason_of(manager_id: UUID | None, viewer: UUID) -> str:
    """Why a viewer with FULL access to an office's customers sees one of them."""
    if manager_id is None:
        return "ROLE_UNASSIGNED"
    return "ACCOUNT_MANAGER" if manager_id == viewer else "ROLE_ASSIGNED"


def _assignment(row: Row) -> Any:
    return {
        "id": to_global_id(Kind.ASSIGNMENT, row["id"]),
        "startedAt": moment(row["started_at"]),
        "endedAt": moment(row["ended_at"]),
        "reason": row["reason"],
        "accountManager": named(Kind.ADMIN, row["admin_id"], row["admin_name"]),
        "assignedBy": named(Kind.ADMIN, row["assigned_by_id"], row["assigner_name"]),
    }


def _membership(row: Row) -> Any:
    group = named(Kind.GROUP, row["id"], row["name"])
    group["status"] = row["status"]
    return {
        "since": moment(row["since"]),
        "reason": row["reason"],
        "addedBy": named(Kind.ADMIN, row["added_by_id"], row["adder_name"]),
        "node": group,
    }


def _loan(row: Row) -> Any:
    return {
        "id": to_global_id(Kind.LOAN, row["id"]),
        "number": row["number"],
        "product": row["product"],
        "status": row["status"],
        "outstanding": {"amount": amount(row["outstanding_minor"]), "currency": row["currency"]},
        "inArrears": row["in_arrears"],
    }


def group_with_members(row: Row, members: Sequence[Row]) -> Any:
    """A group, with the first 100 of these members."""
    page = members[:100]
    last = page[-1] if page else None
    return {
        "id": to_global_id(Kind.GROUP, row["id"]),
        "name": row["name"],
        "status": row["status"],
        "description": row["description"],
        "criteriaText": row["criteria_text"],
        "memberCount": row["member_count"],
        "maximumMembers": row["maximum_members"],
        "updatedAt": moment(row["updated_at"]),
        "members": {
            "edges": [_member(one) for one in page],
            "pageInfo": {
                "hasNextPage": len(members) > len(page),
                "endCursor": encode_cursor(BY_SINCE, Position(last["since"], last["membership_id"])) if last else None,
            },
        },
    }


def _member(row: Row) -> Any:
    return {
        "since": moment(row["since"]),
        "addedBy": named(Kind.ADMIN, row["added_by_id"], row["adder_name"]),
        "node": {
            "id": to_global_id(Kind.CUSTOMER, row["id"]),
            "number": row["number"],
            "displayName": row["name"],
            "status": row["status"],
            "accountManager": named(Kind.ADMIN, row["account_manager_id"], row["manager_name"]),
            "office": named(Kind.OFFICE, row["office_id"], row["office_name"]),
        },
    }


def viewer_of(rows: Sequence[Row]) -> Any:
    """The viewer, from a row for each role."""
    first = rows[0]
    permissions = {name for row in rows if row["role_key"] for name in orjson.loads(row["permissions"])}
    return {
        "permissions": permission_names(permissions),
        "admin": {
            "id": to_global_id(Kind.ADMIN, first["id"]),
            "name": first["name"],
            "email": first["email"],
            "status": first["status"],
            "office": named(Kind.OFFICE, first["office_id"], first["office_name"]),
            "roles": [{"key": row["role_key"], "name": row["role_name"]} for row in rows if row["role_key"]],
            "bookSize": first["book_size"],
        },
    }
