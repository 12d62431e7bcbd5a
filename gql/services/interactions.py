"""Put dealings with customers on record, and close what was due."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, Interaction
from gql.domain import interactions as rules
from gql.domain import user_errors
from gql.domain.errors import Refused
from gql.domain.ids import new_id
from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.domain.policies import may_change
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now
from gql.domain.user_errors import UserErrorCode
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import Recorded, changeable_customer
from gql.services.customer_records import access_to, visible_customer
from gql.services.idempotency import Once

_INTERACTION = ("interactionId",)


@dataclass(frozen=True, slots=True)
class LogInteraction:
    """The wish. `occurred_at` None is now; `next_step` and `due_at` go together."""

    customer_id: UUID
    kind: InteractionKind
    direction: InteractionDirection
    summary: str
    outcome: str | None = None
    occurred_at: datetime | None = None
    next_step: str | None = None
    due_at: datetime | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class CompleteInteraction:
    """The wish: what was due after this interaction is done, and that came of it."""

    interaction_id: UUID
    outcome: str
    idempotency_key: str | None = None


async def log_interaction(database: Database, actor: Actor, viewer: AdminViewer, wish: LogInteraction) -> Recorded:
    """Put an interaction on record, with what is to be done next. The customer's version stays as it is.

    Raises Refused (UserErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "logInteraction", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(wish.customer_id, UUID(earlier["interaction_id"]), replayed=True)
        moment = now()
        occurred_at = min(wish.occurred_at or moment, moment)
        given = wish.occurred_at or moment
        also = rules.log_refusals(wish.kind, given, wish.next_step, wish.due_at, moment)
        customer = await changeable_customer(
            session, viewer, wish.customer_id, Permission.CUSTOMER_WRITE, also=tuple(also)
        )
        interaction = Interaction(
            id=new_id(),
            customer_id=customer.id,
            office_id=customer.office_id,
            account_manager_id=customer.account_manager_id,
            kind=wish.kind,
            direction=wish.direction,
            summary=wish.summary,
            outcome=wish.outcome,
            occurred_at=occurred_at,
            logged_at=moment,
            author_id=viewer.admin_id,
            next_step=wish.next_step,
            due_at=wish.due_at,
        )
        session.add(interaction)
        record(session, actor, "customer.interaction_logged", interaction)
        await once.keep({"interaction_id": str(interaction.id)})
        return Recorded(customer.id, interaction.id)


async def complete_interaction(
    database: Database, actor: Actor, viewer: AdminViewer, wish: CompleteInteraction
) -> Recorded:
    """Close what was due, with what came of it; also for a customer who is archived by now.

    `changed` is False where somebody has closed it already: that stays as it is. Raises Refused (UserErrorCode), and
    writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "completeInteraction", wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return Recorded(UUID(earlier["customer_id"]), wish.interaction_id, earlier["changed"], replayed=True)
        customer = await _customer_of(session, viewer, wish.interaction_id)
        interaction = await session.get_one(Interaction, wish.interaction_id)
        if interaction.due_at is None:
            raise Refused(rules.NOTHING_DUE)
        changed = interaction.done_at is None
        if changed:
            interaction.done_at = max(now(), interaction.logged_at)
            interaction.done_by_id = viewer.admin_id
            interaction.next_step_outcome = wish.outcome
            record(session, actor, "customer.interaction_completed", interaction)
        await once.keep({"customer_id": str(customer.id), "changed": changed})
        return Recorded(customer.id, interaction.id, changed)


async def _customer_of(session: AsyncSession, viewer: AdminViewer, interaction_id: UUID) -> Customer:
    """The customer, locked, whose interaction the viewer may close.

    Looks before it locks, by a single statement whether or not there is such an interaction, and once more after.
    """
    statement = (
        select(Customer.id, Customer.account_manager_id, Customer.office_id)
        .join(Interaction, Interaction.customer_id == Customer.id)
        .where(Interaction.id == interaction_id)
    )
    row = (await session.execute(statement)).one_or_none()
    customer = None
    if row is not None and _shows(viewer, row):
        customer = await visible_customer(session, viewer, row.id)
    if customer is None or not _shows(viewer, customer):
        forbidden = () if viewer.may(Permission.CUSTOMER_WRITE) else (_forbidden(),)
        raise Refused(user_errors.not_found("interaction", *_INTERACTION), *forbidden)
    access = access_to(viewer, customer)
    if not may_change(viewer.permissions, access, Permission.CUSTOMER_WRITE):
        raise Refused(_forbidden())
    return customer


def _shows(viewer: AdminViewer, customer: Any) -> bool:
    access = access_to(viewer, customer)
    return access.is_visible and access.shows(CustomerField.INTERACTIONS)


def _forbidden() -> Any:
    return replace(user_errors.FORBIDDEN, field=_INTERACTION)


def record(session: AsyncSession, actor: Actor, action: str, interaction: Interaction) -> None:
    """The audit event of a change. What was said stays with the interaction, which nobody can change."""
    facts = {
        "interaction_id": str(interaction.id),
        "kind": interaction.kind.value,
        "occurred_at": interaction.occurred_at.isoformat(),
        "due_at": None if interaction.due_at is None else interaction.due_at.isoformat(),
        "done_at": None if interaction.done_at is None else interaction.done_at.isoformat(),
    }
    details = {"after": facts}
    audit.record(session, actor, action, subject_kind="customer", subject_id=interaction.customer_id, details=details)
