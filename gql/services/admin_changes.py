"""Team members leave, and come back.

Changes of who may change admins wait for each other: each begins by locking the roles, and looks then whether whoever
makes it may do so still. So of two who deactivate each other one stays.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Cover, Credential, Customer, Role, ScheduledAssignment
from gql.domain import admin_changes as rules
from gql.domain.admin_changes import AdminErrorCode
from gql.domain.enums import AdminStatus, PasswordTokenPurpose, SubjectKind
from gql.domain.errors import Refused
from gql.domain.roles import Permission
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit, password_tokens
from gql.services.audit import Actor
from gql.services.covers import close_cover, covers_of
from gql.services.customer_changes import refuse
from gql.services.idempotency import Once
from gql.services.sessions import End, end_sessions

_DEACTIVATE: Final = "deactivateAdmin"
_ACTIVATE: Final = "activateAdmin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAdmin:
    """The wish: something becomes of this team member. For one who leaves or comes back, there is no more to say."""

    admin_id: UUID
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class AdminChanged:
    """Whose account. `changed` is False where all was so already.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    admin_id: UUID
    changed: bool
    replayed: bool = False


Change = Callable[[AsyncSession, Admin, frozenset[str]], Awaitable[bool]]
"""Changes a locked admin; the permissions are those of whoever makes the change, now. Answers whether it did."""


async def deactivate_admin(database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeAdmin) -> AdminChanged:
    """Let an admin sign in no more, from now on, and end their sessions, links and covers.

    Refused while they have a book. Assigning holds the manager's row in share: whoever is assigned to them at the same
    moment is either counted here, or refused there. Raises Refused (AdminErrorCode), with every reason at once, and
    writes nothing then.
    """

    async def change(session: AsyncSession, admin: Admin, own: frozenset[str]) -> bool:
        if admin.status is AdminStatus.INACTIVE:
            return False
        is_own, size = admin.id == viewer.admin_id, await book_size(session, admin.id)
        scheduled = await _scheduled(session, admin.id)
        refuse(rules.deactivation_refusals(is_own=is_own, book_size=size, scheduled=scheduled))
        await end_account(session, actor, admin, wish.reason)
        # Or they would count again for who comes back in time. A hand-over, which locks covers before admins, holds the
        # roles as this does: the two don't meet.
        locked = select(Cover).where(*covers_of(admin.id)).order_by(Cover.id).with_for_update()
        for cover in await session.scalars(locked):
            await close_cover(session, actor, viewer, cover, wish.reason)
        return True

    return await change_admin(database, viewer, wish, _DEACTIVATE, change)


async def end_account(session: AsyncSession, actor: Actor, admin: Admin, reason: str, **facts: Any) -> None:
    """Deactivate a locked admin, with all sessions and links; `facts` go into the audit event."""
    # Links first, as whoever uses one does it, then the sessions that they would end.
    for purpose in PasswordTokenPurpose:
        await password_tokens.end_all(session, SubjectKind.ADMIN, admin.id, purpose)
    ended = await end_sessions(session, SubjectKind.ADMIN, admin.id, End.DEACTIVATED)
    facts |= {"sessions": len(ended)}
    _set_status(session, actor, admin, AdminStatus.INACTIVE, audit.DEACTIVATED, reason, facts)


async def activate_admin(database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeAdmin) -> AdminChanged:
    """Let an admin who was deactivated sign in again, with the password and the roles that they had.

    Who never set a password is INVITED again, and takes a new invitation. Raises Refused (AdminErrorCode), with every
    reason at once, and writes nothing then.
    """

    async def change(session: AsyncSession, admin: Admin, own: frozenset[str]) -> bool:
        if admin.status is not AdminStatus.INACTIVE:
            return False
        refuse(rules.rights_refusals(await permissions_of(session, admin.id), own))
        has_password = bool(await session.scalar(select(exists().where(Credential.admin_id == admin.id))))
        status = rules.after_activation(admin.status, has_password=has_password)
        _set_status(session, actor, admin, status, "admin.activated", wish.reason, {})
        return True

    return await change_admin(database, viewer, wish, _ACTIVATE, change)


async def change_admin(
    database: Database, viewer: AdminViewer, wish: ChangeAdmin, operation: str, change: Change
) -> AdminChanged:
    """Do one change in one transaction, by whoever may change admins still. Raises Refused (AdminErrorCode)."""
    if not viewer.may(Permission.ADMIN_WRITE):
        raise Refused(rules.FORBIDDEN)
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, operation, wish.idempotency_key, AdminErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return AdminChanged(wish.admin_id, earlier["changed"], replayed=True)
        own = await permissions_now(session, viewer)
        if Permission.ADMIN_WRITE not in own:
            raise Refused(rules.FORBIDDEN)
        admin = await session.get(Admin, wish.admin_id, with_for_update=True)
        if admin is None:
            raise Refused(rules.ADMIN_NOT_FOUND)
        changed = await change(session, admin, own)
        await once.keep({"changed": changed})
        return AdminChanged(wish.admin_id, changed)


async def permissions_now(session: AsyncSession, viewer: AdminViewer) -> frozenset[str]:
    """What the viewer may do now, once no other change of who may change admins is on its way; nothing for who left."""
    await session.execute(select(Role.id).order_by(Role.id).with_for_update(key_share=True))
    is_active = select(exists().where(Admin.id == viewer.admin_id, Admin.status == AdminStatus.ACTIVE))
    return await permissions_of(session, viewer.admin_id) if await session.scalar(is_active) else frozenset()


async def book_size(session: AsyncSession, admin_id: UUID, *which: ColumnElement[bool]) -> int:
    """How many customers a locked admin is account manager of; or how many of such customers."""
    book = select(func.count()).select_from(Customer).where(Customer.account_manager_id == admin_id, *which)
    return await session.scalar(book) or 0


async def _scheduled(session: AsyncSession, admin_id: UUID) -> int:
    """How many pending assignments are to a locked admin, or by them."""
    of_admin = or_(ScheduledAssignment.admin_id == admin_id, ScheduledAssignment.scheduled_by_id == admin_id)
    is_pending = ScheduledAssignment.status == ScheduleStatus.PENDING
    pending = select(func.count()).select_from(ScheduledAssignment).where(is_pending, of_admin)
    return await session.scalar(pending) or 0


async def permissions_of(session: AsyncSession, admin_id: UUID) -> frozenset[str]:
    """All that an admin's roles permit."""
    of_roles = select(Role.permissions).join(AdminRole, AdminRole.role_id == Role.id)
    found = await session.scalars(of_roles.where(AdminRole.admin_id == admin_id))
    return frozenset(permission for permissions in found for permission in permissions)


def _set_status(
    session: AsyncSession,
    actor: Actor,
    admin: Admin,
    status: AdminStatus,
    action: str,
    reason: str,
    facts: dict[str, Any],
) -> None:
    before, admin.status = admin.status, status
    admin.updated_at = max(now(), admin.updated_at)
    details = {"before": {"status": before.value}, "after": {"status": status.value}, "reason": reason}
    audit.record(session, actor, action, subject_kind="admin", subject_id=admin.id, details=details | facts)
