"""The buckets of a viewer are the same rule as its access map, for any roles: they partition what is visible."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gql.domain.ids import new_id
from gql.domain.policies import Bucket, Holder, access_map
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope

VIEWER = new_id()
MANAGERS: tuple[UUID | None, ...] = (VIEWER, new_id(), new_id(), None)
OFFICES = tuple(new_id() for _ in range(5))
OWN_OFFICE = OFFICES[0]

custom_roles = st.builds(
    Role,
    key=st.just("custom"),
    name=st.just("Custom"),
    description=st.just("A role of the lender's own."),
    permissions=st.frozensets(st.sampled_from(Permission)) | st.just(frozenset({Permission.CUSTOMER_READ})),
    assigned=st.sampled_from(Level),
    unassigned=st.sampled_from(Level),
    scope=st.sampled_from(Scope),
    shown_when_limited=st.frozensets(st.sampled_from(CustomerField)),
)
role_sets = st.lists(st.sampled_from(list(BUILT_IN_ROLES.values())) | custom_roles, max_size=4)
subtrees = st.frozensets(st.sampled_from(OFFICES)).map(lambda offices: offices | {OWN_OFFICE})


@given(roles=role_sets, subtree=subtrees)
def test_each_visible_customer_is_in_exactly_one_bucket(roles: list[Role], subtree: frozenset[UUID]) -> None:
    """And in none when not visible; the bucket withholds the same fields."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles)
    buckets = access.buckets
    for manager in MANAGERS:
        for office in OFFICES:
            expected = access.to(manager, office)
            holding = [bucket for bucket in buckets if _holds(bucket, manager, office)]
            assert len(holding) == (1 if expected.is_visible else 0)
            assert all(bucket.access.withheld == expected.withheld for bucket in holding)


@given(roles=role_sets, subtree=subtrees)
def test_the_map_gives_the_highest_answer_of_the_roles_in_scope(roles: list[Role], subtree: frozenset[UUID]) -> None:
    """The rule as the design words it, worked out anew for each customer."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles)
    for manager in MANAGERS:
        for office in OFFICES:
            level, withheld = _by_the_words(roles, subtree, manager, office)
            found = access.to(manager, office)
            assert (found.level, found.withheld) == (level, withheld)


@given(roles=role_sets, subtree=subtrees)
def test_the_buckets_are_few(roles: list[Role], subtree: frozenset[UUID]) -> None:
    """A list costs a seek per bucket: their number depends on the scopes, not on the number of offices."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles)
    assert len(access.buckets) <= 2 * len(Scope) + 1


def _holds(bucket: Bucket, manager: UUID | None, office: UUID) -> bool:
    if office in bucket.except_offices or (bucket.offices is not None and office not in bucket.offices):
        return False
    return {
        Holder.ANYBODY: True,
        Holder.MINE: manager == VIEWER,
        Holder.NOT_MINE: manager != VIEWER,
        Holder.OTHERS: manager not in (VIEWER, None),
        Holder.NOBODYS: manager is None,
    }[bucket.holder]


def _by_the_words(
    roles: list[Role], subtree: frozenset[UUID], manager: UUID | None, office: UUID
) -> tuple[Level, frozenset[CustomerField]]:
    held = {permission for role in roles for permission in role.permissions}
    takes = {
        CustomerField.GROUPS: Permission.GROUP_READ,
        CustomerField.MEMBERSHIPS: Permission.GROUP_READ,
        CustomerField.AUDIT_TRAIL: Permission.AUDIT_READ,
    }
    closed = frozenset(field for field, permission in takes.items() if permission not in held)
    if manager == VIEWER:
        return Level.FULL, closed
    reach = {Scope.OWN_OFFICE: {OWN_OFFICE}, Scope.SUBTREE: subtree, Scope.ALL: set(OFFICES)}
    answers = [
        (role.unassigned if manager is None else role.assigned, role.shown_when_limited)
        for role in roles
        if Permission.CUSTOMER_READ in role.permissions and office in reach[role.scope]
    ]
    level = max((level for level, _ in answers), default=Level.NONE)
    if level is Level.FULL:
        return level, closed
    shown = {field for answer, fields in answers if answer is level is Level.LIMITED for field in fields}
    if CustomerField.ARREARS in shown:
        shown.add(CustomerField.LOANS)
    if CustomerField.ASSIGNMENT_HISTORY in shown:
        shown.add(CustomerField.MANAGER_AS_OF)
    if CustomerField.GROUPS in shown:
        shown.add(CustomerField.MEMBERSHIPS)
    return level, frozenset(CustomerField) - (shown - closed)
