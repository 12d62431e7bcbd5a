"""`customers`: the list under "Customer management", its filters and its orders."""

from typing import Any

import pytest

from gql.domain.ids import Kind
from tests.api.client import Api, Client, gid
from tests.api.reading import Branch, build_branch, names, shared, unknown

branch, database_url = shared(build_branch)

LIST = """
query List($filter: CustomerFilter, $orderBy: CustomerOrder) {
  customers(filter: $filter, orderBy: $orderBy) { totalCount edges { node { displayName } } }
}
"""
EVERYBODY = ["Adaeze Okafor", "Depot Ltd", "Kabir Kano", "Nneka Obi", "Sule Sani"]


async def _listed(client: Client, filter: dict[str, Any] | None = None, **order: str) -> list[str]:
    """The names in the list; the count must agree with them."""
    data = await client.data(LIST, {"filter": filter, "orderBy": order or None})
    assert data["customers"]["totalCount"] == len(data["customers"]["edges"])
    return names(data["customers"])


async def test_customers_come_by_name(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    assert await _listed(client) == EVERYBODY
    assert await _listed(client, {}) == EVERYBODY
    assert await _listed(client, field="NAME", direction="DESC") == EVERYBODY[::-1]


async def test_customers_come_in_the_order_of_their_creation_where_asked(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    oldest_first = ["Adaeze Okafor", "Depot Ltd", "Sule Sani", "Nneka Obi", "Kabir Kano"]
    assert await _listed(client, field="CREATED_AT") == oldest_first
    assert await _listed(client, field="CREATED_AT", direction="DESC") == oldest_first[::-1]


@pytest.mark.parametrize(
    ("viewer", "seen"),
    [
        ("portfolio", ["Adaeze Okafor", "Depot Ltd", "Nneka Obi", "Sule Sani"]),
        ("groups", ["Adaeze Okafor", "Depot Ltd", "Nneka Obi", "Sule Sani"]),
        ("auditor", EVERYBODY),
        ("team", ["Adaeze Okafor", "Nneka Obi"]),
        ("bola", ["Adaeze Okafor", "Depot Ltd", "Nneka Obi", "Sule Sani"]),
        ("chidi", ["Nneka Obi"]),
        ("plain", EVERYBODY),
    ],
)
async def test_each_role_lists_the_customers_whom_it_sees(
    viewer: str, seen: list[str], api: Api, branch: Branch
) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    assert await _listed(client) == seen


async def test_filters_narrow_the_list_and_all_must_hold(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    lagos, head, bola, sme = gid(branch.lagos), gid(branch.head), gid(branch.bola), gid(branch.sme)
    of_bola = ["Adaeze Okafor", "Depot Ltd", "Sule Sani"]
    assert await _listed(client, {"status": ["SUSPENDED"]}) == ["Sule Sani"]
    assert await _listed(client, {"status": ["SUSPENDED", "ACTIVE"]}) == EVERYBODY
    assert await _listed(client, {"status": []}) == []
    assert await _listed(client, {"officeId": lagos}) == ["Adaeze Okafor", "Nneka Obi"]
    assert await _listed(client, {"officeId": lagos, "includeSubtree": False}) == ["Adaeze Okafor", "Nneka Obi"]
    assert await _listed(client, {"officeId": lagos, "includeSubtree": True}) == [*of_bola[:2], "Nneka Obi", of_bola[2]]
    assert await _listed(client, {"officeId": head}) == []
    assert await _listed(client, {"officeId": head, "includeSubtree": True}) == EVERYBODY
    assert await _listed(client, {"includeSubtree": True}) == EVERYBODY
    assert await _listed(client, {"accountManagerId": bola}) == of_bola
    assert await _listed(client, {"hasAccountManager": True}) == of_bola
    assert await _listed(client, {"hasAccountManager": False}) == ["Kabir Kano", "Nneka Obi"]
    assert await _listed(client, {"groupId": sme}) == ["Adaeze Okafor", "Nneka Obi"]
    assert await _listed(client, {"groupId": gid(branch.former)}) == []
    assert await _listed(client, {"groupId": sme, "hasAccountManager": True}) == ["Adaeze Okafor"]
    assert await _listed(client, {"accountManagerId": bola, "hasAccountManager": False}) == []
    assert await _listed(client, {"accountManagerId": bola, "status": ["SUSPENDED"], "officeId": lagos}) == []


async def test_whoever_may_not_read_groups_finds_nobody_by_a_group(api: Api, branch: Branch) -> None:
    """`plain` sees everybody in full, and would learn from the rows who is in which group; nor does the count tell."""
    client = await api.sign_in(branch.plain)
    query = "query($id: ID!) { customers(filter: {groupId: $id}) { totalCount edges { node { id } } } }"
    for group in (branch.sme, branch.former):
        assert await client.data(query, {"id": gid(group)}) == {"customers": {"totalCount": 0, "edges": []}}
    assert await _listed(client, {"groupId": None}) == EVERYBODY


async def test_null_in_a_filter_is_as_if_it_were_left_out(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    for name in ("status", "officeId", "includeSubtree", "accountManagerId", "hasAccountManager", "groupId"):
        assert await _listed(client, {name: None}) == EVERYBODY


async def test_a_filter_by_what_is_not_there_finds_nobody(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    for name, kind in (("officeId", Kind.OFFICE), ("accountManagerId", Kind.ADMIN), ("groupId", Kind.GROUP)):
        assert await _listed(client, {name: unknown(kind)}) == []


@pytest.mark.parametrize("name", ["officeId", "accountManagerId", "groupId"])
async def test_a_filter_takes_ids_of_its_own_type_only(name: str, api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    for wrong in ("", "nonsense", gid(branch.adaeze)):
        assert await client.codes(LIST, {"filter": {name: wrong}}) == ["BAD_USER_INPUT"]


async def test_an_unknown_status_or_order_is_refused_before_anything_runs(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    for variables in (
        {"filter": {"status": ["GONE"]}},
        {"orderBy": {"field": "PASSWORD"}},
        {"filter": {"city": "Jos"}},
    ):
        assert await client.codes(LIST, variables) == ["BAD_USER_INPUT"]


async def test_nobody_is_filtered_or_sorted_by_what_is_withheld(api: Api, branch: Branch) -> None:
    """A member of the team sees Adaeze in outline only, and so learns neither her groups nor her age as a customer."""
    client = await api.sign_in(branch.team)
    assert await _listed(client) == ["Adaeze Okafor", "Nneka Obi"]
    assert await _listed(client, field="CREATED_AT") == ["Nneka Obi"]
    assert await _listed(client, {"groupId": gid(branch.sme)}) == ["Nneka Obi"]
