"""What `reassignBook` would do: its `dryRun`. By the same rules, of groups of customers who are alike to them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer
from gql.db.queries import job_selection
from gql.db.queries.active_admins import active_accesses
from gql.db.queries.job_selection import Selection
from gql.domain import jobs as rules
from gql.domain.enums import CustomerStatus
from gql.domain.errors import Refused
from gql.domain.jobs import ItemOutcome
from gql.domain.sight import MOST_CHANGES, Shift, SightChange, sight_changes
from gql.domain.viewer import AdminViewer
from gql.services.assigning import ANY, CustomerFacts, Manager, customer_refusals, manager_refusals, managers_of
from gql.services.assignments import AssignmentScope, allowed_offices
from gql.services.reassignments import (
    ReassignBook,
    counted,
    listed_rows,
    matching,
    selection_refusals,
    targets_of,
    wish_refusals,
)

MOST_EXAMPLES: Final = 5
_MOST_LOOKED_UP: Final = 200
"""Groups of which an example is known: of the first in the order of the customers' IDs."""


class _Alike(NamedTuple):
    """Customers whom the rules can't tell apart."""

    office_id: UUID
    account_manager_id: UUID | None
    status: CustomerStatus
    to_admin_id: UUID
    opened_id: UUID | None
    """The customer alone, where the viewer sees them by breaking the glass."""


@dataclass(slots=True)
class RefusedCustomers:
    """How many customers a code would refuse, and some of them."""

    code: str
    customers: int
    example_ids: list[UUID]


@dataclass(frozen=True, slots=True)
class BookChange:
    """An admin's book, before and after."""

    admin_id: UUID
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class ReassignmentPlan:
    """What would come of it, as things are now."""

    customers: int
    outcomes: Counter[ItemOutcome]
    refusals: list[RefusedCustomers]
    books: list[BookChange]
    sight_changes: list[SightChange]
    changed_viewers: int
    """How many admins see other customers than before; `sight_changes` has those of them with the most."""


async def plan_reassignment(
    database: Database, viewer: AdminViewer, wish: ReassignBook, scope: AssignmentScope
) -> ReassignmentPlan:
    """Look at who is meant and decide about each, as the job would; nothing is written.

    Raises Refused (ReassignErrorCode) for what would begin no job.
    """
    async with database.begin() as session:
        refusals = await wish_refusals(session, database.dialect, viewer, wish)
        if refusals:
            raise Refused(*refusals)
        groups = await _groups(session, database.dialect, viewer, wish)
        return await _plan(session, database.dialect, viewer, wish, scope, groups)


class _Group(NamedTuple):
    """How many customers are alike, and by which places or IDs some of them are found."""

    customers: int
    examples: list[UUID]


async def _groups(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, wish: ReassignBook
) -> dict[_Alike, _Group]:
    if wish.criteria is None:
        to = targets_of(wish)
        found: dict[_Alike, list[UUID]] = defaultdict(list)
        for row in await listed_rows(session, dialect, viewer, wish):
            opened_id = row.id if row.id in viewer.access.opened else None
            found[_Alike(row.office_id, row.account_manager_id, row.status, to[row.id], opened_id)].append(row.id)
        return {alike: _Group(len(ids), sorted(ids)[:MOST_EXAMPLES]) for alike, ids in found.items()}
    selection = matching(dialect, viewer, wish)
    return await _matching_groups(session, viewer, wish, selection)


async def _matching_groups(
    session: AsyncSession, viewer: AdminViewer, wish: ReassignBook, selection: Selection | None
) -> dict[_Alike, _Group]:
    """Counted by the database: 100,000 customers are some dozens of groups."""
    customers = 0 if selection is None else await counted(session, selection)
    refusals = selection_refusals(wish, customers)
    if selection is None or refusals:
        raise Refused(*refusals)
    deal = rules.deal(wish.shares, customers)
    shifts = job_selection.shifts(selection, deal, viewer.access.opened)
    rows = (await session.execute(shifts, dict(selection.bound))).all()
    places = sorted(row.first for row in rows)
    first = await session.execute(job_selection.at_places(selection, places[:_MOST_LOOKED_UP]), dict(selection.bound))
    ids = {row.place: row.id for row in first}
    return {
        _Alike(row.office_id, row.account_manager_id, row.status, row.to_admin_id, row.opened_id): _Group(
            row.customers, [ids[row.first]] if row.first in ids else []
        )
        for row in rows
    }


async def _plan(
    session: AsyncSession,
    dialect: Dialect,
    viewer: AdminViewer,
    wish: ReassignBook,
    scope: AssignmentScope,
    groups: dict[_Alike, _Group],
) -> ReassignmentPlan:
    managers = await managers_of(session, dialect, wish.target_ids)
    outcomes: Counter[ItemOutcome] = Counter()
    refused: dict[str, RefusedCustomers] = {}
    shifts: Counter[Shift] = Counter()
    for alike, group in groups.items():
        codes = [*await _codes(session, viewer, alike, managers[alike.to_admin_id], scope)]
        if codes:
            outcomes[ItemOutcome.REFUSED] += group.customers
            _count_refused(refused, codes, group)
        elif alike.account_manager_id == alike.to_admin_id:
            outcomes[ItemOutcome.UNCHANGED] += group.customers
        else:
            outcomes[ItemOutcome.MOVED] += group.customers
            shifts[Shift(alike.office_id, alike.account_manager_id, alike.to_admin_id)] += group.customers
    changes = sorted(
        sight_changes(shifts, await active_accesses(session)), key=lambda one: (-one.customers, one.admin_id)
    )
    return ReassignmentPlan(
        customers=sum(group.customers for group in groups.values()),
        outcomes=outcomes,
        refusals=sorted(refused.values(), key=lambda one: (-one.customers, one.code)),
        books=await book_changes(session, dialect, wish.target_ids, shifts),
        sight_changes=changes[:MOST_CHANGES],
        changed_viewers=len(changes),
    )


async def _codes(
    session: AsyncSession, viewer: AdminViewer, alike: _Alike, manager: Manager, scope: AssignmentScope
) -> Iterator[str]:
    facts = CustomerFacts(alike.account_manager_id, alike.office_id, alike.status, id=alike.opened_id or ANY)
    allowed = await allowed_offices(session, viewer, alike.office_id, manager.office.id, scope)
    refusals = [*customer_refusals(viewer, facts), *manager_refusals(viewer, manager, allowed)]
    return (str(refusal.code) for refusal in refusals)


def _count_refused(refused: dict[str, RefusedCustomers], codes: Sequence[str], group: _Group) -> None:
    for code in codes:
        counted = refused.setdefault(code, RefusedCustomers(code, 0, []))
        counted.customers += group.customers
        counted.example_ids += group.examples[: MOST_EXAMPLES - len(counted.example_ids)]


async def book_changes(
    session: AsyncSession, dialect: Dialect, target_ids: Sequence[UUID], shifts: Counter[Shift]
) -> list[BookChange]:
    """Of the targets in the order in which they are named, and then of those who lose customers, the most first."""
    change: Counter[UUID] = Counter()
    for shift, customers in shifts.items():
        if shift.after is not None:
            change[shift.after] += customers
        if shift.before is not None:
            change[shift.before] -= customers
    losers = sorted(change.keys() - set(target_ids), key=lambda key: (change[key], key))
    ids = [*target_ids, *losers][:MOST_CHANGES]
    columns: Any = Customer.__table__.c
    sizes = select(columns.account_manager_id, func.count()).where(dialect.is_one_of(columns.account_manager_id, "ids"))
    found = (await session.execute(sizes.group_by(columns.account_manager_id), {"ids": ids})).all()
    before = {row[0]: int(row[1]) for row in found}
    return [BookChange(key, before.get(key, 0), before.get(key, 0) + change[key]) for key in ids]
