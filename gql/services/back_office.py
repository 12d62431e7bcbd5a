"""What the back office writes down of a customer: notes, tags and the tier."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, CustomerNote, CustomerTag, TierDecision
from gql.domain import back_office as rules
from gql.domain.back_office import CustomerTier
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class AddNote:
    """The wish."""

    customer_id: UUID
    text: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class SetTags:
    """The wish: these are all tags, in whatever form. `expected_version` is the version that the wisher saw."""

    customer_id: UUID
    tags: tuple[str, ...]
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class SetTier:
    """The wish: this tier, or none. `expected_version` is the version that the wisher saw."""

    customer_id: UUID
    tier: CustomerTier | None
    reason: str
    expected_version: int | None = None
    idempotency_key: str | None = None


async def add_note(database: Database, actor: Actor, viewer: AdminViewer, wish: AddNote) -> Recorded:
    """Write a note down. Raises Refused (UserErrorCode), with every reason at once, and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addCustomerNote", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["note_id"]), replayed=True)
        also = rules.note_refusals(wish.text)
        customer = await changeable_customer(session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, also=also)
        key = new_id()
        note = CustomerNote(
            id=key, customer_id=customer.id, text=wish.text.strip(), author_id=actor.id, created_at=now()
        )
        session.add(note)
        # The event says that there is a note; what it says is in the note, which stays.
        _record(session, actor, "customer.note_added", customer, {"note_id": str(key)})
        await once.keep({"note_id": str(key)})
        return Recorded(customer.id, key)


async def set_tags(database: Database, actor: Actor, viewer: AdminViewer, wish: SetTags) -> Recorded:
    """Replace a customer's tags. Raises Refused (UserErrorCode), with every reason at once, and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "setCustomerTags", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        customer = await changeable_customer(
            session,
            viewer,
            wish.customer_id,
            Permission.CUSTOMER_WRITE,
            expected_version=wish.expected_version,
            also=rules.tags_refusals(wish.tags),
        )
        of_customer = CustomerTag.customer_id == customer.id
        before = sorted((await session.scalars(select(CustomerTag.tag).where(of_customer))).all())
        after = sorted({rules.normal_tag(tag) for tag in wish.tags})
        changed = before != after
        if changed:
            gone = set(before) - set(after)
            await session.execute(delete(CustomerTag).where(of_customer, CustomerTag.tag.in_(gone)))
            session.add_all(CustomerTag(customer_id=customer.id, tag=tag) for tag in after if tag not in before)
            _touch(customer)
            details = {"before": {"tags": before}, "after": {"tags": after}}
            _record(session, actor, "customer.tags_set", customer, details)
        await once.keep({"changed": changed})
        return Recorded(customer.id, None, changed)


async def set_tier(database: Database, actor: Actor, viewer: AdminViewer, wish: SetTier) -> Recorded:
    """Set a customer's tier. Raises Refused (UserErrorCode), with every reason at once, and writes nothing then."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "setCustomerTier", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, None, earlier["changed"], replayed=True)
        customer = await changeable_customer(
            session,
            viewer,
            wish.customer_id,
            Permission.CUSTOMER_WRITE,
            expected_version=wish.expected_version,
        )
        before = customer.tier
        changed = before is not wish.tier
        if changed:
            customer.tier = wish.tier
            _touch(customer)
            decision = TierDecision(
                customer_id=customer.id, reason=wish.reason, decided_by_id=actor.id, decided_at=now()
            )
            await session.merge(decision)
            details = {"before": {"tier": before}, "after": {"tier": wish.tier}, "reason": wish.reason}
            _record(session, actor, "customer.tier_set", customer, details)
        await once.keep({"changed": changed})
        return Recorded(customer.id, None, changed)


def _touch(customer: Customer) -> None:
    customer.version += 1
    customer.updated_at = max(now(), customer.updated_at)


def _record(session: AsyncSession, actor: Actor, action: str, customer: Customer, details: dict[str, Any]) -> None:
    audit.record(session, actor, action, subject_kind="customer", subject_id=customer.id, details=details)
