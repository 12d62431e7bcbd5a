"""The "more" menus say beforehand what the mutations would answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.domain import assignments, memberships
from gql.domain.actions import CustomerActionName, GroupActionName, customer_actions, group_actions
from gql.domain.enums import CapacityMode, CustomerStatus, GroupStatus
from gql.domain.group_reviews import NOT_REVIEWED
from gql.domain.memberships import GroupFacts
from gql.domain.policies import Access, AccessReason
from gql.domain.roles import CustomerField, Level, Permission

FULL = Access(Level.FULL, AccessReason.ROLE_ASSIGNED, frozenset())
OWN_BOOK = Access(Level.FULL, AccessReason.ACCOUNT_MANAGER, frozenset())
NOBODYS = Access(Level.FULL, AccessReason.ROLE_UNASSIGNED, frozenset())
LIMITED = Access(Level.LIMITED, AccessReason.ROLE_ASSIGNED, frozenset(CustomerField))
ASSIGN, ADD = CustomerActionName.ASSIGN_ACCOUNT_MANAGER, CustomerActionName.ADD_TO_GROUP

permission_sets = st.frozensets(st.sampled_from(Permission))


@pytest.mark.parametrize(
    ("access", "permissions", "status", "reason"),
    [
        (FULL, {Permission.CUSTOMER_ASSIGN}, CustomerStatus.ACTIVE, None),
        (FULL, {Permission.CUSTOMER_ASSIGN}, CustomerStatus.BLACKLISTED, None),
        (FULL, {Permission.CUSTOMER_ASSIGN}, CustomerStatus.ARCHIVED, assignments.CUSTOMER_ARCHIVED.message),
        (FULL, set(), CustomerStatus.ACTIVE, assignments.FORBIDDEN.message),
        (FULL, set(), CustomerStatus.ARCHIVED, assignments.FORBIDDEN.message),
        (LIMITED, {Permission.CUSTOMER_ASSIGN}, CustomerStatus.ACTIVE, assignments.FORBIDDEN.message),
        (OWN_BOOK, {Permission.CUSTOMER_WRITE}, CustomerStatus.ACTIVE, assignments.FORBIDDEN.message),
    ],
)
def test_assigning_takes_the_permission_full_access_and_a_living_record(
    access: Access, permissions: set[Permission], status: CustomerStatus, reason: str | None
) -> None:
    """One's own book grants it no more than a limited view does."""
    reasons = {action.action: action.reason for action in customer_actions(frozenset(permissions), access, status)}

    assert reasons[ASSIGN] == reason


@pytest.mark.parametrize("status", CustomerStatus)
def test_an_assignment_is_ended_by_who_could_make_one_and_where_there_is_one(status: CustomerStatus) -> None:
    def reason(access: Access, permissions: frozenset[Permission]) -> str | None:
        [_, action, *_] = customer_actions(permissions, access, status)
        assert action.action is CustomerActionName.UNASSIGN_ACCOUNT_MANAGER
        return action.reason

    may = frozenset({Permission.CUSTOMER_ASSIGN})
    for access in (FULL, OWN_BOOK):
        assert reason(access, may) is None
        assert reason(access, frozenset()) == assignments.MAY_NOT_UNASSIGN.message
    assert reason(LIMITED, may) == assignments.MAY_NOT_UNASSIGN.message
    assert reason(NOBODYS, may) == assignments.NOBODYS.message


@pytest.mark.parametrize("access", [FULL, LIMITED])
@pytest.mark.parametrize("status", CustomerStatus)
def test_only_an_active_customer_can_be_added(access: Access, status: CustomerStatus) -> None:
    """An outline is enough to add somebody; the permission goes before the status."""
    may = frozenset({Permission.GROUP_MEMBERS_WRITE})
    refusal = memberships.customer_status_refusal(status)

    [_, _, allowed, *_] = customer_actions(may, access, status)
    [_, _, forbidden, *_] = customer_actions(frozenset(Permission) - may, access, status)

    assert (allowed.action, allowed.reason) == (ADD, refusal.message if refusal else None)
    assert (allowed.reason is None) is (status is CustomerStatus.ACTIVE)
    assert forbidden.reason == memberships.FORBIDDEN.message


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (GroupFacts(GroupStatus.ACTIVE, 4, 5), None),
        (GroupFacts(GroupStatus.ACTIVE, 400, None), None),
        (GroupFacts(GroupStatus.ACTIVE, 5, 5), "5 of 5"),
        (GroupFacts(GroupStatus.INACTIVE, 0, 5), "not active"),
        (GroupFacts(GroupStatus.SUSPENDED, 5, 5), "suspended"),
        (GroupFacts(GroupStatus.ARCHIVED, 0, None), "archived"),
    ],
)
def test_a_group_takes_members_while_it_is_active_and_has_room(facts: GroupFacts, word: str | None) -> None:
    [allowed, *_] = group_actions(frozenset({Permission.GROUP_MEMBERS_WRITE}), facts, sign=None, keep=None)
    [forbidden, *_] = group_actions(frozenset(), facts, sign=None, keep=None)

    assert allowed.action is GroupActionName.ADD_MEMBER
    assert (allowed.reason is None) if word is None else (word in (allowed.reason or ""))
    assert forbidden.reason == memberships.FORBIDDEN.message


@given(permissions=permission_sets, status=st.sampled_from(CustomerStatus), access=st.sampled_from([FULL, LIMITED]))
def test_every_menu_has_every_action_and_a_reason_just_where_it_says_no(
    permissions: frozenset[Permission], status: CustomerStatus, access: Access
) -> None:
    """A client shows them all, greyed out where need be."""
    actions = customer_actions(permissions, access, status)

    assert [action.action for action in actions] == list(CustomerActionName)
    assert all(action.allowed is (action.reason is None) for action in actions)
    assert all(action.reason is None or action.reason.endswith(".") for action in actions)


@pytest.mark.parametrize(
    ("facts", "allowed"),
    [
        (GroupFacts(GroupStatus.INACTIVE, 0, 5), {"UPDATE", "ACTIVATE", "ARCHIVE"}),
        (GroupFacts(GroupStatus.ACTIVE, 4, 5), {"ADD_MEMBER", "REMOVE_MEMBER", "UPDATE", "SUSPEND", "ARCHIVE"}),
        (GroupFacts(GroupStatus.SUSPENDED, 4, 5), {"REMOVE_MEMBER", "UPDATE", "ARCHIVE", "REINSTATE"}),
        (GroupFacts(GroupStatus.ARCHIVED, 4, 5), {"REMOVE_MEMBER", "REINSTATE"}),
        (
            GroupFacts(GroupStatus.ACTIVE, 5, 5, CapacityMode.WARNING),
            {"ADD_MEMBER", "REMOVE_MEMBER", "UPDATE", "SUSPEND", "ARCHIVE"},
        ),
    ],
)
def test_a_groups_menu_offers_what_would_change_something(facts: GroupFacts, allowed: set[str]) -> None:
    """To who keeps groups; to all others each action says whom to ask."""
    keeps = frozenset({Permission.GROUP_WRITE, Permission.GROUP_MEMBERS_WRITE})
    menu = group_actions(keeps, facts, sign=NOT_REVIEWED, keep=None)
    assert {action.action.value for action in menu if action.allowed} == allowed | {"KEEP"}
    assert [action.action for action in menu] == list(GroupActionName)
    none = group_actions(frozenset(), facts, sign=None, keep=None)
    assert all("Ask a group administrator" in (action.reason or "") for action in none)
