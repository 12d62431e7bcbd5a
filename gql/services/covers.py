"""Have an account manager's book covered for a while, and end covers early."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Cover, Customer, Office, Role
from gql.domain import covers as rules
from gql.domain.cover_rights import Parties, may_end, may_see
from gql.domain.covers import CoverKind, CoverStatus, Delegate, status_at
from gql.domain.enums import AdminStatus, OfficeStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.customer_records import access_to
from gql.services.idempotency import Once
from gql.services.notifications import tell


@dataclass(frozen=True, slots=True)
class GrantCover:
    """The wish: this team member, for that one's book, from then (None is now) to then."""

    manager_id: UUID
    delegate_id: UUID
    ends_at: datetime
    reason: str
    starts_at: datetime | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class EndCover:
    """The wish: the cover counts no more."""

    cover_id: UUID
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Covered:
    """Which cover. `changed` is False where it was over already.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    cover_id: UUID
    changed: bool = True
    replayed: bool = False


async def grant_cover(
    database: Database, actor: Actor, viewer: AdminViewer, wish: GrantCover, most_days: int
) -> Covered:
    """Let a delegate see and work with an account manager's book as that one does, between two moments.

    The delegate's row is held: of covers that are granted at the same moment each counts those before it. Raises
    Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "grantCover", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Covered(UUID(earlier["cover_id"]), replayed=True)
        moment = now()
        manager, delegate = await _people(session, viewer, wish)
        starts_at = moment if wish.starts_at is None else wish.starts_at
        refuse(
            [
                *rules.people_refusals(
                    same=wish.manager_id == wish.delegate_id,
                    manager_is_active=manager.status is AdminStatus.ACTIVE,
                    delegate=await _delegate(session, delegate),
                ),
                *rules.date_refusals(starts_at, wish.ends_at, moment, most_days),
                *await _overlap_refusals(session, wish, starts_at),
            ]
        )
        cover = Cover(
            kind=CoverKind.LEAVE,
            delegate_id=delegate.id,
            manager_id=manager.id,
            granted_by_id=viewer.admin_id,
            reason=wish.reason,
            starts_at=max(starts_at, moment),
            ends_at=wish.ends_at,
            created_at=moment,
        )
        session.add(cover)
        await session.flush()
        _record(session, actor, "cover.granted", cover, wish.reason)
        for told in (manager, delegate):
            await _tell(session, "cover_granted", cover, told, manager, delegate, wish.reason, viewer.admin_id)
        await once.keep({"cover_id": str(cover.id)})
        return Covered(cover.id)


async def _people(session: AsyncSession, viewer: AdminViewer, wish: GrantCover) -> tuple[Admin, Admin]:
    """Account manager and delegate, locked, of whom the viewer may decide. Raises Refused.

    The cover refers to the viewer, and would wait for them if they were about to leave: so they are locked in their
    turn, and grant nothing once they have left.
    """
    ids = sorted({wish.manager_id, wish.delegate_id, viewer.admin_id})
    held = select(Admin).where(Admin.id.in_(ids)).order_by(Admin.id).with_for_update(key_share=True)
    found = {admin.id: admin for admin in await session.scalars(held)}
    manager, delegate = found.get(wish.manager_id), found.get(wish.delegate_id)
    is_own = wish.manager_id == viewer.admin_id
    may_decide = is_own or (manager is not None and await sees_book(session, viewer, manager))
    is_there = found[viewer.admin_id].status is AdminStatus.ACTIVE
    refusals: list[Refusal] = []
    if manager is None:
        refusals.append(rules.MANAGER_NOT_FOUND)
    may_grant = is_there and (is_own or viewer.may(Permission.CUSTOMER_ASSIGN))
    if not (may_grant and (may_decide or manager is None)):
        refusals.append(rules.FORBIDDEN)
    elif not is_own and wish.delegate_id == viewer.admin_id:
        refusals.append(rules.OWN_DELEGATE)
    if delegate is None:
        refusals.append(rules.DELEGATE_NOT_FOUND)
    if refusals or manager is None or delegate is None:
        raise Refused(*refusals)
    return manager, delegate


async def sees_book(session: AsyncSession, viewer: AdminViewer, manager: Admin) -> bool:
    """Whether the viewer, by roles, sees all of the manager's book in full, and all that the office could add to it."""
    of_book = select(Customer.office_id).where(Customer.account_manager_id == manager.id).distinct()
    offices = {manager.office_id, *await session.scalars(of_book)}
    return all(viewer.access.assigned.of(office).is_full for office in offices)


async def _delegate(session: AsyncSession, admin: Admin) -> Delegate:
    office = await session.get_one(Office, admin.office_id)
    of_admin = select(Role).join(AdminRole, AdminRole.role_id == Role.id).where(AdminRole.admin_id == admin.id)
    roles = (await session.scalars(of_admin)).all()
    return Delegate(
        is_active=admin.status is AdminStatus.ACTIVE,
        office_is_active=office.status is OfficeStatus.ACTIVE,
        reads_customers=any(Permission.CUSTOMER_READ in role.permissions for role in roles),
        never_holds_book=any(role.never_holds_book for role in roles),
    )


async def _overlap_refusals(session: AsyncSession, wish: GrantCover, starts_at: datetime) -> list[Refusal]:
    within = select(Cover.manager_id).where(
        Cover.delegate_id == wish.delegate_id,
        Cover.kind == CoverKind.LEAVE,
        Cover.ended_at.is_(None),
        Cover.starts_at < wish.ends_at,
        Cover.ends_at > starts_at,
    )
    others = (await session.scalars(within)).all()
    return list(rules.overlap_refusals(others=len(others), of_same_book=wish.manager_id in others))


async def end_cover(database: Database, actor: Actor, viewer: AdminViewer, wish: EndCover) -> Covered:
    """End a cover before its time: it counts no more from the next request on.

    Raises Refused (UserErrorCode), and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "endCover", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Covered(wish.cover_id, earlier["changed"], replayed=True)
        cover = await session.get(Cover, wish.cover_id)
        parties = None if cover is None else await _parties(session, viewer, cover)
        if cover is None or parties is None or not may_see(viewer, parties):
            raise Refused(rules.COVER_NOT_FOUND)
        manager = None if cover.manager_id is None else await session.get_one(Admin, cover.manager_id)
        in_sight = manager is not None and await sees_book(session, viewer, manager)
        if not may_end(viewer, parties, sees_book=in_sight):
            raise Refused(rules.MAY_NOT_END)
        await session.refresh(cover, with_for_update=True)
        moment = now()
        status = status_at(moment, cover.starts_at, cover.ends_at, cover.ended_at)
        changed = status in (CoverStatus.ACTIVE, CoverStatus.SCHEDULED)
        if changed:
            await close_cover(session, actor, viewer, cover, wish.reason)
        await once.keep({"changed": changed})
        return Covered(cover.id, changed)


def covers_of(admin_id: UUID) -> tuple[ColumnElement[bool], ...]:
    """Of an admin's book, or held by them, and not over yet."""
    theirs = or_(Cover.delegate_id == admin_id, (Cover.manager_id == admin_id) & (Cover.kind == CoverKind.LEAVE))
    return Cover.ended_at.is_(None), Cover.ends_at > now(), theirs


async def close_cover(session: AsyncSession, actor: Actor, viewer: AdminViewer, cover: Cover, reason: str) -> None:
    """End a locked cover now, on record, and tell the account manager and the delegate, as far as they are active."""
    cover.ended_at, cover.ended_by_id, cover.end_reason = now(), viewer.admin_id, reason
    _record(session, actor, "cover.ended", cover, reason)
    manager = None if cover.manager_id is None else await session.get_one(Admin, cover.manager_id)
    delegate = await session.get_one(Admin, cover.delegate_id)
    for told in (manager, delegate):
        await _tell(session, "cover_ended", cover, told, manager, delegate, reason, viewer.admin_id)


async def _parties(session: AsyncSession, viewer: AdminViewer, cover: Cover) -> Parties:
    access = None
    if cover.customer_id is not None:
        access = access_to(viewer, await session.get_one(Customer, cover.customer_id))
    return Parties(cover.delegate_id, cover.manager_id, cover.granted_by_id, access)


def _record(session: AsyncSession, actor: Actor, action: str, cover: Cover, reason: str) -> None:
    of_book = cover.customer_id is None
    audit.record(
        session,
        actor,
        action,
        subject_kind="admin" if of_book else "customer",
        subject_id=cover.manager_id if of_book else cover.customer_id,
        details=facts_of(cover) | {"reason": reason},
    )


def facts_of(cover: Cover) -> dict[str, Any]:
    """What audit events tell of a cover."""
    return {
        "cover_id": str(cover.id),
        "delegate_id": str(cover.delegate_id),
        "manager_id": None if cover.manager_id is None else str(cover.manager_id),
        "starts_at": cover.starts_at.isoformat(),
        "ends_at": cover.ends_at.isoformat(),
    }


def in_words(moment: datetime) -> str:
    """A moment as mails tell it."""
    return f"{moment:%d %B %Y, %H:%M} UTC"


async def _tell(
    session: AsyncSession,
    template: str,
    cover: Cover,
    told: Admin | None,
    manager: Admin | None,
    delegate: Admin,
    reason: str,
    by_id: UUID,
) -> None:
    """Tell somebody whose account is still active. Mails name no customer: who reads them later may see none."""
    if told is None or told.status is not AdminStatus.ACTIVE:
        return
    by = await session.get_one(Admin, by_id)
    payload = {
        "recipient_name": told.name,
        "is_delegate": told.id == delegate.id,
        "is_book": cover.kind is CoverKind.LEAVE,
        "manager_name": None if manager is None else manager.name,
        "delegate_name": delegate.name,
        "starts_at": in_words(cover.starts_at),
        "ends_at": in_words(cover.ends_at),
        "by_name": by.name,
        "reason": reason,
    }
    tell(session, told, template=template, subject_id=cover.id, payload=payload)
