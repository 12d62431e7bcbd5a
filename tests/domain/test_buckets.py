"""The buckets of a viewer are the same rule as its access map, for any roles: they partition what is visible."""

import itertools
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gql.db.visibility import parameters, shapes_of
from gql.domain.buckets import Bucket, Holder
from gql.domain.covers import Covers
from gql.domain.ids import new_id
from gql.domain.policies import AccessMap, access_map
from gql.domain.roles import BUILT_IN_ROLES, CustomerField, Level, Permission, Role, Scope

VIEWER = new_id()
MANAGERS: tuple[UUID | None, ...] = (VIEWER, new_id(), new_id(), None)
OFFICES = tuple(new_id() for _ in range(5))
OWN_OFFICE = OFFICES[0]
CUSTOMERS = (new_id(), new_id())

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
covers = st.builds(
    Covers,
    books=st.sets(st.sampled_from(MANAGERS[1:3])).map(lambda managers: tuple((key, new_id()) for key in managers)),
    opened=st.sets(st.sampled_from(CUSTOMERS)).map(lambda opened: tuple((key, new_id()) for key in opened)),
)
subtrees = st.frozensets(st.sampled_from(OFFICES)).map(lambda offices: offices | {OWN_OFFICE})


ALL = tuple(itertools.product(CUSTOMERS, MANAGERS, OFFICES))


@given(roles=role_sets, subtree=subtrees, covers=covers)
def test_each_visible_customer_is_in_exactly_one_bucket(
    roles: list[Role], subtree: frozenset[UUID], covers: Covers
) -> None:
    """And in none when not visible; the bucket withholds the same fields."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles, covers)
    for customer, manager, office in ALL:
        expected = access.to(customer, manager, office)
        holding = [bucket for bucket in access.buckets if _holds(access, bucket, customer, manager, office)]
        assert len(holding) == (1 if expected.is_visible else 0)
        assert all(bucket.access.withheld == expected.withheld for bucket in holding)


@given(roles=role_sets, subtree=subtrees, covers=covers)
def test_the_map_gives_the_highest_answer_of_the_roles_in_scope(
    roles: list[Role], subtree: frozenset[UUID], covers: Covers
) -> None:
    """The rule as the design words it, worked out anew for each customer; a cover gives what the own book does."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles, covers)
    for customer, manager, office in ALL:
        level, withheld = _by_the_words(roles, subtree, manager, office)
        cover = _cover_by_the_words(roles, covers, customer, manager)
        if cover is not None:
            level, withheld = _by_the_words(roles, subtree, VIEWER, office)
        found = access.to(customer, manager, office)
        assert (found.level, found.withheld, found.cover_id) == (level, withheld, cover)


@given(roles=role_sets, subtree=subtrees, covers=covers)
def test_the_buckets_are_few(roles: list[Role], subtree: frozenset[UUID], covers: Covers) -> None:
    """A list costs a seek per bucket: their number goes by scopes and covered books, not by offices."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles, covers)
    assert len(access.buckets) <= 2 * len(Scope) + 1 + len(covers.books) + bool(covers.opened)


@given(roles=role_sets, subtree=subtrees)
def test_without_covers_nothing_of_them_is_in_the_sql(roles: list[Role], subtree: frozenset[UUID]) -> None:
    """Who covers nobody has the statements and values that they would have if there were no covers."""
    access = access_map(VIEWER, OWN_OFFICE, subtree, roles)
    assert not any(shape.but_covered or shape.but_opened for shape in shapes_of(access))
    assert not {"covered_managers", "opened_customers"} & parameters(access).keys()
    assert not any(bucket.holder in (Holder.COVERED, Holder.OPENED) for bucket in access.buckets)


def _holds(access: AccessMap, bucket: Bucket, customer: UUID, manager: UUID | None, office: UUID) -> bool:
    if office in bucket.except_offices or (bucket.offices is not None and office not in bucket.offices):
        return False
    covered = manager in access.covered
    by_role = not covered and customer not in access.opened
    return {
        Holder.ANYBODY: True,
        Holder.MINE: manager == VIEWER,
        Holder.NOT_MINE: manager != VIEWER and by_role,
        Holder.OTHERS: manager not in (VIEWER, None) and by_role,
        Holder.NOBODYS: manager is None and by_role,
        Holder.COVERED: manager is not None and manager == bucket.manager,
        Holder.OPENED: customer in access.opened and manager != VIEWER and not covered,
    }[bucket.holder]


def _cover_by_the_words(roles: list[Role], covers: Covers, customer: UUID, manager: UUID | None) -> UUID | None:
    """The cover by which the customer is seen; the own book needs none, and a book goes before a single customer."""
    held = {permission for role in roles for permission in role.permissions}
    if manager == VIEWER or Permission.CUSTOMER_READ not in held:
        return None
    if manager in dict(covers.books) and not any(role.never_holds_book for role in roles):
        return dict(covers.books)[manager]
    return dict(covers.opened).get(customer) if Permission.CUSTOMER_BREAK_GLASS in held else None


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
        shown |= {CustomerField.MANAGER_AS_OF, CustomerField.SCHEDULED_ASSIGNMENT}
    if CustomerField.GROUPS in shown:
        shown.add(CustomerField.MEMBERSHIPS)
    return level, frozenset(CustomerField) - (shown - closed)
