"""Open one customer for oneself for a few hours, whoever's they are: with a reason, on record, and those above told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, AdminRole, Cover, Customer, Role
from gql.db.queries.office_tree import office_and_above
from gql.domain import covers as rules
from gql.domain.covers import CoverKind, may_break_glass
from gql.domain.enums import AdminStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.roles import Level, Permission, Scope
from gql.domain.time import now
from gql.domain.user_errors import CUSTOMER_NOT_FOUND, UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.covers import Covered, facts_of, in_words
from gql.services.customer_changes import refuse
from gql.services.customer_records import access_to
from gql.services.idempotency import Once
from gql.services.lookups import record_lookup
from gql.services.notifications import tell

_BY: Final = "breakGlass"
_MOST_TOLD: Final = 5
"""Of those above: enough for somebody to look."""


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """The wish: this customer, by ID or by number, for so long."""

    customer_id: UUID | None
    number: str | None
    minutes: int
    reason: str
    idempotency_key: str | None = None


async def break_glass(
    database: Database, actor: Actor, viewer: AdminViewer, wish: BreakGlass, *, most_minutes: int, per_minute: int
) -> Covered:
    """Open a customer for the viewer, who needs to see nothing of them before.

    Each attempt is on record as a look-up before it is made, and held to as many a minute; without the permission
    nothing is looked at. Raises Refused (UserErrorCode), and RateLimited.
    """
    if not may_break_glass(viewer.roles):
        raise Refused(rules.MAY_NOT_BREAK_GLASS)
    refuse(rules.minutes_refusals(wish.minutes, most_minutes))
    await record_lookup(database, actor, _BY, per_minute=per_minute)
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, _BY, wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Covered(UUID(earlier["cover_id"]), replayed=True)
        customer = await _customer(session, wish)
        # Held, so that of several at once each counts those before it.
        own = await session.get_one(Admin, viewer.admin_id, with_for_update={"key_share": True})
        if own.status is not AdminStatus.ACTIVE:  # who is let go at this moment leaves no cover behind
            raise Refused(rules.MAY_NOT_BREAK_GLASS)
        moment = now()
        opened = await _opened(session, own, moment)
        is_full = access_to(viewer, customer).is_full or customer.id in opened
        refuse(_refusals(is_full=is_full, opened=len(opened)))
        cover = Cover(
            kind=CoverKind.BREAK_GLASS,
            delegate_id=own.id,
            manager_id=customer.account_manager_id,
            customer_id=customer.id,
            granted_by_id=own.id,
            reason=wish.reason,
            starts_at=moment,
            ends_at=moment + timedelta(minutes=wish.minutes),
            created_at=moment,
        )
        session.add(cover)
        await session.flush()
        details = facts_of(cover) | {"reason": wish.reason}
        audit.record(
            session, actor, "customer.glass_broken", subject_kind="customer", subject_id=customer.id, details=details
        )
        await _tell(session, cover, customer, own)
        await once.keep({"cover_id": str(cover.id)})
        return Covered(cover.id)


async def _customer(session: AsyncSession, wish: BreakGlass) -> Customer:
    is_wanted = Customer.number == wish.number if wish.customer_id is None else Customer.id == wish.customer_id
    customer = await session.scalar(select(Customer).where(is_wanted).with_for_update(read=True))
    if customer is None:
        raise Refused(CUSTOMER_NOT_FOUND)
    return customer


async def _opened(session: AsyncSession, own: Admin, moment: datetime) -> set[UUID | None]:
    counting = select(Cover.customer_id).where(
        Cover.delegate_id == own.id,
        Cover.kind == CoverKind.BREAK_GLASS,
        Cover.ended_at.is_(None),
        Cover.ends_at > moment,
    )
    return set(await session.scalars(counting))


def _refusals(*, is_full: bool, opened: int) -> list[Refusal]:
    return [rules.SEEN_ALREADY] if is_full else list(rules.opened_refusals(opened))


async def _tell(session: AsyncSession, cover: Cover, customer: Customer, by: Admin) -> None:
    """Tell the account manager, and whoever may assign the office's customers: of the office, or else from above."""
    told = await _above(session, customer.office_id)
    if customer.account_manager_id is not None:
        told = [await session.get_one(Admin, customer.account_manager_id), *told]
    for admin in dict.fromkeys(told):
        if admin.status is AdminStatus.ACTIVE and admin.id != by.id:
            payload = {
                "recipient_name": admin.name,
                "customer_name": customer.name,
                "customer_number": customer.number,
                "by_name": by.name,
                "ends_at": in_words(cover.ends_at),
                "reason": cover.reason,
            }
            about = {"subject_id": cover.id, "customer_id": customer.id}
            tell(session, admin, template="glass_broken", payload=payload, **about)


async def _above(session: AsyncSession, office_id: UUID) -> list[Admin]:
    in_charge = (
        select(Admin, Role.permissions, Role.scope)
        .join(AdminRole, AdminRole.admin_id == Admin.id)
        .join(Role, Role.id == AdminRole.role_id)
        .where(Admin.office_id.in_(office_and_above(office_id)), Admin.status == AdminStatus.ACTIVE)
        .where(Role.assigned_level == Level.FULL)
        .order_by(Admin.id)
    )
    found = [
        admin
        for admin, permissions, scope in (await session.execute(in_charge)).all()
        if Permission.CUSTOMER_ASSIGN in permissions and (admin.office_id == office_id or scope is not Scope.OWN_OFFICE)
    ]
    of_office = [admin for admin in found if admin.office_id == office_id]
    return list(dict.fromkeys(of_office or found))[:_MOST_TOLD]
