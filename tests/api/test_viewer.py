"""`viewer`: who is signed in, for the frame of every client."""

import pytest

from gql.domain.roles import BUILT_IN_ROLES
from tests.api.client import Api, gid
from tests.api.reading import Branch, build_branch, shared

branch, database_url = shared(build_branch)

VIEWER = """
{
  viewer {
    admin { id name email status bookSize office { name } roles { key } book { totalCount } }
    customer { id number displayName accountManager { name } }
    permissions
  }
}
"""


async def test_an_admin_is_themselves_with_what_their_roles_permit(api: Api, branch: Branch) -> None:
    viewer = (await (await api.sign_in(branch.bola)).data(VIEWER))["viewer"]
    assert viewer.pop("permissions") == ["CUSTOMER_READ", "CUSTOMER_WRITE", "GROUP_MEMBERS_READ", "GROUP_READ"]
    assert viewer == {
        "admin": {
            "id": gid(branch.bola),
            "name": "Bola Ade",
            "email": branch.bola.email,
            "status": "ACTIVE",
            "bookSize": 3,
            "office": {"name": "Lagos"},
            "roles": [{"key": "account_manager"}, {"key": "team_member"}],
            "book": {"totalCount": 3},
        },
        "customer": None,
    }


@pytest.mark.parametrize(
    ("viewer", "role"),
    [
        ("super_admin", "super_admin"),
        ("portfolio", "portfolio_manager"),
        ("groups", "group_administrator"),
        ("auditor", "auditor"),
        ("chidi", "account_manager"),
        ("team", "team_member"),
    ],
)
async def test_permissions_are_those_of_the_role(viewer: str, role: str, api: Api, branch: Branch) -> None:
    client = await api.sign_in(getattr(branch, viewer))
    permissions = (await client.data("{ viewer { permissions } }"))["viewer"]["permissions"]
    assert permissions == sorted(permission.name for permission in BUILT_IN_ROLES[role].permissions)


async def test_a_customer_is_themselves_without_permissions(api: Api, branch: Branch) -> None:
    viewer = (await (await api.sign_in(branch.adaeze)).data(VIEWER))["viewer"]
    assert viewer == {
        "admin": None,
        "customer": {
            "id": gid(branch.adaeze),
            "number": "C100001",
            "displayName": "Adaeze Okafor",
            "accountManager": {"name": "Bola Ade"},
        },
        "permissions": [],
    }


async def test_nobody_is_told_to_sign_in(api: Api, branch: Branch) -> None:
    answer = await api.anonymous.answer(VIEWER)
    assert answer["data"] == {"viewer": None}
    [error] = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["viewer"], "UNAUTHENTICATED")
    assert "Sign in" in error["message"]


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        ("Bearer nonsense", "not an access token"),
        ("Bearer ", "not an access token"),
        ("Bearer eyJhbGciOiJub25lIn0.e30.", "not an access token"),
        ("Basic YTpi", "must be `Bearer`"),
        ("nonsense", "must be `Bearer`"),
    ],
)
async def test_a_token_that_is_not_taken_makes_nobody_of_its_bearer_and_says_why(
    authorization: str, reason: str, api: Api, branch: Branch
) -> None:
    client = api.anonymous
    client.headers = {"Authorization": authorization}
    [error] = (await client.answer("{ viewer { permissions } }"))["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert reason in error["message"]
