"""`group(id)` and `groups`: the list of groups, and a group's details with its members."""

from typing import Any

import pytest

from gql.domain.ids import Kind
from tests.api.client import Api, gid
from tests.api.reading import Branch, build_branch, moment, names, shared, unknown

branch, database_url = shared(build_branch)

GROUP = """
query($id: ID!) {
  group(id: $id) {
    id name status purpose description criteriaText memberCount maximumMembers riskCategory version createdAt updatedAt
    viewerActions { action allowed reason }
    members { totalCount edges { since until addedBy { name } reason node { id displayName } } }
  }
}
"""
LIST = """
query($f: GroupFilter, $s: String, $o: GroupOrder) {
  groups(filter: $f, search: $s, orderBy: $o) { totalCount edges { since reason node { name memberCount } } }
}
"""


async def test_a_groups_details_are_what_is_on_record(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    group = (await client.data(GROUP, {"id": gid(branch.farmers)}))["group"]
    assert moment(group.pop("createdAt")) == branch.farmers.created_at
    assert moment(group.pop("updatedAt")) == branch.farmers.updated_at
    assert [edge["node"]["displayName"] for edge in group.pop("members")["edges"]] == ["Adaeze Okafor"]
    action, *_ = group.pop("viewerActions")
    assert (action["action"], action["allowed"]) == ("ADD_MEMBER", False)
    assert action["reason"]
    assert group == {
        "id": gid(branch.farmers),
        "name": "Farmers",
        "status": "SUSPENDED",
        "purpose": "RISK",
        "description": "Those who farm.",
        "criteriaText": "Farms, or owns a farm.",
        "memberCount": 1,
        "maximumMembers": None,
        "riskCategory": "Drought",
        "version": 1,
    }


async def test_members_come_newest_first_with_the_facts_of_their_membership(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    group = (await client.data(GROUP, {"id": gid(branch.sme)}))["group"]
    newest, oldest = group["members"]["edges"]
    assert moment(newest.pop("since")) == branch.in_sme.since
    assert newest == {
        "until": None,
        "addedBy": {"name": "Peter Portfolio"},
        "reason": "Runs a shop.",
        "node": {"id": gid(branch.adaeze), "displayName": "Adaeze Okafor"},
    }
    assert oldest["node"]["displayName"] == "Nneka Obi"
    assert (oldest["addedBy"], oldest["reason"]) == (None, None)
    assert (group["memberCount"], group["maximumMembers"], group["members"]["totalCount"]) == (2, 2, 2)
    assert (group["version"], moment(group["updatedAt"])) == (3, branch.sme.updated_at)


async def test_who_has_left_is_no_member(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.portfolio)
    group = (await client.data(GROUP, {"id": gid(branch.former)}))["group"]
    assert group["members"] == {"totalCount": 0, "edges": []}
    assert (group["memberCount"], group["status"]) == (0, "ARCHIVED")


@pytest.mark.parametrize(("viewer", "seen"), [("portfolio", 2), ("chidi", 1), ("bola", 2), ("auditor", 2)])
async def test_the_member_count_is_true_whoever_looks_and_the_list_counts_what_they_see(
    viewer: str, seen: int, api: Api, branch: Branch
) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    group = (await client.data(GROUP, {"id": gid(branch.sme)}))["group"]
    assert (group["memberCount"], group["members"]["totalCount"], len(group["members"]["edges"])) == (2, seen, seen)


@pytest.mark.parametrize(
    ("viewer", "group", "allowed"),
    [("groups", "sme", False), ("groups", "former", False), ("team", "sme", False), ("super_admin", "farmers", False)],
)
async def test_the_menu_says_why_nobody_can_be_added(
    viewer: str, group: str, allowed: bool, api: Api, branch: Branch
) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    found = (await client.data(GROUP, {"id": gid(getattr(branch, group))}))["group"]
    action, *_ = found["viewerActions"]
    assert (action["action"], action["allowed"]) == ("ADD_MEMBER", allowed)
    assert action["reason"].endswith(".")


async def test_an_unknown_group_is_null(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    assert await client.data(GROUP, {"id": unknown(Kind.GROUP)}) == {"group": None}


async def test_groups_come_by_name_with_their_counts(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    groups = (await client.data(LIST))["groups"]
    assert groups == {
        "totalCount": 3,
        "edges": [
            {"since": None, "reason": None, "node": {"name": name, "memberCount": count}}
            for name, count in (("2026 SME Loans", 2), ("Farmers", 1), ("Pilot 2025", 0))
        ],
    }


async def test_filters_narrow_the_list_and_all_must_hold(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"status": ["ACTIVE"]}, ["2026 SME Loans"]),
        ({"status": ["SUSPENDED", "ARCHIVED"]}, ["Farmers", "Pilot 2025"]),
        ({"status": []}, []),
        ({"purpose": ["RISK"]}, ["Farmers"]),
        ({"purpose": ["RISK", "SEGMENT"], "status": ["ARCHIVED"]}, ["Pilot 2025"]),
        ({"purpose": ["RISK"], "status": ["ACTIVE"]}, []),
        ({"purpose": None, "status": None}, ["2026 SME Loans", "Farmers", "Pilot 2025"]),
    ]
    for narrow, expected in cases:
        groups = (await client.data(LIST, {"f": narrow}))["groups"]
        assert (names(groups), groups["totalCount"]) == (expected, len(expected))


async def test_a_group_is_found_by_the_beginning_of_its_name(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for term, expected in (("2026", ["2026 SME Loans"]), (" FARM", ["Farmers"]), ("2026-sme", ["2026 SME Loans"])):
        groups = (await client.data(LIST, {"s": term}))["groups"]
        assert (names(groups), groups["totalCount"]) == (expected, 1)
    assert names((await client.data(LIST, {"s": "loans"}))["groups"]) == []


async def test_groups_are_closed_to_those_without_group_read(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.plain)
    assert await client.codes(LIST) == ["FORBIDDEN"]
    assert await client.codes(GROUP, {"id": gid(branch.sme)}) == ["FORBIDDEN"]
    assert await client.codes(GROUP, {"id": unknown(Kind.GROUP)}) == ["FORBIDDEN"]


async def test_members_are_null_without_group_members_read(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.lister)
    group = (await client.data(GROUP, {"id": gid(branch.sme)}))["group"]
    assert (group["name"], group["memberCount"], group["members"]) == ("2026 SME Loans", 2, None)
