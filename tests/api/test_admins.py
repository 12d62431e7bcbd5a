"""`admin(id)` and `admins`: the lender's team, and what of a team member is not for everyone."""

from typing import Any

import pytest

from gql.domain.ids import Kind
from tests.api.client import Api, gid
from tests.api.reading import Branch, build_branch, moment, names, rows, shared, unknown

branch, database_url = shared(build_branch)

ADMIN = """
query($id: ID!) {
  admin(id: $id) {
    id name email phone createdAt status bookSize
    office { id name }
    roles { key name description permissions }
    book { totalCount edges { node { displayName } } }
  }
}
"""
LIST = """
query($f: AdminFilter, $s: String) {
  admins(filter: $f, search: $s) { totalCount edges { node { name status bookSize roles { key } } } }
}
"""


async def test_an_admin_shows_who_they_are_where_they_work_and_whom_they_look_after(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    admin = (await client.data(ADMIN, {"id": gid(branch.bola)}))["admin"]
    assert moment(admin.pop("createdAt")) == branch.bola.created_at
    account_manager, team_member = admin.pop("roles")
    assert (account_manager["key"], account_manager["name"]) == ("account_manager", "Account manager")
    assert sorted(account_manager["permissions"]) == ["customer.read", "group.members.read", "group.read"]
    assert account_manager["description"]
    assert team_member["key"] == "team_member"
    assert admin == {
        "id": gid(branch.bola),
        "name": "Bola Ade",
        "email": branch.bola.email,
        "phone": "+2348020000001",
        "status": "ACTIVE",
        "bookSize": 3,
        "office": {"id": gid(branch.lagos), "name": "Lagos"},
        "book": {
            "totalCount": 3,
            "edges": [{"node": {"displayName": name}} for name in ("Adaeze Okafor", "Depot Ltd", "Sule Sani")],
        },
    }


async def test_name_office_and_work_contact_are_for_every_admin(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.plain)
    admin = (await client.data(ADMIN, {"id": gid(branch.bola)}))["admin"]
    assert (admin["name"], admin["email"], admin["phone"]) == ("Bola Ade", branch.bola.email, "+2348020000001")
    assert admin["office"]["name"] == "Lagos"


@pytest.mark.parametrize(
    ("viewer", "staff_facts", "book_size"),
    [
        ("super_admin", True, True),
        ("auditor", True, True),
        ("portfolio", False, True),
        ("groups", False, False),
        ("team", False, False),
        ("chidi", False, False),
        ("bola", True, True),
        ("plain", False, False),
    ],
)
async def test_roles_and_status_and_the_size_of_the_book_are_null_for_those_who_may_not_read_them(
    viewer: str, staff_facts: bool, book_size: bool, api: Api, branch: Branch
) -> None:
    """One's own (Bola's, here) one may read; of others it takes admin.write or audit.read, and workload.read."""
    client = await api.sign_in(getattr(branch, viewer))
    admin = (await client.data(ADMIN, {"id": gid(branch.bola)}))["admin"]
    assert admin["status"] == ("ACTIVE" if staff_facts else None)
    assert (admin["roles"] is not None) is staff_facts
    assert admin["bookSize"] == (3 if book_size else None)


async def test_in_a_list_only_the_own_row_has_what_is_not_for_everyone(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.chidi)
    admins = rows((await client.data(LIST))["admins"])
    by_name = {admin.pop("name"): admin for admin in admins}
    own = by_name.pop("Chidi Eze")
    assert own == {"status": "ACTIVE", "bookSize": 0, "roles": [{"key": "account_manager"}]}
    withheld: dict[str, Any] = {"status": None, "bookSize": None, "roles": None}
    assert len(by_name) == 11
    assert all(admin == withheld for admin in by_name.values())


@pytest.mark.parametrize(
    ("viewer", "seen", "size"), [("portfolio", 3, 3), ("team", 1, None), ("chidi", 0, None), ("planner", 0, 3)]
)
async def test_the_size_of_a_book_is_true_whoever_looks_and_its_list_counts_what_they_see(
    viewer: str, seen: int, size: int | None, api: Api, branch: Branch
) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    admin = (await client.data(ADMIN, {"id": gid(branch.bola)}))["admin"]
    assert (admin["book"]["totalCount"], len(admin["book"]["edges"]), admin["bookSize"]) == (seen, seen, size)


async def test_an_unknown_admin_is_null(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    assert await client.data(ADMIN, {"id": unknown(Kind.ADMIN)}) == {"admin": None}


async def test_admins_come_by_name_whatever_their_status(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.super_admin)
    admins = (await client.data(LIST))["admins"]
    assert admins["totalCount"] == 12
    assert names(admins) == sorted(names(admins))
    assert {"Ina New", "Ola Gone"} < set(names(admins))


async def test_filters_narrow_the_list_and_all_must_hold(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.auditor)
    for narrow, expected in (
        ({"officeId": gid(branch.head)}, ["Audu Auditor", "Sade Super"]),
        ({"officeId": gid(branch.kano)}, []),
        ({"officeId": unknown(Kind.OFFICE)}, []),
        ({"status": ["INVITED", "INACTIVE"]}, ["Ina New", "Ola Gone"]),
        ({"status": []}, []),
        ({"status": ["ACTIVE"], "officeId": gid(branch.head)}, ["Audu Auditor", "Sade Super"]),
        ({"status": ["INVITED"], "officeId": gid(branch.head)}, []),
    ):
        admins = (await client.data(LIST, {"f": narrow}))["admins"]
        assert (names(admins), admins["totalCount"]) == (expected, len(expected))
    assert await client.codes(LIST, {"f": {"officeId": gid(branch.bola)}}) == ["BAD_USER_INPUT"]


async def test_filtering_by_status_is_for_those_who_may_read_it(api: Api, branch: Branch) -> None:
    for viewer in (branch.portfolio, branch.team, branch.plain):
        client = await api.sign_in(viewer)
        assert await client.codes(LIST, {"f": {"status": ["ACTIVE"]}}) == ["FORBIDDEN"]
        assert await client.codes(LIST, {"f": {"status": []}}) == ["FORBIDDEN"]
        assert await client.codes(LIST, {"f": {"status": None}}) == []


async def test_an_admin_is_found_by_any_word_of_the_name_or_the_email(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.team)
    for term, expected in (
        ("bola", ["Bola Ade"]),
        (" ADE ", ["Bola Ade"]),
        ("bola ade", ["Bola Ade"]),
        ("ola", ["Ola Gone"]),
        ("new", ["Ina New"]),
        (branch.bola.email.upper(), ["Bola Ade"]),
        (branch.bola.email[:9], ["Bola Ade"]),
        ("@lender.example", []),
    ):
        admins = (await client.data(LIST, {"s": term}))["admins"]
        assert (names(admins), admins["totalCount"]) == (expected, len(expected)), term
