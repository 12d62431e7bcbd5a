"""`customer(id)`: the profile page of one borrower."""

import pytest

from gql.domain.ids import Kind
from tests.api.client import Api, gid
from tests.api.reading import MALFORMED_IDS, Branch, build_branch, moment, shared, unknown

branch, database_url = shared(build_branch)

PROFILE = """
query Profile($id: ID!) {
  customer(id: $id) {
    id number displayName kind status email phone version createdAt updatedAt
    office { id name status parent { name } }
    accountManager { id name email phone office { name } }
    access { level reason withheldFields }
    viewerActions { action allowed reason }
    statusHistory { totalCount }
    interactions { totalCount }
    auditTrail { totalCount }
    identifiers { kind }
    documents { totalCount }
    bankAccounts { totalCount }
    loanRequests { totalCount }
    repaymentPerformance(since: "2026-01-01") { since }
    managerAsOf(at: "2026-01-01T00:00:00Z") { name }
    scheduledAssignment { status }
    assignmentHistory {
      totalCount
      edges { cursor node {
        id reason startedAt endedAt customer { id } accountManager { name } assignedBy { name } notifications { status }
      } }
    }
    groups { totalCount edges { cursor since until addedBy { name } reason node { id name } } }
    loans { totalCount edges { node { number } } }
    loansSummary { loans }
    personal { firstName } employment { sector } socials { x } guarantors { id } nextOfKin { id }
    relatedCustomers { totalCount } savings { totalCount } memberships { totalCount } backOffice { tier }
  }
}
"""


async def test_the_profile_shows_what_is_on_record(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    profile = (await client.data(PROFILE, {"id": gid(branch.adaeze)}))["customer"]
    outline = {name: profile[name] for name in ("id", "number", "displayName", "kind", "status", "email", "phone")}
    assert outline == {
        "id": gid(branch.adaeze),
        "number": "C100001",
        "displayName": "Adaeze Okafor",
        "kind": "PERSON",
        "status": "ACTIVE",
        "email": "adaeze@home.example",
        "phone": "+2348031234567",
    }
    assert profile["version"] == 7
    assert moment(profile["createdAt"]) == branch.adaeze.created_at
    assert moment(profile["updatedAt"]) == branch.adaeze.updated_at
    assert profile["office"] == {
        "id": gid(branch.lagos),
        "name": "Lagos",
        "status": "ACTIVE",
        "parent": {"name": "Head office"},
    }
    assert profile["access"] == {"level": "FULL", "reason": "ROLE_ASSIGNED", "withheldFields": []}
    assert profile["loans"]["totalCount"] == profile["loansSummary"]["loans"] == 2


async def test_the_profile_names_the_account_manager_and_how_to_reach_them(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    profile = (await client.data(PROFILE, {"id": gid(branch.adaeze)}))["customer"]
    assert profile["accountManager"] == {
        "id": gid(branch.bola),
        "name": "Bola Ade",
        "email": branch.bola.email,
        "phone": "+2348020000001",
        "office": {"name": "Lagos"},
    }


async def test_the_history_tells_who_was_responsible_when_by_whom_and_why(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    history = (await client.data(PROFILE, {"id": gid(branch.adaeze)}))["customer"]["assignmentHistory"]
    newest, oldest = (edge["node"] for edge in history["edges"])
    assert history["totalCount"] == 2
    assert moment(newest.pop("startedAt")) == moment(oldest.pop("endedAt")) == branch.second.started_at
    assert moment(oldest.pop("startedAt")) == branch.first.started_at
    assert newest == {
        "id": gid(branch.second),
        "reason": "A larger book for Bola.",
        "endedAt": None,
        "customer": {"id": gid(branch.adaeze)},
        "accountManager": {"name": "Bola Ade"},
        "assignedBy": {"name": "Peter Portfolio"},
        "notifications": [],
    }
    assert oldest == {
        "id": gid(branch.first),
        "reason": None,
        "customer": {"id": gid(branch.adaeze)},
        "accountManager": {"name": "Chidi Eze"},
        "assignedBy": None,
        "notifications": [],
    }


async def test_the_groups_tab_has_the_facts_of_each_membership_and_no_group_that_was_left(
    api: Api, branch: Branch
) -> None:
    client = await api.sign_in(branch.portfolio)
    groups = (await client.data(PROFILE, {"id": gid(branch.adaeze)}))["customer"]["groups"]
    newest, oldest = groups["edges"]
    assert groups["totalCount"] == 2
    assert newest["cursor"] != oldest["cursor"]
    assert newest["node"] == {"id": gid(branch.farmers), "name": "Farmers"}
    assert oldest["node"] == {"id": gid(branch.sme), "name": "2026 SME Loans"}
    assert moment(newest["since"]) == branch.in_farmers.since
    assert moment(oldest["since"]) == branch.in_sme.since
    assert (newest["addedBy"], newest["reason"], newest["until"]) == (None, None, None)
    assert (oldest["addedBy"], oldest["reason"]) == ({"name": "Peter Portfolio"}, "Runs a shop.")


async def test_a_customer_with_nothing_has_empty_lists_and_no_manager(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    profile = (await client.data(PROFILE, {"id": gid(branch.nobodys)}))["customer"]
    assert profile["accountManager"] is None
    assert profile["assignmentHistory"] == {"totalCount": 0, "edges": []}
    assert profile["loans"] == {"totalCount": 0, "edges": []}
    assert profile["loansSummary"] == {"loans": 0}
    company = (await client.data(PROFILE, {"id": gid(branch.depot)}))["customer"]
    assert (company["kind"], company["groups"]) == ("COMPANY", {"totalCount": 0, "edges": []})


async def test_what_a_limited_view_withholds_is_null_and_named_without_an_error(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    profile = (await client.data(PROFILE, {"id": gid(branch.adaeze)}))["customer"]
    withheld = profile["access"].pop("withheldFields")
    assert profile["access"] == {"level": "LIMITED", "reason": "ROLE_ASSIGNED"}
    assert {name for name, value in profile.items() if value is None} == set(withheld)
    assert (profile["displayName"], profile["number"], profile["status"]) == ("Adaeze Okafor", "C100001", "ACTIVE")
    assert (profile["office"]["name"], profile["accountManager"]["name"]) == ("Lagos", "Bola Ade")


async def test_the_more_menu_says_what_is_possible_and_why_not(api: Api, branch: Branch) -> None:
    async def allowed(viewer: str, customer: str) -> set[str]:
        client = await api.sign_in(getattr(branch, viewer))
        profile = (await client.data(PROFILE, {"id": gid(getattr(branch, customer))}))["customer"]
        for action in profile["viewerActions"]:
            assert action["allowed"] is (action["reason"] is None)
        return {action["action"] for action in profile["viewerActions"] if action["allowed"]}

    of_active = {"UPDATE", "LOG_INTERACTION", "SUBMIT_LOAN_REQUEST", "DEACTIVATE", "SUSPEND", "BLACKLIST"}
    of_suspended = {"UPDATE", "LOG_INTERACTION", "BLACKLIST", "ARCHIVE", "REINSTATE"}
    of_assigned = {"ASSIGN_ACCOUNT_MANAGER", "UNASSIGN_ACCOUNT_MANAGER", "TRANSFER"}
    assert await allowed("portfolio", "adaeze") == {*of_assigned, "ADD_TO_GROUP", *of_active}
    assert await allowed("portfolio", "suspended") == {*of_assigned, *of_suspended}
    assert await allowed("groups", "adaeze") == {"ADD_TO_GROUP"}
    assert await allowed("bola", "adaeze") == {"UPDATE", "LOG_INTERACTION", "SUBMIT_LOAN_REQUEST"}


@pytest.mark.parametrize(
    ("viewer", "customer", "level"),
    [
        ("bola", "adaeze", "FULL"),
        ("chidi", "adaeze", None),
        ("chidi", "nobodys", "LIMITED"),
        ("portfolio", "depot", "FULL"),
        ("portfolio", "elsewhere", None),
        ("team", "depot", None),
        ("auditor", "elsewhere", "LIMITED"),
        ("super_admin", "elsewhere", "FULL"),
    ],
)
async def test_a_role_sees_what_is_its_business(
    viewer: str, customer: str, level: str | None, api: Api, branch: Branch
) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    found = (await client.data(PROFILE, {"id": gid(getattr(branch, customer))}))["customer"]
    assert (found and found["access"]["level"]) == level


async def test_an_unknown_customer_is_null(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    assert await client.data(PROFILE, {"id": unknown(Kind.CUSTOMER)}) == {"customer": None}


@pytest.mark.parametrize("field", ["customer", "office", "admin", "group", "node"])
async def test_a_malformed_id_is_bad_input(field: str, api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    query = f"query($id: ID!) {{ {field}(id: $id) {{ __typename }} }}"
    for malformed in MALFORMED_IDS:
        assert await client.codes(query, {"id": malformed}) == ["BAD_USER_INPUT"], malformed


@pytest.mark.parametrize("field", ["customer", "office", "admin", "group"])
async def test_an_id_of_another_type_is_bad_input(field: str, api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    query = f"query($id: ID!) {{ {field}(id: $id) {{ __typename }} }}"
    for record in (branch.adaeze, branch.lagos, branch.bola, branch.sme, branch.overdue, branch.second, branch.in_sme):
        of_that_type = type(record).__name__.lower() == field
        assert await client.codes(query, {"id": gid(record)}) == ([] if of_that_type else ["BAD_USER_INPUT"])
