"""`office(id)` and `offices`: the tree of branches, from which the office of an account manager is picked."""

from gql.domain.ids import Kind
from tests.api.client import Api, gid
from tests.api.reading import Branch, build_branch, names, shared, unknown

branch, database_url = shared(build_branch)

OFFICE = """
query($id: ID!) {
  office(id: $id) {
    id name status parent { id name }
    children { totalCount edges { node { id name } } }
    admins { totalCount edges { node { id name } } }
  }
}
"""
LIST = "query($f: OfficeFilter, $s: String) { offices(filter: $f, search: $s) { totalCount edges { node { name } } } }"


async def test_an_office_knows_what_is_above_and_below_it_and_who_works_there(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    office = (await client.data(OFFICE, {"id": gid(branch.lagos)}))["office"]
    admins = office.pop("admins")
    assert office == {
        "id": gid(branch.lagos),
        "name": "Lagos",
        "status": "ACTIVE",
        "parent": {"id": gid(branch.head), "name": "Head office"},
        "children": {"totalCount": 1, "edges": [{"node": {"id": gid(branch.ikeja), "name": "Ikeja"}}]},
    }
    assert admins["totalCount"] == 10
    assert names(admins) == sorted(names(admins))
    assert {"Bola Ade", "Ina New", "Ola Gone"} < set(names(admins))


async def test_the_head_office_has_nothing_above_it(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    office = (await client.data(OFFICE, {"id": gid(branch.head)}))["office"]
    assert office["parent"] is None
    assert names(office["children"]) == ["Kano", "Lagos"]
    assert names(office["admins"]) == ["Audu Auditor", "Sade Super"]


async def test_a_closed_office_without_staff_is_there_and_empty(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    office = (await client.data(OFFICE, {"id": gid(branch.kano)}))["office"]
    assert office["status"] == "INACTIVE"
    assert office["children"] == office["admins"] == {"totalCount": 0, "edges": []}


async def test_an_unknown_office_is_null(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    assert await client.data(OFFICE, {"id": unknown(Kind.OFFICE)}) == {"office": None}


async def test_offices_come_by_name_to_every_admin(api: Api, branch: Branch) -> None:
    for viewer in (branch.super_admin, branch.chidi, branch.plain):
        data = await (await api.sign_in(viewer)).data(LIST)
        assert names(data["offices"]) == ["Head office", "Ikeja", "Kano", "Lagos"]
        assert data["offices"]["totalCount"] == 4


async def test_filters_narrow_the_list_and_all_must_hold(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for narrow, expected in (
        ({"parentId": gid(branch.head)}, ["Kano", "Lagos"]),
        ({"parentId": gid(branch.ikeja)}, []),
        ({"parentId": unknown(Kind.OFFICE)}, []),
        ({"status": ["INACTIVE"]}, ["Kano"]),
        ({"status": []}, []),
        ({"parentId": gid(branch.head), "status": ["ACTIVE"]}, ["Lagos"]),
        ({"parentId": None, "status": None}, ["Head office", "Ikeja", "Kano", "Lagos"]),
    ):
        data = await client.data(LIST, {"f": narrow})
        assert names(data["offices"]) == expected
        assert data["offices"]["totalCount"] == len(expected)


async def test_the_filter_takes_ids_of_offices_only(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for wrong in ("", "nonsense", gid(branch.bola)):
        assert await client.codes(LIST, {"f": {"parentId": wrong}}) == ["BAD_USER_INPUT"]


async def test_an_office_is_found_by_the_beginning_of_its_name(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for term, expected in (
        ("head", ["Head office"]),
        (" LAG ", ["Lagos"]),
        ("office", []),
        ("head office", ["Head office"]),
    ):
        assert names((await client.data(LIST, {"s": term}))["offices"]) == expected
