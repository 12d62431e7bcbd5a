"""What decides an admin's access: office, roles, the offices beneath where a role's scope reaches there, and covers.

The statement by which a request finds out what its viewer may see; asked of any admin, signed in or not, it explains
what that one would see. One statement.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, Subquery, Uuid, bindparam, case, exists, select

from gql.db.dialect import IdsAmong
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

_KEY: Final = attrgetter("key")
_NOW: Final = bindparam("now", type_=UTCDateTime())


def facts_of(who: Subquery, *besides: ColumnElement[Any]) -> Select[Any]:
    """The facts of the one admin whose `id` and `office_id` are in `who`, at the bound moment `now`.

    A row for each role, or one without any, with what is asked for `besides`; `subtree` are the IDs of the office and
    all beneath it, where the role asks for them, and `covers` those that count: each one's ID, manager and customer.
    """
    beneath = office_and_beneath(who.c.office_id, "beneath", who)
    subtree = select(IdsAmong(beneath.c.id)).scalar_subquery()
    covers = (
        select(IdsAmong(Cover.id, Cover.manager_id, Cover.customer_id))
        .where(
            Cover.delegate_id == who.c.id,
            Cover.ended_at.is_(None),
            Cover.starts_at <= _NOW,
            Cover.ends_at > _NOW,
        )
        .scalar_subquery()
    )
    return (
        select(
            who.c.office_id,
            *besides,
            case((Role.scope == Scope.SUBTREE, subtree)).label("subtree"),
            covers.label("covers"),
            *ROLE_COLUMNS,
        )
        .outerjoin_from(who, AdminRole, AdminRole.admin_id == who.c.id)
        .outerjoin(Role, Role.id == AdminRole.role_id)
    )


class Facts(NamedTuple):
    """What decides an admin's access, besides the office."""

    roles: tuple[RoleOf, ...]
    subtree: frozenset[UUID]
    covers: Covers


def facts_among(found: Sequence[AnyRow]) -> Facts:
    """The facts in the rows of `facts_of`, which has at least one. Roles are in the order of their keys."""
    roles = [role_of(row) for row in found if row.role_key is not None]
    roles.sort(key=_KEY)
    subtree = frozenset().union(*(row.subtree for row in found))
    return Facts(tuple(roles), subtree, _covers(found[0].covers))


def _covers(counting: Sequence[tuple[UUID, UUID, UUID | None]]) -> Covers:
    if not counting:
        return NO_COVERS
    return Covers(
        tuple(sorted((manager_id, cover_id) for cover_id, manager_id, customer_id in counting if customer_id is None)),
        tuple(sorted((customer_id, cover_id) for cover_id, _, customer_id in counting if customer_id is not None)),
    )


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
    .subquery("subject")
)
_FACTS: Final = facts_of(_SUBJECT, _SUBJECT.c.status, _SUBJECT.c.has_session)


async def admin_facts(rows: Rows, admin_id: UUID) -> AdminFacts | None:
    """The facts of an admin; None where there is none. One statement."""
    found = await rows(_FACTS, {"admin_id": admin_id, "now": now()})
    if not found:
        return None
    subject, facts = found[0], facts_among(found)
    standing = Standing(admin_id, subject.office_id, facts.roles, facts.subtree, facts.covers)
    return AdminFacts(standing, subject.status, has_session=bool(subject.has_session))
