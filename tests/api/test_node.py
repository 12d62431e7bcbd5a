"""`node` and `nodes`: any record by its ID, the same answer as by its own field."""

import pytest

from gql.domain.ids import Kind
from tests.api.client import Api, gid
from tests.api.reading import MALFORMED_IDS, Branch, build_branch, shared, unknown

branch, database_url = shared(build_branch)

NODE = """
query($id: ID!) {
  node(id: $id) {
    __typename id
    ... on Customer { displayName }
    ... on Admin { name }
    ... on Office { name }
    ... on Group { name }
    ... on Assignment { reason customer { displayName } accountManager { name } }
    ... on Membership { reason group { name } customer { displayName } addedBy { name } until }
    ... on Loan { number }
  }
}
"""
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
EVERYTHING = ("adaeze", "bola", "lagos", "sme", "second", "in_sme", "in_former", "overdue", "closed_loan")


async def test_every_type_of_record_is_found_by_its_id(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    found = [(await client.data(NODE, {"id": gid(getattr(branch, name))}))["node"] for name in EVERYTHING]
    assert [node.pop("id") for node in found] == [gid(getattr(branch, name)) for name in EVERYTHING]
    assert [node.pop("__typename") for node in found] == [type(getattr(branch, name)).__name__ for name in EVERYTHING]
    adaeze = {"displayName": "Adaeze Okafor"}
    left = found[6].pop("until")
    assert left is not None
    assert found == [
        adaeze,
        {"name": "Bola Ade"},
        {"name": "Lagos"},
        {"name": "2026 SME Loans"},
        {"reason": "A larger book for Bola.", "customer": adaeze, "accountManager": {"name": "Bola Ade"}},
        {
            "reason": "Runs a shop.",
            "group": {"name": "2026 SME Loans"},
            "customer": adaeze,
            "addedBy": {"name": "Peter Portfolio"},
            "until": None,
        },
        {"reason": None, "group": {"name": "Pilot 2025"}, "customer": adaeze, "addedBy": None},
        {"number": branch.overdue.number},
        {"number": branch.closed_loan.number},
    ]


async def test_what_is_not_there_is_null_whatever_its_type(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    for kind in Kind:
        assert await client.data(NODE, {"id": unknown(kind)}) == {"node": None}


@pytest.mark.parametrize(
    ("viewer", "hidden"),
    [
        ("chidi", {"adaeze", "second", "in_sme", "in_former", "overdue", "closed_loan"}),
        ("team", {"second", "in_former", "overdue", "closed_loan"}),
        ("groups", {"second", "overdue", "closed_loan"}),
        ("plain", {"sme", "in_sme", "in_former"}),
        ("bola", set()),
    ],
)
async def test_what_the_viewer_does_not_see_is_null_too(
    viewer: str, hidden: set[str], api: Api, branch: Branch
) -> None:
    """Adaeze is Bola's, and the team member's in outline; `plain` lacks group.read, but sees all of every customer."""
    client = await api.sign_in(getattr(branch, viewer))
    found = (await client.data(NODES, {"ids": [gid(getattr(branch, name)) for name in EVERYTHING]}))["nodes"]
    assert {name for name, node in zip(EVERYTHING, found, strict=True) if node is None} == hidden


async def test_nodes_come_in_the_order_of_their_ids_with_null_for_what_is_missing(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.chidi)
    lagos, nobodys = gid(branch.lagos), gid(branch.nobodys)
    ids = [lagos, gid(branch.adaeze), nobodys, unknown(Kind.LOAN), lagos]
    found = (await client.data(NODES, {"ids": ids}))["nodes"]
    assert found == [{"id": lagos}, None, {"id": nobodys}, None, {"id": lagos}]
    assert await client.data(NODES, {"ids": []}) == {"nodes": []}


async def test_a_hundred_ids_are_the_most(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    found = (await client.data(NODES, {"ids": [gid(branch.lagos)] * 100}))["nodes"]
    assert found == [{"id": gid(branch.lagos)}] * 100
    assert await client.codes(NODES, {"ids": [gid(branch.lagos)] * 101}) == ["BAD_USER_INPUT"]


async def test_one_malformed_id_among_others_is_bad_input(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for malformed in MALFORMED_IDS:
        assert await client.codes(NODES, {"ids": [gid(branch.lagos), malformed]}) == ["BAD_USER_INPUT"]
