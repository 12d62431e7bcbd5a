"""What one assignment and many have in common: who can hold a book, the rules of each customer, and what is written."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from gql.db.appending import append
from gql.db.dialect import Dialect
from gql.db.models import Admin, AdminRole, Assignment, Customer, Office, Role
from gql.domain import assignments as rules
from gql.domain.assignments import Candidate
from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refusal
from gql.domain.ids import new_id
from gql.domain.policies import may_change
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import access_to
from gql.services.notifications import tell_customer

LEAST_SPAN: Final = timedelta(microseconds=1)
_assignments: Any = Assignment.__table__
_customers: Any = Customer.__table__
_CHANGED: Final = ("account_manager_id", "version", "updated_at", "manager_reviewed_at")


@dataclass(frozen=True, slots=True)
class Manager:
    """An admin with the office, as mails and rules need them."""

    admin: Admin
    office: Office
    never_holds_book: bool

    @property
    def candidate(self) -> Candidate:
        """What the rules ask about them."""
        return Candidate(self.admin.status, self.office.id, self.office.status, self.never_holds_book)


class OpenAssignment(NamedTuple):
    """Who looks after a customer now, and since when."""

    id: UUID
    customer_id: UUID
    admin_id: UUID
    started_at: datetime


class HeldCustomer(NamedTuple):
    """A locked customer, as far as moving one takes: many are read faster so than as records."""

    id: UUID
    number: str
    name: str
    email: str
    status: CustomerStatus
    office_id: UUID
    account_manager_id: UUID | None
    version: int
    updated_at: datetime
    muted: list[str]


@dataclass(frozen=True, slots=True)
class Move:
    """A locked customer with the open assignment, and who follows: somebody else, or nobody.

    `previous` is who had the customer, as `current` says.
    """

    customer: Customer | HeldCustomer
    current: OpenAssignment | None
    previous: Admin | None
    manager: Manager | None


ANY: Final = UUID(int=0)
"""Stands for any customer alike: nobody has broken the glass for it."""


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """All that the rules ask about a customer, where there is no need to lock one."""

    account_manager_id: UUID | None
    office_id: UUID
    status: CustomerStatus
    version: int = 0
    id: UUID = ANY


Anyone = Customer | HeldCustomer | CustomerFacts


async def managers_of(session: AsyncSession, dialect: Dialect, admin_ids: Collection[UUID]) -> dict[UUID, Manager]:
    """The admins that there are, locked against being deactivated, moved or given other roles meanwhile.

    Offices and roles are read once the locks are held: a statement that waits for them has read them before. Whoever
    locks several does so in the order of their IDs.
    """
    wanted = {"ids": sorted(admin_ids)}
    are_wanted = dialect.is_one_of(Admin.__table__.c.id, "ids")
    admins = select(Admin).where(are_wanted).order_by(Admin.id).with_for_update(read=True)
    fresh = {"populate_existing": True}
    held = {admin.id: admin for admin in await session.scalars(admins, wanted, execution_options=fresh)}
    if not held:
        return {}
    never = exists(
        select(AdminRole.admin_id)
        .join(Role, Role.id == AdminRole.role_id)
        .where(AdminRole.admin_id == Admin.id, Role.never_holds_book)
    )
    offices = select(Admin.id, Office, never).join(Office, Office.id == Admin.office_id).where(are_wanted)
    found = await session.execute(offices.order_by(Office.id).with_for_update(read=True, of=Office), wanted)
    return {key: Manager(held[key], office, never_holds_book) for key, office, never_holds_book in found}


async def open_assignments(
    session: AsyncSession, dialect: Dialect, customer_ids: Collection[UUID]
) -> dict[UUID, OpenAssignment]:
    """The present assignments of locked customers, by customer."""
    are_theirs = dialect.is_one_of(_assignments.c.customer_id, "ids")
    columns = (_assignments.c[name] for name in OpenAssignment._fields)
    current = select(*columns).where(are_theirs, _assignments.c.ended_at.is_(None))
    rows = await session.execute(current, {"ids": list(customer_ids)})
    return {one.customer_id: one for one in map(OpenAssignment._make, rows)}


async def held_customers(session: AsyncSession, dialect: Dialect, ids: Sequence[UUID]) -> dict[UUID, HeldCustomer]:
    """Lock these customers, in the order of their IDs."""
    are_theirs = dialect.is_one_of(_customers.c.id, "ids")
    columns = (_customers.c[name] for name in HeldCustomer._fields)
    locked = select(*columns).where(are_theirs).order_by(_customers.c.id).with_for_update()
    return {one.id: one for one in map(HeldCustomer._make, await session.execute(locked, {"ids": ids}))}


def customer_refusals(
    viewer: AdminViewer, customer: Anyone | None, expected_version: int | None = None
) -> Iterator[Refusal]:
    """Why this viewer can't give this customer another account manager; None for one whom they don't see."""
    if customer is None:
        yield rules.CUSTOMER_NOT_FOUND
    if customer is None or not may_assign(viewer, customer):
        if Permission.CUSTOMER_ASSIGN not in viewer.permissions or customer is not None:
            yield rules.FORBIDDEN
        return
    yield from rules.customer_refusals(customer.status, customer.version, expected_version)


def may_assign(viewer: AdminViewer, customer: Anyone) -> bool:
    """Whether it is for this viewer to say who looks after the customer."""
    return may_change(viewer.permissions, access_to(viewer, customer), Permission.CUSTOMER_ASSIGN)


def manager_refusals(
    viewer: AdminViewer, manager: Manager | None, allowed: frozenset[UUID] | None
) -> Iterator[Refusal]:
    """Why nobody can be given to this admin; None for one who isn't there. `allowed` None allows every office."""
    if Permission.CUSTOMER_ASSIGN not in viewer.permissions:
        return  # an admin's status and roles are not for everyone
    if manager is None:
        yield rules.ADMIN_NOT_FOUND
        return
    yield from rules.candidate_refusals(manager.candidate, allowed)


async def write_moves(
    session: AsyncSession,
    dialect: Dialect,
    actor: Actor,
    moves: Sequence[Move],
    reason: str | None,
    job_id: UUID | None = None,
) -> list[UUID]:
    """Close the open assignments and open the next at the same moments, so that histories are chains without gaps.

    Customers' versions, audit events and the customers' mails are of the same transaction: a statement a table, however
    many they are. Answers the ID of the assignment that has begun for each, or ended where nobody follows.
    """
    moments = [_moment(move) for move in moves]
    # Open spans end before the next ones begin: the index of open spans takes one a customer.
    ended = [(at, move.current.id) for move, at in zip(moves, moments, strict=True) if move.current]
    await dialect.update_many(session, _assignments, ("ended_at",), ("id",), ended)
    told = [_write(session, actor, move, at, reason, job_id) for move, at in zip(moves, moments, strict=True)]
    changed = [_changed(move, at) for move, at in zip(moves, moments, strict=True)]
    await dialect.update_many(session, _customers, _CHANGED, ("id",), changed)
    return told


def _moment(move: Move) -> datetime:
    """When it changes. After an assignment that ended by itself comes none that began before that; a clock that was set
    back breaks no chain, nor its order.
    """
    follows = move.current is not None and move.manager is not None
    earliest = now() if follows else max(now(), move.customer.updated_at)
    return earliest if move.current is None else max(earliest, move.current.started_at + LEAST_SPAN)


def _changed(move: Move, moment: datetime) -> tuple[Any, ...]:
    """The customer's new values of _CHANGED, with the ID; a record has them from now on, too."""
    customer, manager = move.customer, move.manager
    values = (None if manager is None else manager.admin.id, customer.version + 1, moment, moment)
    if isinstance(customer, Customer):
        for name, value in zip(_CHANGED, values, strict=True):
            set_committed_value(customer, name, value)
    return (*values, customer.id)


def _write(
    session: AsyncSession, actor: Actor, move: Move, moment: datetime, reason: str | None, job_id: UUID | None
) -> UUID:
    customer, manager = move.customer, move.manager
    previous_id = customer.account_manager_id
    if manager is not None:
        told = new_id()
        begun = {
            "id": told,
            "customer_id": customer.id,
            "admin_id": manager.admin.id,
            "assigned_by_id": actor.id,
            "reason": reason,
            "started_at": moment,
            "job_id": job_id,
        }
        append(session, Assignment, begun)
    elif move.current is not None:
        told = move.current.id
    else:
        raise RuntimeError(f"customer {customer.id} has no account manager, and shall have none")
    audit.record(
        session,
        actor,
        "customer.account_manager_assigned" if manager else "customer.account_manager_unassigned",
        subject_kind="customer",
        subject_id=customer.id,
        details={
            "before": {"account_manager_id": str(previous_id) if previous_id else None},
            "after": {"account_manager_id": str(manager.admin.id) if manager else None},
            "assignment_id": str(told),
            "reason": reason,
        }
        | ({"job_id": str(job_id)} if job_id else {}),
    )
    return told


def tell_of_move(session: AsyncSession, move: Move, told: UUID, office: Office | None = None) -> None:
    """One mail: who looks after them now. Where nobody does, `office` is who they turn to.

    A customer whose record was put away is told nothing.
    """
    previous_name = None if move.previous is None else move.previous.name
    if move.customer.status is CustomerStatus.ARCHIVED:
        return
    if move.manager is not None:
        template = "account_manager_assigned_customer"
        payload: dict[str, Any] = {
            "customer_name": move.customer.name,
            "manager_name": move.manager.admin.name,
            "manager_email": move.manager.admin.email,
            "manager_phone": move.manager.admin.phone,
            "manager_office": move.manager.office.name,
            "previous_manager_name": previous_name,
        }
    else:
        template = "account_manager_unassigned_customer"
        payload = {
            "customer_name": move.customer.name,
            "manager_name": previous_name,
            "office": None if office is None else office.name,
        }
    tell_customer(session, move.customer, template=template, subject_id=told, payload=payload)
