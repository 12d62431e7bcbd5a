"""Why an admin sees of a customer what they see: the policy's own answer, with what led to it.

Nothing is decided here. Level, reason and withheld fields are what the admin's `AccessMap` answers; the rules are the
answers of which that map was made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from gql.domain.covers import may_break_glass, may_cover
from gql.domain.policies import (
    OTHER_NOUNS,
    READ_THROUGH,
    Access,
    AccessReason,
    RoleAnswer,
    may_change,
    role_answers,
    scopes_over,
)
from gql.domain.roles import BOOK_PERMISSIONS, CustomerField, Level, Permission, Role, Scope
from gql.domain.standing import Standing

OUTLINE: Final = ("id", "number", "displayName", "status", "office", "accountManager")
"""The fields that whoever sees the customer at all is shown."""

CHANGES: Final = (
    Permission.CUSTOMER_WRITE,
    Permission.CUSTOMER_STATUS,
    Permission.CUSTOMER_ASSIGN,
    Permission.CUSTOMER_REVEAL,
)
"""The permissions that `may_change` is asked about."""

_REACH: Final = {
    Scope.OWN_OFFICE: "of the admin's own office",
    Scope.SUBTREE: "of the admin's office and those beneath it",
    Scope.ALL: "of every office",
}
_WORDS: Final = {Level.NONE: "no access", Level.LIMITED: "limited access", Level.FULL: "full access"}
_HELD_BY: Final = {
    AccessReason.ACCOUNT_MANAGER: "the open assignment, which the admin holds",
    AccessReason.COVER: "a cover of the account manager's book",
    AccessReason.BREAK_GLASS: "breaking the glass",
}
_COVERS: Final = {
    AccessReason.COVER: "The admin covers the account manager's book at present, which gives full access.",
    AccessReason.BREAK_GLASS: "The admin has opened the customer by breaking the glass, which gives full access.",
}
_NOT_ASKED: Final = {
    AccessReason.ACCOUNT_MANAGER: (
        "Not asked: the admin holds the open assignment, which gives full access whatever their roles."
    ),
    AccessReason.COVER: "Not asked: a cover of the account manager's book gives full access.",
    AccessReason.BREAK_GLASS: "Not asked: breaking the glass gives full access.",
}
_OF_BOOKS: Final = {
    AccessReason.ACCOUNT_MANAGER: "The open assignment",
    AccessReason.COVER: "The cover of the account manager's book",
}
_MAY_NOT_COVER: Final = (
    "A cover of the account manager's book counts only with a role that reads customers, and none that never holds a "
    "book."
)
_OTHERWISE: Final = "Not asked: full access is given otherwise already."
_CLOSED: Final = f"An opened customer counts only with `{Permission.CUSTOMER_BREAK_GLASS}`, which no role grants now."
_NOBODY_SEES: Final = "No rule lets the admin see the customer at all."


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that was asked: of a role, or (without one) that the open assignment or a cover gives FULL."""

    role: Role | None
    speaks_of: AccessReason
    applies: bool
    decides: bool
    level: Level
    """What the rule gives here: NONE where it doesn't apply."""
    why: str

    @property
    def scope(self) -> Scope | None:
        """Of which offices' customers it speaks; None for the assignment and covers, which ask for no office."""
        return None if self.role is None else self.role.scope

    @property
    def shown_when_limited(self) -> list[CustomerField]:
        """What the role shows besides the outline where its answer is LIMITED."""
        return [] if self.role is None else sorted(self.role.shown_when_limited)


@dataclass(frozen=True, slots=True)
class FieldSight:
    """Whether one field of the customer is shown, and by what."""

    field: str
    shown: bool
    because: str


@dataclass(frozen=True, slots=True)
class Change:
    """Whether the admin may do what a permission is for, to this customer."""

    permission: Permission
    allowed: bool
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """The policy's answer and what led to it."""

    access: Access
    rules: list[Rule]
    fields: list[FieldSight]
    may_change: list[Change]

    @property
    def summary(self) -> str:
        """The answer in a sentence."""
        deciding = [rule.role.name for rule in self.rules if rule.decides and rule.role is not None]
        words = _WORDS[self.access.level].capitalize()
        if self.access.reason is AccessReason.ACCOUNT_MANAGER:
            return f"{words}: the admin holds the customer's open assignment."
        if self.access.reason in _HELD_BY:
            return f"{words} by {_HELD_BY[self.access.reason]}."
        return f"{words} by {_listed(deciding)}." if deciding else f"{words}: none of the admin's roles gives any."


def explain(standing: Standing, customer_id: UUID, manager_id: UUID | None, office_id: UUID) -> Explanation:
    """Why the admin sees a customer with this account manager and office as they do."""
    access = standing.access(customer_id, manager_id, office_id)
    of_covers = _of_covers(standing, access, customer_id, manager_id)
    rules = list(_rules(standing, access, of_covers, manager_id, office_id))
    deciding = [rule for rule in rules if rule.decides]
    return Explanation(
        access=access,
        rules=rules,
        fields=list(_fields(standing.roles, access, deciding)),
        may_change=list(_changes(standing.roles, access)),
    )


def _rules(
    standing: Standing, access: Access, of_covers: Iterable[Rule], manager_id: UUID | None, office_id: UUID
) -> Iterator[Rule]:
    yield _of_assignment(is_held=access.reason is AccessReason.ACCOUNT_MANAGER, is_anybodys=manager_id is not None)
    yield from of_covers
    asked = AccessReason.ROLE_UNASSIGNED if manager_id is None else AccessReason.ROLE_ASSIGNED
    scopes = scopes_over(office_id, standing.office_id, standing.subtree)
    for answer in role_answers(standing.roles, scopes, asked):
        if access.reason in _HELD_BY:
            why = _NOT_ASKED[access.reason]
            yield Rule(answer.role, asked, applies=False, decides=False, level=Level.NONE, why=why)
        else:
            yield _of_role(answer, asked, access.level)


def _of_assignment(*, is_held: bool, is_anybodys: bool) -> Rule:
    why = "Nobody holds the customer's open assignment."
    if is_anybodys:
        why = "Somebody else holds the customer's open assignment."
    if is_held:
        why = "The admin holds the customer's open assignment, which gives full access whatever their roles."
    level = Level.FULL if is_held else Level.NONE
    return Rule(None, AccessReason.ACCOUNT_MANAGER, applies=is_held, decides=is_held, level=level, why=why)


def _of_covers(standing: Standing, access: Access, customer_id: UUID, manager_id: UUID | None) -> Iterator[Rule]:
    """A rule for each cover that speaks of this customer."""
    asked = (
        (AccessReason.COVER, dict(standing.covers.books), manager_id, may_cover(standing.roles), _MAY_NOT_COVER),
        (
            AccessReason.BREAK_GLASS,
            dict(standing.covers.opened),
            customer_id,
            may_break_glass(standing.roles),
            _CLOSED,
        ),
    )
    for reason, covers, key, counts, why_not in asked:
        if key in covers:
            decides = access.reason is reason
            why = _COVERS[reason] if decides else _OTHERWISE
            level = Level.FULL if decides else Level.NONE
            yield Rule(None, reason, decides, decides, level, why if counts else why_not)


def _of_role(answer: RoleAnswer, asked: AccessReason, highest: Level) -> Rule:
    level = answer.says if answer.counts else Level.NONE
    decides = level is highest is not Level.NONE
    return Rule(answer.role, asked, answer.counts, decides, level, _why(answer, asked, highest))


def _why(answer: RoleAnswer, asked: AccessReason, highest: Level) -> str:
    name, reach = answer.role.name, _REACH[answer.role.scope]
    if not answer.reads_customers:
        return f"{name} has no say: it doesn't grant `{Permission.CUSTOMER_READ}`."
    if not answer.in_scope:
        return f"{name} speaks of customers {reach} only, and the customer's office is none of these."
    whose = "assigned to somebody else" if asked is AccessReason.ROLE_ASSIGNED else "nobody's"
    said = f"{name} gives {_WORDS[answer.says]} to customers {reach} who are {whose}"
    return f"{said}; another role gives more." if answer.says < highest else f"{said}."


def _fields(roles: Sequence[Role], access: Access, deciding: Sequence[Rule]) -> Iterator[FieldSight]:
    outline = "Whoever sees the customer at all is shown it." if access.is_visible else _NOBODY_SEES
    for name in OUTLINE:
        yield FieldSight(name, access.is_visible, outline)
    for field in CustomerField:
        if field is not CustomerField.ARREARS:  # which is how `loans` is shown, and no field by itself
            yield FieldSight(field.value, access.shows(field), _because(field, roles, access, deciding))


def _because(field: CustomerField, roles: Sequence[Role], access: Access, deciding: Sequence[Rule]) -> str:
    if not access.is_visible:
        return _NOBODY_SEES
    needed = OTHER_NOUNS.get(field)
    if needed is not None and not _granting(roles, needed):
        return f"Takes `{needed}`, which none of the admin's roles grants."
    if access.is_full:
        by = _HELD_BY.get(access.reason) or _of(deciding)
        opened = f"Full access by {by}."
        return opened if needed is None else f"{opened} `{needed}` is granted by {_named(_granting(roles, needed))}."
    return _because_limited(field, [rule.role for rule in deciding if rule.role is not None])


def _because_limited(field: CustomerField, deciding: Sequence[Role]) -> str:
    showing = [role for role in deciding if field in role.shown_when_limited]
    through = [
        (of, role)
        for role in deciding
        for of, opened in READ_THROUGH
        if opened is field and of in role.shown_when_limited
    ]
    only = " With limited access, only loans in arrears are listed." if field is CustomerField.LOANS else ""
    if showing:
        return f"Limited access, and shown besides by {_named(showing)}.{only}"
    if through:
        named = _named(role for _, role in through)
        return f"Limited access, and shown with `{through[0][0]}`, which is shown besides by {named}.{only}"
    return f"Limited access by {_named(deciding)} withholds it."


def _changes(roles: Sequence[Role], access: Access) -> Iterator[Change]:
    held = frozenset[Permission]().union(*(role.permissions for role in roles))
    for permission in CHANGES:
        allowed = may_change(held, access, permission)
        yield Change(permission, allowed, _because_of_change(roles, access, permission))
    # Unlike the others, this changes a group, so that the outline is enough.
    permission = Permission.GROUP_MEMBERS_WRITE
    because = _of_permission(roles, permission) if access.is_visible else _NOBODY_SEES
    yield Change(permission, permission in held and access.is_visible, because)


def _because_of_change(roles: Sequence[Role], access: Access, permission: Permission) -> str:
    if not access.is_visible:
        return _NOBODY_SEES
    if not access.is_full:
        return "Takes full access to the customer."
    if access.reason in _OF_BOOKS and permission in BOOK_PERMISSIONS:
        return f"{_OF_BOOKS[access.reason]} grants it, on this customer."
    return _of_permission(roles, permission)


def _of_permission(roles: Sequence[Role], permission: Permission) -> str:
    granting = _granting(roles, permission)
    if granting:
        return f"`{permission}` is granted by {_named(granting)}."
    return f"None of the admin's roles grants `{permission}`."


def _granting(roles: Iterable[Role], permission: Permission) -> list[Role]:
    return [role for role in roles if permission in role.permissions]


def _of(rules: Iterable[Rule]) -> str:
    return _named(rule.role for rule in rules if rule.role is not None)


def _named(roles: Iterable[Role]) -> str:
    return _listed(role.name for role in roles)


def _listed(names: Iterable[str]) -> str:
    *others, last = dict.fromkeys(names)
    return f"{', '.join(others)} and {last}" if others else last
