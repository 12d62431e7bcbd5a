"""What a team member who leaves has, all of it locked: customers, what is scheduled, covers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import Admin, Cover, Customer, Interaction, ScheduledAssignment
from gql.domain import hand_overs as rules
from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refused
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.services.assigning import OpenAssignment, open_assignments
from gql.services.covers import covers_of

_pending = ScheduledAssignment.status == ScheduleStatus.PENDING


class Outgrown(Exception):
    """Customers or covers came to the leaver between the look at what is theirs and its lock."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The leaver, and all that is theirs, locked."""

    admin: Admin
    book: Sequence[Customer]
    """By their IDs."""
    current: Mapping[UUID, OpenAssignment]
    scheduled: Sequence[tuple[ScheduledAssignment, Customer]]
    """To them or by them; by the customers' IDs."""
    covers: Sequence[Cover]
    due_interactions: int
    """Of the book: they are whoever looks after the customer has to do."""

    @property
    def concerned(self) -> dict[UUID, Customer]:
        """The customers whom it is about, each once."""
        return {one.id: one for one in (*self.book, *(customer for _, customer in self.scheduled))}

    @property
    def wards(self) -> list[Customer]:
        """Those of the book who need somebody: an archived customer's assignment just ends."""
        return [one for one in self.book if one.status is not CustomerStatus.ARCHIVED]

    @property
    def to_come(self) -> list[Customer]:
        """Others who were to come to the leaver."""
        own = self.admin.id
        return [
            customer
            for scheduled, customer in self.scheduled
            if scheduled.admin_id == own
            and customer.account_manager_id != own
            and customer.status is not CustomerStatus.ARCHIVED
        ]


async def hold(session: AsyncSession, dialect: Dialect, admin: Admin, target_ids: Collection[UUID]) -> Leaving:
    """Lock all that is the leaver's: customers, covers, then admins, each by their IDs, as everybody does.

    Whoever gives the leaver a customer or a cover meanwhile holds their row, and is looked for once that is locked.
    Raises Outgrown where somebody did, and Refused where the book is too large to be held.
    """
    seen = await _concerned_ids(session, admin.id)
    size = await _size(session, admin.id)
    if size > rules.MOST_CUSTOMERS:
        raise Refused(rules.too_large(size))
    fresh: Any = {"populate_existing": True}
    are_seen = dialect.is_one_of(Customer.__table__.c.id, "ids")
    locked = select(Customer).where(are_seen).order_by(Customer.id).with_for_update()
    customers = {one.id: one for one in await session.scalars(locked, {"ids": sorted(seen)}, execution_options=fresh)}
    are_theirs = covers_of(admin.id)
    covers = (await session.scalars(select(Cover).where(*are_theirs).order_by(Cover.id).with_for_update())).all()
    await _lock_admins(session, dialect, admin, target_ids)
    granted = {*await session.scalars(select(Cover.id).where(*are_theirs))}
    if not (await _concerned_ids(session, admin.id) <= customers.keys() and granted <= {one.id for one in covers}):
        raise Outgrown
    of_leaver = or_(ScheduledAssignment.admin_id == admin.id, ScheduledAssignment.scheduled_by_id == admin.id)
    pending = select(ScheduledAssignment).where(_pending, of_leaver).order_by(ScheduledAssignment.customer_id)
    scheduled = await session.scalars(pending.with_for_update(), execution_options=fresh)
    book = [one for _, one in sorted(customers.items()) if one.account_manager_id == admin.id]
    return Leaving(
        admin=admin,
        book=book,
        current=await open_assignments(session, dialect, [one.id for one in book]),
        scheduled=[(one, customers[one.customer_id]) for one in scheduled],
        covers=covers,
        due_interactions=await _due(session, admin.id),
    )


async def _size(session: AsyncSession, admin_id: UUID) -> int:
    book = select(func.count()).select_from(Customer).where(Customer.account_manager_id == admin_id)
    return await session.scalar(book) or 0


async def _concerned_ids(session: AsyncSession, admin_id: UUID) -> set[UUID]:
    book = select(Customer.id).where(Customer.account_manager_id == admin_id)
    of_leaver = or_(ScheduledAssignment.admin_id == admin_id, ScheduledAssignment.scheduled_by_id == admin_id)
    pending = select(ScheduledAssignment.customer_id).where(_pending, of_leaver)
    return {*await session.scalars(book), *await session.scalars(pending)}


async def _lock_admins(session: AsyncSession, dialect: Dialect, admin: Admin, target_ids: Collection[UUID]) -> None:
    """The leaver against everything, the others in share, in one order of all."""

    async def in_share(ids: list[UUID]) -> None:
        are_wanted = dialect.is_one_of(Admin.__table__.c.id, "ids")
        await session.execute(
            select(Admin.id).where(are_wanted).order_by(Admin.id).with_for_update(read=True), {"ids": ids}
        )

    await in_share(sorted(key for key in target_ids if key < admin.id))
    await session.refresh(admin, with_for_update=True)
    await in_share(sorted(key for key in target_ids if key > admin.id))


async def _due(session: AsyncSession, admin_id: UUID) -> int:
    is_due = (Interaction.due_at.is_not(None), Interaction.done_at.is_(None))
    due = select(func.count()).select_from(Interaction).where(Interaction.account_manager_id == admin_id, *is_due)
    return await session.scalar(due) or 0
