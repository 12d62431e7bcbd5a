"""What decides an admin's access: office, roles, the offices beneath where a role's scope reaches there, and covers.

The statement by which a request finds out what its viewer may see; asked of any admin, signed in or not, it explains
what that one would see. One statement.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Executable,
    Uuid,
    bindparam,
    cast,
    exists,
    null,
    select,
    type_coerce,
    union_all,
)

from gql.db.engine import AnyRow
from gql.db.models import Admin, AdminRole, Cover, Role, Session
from gql.db.models.base import UTCDateTime
from gql.db.queries.office_tree import office_and_beneath
from gql.db.queries.roles import ROLE_COLUMNS, role_of
from gql.domain.covers import NO_COVERS, Covers
from gql.domain.enums import AdminStatus
from gql.domain.roles import Role as RoleOf
from gql.domain.roles import Scope
from gql.domain.standing import Standing
from gql.domain.time import now

Rows = Callable[[Executable, Mapping[str, Any]], Awaitable[Sequence[AnyRow]]]
"""Runs a read: `Database.rows`, or the same inside a transaction."""

_NOW: Final = bindparam("now", type_=UTCDateTime())
_OF_COVER: Final = (
    Cover.id.label("cover_id"),
    Cover.manager_id.label("cover_manager_id"),
    Cover.customer_id.label("cover_customer_id"),
)


def facts_of(who: CTE, *besides: ColumnElement[Any]) -> CompoundSelect[Any]:
    """The facts of the one admin whose `id` and `office_id` are in `who`, at the bound moment `now`.

    A row for each role, or one without any, with what is asked for `besides`; where a role asks for it, a row for each
    office of the subtree, as `beneath_id` and with nothing else; and a row for each cover that counts, with its own.
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
    nothing = [null() for _ in (who.c.office_id, *besides)]
    no_role = [null() for _ in ROLE_COLUMNS]
    # Of a type, since PostgreSQL takes two columns of nothing for text before it sees the third part.
    no_cover = [cast(null(), Uuid()).label(column.key) for column in _OF_COVER]
    return union_all(
        select(who.c.office_id, *besides, type_coerce(null(), Uuid()).label("beneath_id"), *no_cover, *ROLE_COLUMNS)
        .outerjoin_from(who, AdminRole, AdminRole.admin_id == who.c.id)
        .outerjoin(Role, Role.id == AdminRole.role_id),
        select(*nothing, beneath.c.id, *no_cover, *no_role),
        select(*nothing, null(), *_OF_COVER, *no_role).where(
            Cover.delegate_id == select(who.c.id).scalar_subquery(),
            Cover.ended_at.is_(None),
            Cover.starts_at <= _NOW,
            Cover.ends_at > _NOW,
        ),
    )


def covers_among(found: Sequence[AnyRow]) -> Covers:
    """The covers in the rows of `facts_of`."""
    counting = [row for row in found if row.cover_id is not None]
    if not counting:
        return NO_COVERS
    return Covers(
        tuple(sorted((row.cover_manager_id, row.cover_id) for row in counting if row.cover_customer_id is None)),
        tuple(sorted((row.cover_customer_id, row.cover_id) for row in counting if row.cover_customer_id is not None)),
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
            Session.expires_at > _NOW,
        )
        .label("has_session"),
    )
    .where(Admin.id == bindparam("admin_id", type_=Uuid()))
    .cte("subject")
)
_FACTS: Final = facts_of(_SUBJECT, _SUBJECT.c.status, _SUBJECT.c.has_session)


async def admin_facts(rows: Rows, admin_id: UUID) -> AdminFacts | None:
    """The facts of an admin; None where there is none. One statement."""
    found = await rows(_FACTS, {"admin_id": admin_id, "now": now()})
    subject = next((row for row in found if row.office_id is not None), None)
    if subject is None:
        return None
    standing = Standing(admin_id, subject.office_id, roles_among(found), subtree_among(found), covers_among(found))
    return AdminFacts(standing, subject.status, has_session=bool(subject.has_session))
