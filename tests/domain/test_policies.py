"""Who sees what of a customer: the table of the design, line by line, and the rules that join its lines."""

import dataclasses
from uuid import UUID

import pytest

from gql.domain.ids import new_id
from gql.domain.policies import Access, AccessReason, access_map, may_change
from gql.domain.roles import (
    ACCOUNT_MANAGER,
    AUDITOR,
    BUILT_IN_ROLES,
    COLLECTIONS_OFFICER,
    COMPLIANCE_OFFICER,
    GROUP_ADMINISTRATOR,
    PORTFOLIO_MANAGER,
    SUPER_ADMIN,
    TEAM_MEMBER,
    Level,
    Permission,
    Role,
)

VIEWER, SOMEONE_ELSE, CUSTOMER = new_id(), new_id(), new_id()
OWN_OFFICE, BENEATH, ELSEWHERE = new_id(), new_id(), new_id()
OFFICES = {"own office": OWN_OFFICE, "beneath": BENEATH, "elsewhere": ELSEWHERE}

TABLE = """
role                | assigned to someone else | nobody's
                    | own     beneath elsewhere| own     beneath elsewhere
super_admin         | FULL    FULL    FULL     | FULL    FULL    FULL
compliance_officer  | FULL    FULL    FULL     | FULL    FULL    FULL
portfolio_manager   | FULL    FULL    NONE     | FULL    FULL    NONE
group_administrator | LIMITED LIMITED NONE     | LIMITED LIMITED NONE
account_manager     | NONE    NONE    NONE     | LIMITED NONE    NONE
collections_officer | LIMITED LIMITED NONE     | LIMITED LIMITED NONE
team_member         | LIMITED NONE    NONE     | FULL    NONE    NONE
auditor             | LIMITED LIMITED LIMITED  | LIMITED LIMITED LIMITED
"""

OUTLINE_WITHHOLDS = {
    "email",
    "phone",
    "kind",
    "createdAt",
    "updatedAt",
    "version",
    "groups",
    "loans",
    "loansSummary",
    "assignmentHistory",
    "statusHistory",
    "interactions",
    "auditTrail",
    "loansInArrears",
    "memberships",
    "personal",
    "employment",
    "socials",
    "guarantors",
    "nextOfKin",
    "relatedCustomers",
    "savings",
    "backOffice",
    "identifiers",
    "bankAccounts",
    "documents",
    "loanRequests",
    "repaymentPerformance",
    "managerAsOf",
    "scheduledAssignment",
}
SHOWN_BESIDES = {
    "group_administrator": {"groups", "memberships"},
    # `loans` then lists those in arrears only.
    "collections_officer": {"phone", "email", "loansInArrears", "loans"},
}


def _closed(role: str) -> set[str]:
    """The audit trail is closed, whatever the level, to who has no `audit.read`."""
    return set() if Permission.AUDIT_READ in BUILT_IN_ROLES[role].permissions else {"auditTrail"}


def access_of(*roles: Role, manager: UUID | None, office: UUID) -> Access:
    """What VIEWER, who works in OWN_OFFICE, sees with these roles."""
    return access_map(VIEWER, OWN_OFFICE, frozenset({OWN_OFFICE, BENEATH}), roles).to(CUSTOMER, manager, office)


def cells() -> list[tuple[str, UUID | None, UUID, Level]]:
    """TABLE, cell by cell: role, manager, office, level."""
    found = []
    for line in TABLE.strip().splitlines()[2:]:
        role, *halves = (part.strip() for part in line.split("|"))
        for manager, half in zip((SOMEONE_ELSE, None), halves, strict=True):
            for office, level in zip(OFFICES.values(), half.split(), strict=True):
                found.append((role, manager, office, Level[level]))
    return found


@pytest.mark.parametrize(("role", "manager", "office", "level"), cells())
def test_each_built_in_role_sees_what_the_table_says(
    role: str, manager: UUID | None, office: UUID, level: Level
) -> None:
    """The level, why, and exactly the fields that are withheld."""
    access = access_of(BUILT_IN_ROLES[role], manager=manager, office=office)

    assert access.level is level
    assert access.reason is (AccessReason.ROLE_ASSIGNED if manager else AccessReason.ROLE_UNASSIGNED)
    assert access.is_full is (level is Level.FULL)
    assert access.is_visible is (level is not Level.NONE)
    expected = {
        Level.FULL: _closed(role),
        Level.LIMITED: OUTLINE_WITHHOLDS - SHOWN_BESIDES.get(role, set()),
        Level.NONE: OUTLINE_WITHHOLDS,
    }[level]
    assert {str(withheld) for withheld in access.withheld} == expected


def test_the_table_covers_every_built_in_role() -> None:
    """A role that is added needs its line here."""
    assert {role for role, *_ in cells()} == set(BUILT_IN_ROLES)


@pytest.mark.parametrize("office", OFFICES.values(), ids=OFFICES)
@pytest.mark.parametrize("role", [None, *BUILT_IN_ROLES])
def test_whoever_holds_the_assignment_sees_all(role: str | None, office: UUID) -> None:
    """Whatever the holder's roles, and wherever the office is; but groups and the audit trail take a permission."""
    roles = [BUILT_IN_ROLES[role]] if role else []
    access = access_of(*roles, manager=VIEWER, office=office)

    assert (access.level, access.reason) == (Level.FULL, AccessReason.ACCOUNT_MANAGER)
    assert access.withheld == (_closed(role) if role else {"groups", "memberships", "auditTrail"})


def test_the_highest_level_does_not_take_the_widest_scope() -> None:
    """A team member has FULL on nobody's in the own office; being group administrator too widens only LIMITED."""
    both = (TEAM_MEMBER, GROUP_ADMINISTRATOR)

    assert access_of(*both, manager=None, office=OWN_OFFICE).level is Level.FULL
    assert access_of(*both, manager=None, office=BENEATH).level is Level.LIMITED
    assert access_of(*both, manager=None, office=ELSEWHERE).level is Level.NONE
    assert access_of(*both, manager=SOMEONE_ELSE, office=OWN_OFFICE).level is Level.LIMITED
    assert access_of(*both, manager=SOMEONE_ELSE, office=BENEATH).level is Level.LIMITED


def test_an_account_manager_who_audits_sees_an_outline_everywhere() -> None:
    """Neither role gives FULL, so no office does; the auditor's scope is everywhere."""
    for manager in (SOMEONE_ELSE, None):
        for office in OFFICES.values():
            access = access_of(ACCOUNT_MANAGER, AUDITOR, manager=manager, office=office)
            assert access.level is Level.LIMITED
            assert access.withheld == OUTLINE_WITHHOLDS


def test_a_portfolio_manager_who_audits_changes_beneath_and_reads_the_outline_elsewhere() -> None:
    """FULL ends where the subtree ends."""
    for manager in (SOMEONE_ELSE, None):
        levels = [
            access_of(PORTFOLIO_MANAGER, AUDITOR, manager=manager, office=office).level for office in OFFICES.values()
        ]
        assert levels == [Level.FULL, Level.FULL, Level.LIMITED]


def test_extra_fields_stay_within_the_scope_of_their_role() -> None:
    """Collections shows phones in the subtree; the auditor's outline elsewhere stays an outline."""
    both = (COLLECTIONS_OFFICER, AUDITOR)

    beneath = access_of(*both, manager=SOMEONE_ELSE, office=BENEATH)
    elsewhere = access_of(*both, manager=SOMEONE_ELSE, office=ELSEWHERE)

    assert beneath.withheld == OUTLINE_WITHHOLDS - SHOWN_BESIDES["collections_officer"]
    assert elsewhere.withheld == OUTLINE_WITHHOLDS


def test_roles_that_are_limited_alike_add_up_what_they_show() -> None:
    """Group administrator and collections officer of one subtree."""
    access = access_of(GROUP_ADMINISTRATOR, COLLECTIONS_OFFICER, manager=None, office=BENEATH)

    shown = SHOWN_BESIDES["group_administrator"] | SHOWN_BESIDES["collections_officer"]
    assert access.withheld == OUTLINE_WITHHOLDS - shown


def test_a_role_without_the_customer_module_has_no_say() -> None:
    """Its visibility rule counts for nothing, however high."""
    closed = dataclasses.replace(SUPER_ADMIN, permissions=SUPER_ADMIN.permissions - {Permission.CUSTOMER_READ})

    assert access_of(closed, manager=None, office=OWN_OFFICE).level is Level.NONE
    assert access_of(closed, TEAM_MEMBER, manager=SOMEONE_ELSE, office=OWN_OFFICE).level is Level.LIMITED


def test_groups_are_withheld_from_whoever_may_not_read_groups() -> None:
    """Whatever the level, and whatever a role shows besides; any role of the viewer's opens them."""
    no_groups = [
        dataclasses.replace(role, permissions=role.permissions - {Permission.GROUP_READ})
        for role in (SUPER_ADMIN, GROUP_ADMINISTRATOR)
    ]
    for role in no_groups:
        access = access_of(role, manager=SOMEONE_ELSE, office=OWN_OFFICE)
        assert "groups" in access.withheld
        assert access.level is role.assigned
    opened = access_of(no_groups[0], TEAM_MEMBER, manager=SOMEONE_ELSE, office=ELSEWHERE)
    assert opened.is_full
    assert not opened.withheld


def test_nobody_without_a_role_sees_anything_but_their_book() -> None:
    """No role, no answer."""
    for office in OFFICES.values():
        assert not access_of(manager=SOMEONE_ELSE, office=office).is_visible
        assert not access_of(manager=None, office=office).is_visible


def test_changing_needs_full_access_and_the_permission() -> None:
    """Neither alone will do; the own book grants what it grants by itself."""
    own_book = access_of(ACCOUNT_MANAGER, manager=VIEWER, office=ELSEWHERE)
    full = access_of(COMPLIANCE_OFFICER, manager=None, office=ELSEWHERE)
    limited = access_of(TEAM_MEMBER, manager=SOMEONE_ELSE, office=OWN_OFFICE)

    assert may_change(TEAM_MEMBER.permissions, full, Permission.CUSTOMER_WRITE)
    assert not may_change(TEAM_MEMBER.permissions, limited, Permission.CUSTOMER_WRITE)
    assert not may_change(COMPLIANCE_OFFICER.permissions, full, Permission.CUSTOMER_WRITE)
    assert may_change(COMPLIANCE_OFFICER.permissions, full, Permission.CUSTOMER_STATUS)
    assert may_change(ACCOUNT_MANAGER.permissions, own_book, Permission.CUSTOMER_WRITE)
    assert not may_change(ACCOUNT_MANAGER.permissions, own_book, Permission.CUSTOMER_STATUS)
    assert not may_change(ACCOUNT_MANAGER.permissions, own_book, Permission.CUSTOMER_ASSIGN)
