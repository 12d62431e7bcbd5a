"""What decides an admin's access: office, roles, and the offices beneath where a role's scope reaches there.

The statement by which a request finds out what its viewer may see; asked of any admin, signed in or not, it explains
what that one would see. One statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Uuid, bindparam, exists, null, select, type_coerce, union_all

from gql.db.engine import AnyRow, Database
from gql.db.models import Admin, AdminRole, Role, Session
from gql.db.models.base import UTCDateTime
from gql.db.queries.office_tree import office_and_beneath
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.domain.enums import AdminStatus
from gql.domain.explaining import Standing
from gql.domain.roles import Role as RoleOf
from gql.domain.roles import Scope
from gql.domain.time import now


def facts_of(who: CTE, *besides: ColumnElement[Any]) -> CompoundSelect[Any]:
    """The facts of the one admin whose `id` and `office_id` are in `who`.

    A row for each role, or one without any, with what is asked for `besides`; and, where a role asks for it, a row
    for each office of the subtree, as `beneath_id` and with nothing else.
    """
    over_subtree = (
        select(who.c.office_id)
        .join(AdminRole, AdminRole.admin_id == who.c.id)
        .join(Role, Role.id == AdminRole.role_id)
        .where(Role.scope == Scope.SUBTREE)
        .distinct()
        .scalar_subquery()
    )
    beneath = office_and_beneath(over_subtree, "beneath")
    return union_all(
        select(who.c.office_id, *besides, type_coerce(null(), Uuid()).label("beneath_id"), *ROLE_COLUMNS)
        .outerjoin_from(who, AdminRole, AdminRole.admin_id == who.c.id)
        .outerjoin(Role, Role.id == AdminRole.role_id),
        select(null(), *(null() for _ in besides), beneath.c.id, *(null() for _ in ROLE_COLUMNS)),
    )


def roles_among(found: Sequence[AnyRow]) -> tuple[RoleOf, ...]:
    """The roles in the rows of `facts_of`, by key."""
    roles = (role_of(row) for row in found if row.role_key is not None)
    return tuple(sorted(roles, key=lambda role: role.key))


def subtree_among(found: Sequence[AnyRow]) -> frozenset[UUID]:
    """The offices of the subtree in the rows of `facts_of`."""
    return frozenset(row.beneath_id for row in found if row.beneath_id is not None)


@dataclass(frozen=True, slots=True)
class AdminFacts:
    """What an admin's access comes of, and whether they can use it."""

    standing: Standing
    status: AdminStatus
    has_session: bool
    """Whether a session of theirs has not ended."""


_SUBJECT = (
    select(
        Admin.id,
        Admin.office_id,
        Admin.status,
        exists()
        .where(
            Session.admin_id == Admin.id,
            Session.revoked_at.is_(None),
            Session.expires_at > bindparam("now", type_=UTCDateTime()),
        )
        .label("has_session"),
    )
    .where(Admin.id == bindparam("admin_id", type_=Uuid()))
    .cte("subject")
)
_FACTS: Final = facts_of(_SUBJECT, _SUBJECT.c.status, _SUBJECT.c.has_session)


async def admin_facts(database: Database, admin_id: UUID) -> AdminFacts | None:
    """The facts of an admin; None where there is none. One statement."""
    found = await database.rows(_FACTS, {"admin_id": admin_id, "now": now()})
    subject = next((row for row in found if row.office_id is not None), None)
    if subject is None:
        return None
    standing = Standing(admin_id, subject.office_id, roles_among(found), subtree_among(found))
    return AdminFacts(standing, subject.status, has_session=bool(subject.has_session))
