"""What the peer `strawberry` reads: ORM entities by a session for each batch, as Strawberry's documentation has it."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from strawberry.dataloader import DataLoader

from gql.db.models import (
    Admin,
    AdminRole,
    Assignment,
    Customer,
    Group,
    Loan,
    LoanInstalment,
    Membership,
    Office,
    Role,
)
from gql.domain.time import today

Sessions = async_sessionmaker[AsyncSession]
Entity = TypeVar("Entity", Admin, Group, Office)


@dataclass(slots=True)
class LoanAndOverdue:
    """A loan, and what is overdue of it in minor units."""

    loan: Loan
    overdue: int


class Loaders:
    """Those of one request."""

    def __init__(self, sessions: Sessions) -> None:
        self.offices: DataLoader[UUID, Office] = DataLoader(load_fn=_by_id(sessions, Office))
        self.admins: DataLoader[UUID, Admin] = DataLoader(load_fn=_by_id(sessions, Admin))
        self.groups: DataLoader[UUID, Group] = DataLoader(load_fn=_by_id(sessions, Group))
        self.memberships: DataLoader[UUID, list[Membership]] = DataLoader(load_fn=_below(sessions, _memberships))
        self.assignments: DataLoader[UUID, list[Assignment]] = DataLoader(load_fn=_below(sessions, _assignments))
        self.loans: DataLoader[UUID, list[LoanAndOverdue]] = DataLoader(load_fn=_loans(sessions))
        self.roles: DataLoader[UUID, list[Role]] = DataLoader(load_fn=_roles(sessions))
        self.book_sizes: DataLoader[UUID, int] = DataLoader(load_fn=_book_sizes(sessions))


def _by_id(sessions: Sessions, entity: type[Entity]) -> Callable[[list[UUID]], Awaitable[Sequence[Entity]]]:
    async def load(keys: list[UUID]) -> Sequence[Entity]:
        async with sessions() as session:
            found = {one.id: one for one in await session.scalars(select(entity).where(entity.id.in_(keys)))}
        return [found[key] for key in keys]

    return load


def _below(sessions: Sessions, statement: Callable[[list[UUID]], Select[Any]]) -> Any:
    async def load(keys: list[UUID]) -> Sequence[list[Any]]:
        found: defaultdict[UUID, list[Any]] = defaultdict(list)
        async with sessions() as session:
            for one in await session.scalars(statement(keys)):
                found[one.customer_id].append(one)
        return [found[key] for key in keys]

    return load


def _memberships(customers: list[UUID]) -> Select[Any]:
    wanted = select(Membership).where(Membership.customer_id.in_(customers), Membership.until.is_(None))
    return wanted.order_by(Membership.since.desc(), Membership.id.desc())


def _assignments(customers: list[UUID]) -> Select[Any]:
    wanted = select(Assignment).where(Assignment.customer_id.in_(customers))
    return wanted.order_by(Assignment.started_at.desc(), Assignment.id.desc())


def _loans(sessions: Sessions) -> Any:
    async def load(keys: list[UUID]) -> Sequence[list[LoanAndOverdue]]:
        overdue = (
            select(func.coalesce(func.sum(LoanInstalment.due_minor - LoanInstalment.paid_minor), 0))
            .where(
                LoanInstalment.loan_id == Loan.id,
                LoanInstalment.due_on < today(),
                LoanInstalment.paid_minor < LoanInstalment.due_minor,
            )
            .scalar_subquery()
        )
        wanted = select(Loan, overdue).where(Loan.customer_id.in_(keys))
        found: defaultdict[UUID, list[LoanAndOverdue]] = defaultdict(list)
        async with sessions() as session:
            for loan, minor in await session.execute(wanted.order_by(Loan.disbursed_at.desc(), Loan.id.desc())):
                found[loan.customer_id].append(LoanAndOverdue(loan, int(minor)))
        return [found[key] for key in keys]

    return load


def _roles(sessions: Sessions) -> Any:
    async def load(keys: list[UUID]) -> Sequence[list[Role]]:
        wanted = select(AdminRole.admin_id, Role).join(Role, Role.id == AdminRole.role_id)
        found: defaultdict[UUID, list[Role]] = defaultdict(list)
        async with sessions() as session:
            for admin, role in await session.execute(wanted.where(AdminRole.admin_id.in_(keys)).order_by(Role.name)):
                found[admin].append(role)
        return [found[key] for key in keys]

    return load


def _book_sizes(sessions: Sessions) -> Any:
    async def load(keys: list[UUID]) -> Sequence[int]:
        counted = select(Customer.account_manager_id, func.count()).where(Customer.account_manager_id.in_(keys))
        async with sessions() as session:
            rows = (await session.execute(counted.group_by(Customer.account_manager_id))).all()
        found = {row[0]: row[1] for row in rows}
        return [found.get(key, 0) for key in keys]

    return load


@dataclass(frozen=True, slots=True)
class Scope:
    """The viewer, and the offices whose customers they see; beside these, they see their own book."""

    viewer: UUID
    offices: tuple[UUID, ...]

    def sees(self) -> Any:
        """As a predicate on customers."""
        return or_(Customer.office_id.in_(self.offices), Customer.account_manager_id == self.viewer)


async def scope_of(sessions: Sessions, viewer: UUID) -> Scope:
    """The scope of an admin who sees an office and those beneath it."""
    beneath = select(Admin.office_id.label("id")).where(Admin.id == viewer).cte("beneath", recursive=True)
    beneath = beneath.union(select(Office.id).where(Office.parent_id == beneath.c.id))
    async with sessions() as session:
        return Scope(viewer, tuple(await session.scalars(select(beneath.c.id))))


async def customers_seen(sessions: Sessions, scope: Scope, limit: int) -> Sequence[Customer]:
    """The first customers by name."""
    wanted = select(Customer).where(scope.sees()).order_by(Customer.name, Customer.id).limit(limit)
    async with sessions() as session:
        return (await session.scalars(wanted)).all()


async def customer_seen(sessions: Sessions, scope: Scope, key: UUID) -> Customer | None:
    """One customer; None where the viewer doesn't see them."""
    async with sessions() as session:
        found: Customer | None = await session.scalar(select(Customer).where(and_(Customer.id == key, scope.sees())))
        return found


async def members_seen(sessions: Sessions, scope: Scope, group: UUID, limit: int) -> Sequence[Any]:
    """The newest members of a group, with their memberships."""
    wanted = (
        select(Membership, Customer)
        .join(Customer, Customer.id == Membership.customer_id)
        .where(Membership.group_id == group, Membership.until.is_(None), scope.sees())
        .order_by(Membership.since.desc(), Membership.id.desc())
    )
    async with sessions() as session:
        return (await session.execute(wanted.limit(limit))).all()
