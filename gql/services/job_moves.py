"""A batch of a job that gives customers other account managers, or takes that back.

Locks are taken in the order job → customers (by ID) → admins (by ID) → offices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gql.db.appending import many_appended
from gql.db.events import Event
from gql.db.models import Admin, Office
from gql.domain.jobs import TOUCHED_SINCE, ItemOutcome
from gql.services.assigning import (
    HeldCustomer,
    Manager,
    Move,
    OpenAssignment,
    customer_refusals,
    held_customers,
    manager_refusals,
    managers_of,
    open_assignments,
    tell_of_move,
    write_moves,
)
from gql.services.assignments import ACCOUNT_MANAGER_CHANGED, allowed_offices
from gql.services.customer_records import access_to
from gql.services.job_items import Batch


@dataclass(slots=True)
class _Moving:
    """What the rules and the moves ask for, by ID."""

    customers: dict[UUID, HeldCustomer]
    current: dict[UUID, OpenAssignment]
    managers: dict[UUID, Manager]
    previous: dict[UUID, Admin]
    moves: list[tuple[Any, Move]] = field(default_factory=list)
    allowed: dict[tuple[UUID, UUID], frozenset[UUID] | None] = field(default_factory=dict)


async def move_customers(batch: Batch, items: Sequence[Any]) -> None:
    """Decide on each, and move those who are to be."""
    moving = await _gather(batch, items)
    for item in items:
        await _judge(batch, moving, item)
    await _move(batch, moving)


async def _gather(batch: Batch, items: Sequence[Any]) -> _Moving:
    session, dialect = batch.session, batch.database.dialect
    ids = [item.customer_id for item in items]
    customers = await held_customers(session, dialect, ids)
    current = await open_assignments(session, dialect, ids)
    managers = await managers_of(session, dialect, {item.to_admin_id for item in items} - {None})
    holders = {customer.account_manager_id for customer in customers.values()} - {None}
    are_holders = dialect.is_one_of(Admin.__table__.c.id, "ids")
    previous = {
        admin.id: admin for admin in await session.scalars(select(Admin).where(are_holders), {"ids": [*holders]})
    }
    return _Moving(customers, current, managers, previous)


async def _judge(batch: Batch, moving: _Moving, item: Any) -> None:
    """Decide on one customer: by the rules of `assignAccountManager`, unless somebody else has decided since."""
    customer = moving.customers.get(item.customer_id)
    if customer is not None and not access_to(batch.viewer, customer).is_visible:
        customer = None
    refusals = [*customer_refusals(batch.viewer, customer)]
    manager = moving.managers.get(item.to_admin_id)
    if item.to_admin_id is not None:
        allowed = None
        if customer is not None and manager is not None:
            allowed = await _allowed(batch, moving, customer.office_id, manager.office.id)
        refusals += manager_refusals(batch.viewer, manager, allowed)
    if customer is None or refusals:
        batch.refuse(item, refusals)
        return
    current = moving.current.get(customer.id)
    if customer.account_manager_id == item.to_admin_id:
        batch.note(item, ItemOutcome.UNCHANGED)
    elif (None if current is None else current.id) != item.seen_assignment_id:
        batch.note(item, ItemOutcome.SKIPPED, codes=[TOUCHED_SINCE])
    else:
        previous = None if customer.account_manager_id is None else moving.previous[customer.account_manager_id]
        moving.moves.append((item, Move(customer, current, previous, manager)))


async def _allowed(batch: Batch, moving: _Moving, office_id: UUID, manager_office_id: UUID) -> frozenset[UUID] | None:
    key = office_id, manager_office_id
    if key not in moving.allowed:
        moving.allowed[key] = await allowed_offices(batch.session, batch.viewer, *key, batch.scope)
    return moving.allowed[key]


async def _move(batch: Batch, moving: _Moving) -> None:
    moves = [move for _, move in moving.moves]
    offices = await _offices(batch, moves)
    events = []
    dialect, job = batch.database.dialect, batch.job
    async with many_appended(batch.session, dialect):
        told = await write_moves(batch.session, dialect, batch.actor, moves, job.reason, job.id)
        for (item, move), assignment_id in zip(moving.moves, told, strict=True):
            customer = move.customer
            tell_of_move(batch.session, move, assignment_id, offices.get(customer.office_id))
            previous_id = customer.account_manager_id
            batch.note(item, ItemOutcome.MOVED, assignment_id=assignment_id, previous_id=previous_id)
            events.append(Event(ACCOUNT_MANAGER_CHANGED, customer.id, assignment_id))
    await batch.database.events.publish_all(batch.session, events)


async def _offices(batch: Batch, moves: Sequence[Move]) -> dict[UUID, Office]:
    """Those to which customers turn whom nobody looks after any more."""
    ids = {move.customer.office_id for move in moves if move.manager is None}
    if not ids:
        return {}
    are_wanted = batch.database.dialect.is_one_of(Office.__table__.c.id, "ids")
    return {one.id: one for one in await batch.session.scalars(select(Office).where(are_wanted), {"ids": [*ids]})}
