"""The built-in roles hold the permissions that the design's table gives them."""

import pytest

from gql.domain.roles import BUILT_IN_ROLES, Permission

TABLE = """
                    | super compliance portfolio group-admin account-mgr collections team auditor
customer.read       | x     x          x         x           x           x           x    x
customer.write      | x     -          x         -           -           -           x    -
customer.status     | x     x          x         -           -           -           -    -
customer.assign     | x     -          x         -           -           -           -    -
customer.lookup     | x     x          x         x           -           x           -    -
customer.reveal     | x     x          x         -           -           -           -    -
customer.breakGlass | x     -          x         -           -           x           -    -
group.read          | x     x          x         x           x           x           x    x
group.members.read  | x     x          x         x           x           x           x    x
group.write         | x     x          x         x           -           -           -    -
group.members.write | x     x          x         x           -           -           -    -
group.export        | x     x          x         x           -           -           -    -
workload.read       | x     x          x         -           -           -           -    x
audit.read          | x     x          -         -           -           -           -    x
office.write        | x     -          -         -           -           -           -    -
admin.write         | x     -          -         -           -           -           -    -
role.write          | x     -          -         -           -           -           -    -
"""
COLUMNS = (
    "super_admin",
    "compliance_officer",
    "portfolio_manager",
    "group_administrator",
    "account_manager",
    "collections_officer",
    "team_member",
    "auditor",
)


def granted() -> dict[str, set[str]]:
    """TABLE as the permissions of each role."""
    lines = [line.split("|") for line in TABLE.strip("\n").splitlines()[1:]]
    marks = {permission.strip(): cells.split() for permission, cells in lines}
    assert set(marks) == {str(permission) for permission in Permission}
    return {
        role: {permission for permission, row in marks.items() if row[column] == "x"}
        for column, role in enumerate(COLUMNS)
    }


@pytest.mark.parametrize(("role", "permissions"), granted().items())
def test_a_role_has_the_permissions_of_its_column(role: str, permissions: set[str]) -> None:
    """No more and no fewer."""
    assert {str(permission) for permission in BUILT_IN_ROLES[role].permissions} == permissions


def test_auditors_and_compliance_officers_never_hold_a_book() -> None:
    """And the compliance officers' reads are audited."""
    assert {key for key, role in BUILT_IN_ROLES.items() if role.never_holds_book} == {"auditor", "compliance_officer"}
    assert {key for key, role in BUILT_IN_ROLES.items() if role.reads_audited} == {"compliance_officer"}
