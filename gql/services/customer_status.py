"""Change where a customer stands with the lender."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.auth.authenticate import CUSTOMERS_SHUT_OUT
from gql.db.engine import Database
from gql.db.models import Customer, Loan, Membership, StatusChange
from gql.domain import customer_status as rules
from gql.domain.customer_status import Effect, StatusAction, StatusEffect, StatusErrorCode
from gql.domain.enums import CustomerStatus, LoanStatus, MembershipFlag, SubjectKind
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.policies import may_change
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import access_to, visible_customer
from gql.services.idempotency import Once
from gql.services.removal_rules import status_has_changed
from gql.services.sessions import End, end_sessions


@dataclass(frozen=True, slots=True)
class ChangeStatus:
    """The wish. `expected_version` is the version that the wisher saw."""

    action: StatusAction
    customer_id: UUID
    reason: str
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """What came of it. `changed` is False where the customer had the status already.

    `replayed`: it is the answer that was kept for the idempotency key; nothing was done now.
    """

    customer_id: UUID
    changed: bool
    effects: tuple[Effect, ...] = ()
    replayed: bool = False


async def change_status(database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeStatus) -> StatusChanged:
    """Change a customer's status, with all that comes of it, in one transaction.

    Raises Refused (StatusErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        operation = f"{wish.action.lower()}Customer"
        once = Once(session, viewer.admin_id, operation, wish.idempotency_key, StatusErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            effects = tuple(Effect(StatusEffect(e["effect"]), e["count"]) for e in earlier["effects"])
            return StatusChanged(wish.customer_id, earlier["changed"], effects, replayed=True)
        customer = await visible_customer(session, viewer, wish.customer_id)
        refusals = list(_refusals(viewer, customer, wish))
        if customer is not None and not refusals and await _has_open_loans(session, customer, wish.action):
            refusals.append(rules.HAS_OPEN_LOANS)
        if refusals or customer is None:
            raise Refused(*refusals)
        done = await _change(session, actor, customer, wish)
        if done.changed:
            await status_has_changed(session, database.dialect, customer.id, customer.status)
        answer: dict[str, Any] = {"changed": done.changed, "effects": [asdict(effect) for effect in done.effects]}
        await once.keep(answer)
        return done


def _refusals(viewer: AdminViewer, customer: Customer | None, wish: ChangeStatus) -> Iterator[Refusal]:
    """Every reason against it that the customer's own row tells; to who may not change it, no more than that."""
    if customer is None:
        yield rules.CUSTOMER_NOT_FOUND
    if not viewer.may(Permission.CUSTOMER_STATUS):
        yield rules.FORBIDDEN
        return
    if customer is None:
        return
    access = access_to(viewer, customer)
    if not may_change(viewer.permissions, access, Permission.CUSTOMER_STATUS):
        yield rules.FORBIDDEN
        return
    yield from rules.status_refusals(wish.action, customer.status)
    if wish.expected_version is not None and wish.expected_version != customer.version:
        yield rules.VERSION_CONFLICT


async def _has_open_loans(session: AsyncSession, customer: Customer, action: StatusAction) -> bool:
    """Whether that forbids the change: who is archived owes nothing."""
    if action is not StatusAction.ARCHIVE or rules.after(action, customer.status) is customer.status:
        return False
    is_open = (Loan.customer_id == customer.id, Loan.status == LoanStatus.ACTIVE)
    return bool(await session.scalar(select(func.count()).select_from(Loan).where(*is_open)))


async def _change(session: AsyncSession, actor: Actor, customer: Customer, wish: ChangeStatus) -> StatusChanged:
    before, after = customer.status, rules.after(wish.action, customer.status)
    if after is None or after is before:
        return StatusChanged(customer.id, changed=False)
    moment = max(now(), customer.status_changed_at)  # a clock set back does not change the order of a history
    customer.status, customer.status_reason = after, wish.reason
    customer.status_changed_at, customer.status_changed_by_id = moment, actor.id
    customer.version += 1
    customer.updated_at = moment
    record = StatusChange(
        id=new_id(),
        customer_id=customer.id,
        action=wish.action,
        status_before=before,
        status_after=after,
        reason=wish.reason,
        changed_by_id=actor.id,
        changed_at=moment,
    )
    session.add(record)
    effects = tuple([effect async for effect in _effects(session, customer.id, before, after)])
    audit.record(
        session,
        actor,
        "customer.status_changed",
        subject_kind="customer",
        subject_id=customer.id,
        details={
            "before": {"status": before.value},
            "after": {"status": after.value},
            "reason": wish.reason,
            "effects": {effect.effect.value: effect.count for effect in effects},
        },
    )
    return StatusChanged(customer.id, changed=True, effects=effects)


async def _effects(
    session: AsyncSession, customer_id: UUID, before: CustomerStatus, after: CustomerStatus
) -> AsyncIterator[Effect]:
    """What else is done, and told where it touched something."""
    if after is CustomerStatus.BLACKLISTED:
        count = await _flag(session, customer_id, None, MembershipFlag.CUSTOMER_BLACKLISTED)
        if count:
            yield Effect(StatusEffect.MEMBERSHIPS_FLAGGED, count)
    if after is CustomerStatus.INACTIVE:  # from the blacklist, or from the archive, to which it may have led
        count = await _flag(session, customer_id, MembershipFlag.CUSTOMER_BLACKLISTED, None)
        if count:
            yield Effect(StatusEffect.MEMBERSHIPS_UNFLAGGED, count)
    if after in CUSTOMERS_SHUT_OUT:
        ended = await end_sessions(session, SubjectKind.CUSTOMER, customer_id, End.SHUT_OUT)
        if ended:
            yield Effect(StatusEffect.SESSIONS_ENDED, len(ended))


async def _flag(
    session: AsyncSession, customer_id: UUID, old: MembershipFlag | None, new: MembershipFlag | None
) -> int:
    """Change the flags of the customer's open memberships; answers of how many."""
    statement = (
        update(Membership)
        .where(
            Membership.customer_id == customer_id, Membership.until.is_(None), Membership.flag.is_not_distinct_from(old)
        )
        .values(flag=new)
        .returning(Membership.id)
    )
    return len((await session.scalars(statement)).all())
