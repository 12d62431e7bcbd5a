"""What a viewer reads of a customer: all of it, or the outline and what their role shows besides; never an error."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.client import Api, gid
from tests.api.visibility_world import (
    BEFORE,
    COVERED,
    COVERING,
    NOBODY,
    VIEWER,
    VIEWERS,
    WITHHELD_WHEN_LIMITED,
    Lender,
    Subject,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")

_FIELDS = """
    id number displayName status office { name } accountManager { name }
    kind email phone version createdAt updatedAt
    groups(first: 3) { totalCount edges { node { name } } }
    loans(first: 3) { totalCount edges { node { number inArrears } } }
    loansSummary { loans loansInArrears }
    assignmentHistory(first: 3) { totalCount edges { node { accountManager { name } } } }
    interactions(first: 3) { totalCount edges { node { nextStep } } }
    statusHistory(first: 3) { totalCount edges { node { reason } } }
    auditTrail(last: 1) { edges { node { requestId } } }
    personal { firstName addresses { city } }
    employment { employerName employer { displayName } monthlyIncome { minimum { amount } maximum { amount } } }
    socials { website }
    guarantors { name isCustomer customer { displayName } }
    nextOfKin { name }
    relatedCustomers(first: 30) { totalCount edges { relation node { displayName } } }
    savings(first: 3) { totalCount edges { node { balance { amount currency } } } }
    memberships(first: 3) { totalCount edges { node { group { name } until } } }
    backOffice { tags accountManager { name } since office { name }
        notes(first: 3) { totalCount edges { node { text } } } }
    identifiers { kind masked }
    documents(first: 1) { totalCount edges { node { name } } }
    bankAccounts(first: 1) { totalCount edges { node { masked } } }
    loanRequests(first: 2) { totalCount edges { node { purpose loan { number } } } }
    repaymentPerformance(since: "2026-01-01") { currencies { instalmentsDue } }
    managerAsOf(at: "2025-06-01T00:00:00Z") { name }
    scheduledAssignment { reason }
    access { level reason withheldFields }
"""
READ = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Customer {{ {_FIELDS} }} }} }}"
LIST = f"{{ customers(first: 20) {{ edges {{ node {{ {_FIELDS} }} }} }} }}"


def expected(lender: Lender, viewer: str, subject: Subject) -> dict[str, Any]:
    """The customer as the viewer should read it: by the records, with what is withheld null."""
    sight = lender.sights(viewer)[subject.name]
    unnamed = {"auditTrail"} if sight.level == "FULL" else set()  # it takes a permission besides
    customer = subject.customer
    manager = {VIEWER: "The Viewer", COVERED: "The Covered", NOBODY: None}.get(subject.holder, "Someone Else")
    is_full = sight.level == "FULL"
    loans = [{"number": subject.overdue_loan.number, "inArrears": True}]
    if is_full:  # newest first
        loans.insert(0, {"number": subject.punctual_loan.number, "inArrears": False})
    managers = ([manager] if manager else []) + ["Someone Else"]
    whole = {
        "id": gid(customer),
        "number": customer.number,
        "displayName": customer.name,
        "status": customer.status,
        "office": {"name": subject.office},
        "accountManager": manager and {"name": manager},
        "kind": customer.kind,
        "email": customer.email,
        "phone": customer.phone,
        "version": customer.version,
        "createdAt": customer.created_at.isoformat(),
        "updatedAt": customer.updated_at.isoformat(),
        "groups": _connection([{"name": "Everyone"}]),
        "loans": _connection(loans),
        "loansSummary": {"loans": 2, "loansInArrears": 1},
        "assignmentHistory": _connection([{"accountManager": {"name": name}} for name in managers]),
        "interactions": _connection([{"nextStep": "Call again."}, {"nextStep": None}]),
        "identifiers": [{"kind": "BVN", "masked": f"•••• {subject.identifier.last_four}"}],
        "bankAccounts": _connection([{"masked": f"•••• {subject.bank_account.last_four}"}]),
        "documents": _connection([{"name": f"{customer.name}.pdf"}]),
        "loanRequests": _connection([{"purpose": "School fees", "loan": {"number": subject.punctual_loan.number}}]),
        "repaymentPerformance": {"currencies": [{"instalmentsDue": 1}]},
        "managerAsOf": {"name": "Someone Else"},
        "scheduledAssignment": {"reason": f"Of {customer.name}"},
        "statusHistory": _connection([{"reason": f"Of {customer.name}"}]),
        **_profile(lender, viewer, subject, manager),
        "auditTrail": {"edges": [{"node": {"requestId": f"Of {customer.name}"}}]},
        "access": {"level": sight.level, "reason": sight.reason, "withheldFields": sorted(sight.withheld - unnamed)},
    }
    assert whole.keys() >= WITHHELD_WHEN_LIMITED
    return {field: None if field in sight.withheld else value for field, value in whole.items()}


def _profile(lender: Lender, viewer: str, subject: Subject, manager: str | None) -> dict[str, Any]:
    """The sections of the profile; of the related customers, those whom the viewer sees."""
    customer, hub = subject.customer, lender.hub
    seen = [one for one in reversed(lender.subjects) if one.name in lender.seen(viewer) and one is not hub]
    is_hub = subject is hub
    guarantors = [{"name": f"Guarantor of {customer.name}", "isCustomer": False, "customer": None}]
    if is_hub:
        linked = [(one.name if one in seen else None) for one in lender.subjects if one is not hub]
        guarantors += [
            {"name": None, "isCustomer": True, "customer": name and {"displayName": name}} for name in linked
        ]
    related = [{"relation": relation, "node": {"displayName": one.name}} for one in seen for relation in _OF_HUB]
    of_employee = [{"relation": relation, "node": {"displayName": hub.name}} for relation in ("GUARANTEED", "EMPLOYER")]
    edges = related if is_hub else of_employee
    return {
        "personal": {"firstName": "Adaeze", "addresses": [{"city": "Lagos"}]},
        "employment": {
            "employerName": f"Employer of {customer.name}",
            "employer": None if is_hub else {"displayName": hub.name},
            "monthlyIncome": {"minimum": {"amount": "100000.00"}, "maximum": None},
        },
        "socials": {"website": "https://ada.example"},
        "guarantors": guarantors,
        "nextOfKin": [{"name": f"Mother of {customer.name}"}],
        "relatedCustomers": {"totalCount": len(edges), "edges": edges},
        "savings": _connection([{"balance": {"amount": "25000.00", "currency": "NGN"}}]),
        "memberships": _connection(
            [
                {"group": {"name": "Everyone"}, "until": None},
                {"group": {"name": "Former"}, "until": (BEFORE + timedelta(days=1)).isoformat()},
            ]
        ),
        "backOffice": {
            "tags": ["vip"],
            "accountManager": manager and {"name": manager},
            "since": customer.created_at.isoformat() if manager else None,
            "office": {"name": subject.office},
            "notes": _connection([{"text": f"About {customer.name}"}]),
        },
    }


_OF_HUB = ("GUARANTOR", "EMPLOYEE")
"""The later one first."""


def _connection(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"totalCount": len(nodes), "edges": [{"node": node} for node in nodes]}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_exactly_the_withheld_fields_are_null_and_named(viewer: str, lender: Lender, lender_api: Api) -> None:
    """By ID and in lists; `data` of the client refuses an answer with errors."""
    client = await lender.sign_in(lender_api, viewer)
    sights = lender.sights(viewer)
    visible = [subject for subject in lender.subjects if sights[subject.name].level != "NONE"]

    nodes = (await client.data(READ, {"ids": [gid(subject.customer) for subject in visible]}))["nodes"]
    assert nodes == [expected(lender, viewer, subject) for subject in visible]

    page = (await client.data(LIST))["customers"]
    by_name = sorted(visible, key=lambda subject: subject.name)
    assert [edge["node"] for edge in page["edges"]] == [expected(lender, viewer, s) for s in by_name]


async def test_each_role_set_withholds_something_of_its_own(lender: Lender) -> None:
    """What the tests above expect of a customer beneath, in the words of the design."""
    beneath = {viewer: lender.sights(viewer)["someone's, beneath"] for viewer in VIEWERS if viewer not in COVERING}
    assert {viewer: sight.level for viewer, sight in beneath.items()} == {
        "super_admin": "FULL",
        "compliance_officer": "FULL",
        "portfolio_manager": "FULL",
        "group_administrator": "LIMITED",
        "account_manager": "NONE",
        "collections_officer": "LIMITED",
        "team_member": "NONE",
        "auditor": "LIMITED",
        "account_manager + auditor": "LIMITED",
        "team_member + group_administrator": "LIMITED",
        "collections_officer + account_manager": "LIMITED",
        "portfolio_manager + auditor": "FULL",
        "group_reader": "NONE",
    }
    assert WITHHELD_WHEN_LIMITED - beneath["group_administrator"].withheld == {"groups", "memberships"}
    assert WITHHELD_WHEN_LIMITED - beneath["collections_officer"].withheld == {"phone", "email", "loans"}
    assert beneath["auditor"].withheld == WITHHELD_WHEN_LIMITED


async def test_the_highest_answer_wins_within_its_own_scope_only(lender: Lender, lender_api: Api) -> None:
    """A team member has FULL on nobody's in the own office; being group administrator too does not widen that."""
    client = await lender.sign_in(lender_api, "team_member + group_administrator")
    found = {edge["node"]["displayName"]: edge["node"] for edge in (await client.data(LIST))["customers"]["edges"]}
    levels = {name: node["access"]["level"] for name, node in found.items() if name.startswith("nobody's")}
    assert levels == {"nobody's, own": "FULL", "nobody's, beneath": "LIMITED", "nobody's, two beneath": "LIMITED"}
    assert found["someone's, own"]["groups"] is not None
    assert found["someone's, own"]["email"] is None
