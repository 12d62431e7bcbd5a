"""Team members change offices and roles, without leaving assignments odd that nobody knows of."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Customer, Office, Role
from gql.db.queries.office_tree import office_and_beneath
from gql.domain import admin_changes as rules
from gql.domain.admin_changes import RoleFacts
from gql.domain.enums import OfficeStatus
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.admin_changes import AdminChanged, ChangeAdmin, book_size, change_admin, permissions_of
from gql.services.audit import Actor
from gql.services.customer_changes import refuse

_CHANGE_OFFICE: Final = "changeAdminOffice"
_SET_ROLES: Final = "setAdminRoles"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAdminOffice(ChangeAdmin):
    """The wish: they work there from now on. `acknowledge_warnings`: even where their book would be elsewhere."""

    office_id: UUID
    acknowledge_warnings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAdminRoles(ChangeAdmin):
    """The wish: these roles, and no others."""

    role_keys: tuple[str, ...]


async def change_admin_office(
    database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeAdminOffice
) -> AdminChanged:
    """Move an admin to another office; what they see obeys it from the next request on.

    Raises Refused (AdminErrorCode), with every reason at once, and writes nothing then.
    """

    async def change(session: AsyncSession, admin: Admin, own: frozenset[str]) -> bool:
        if admin.office_id == wish.office_id:
            return False
        office = await session.get(Office, wish.office_id, with_for_update={"read": True})
        outside = 0 if wish.acknowledge_warnings else await _outside(session, admin.id, wish.office_id)
        theirs, is_own = await permissions_of(session, admin.id), admin.id == viewer.admin_id
        status: OfficeStatus | None = None if office is None else office.status
        refuse((*rules.rights_refusals(theirs, own, is_own=is_own), *rules.office_refusals(status, outside)))
        before, admin.office_id = admin.office_id, wish.office_id
        facts = {"before": {"office_id": str(before)}, "after": {"office_id": str(wish.office_id)}}
        _record(session, actor, admin, "admin.office_changed", facts | {"reason": wish.reason})
        return True

    return await change_admin(database, viewer, wish, _CHANGE_OFFICE, change)


async def set_admin_roles(database: Database, actor: Actor, viewer: AdminViewer, wish: SetAdminRoles) -> AdminChanged:
    """Give an admin other roles; what they may do and see obeys it from the next request on.

    Their row is locked, which assigning holds in share: nobody is given to them while they become somebody who never
    has a book. Raises Refused (AdminErrorCode), with every reason at once, and writes nothing then.
    """

    async def change(session: AsyncSession, admin: Admin, own: frozenset[str]) -> bool:
        columns = select(Role.key, Role.id, Role.permissions, Role.never_holds_book)
        rows = {row.key: row for row in await session.execute(columns)}
        keys = select(Role.key).join(AdminRole, AdminRole.role_id == Role.id).where(AdminRole.admin_id == admin.id)
        before, after = set(await session.scalars(keys)), set(wish.role_keys)
        if before == after:
            return False
        roles = {key: RoleFacts(frozenset(row.permissions), row.never_holds_book) for key, row in rows.items()}
        theirs, is_own = await permissions_of(session, admin.id), admin.id == viewer.admin_id
        size = await book_size(session, admin.id)
        refuse(
            (
                *rules.rights_refusals(theirs, own, is_own=is_own),
                *rules.role_refusals(wish.role_keys, roles, own, size),
            )
        )
        await session.execute(delete(AdminRole).where(AdminRole.admin_id == admin.id))
        given = [{"admin_id": admin.id, "role_id": rows[key].id} for key in sorted(after)]
        await session.execute(insert(AdminRole), given)
        facts = {"before": {"roles": sorted(before)}, "after": {"roles": sorted(after)}}
        _record(session, actor, admin, "admin.roles_changed", facts | {"reason": wish.reason})
        return True

    return await change_admin(database, viewer, wish, _SET_ROLES, change)


async def _outside(session: AsyncSession, admin_id: UUID, office_id: UUID) -> int:
    """How many of the book are of another office, and of none beneath."""
    inside = office_and_beneath(literal(office_id), "inside")
    return await book_size(session, admin_id, Customer.office_id.not_in(select(inside.c.id)))


def _record(session: AsyncSession, actor: Actor, admin: Admin, action: str, details: dict[str, Any]) -> None:
    admin.updated_at = max(now(), admin.updated_at)
    audit.record(session, actor, action, subject_kind="admin", subject_id=admin.id, details=details)
