"""Who sees what of a customer (DESIGN section 4): the one place that decides.

`permissions.py` puts these answers before fields, `db/visibility.py` says the same in SQL. Both are made from one
`AccessMap`, which is computed once per viewer, so that the decision about a row is one dictionary look-up.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final
from uuid import UUID

from gql.domain.buckets import Bucket, buckets_of
from gql.domain.covers import NO_COVERS, Covers, may_break_glass, may_cover
from gql.domain.roles import BOOK_PERMISSIONS, CustomerField, Level, Permission, Role, Scope


class AccessReason(StrEnum):
    """Why a viewer sees a customer as they do."""

    ACCOUNT_MANAGER = "ACCOUNT_MANAGER"
    ROLE_ASSIGNED = "ROLE_ASSIGNED"
    ROLE_UNASSIGNED = "ROLE_UNASSIGNED"
    COVER = "COVER"
    BREAK_GLASS = "BREAK_GLASS"


@dataclass(frozen=True, slots=True)
class Access:
    """What one viewer sees of one customer; rows carry it, and so do the rows beneath them."""

    level: Level
    reason: AccessReason
    withheld: frozenset[CustomerField]
    cover_id: UUID | None = None
    """The cover by which it is; None where it isn't by one."""

    def shows(self, customer_field: CustomerField) -> bool:
        """Whether the field may be read: one look-up in a set."""
        return customer_field not in self.withheld

    @property
    def is_full(self) -> bool:
        """Nothing of the customer is withheld, and changes are a question of permissions only."""
        return self.level is Level.FULL

    @property
    def is_visible(self) -> bool:
        """The customer exists, for this viewer."""
        return self.level is not Level.NONE


OTHER_NOUNS: Final[Mapping[CustomerField, Permission]] = {
    CustomerField.GROUPS: Permission.GROUP_READ,
    CustomerField.MEMBERSHIPS: Permission.GROUP_READ,
    CustomerField.AUDIT_TRAIL: Permission.AUDIT_READ,
}
"""What is another noun's too, and the permission that opens that noun."""
_NOTHING: frozenset[CustomerField] = frozenset()
_EVERYTHING = frozenset(CustomerField)
READ_THROUGH: Final[tuple[tuple[CustomerField, CustomerField], ...]] = (
    # Whoever sees loans in arrears reads them through `loans`, which then lists no others.
    (CustomerField.ARREARS, CustomerField.LOANS),
    # Whoever sees who managed a customer when, sees who did at a moment, and who will.
    (CustomerField.ASSIGNMENT_HISTORY, CustomerField.MANAGER_AS_OF),
    (CustomerField.ASSIGNMENT_HISTORY, CustomerField.SCHEDULED_ASSIGNMENT),
    # Whoever sees the groups of a customer sees what memberships they come of, and past ones.
    (CustomerField.GROUPS, CustomerField.MEMBERSHIPS),
)
"""What a role shows besides, and the field that is shown with it."""
_EVERYWHERE = frozenset({Scope.ALL})
_BENEATH = frozenset({Scope.ALL, Scope.SUBTREE})
_HERE = frozenset(Scope)


@lru_cache(maxsize=1024)
def _access(
    level: Level, reason: AccessReason, shown: frozenset[CustomerField], closed: frozenset[CustomerField]
) -> Access:
    if level is Level.FULL:
        return Access(level, reason, closed)
    if level is Level.NONE:
        return Access(level, reason, _EVERYTHING)
    through = {of for field, of in READ_THROUGH if field in shown}
    return Access(level, reason, (_EVERYTHING - shown - through) | closed)


def _closed(roles: Iterable[Role]) -> frozenset[CustomerField]:
    """What is another noun's too, and withheld whatever the level, since no role opens that noun."""
    held = frozenset[Permission]().union(*(role.permissions for role in roles))
    return frozenset(field for field, permission in OTHER_NOUNS.items() if permission not in held)


HIDDEN: Final = _access(Level.NONE, AccessReason.ROLE_ASSIGNED, _NOTHING, _NOTHING)
"""What anybody sees of nobody in particular."""


@dataclass(frozen=True, slots=True)
class ByOffice:
    """Access by the customer's office: `everywhere`, but for the offices that have an answer of their own."""

    everywhere: Access
    offices: Mapping[UUID, Access]

    def of(self, office_id: UUID) -> Access:
        """The access to the customers of one office."""
        return self.offices.get(office_id, self.everywhere)


@dataclass(frozen=True, eq=False)
class AccessMap:
    """All that decides what one viewer sees of any customer. Equal only to itself, so that it is a quick key."""

    admin_id: UUID
    own_book: Access
    assigned: ByOffice
    unassigned: ByOffice
    covered: Mapping[UUID, Access] = field(default_factory=dict)
    """By account manager, whose book the viewer covers at present."""
    opened: Mapping[UUID, Access] = field(default_factory=dict)
    """By customer, whom the viewer has opened."""

    @cached_property
    def has_covers(self) -> bool:
        """Whether anything is seen by a cover: such reads are on record."""
        return bool(self.covered or self.opened)

    def to(self, customer_id: UUID, manager_id: UUID | None, office_id: UUID) -> Access:
        """The access to a customer with this account manager and office."""
        if self.has_covers:
            by_cover = self._by_cover(customer_id, manager_id)
            if by_cover is not None:
                return by_cover
        if manager_id is None:
            return self.unassigned.of(office_id)
        if manager_id == self.admin_id:
            return self.own_book
        return self.assigned.of(office_id)

    def _by_cover(self, customer_id: UUID, manager_id: UUID | None) -> Access | None:
        """None where no cover counts: the own book needs none."""
        if manager_id is not None:
            if manager_id == self.admin_id:
                return None
            if manager_id in self.covered:
                return self.covered[manager_id]
        return self.opened.get(customer_id)

    @cached_property
    def sees_everybody(self) -> bool:
        """Whether there is no customer whom the viewer doesn't see."""
        return all(
            access.is_visible
            for by_office in (self.assigned, self.unassigned)
            for access in (by_office.everywhere, *by_office.offices.values())
        )

    @cached_property
    def buckets(self) -> tuple[Bucket, ...]:
        """The same rule as sets of rows, for SQL."""
        return tuple(buckets_of(self))


@dataclass(frozen=True, slots=True)
class RoleAnswer:
    """What one role's line says of customers, and whether that counts."""

    role: Role
    says: Level
    in_scope: bool
    """Whether the customers' office is one that the role speaks of."""

    @property
    def reads_customers(self) -> bool:
        """A role without `customer.read` has no say: the customer module is closed to it."""
        return Permission.CUSTOMER_READ in self.role.permissions

    @property
    def counts(self) -> bool:
        """Whether the answer is one of those of which the highest wins."""
        return self.in_scope and self.reads_customers


def role_answers(roles: Iterable[Role], scopes: frozenset[Scope], reason: AccessReason) -> list[RoleAnswer]:
    """Each role's answer about customers who are within these scopes and assigned to somebody else, or nobody's."""
    return [
        RoleAnswer(
            role, role.assigned if reason is AccessReason.ROLE_ASSIGNED else role.unassigned, role.scope in scopes
        )
        for role in roles
    ]


def scopes_over(office_id: UUID, own: UUID, subtree: frozenset[UUID]) -> frozenset[Scope]:
    """The scopes that an office is within, for who works in `own`, which has `subtree` beneath it."""
    if office_id == own:
        return _HERE
    return _BENEATH if office_id in subtree else _EVERYWHERE


def access_map(
    admin_id: UUID,
    office_id: UUID,
    subtree: frozenset[UUID],
    roles: Iterable[Role],
    covers: Covers = NO_COVERS,
) -> AccessMap:
    """Combine the roles' lines: each answers within its own scope, the highest of these answers wins.

    `covers` are those that have begun and not ended; they count besides, as far as the roles allow.
    """
    held = list(roles)
    closed = _closed(held)

    def by_office(reason: AccessReason) -> ByOffice:
        return _by_office(
            office_id, subtree, lambda scopes: _highest(role_answers(held, scopes, reason), reason, closed)
        )

    return AccessMap(
        admin_id=admin_id,
        own_book=_access(Level.FULL, AccessReason.ACCOUNT_MANAGER, _NOTHING, closed),
        assigned=by_office(AccessReason.ROLE_ASSIGNED),
        unassigned=by_office(AccessReason.ROLE_UNASSIGNED),
        covered=_by_covers(covers.books, AccessReason.COVER, closed) if may_cover(held) else {},
        opened=_by_covers(covers.opened, AccessReason.BREAK_GLASS, closed) if may_break_glass(held) else {},
    )


def _by_covers(
    covers: Iterable[tuple[UUID, UUID]], reason: AccessReason, closed: frozenset[CustomerField]
) -> dict[UUID, Access]:
    return {key: Access(Level.FULL, reason, closed, cover_id) for key, cover_id in sorted(covers)}


def _by_office(own: UUID, subtree: frozenset[UUID], highest: Callable[[frozenset[Scope]], Access]) -> ByOffice:
    everywhere, beneath, here = highest(_EVERYWHERE), highest(_BENEATH), highest(_HERE)
    offices = {}
    if beneath != everywhere:
        offices = dict.fromkeys(subtree | {own}, beneath)
    if here != beneath:
        offices[own] = here
    return ByOffice(everywhere, offices)


def _highest(answers: Iterable[RoleAnswer], reason: AccessReason, closed: frozenset[CustomerField]) -> Access:
    """The highest answer that counts; roles that answer LIMITED alike show the sum of what each shows besides."""
    counting = [answer for answer in answers if answer.counts]
    level = max((answer.says for answer in counting), default=Level.NONE)
    shown = _NOTHING.union(
        *(answer.role.shown_when_limited for answer in counting if answer.says is level is Level.LIMITED)
    )
    return _access(level, reason, shown, closed)


def may_change(permissions: frozenset[Permission], access: Access, permission: Permission) -> bool:
    """Changing a customer needs FULL access and the permission, which one's own book, or one covered, may grant."""
    if not access.is_full:
        return False
    in_a_book = access.reason in (AccessReason.ACCOUNT_MANAGER, AccessReason.COVER)
    return permission in permissions or (in_a_book and permission in BOOK_PERMISSIONS)
