"""The explanation of an access is the policy's own answer, and what it names is enough to work the answer out."""

import dataclasses
from collections.abc import Sequence
from uuid import UUID

from hypothesis import given, settings

from gql.domain.covers import Covers
from gql.domain.explaining import CHANGES, OUTLINE, Explanation, explain
from gql.domain.ids import new_id
from gql.domain.policies import OTHER_NOUNS, READ_THROUGH, AccessReason, access_map, may_change
from gql.domain.roles import (
    ACCOUNT_MANAGER,
    AUDITOR,
    COLLECTIONS_OFFICER,
    GROUP_ADMINISTRATOR,
    PORTFOLIO_MANAGER,
    SUPER_ADMIN,
    TEAM_MEMBER,
    CustomerField,
    Level,
    Permission,
    Role,
)
from gql.domain.standing import Standing
from tests.domain.test_buckets import CUSTOMERS, MANAGERS, OFFICES, OWN_OFFICE, VIEWER, covers, role_sets, subtrees
from tests.examples import examples

SOMEONE, ELSEWHERE, BENEATH, CUSTOMER = new_id(), new_id(), new_id(), new_id()
NONE_OF_THESE = ", and the customer's office is none of these."
OPENED = ("Whoever sees", "Full access by", "Limited access, and shown")
CLOSED = ("No rule lets", "Takes `", "Limited access by")


def _explained(*roles: Role, manager: UUID | None = None, office: UUID = OWN_OFFICE) -> Explanation:
    return explain(Standing(VIEWER, OWN_OFFICE, roles, frozenset({OWN_OFFICE, BENEATH})), CUSTOMER, manager, office)


def _why(explanation: Explanation) -> list[str]:
    return [rule.why for rule in explanation.rules]


def _because(explanation: Explanation, field: str) -> str:
    [found] = (one.because for one in explanation.fields if one.field == field)
    return found


@settings(max_examples=examples(25))
@given(roles=role_sets, subtree=subtrees, covers=covers)
def test_it_says_what_the_access_map_answers_and_why(
    roles: list[Role], subtree: frozenset[UUID], covers: Covers
) -> None:
    """For any roles, offices and account managers: level, reason, each field and each change."""
    standing = Standing(VIEWER, OWN_OFFICE, tuple(roles), subtree, covers)
    held = frozenset[Permission]().union(*(role.permissions for role in roles))
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles, covers)
    for manager in MANAGERS:
        for office in OFFICES:
            expected = access.to(CUSTOMERS[0], manager, office)
            found = explain(standing, CUSTOMERS[0], manager, office)
            assert (found.access.level, found.access.reason) == (expected.level, expected.reason)
            withheld = {one.field for one in found.fields if not one.shown}
            outline = set() if expected.is_visible else set(OUTLINE)
            assert withheld == (set(expected.withheld) - {CustomerField.ARREARS}) | outline
            for one in found.fields:
                assert one.because.startswith(OPENED if one.shown else CLOSED), one
            for permission in CHANGES:
                [allowed] = (change.allowed for change in found.may_change if change.permission is permission)
                assert allowed is may_change(held, expected, permission)
            _assert_follows_from_the_rules(found, roles)


def _assert_follows_from_the_rules(found: Explanation, roles: Sequence[Role]) -> None:
    """Who has the rules alone comes to the same level, reason and fields; and no rule says both yes and no."""
    first, of_covers = found.rules[0], [rule for rule in found.rules[1:] if rule.role is None]
    of_roles = found.rules[1 + len(of_covers) :]
    assert (first.role, first.speaks_of) == (None, AccessReason.ACCOUNT_MANAGER)
    assert [rule.role for rule in of_roles] == list(roles)
    assert max(rule.level for rule in found.rules) is found.access.level
    for rule in found.rules:
        assert rule.level is Level.NONE or rule.applies
        assert rule.decides is (rule.level is found.access.level is not Level.NONE)
    assert {rule.speaks_of for rule in of_covers} <= {AccessReason.COVER, AccessReason.BREAK_GLASS}
    without_roles = next((rule for rule in (first, *of_covers) if rule.applies), None)
    if without_roles is not None:
        assert found.access.reason is without_roles.speaks_of
        assert not any(rule.applies for rule in of_roles)
    else:
        assert {rule.speaks_of for rule in of_roles} <= {found.access.reason}
    if found.access.level is Level.LIMITED:
        shown = {field for rule in of_roles if rule.decides for field in rule.shown_when_limited}
        shown |= {through for field, through in READ_THROUGH if field in shown}
        told = {one.field for one in found.fields if one.shown} - set(OUTLINE)
        assert told <= shown
        assert shown - told <= {*OTHER_NOUNS, CustomerField.ARREARS}


def test_the_rule_of_the_open_assignment_comes_first_and_silences_the_roles() -> None:
    found = _explained(ACCOUNT_MANAGER, AUDITOR, manager=VIEWER, office=ELSEWHERE)
    assert found.summary == "Full access: the admin holds the customer's open assignment."
    assert [(rule.applies, rule.level) for rule in found.rules] == [
        (True, Level.FULL),
        (False, Level.NONE),
        (False, Level.NONE),
    ]
    assert _why(found)[0].startswith("The admin holds the customer's open assignment, which gives full access")
    assert _why(found)[1].startswith("Not asked: the admin holds the open assignment")
    assert _because(found, "email") == "Full access by the open assignment, which the admin holds."
    allowed = {change.permission.value: change.because for change in found.may_change if change.allowed}
    assert allowed == {"customer.write": "The open assignment grants it, on this customer."}


def test_each_role_says_why_it_has_no_say() -> None:
    closed = dataclasses.replace(SUPER_ADMIN, permissions=frozenset({Permission.GROUP_READ}))
    found = _explained(closed, PORTFOLIO_MANAGER, ACCOUNT_MANAGER, AUDITOR, manager=SOMEONE, office=ELSEWHERE)
    assert _why(found) == [
        "Somebody else holds the customer's open assignment.",
        "Super admin has no say: it doesn't grant `customer.read`.",
        f"Portfolio manager speaks of customers of the admin's office and those beneath it only{NONE_OF_THESE}",
        f"Account manager speaks of customers of the admin's own office only{NONE_OF_THESE}",
        "Auditor gives limited access to customers of every office who are assigned to somebody else.",
    ]
    assert [rule.applies for rule in found.rules] == [False, False, False, False, True]
    assert found.summary == "Limited access by Auditor."
    assert found.may_change[0].because == "Takes full access to the customer."


def test_the_highest_answer_decides_and_the_others_say_so() -> None:
    found = _explained(TEAM_MEMBER, GROUP_ADMINISTRATOR)
    assert [(rule.decides, rule.level) for rule in found.rules] == [
        (False, Level.NONE),
        (True, Level.FULL),
        (False, Level.LIMITED),
    ]
    assert _why(found)[0] == "Nobody holds the customer's open assignment."
    assert _why(found)[2].endswith("who are nobody's; another role gives more.")
    assert _because(found, "phone") == "Full access by Team member."
    assert _because(found, "auditTrail") == "Takes `audit.read`, which none of the admin's roles grants."
    assert _because(found, "groups").endswith("`group.read` is granted by Team member and Group administrator.")


def test_limited_access_names_the_role_that_shows_a_field_besides() -> None:
    found = _explained(COLLECTIONS_OFFICER, GROUP_ADMINISTRATOR, AUDITOR, manager=SOMEONE, office=BENEATH)
    assert _because(found, "phone") == "Limited access, and shown besides by Collections officer."
    assert _because(found, "loans") == (
        "Limited access, and shown with `loansInArrears`, which is shown besides by Collections officer. With limited "
        "access, only loans in arrears are listed."
    )
    assert _because(found, "memberships") == (
        "Limited access, and shown with `groups`, which is shown besides by Group administrator."
    )
    assert _because(found, "bankAccounts") == (
        "Limited access by Collections officer, Group administrator and Auditor withholds it."
    )


def test_who_has_no_role_is_told_so() -> None:
    found = _explained(manager=SOMEONE)
    assert found.summary == "No access: none of the admin's roles gives any."
    assert not any(one.shown for one in found.fields)
    assert {change.because for change in found.may_change} == {"No rule lets the admin see the customer at all."}
