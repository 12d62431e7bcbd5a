"""Who takes over what from a team member who leaves, and what that changes for others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import Admin, Customer, Office, ScheduledAssignment
from gql.db.queries.active_admins import active_accesses
from gql.db.queries.admins import assignable
from gql.domain import hand_overs as rules
from gql.domain import jobs
from gql.domain.errors import Refusal, Refused
from gql.domain.hand_overs import HandOverErrorCode, Helper, Ward
from gql.domain.jobs import Share
from gql.domain.sight import MOST_CHANGES, Shift, SightChange, sight_changes
from gql.domain.viewer import AdminViewer
from gql.services.assigning import Manager, Move, manager_refusals, managers_of, may_assign
from gql.services.assignments import AssignmentScope, allowed_offices
from gql.services.leaving import Leaving
from gql.services.reassignment_plans import BookChange, book_changes
from gql.services.reassignments import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """The wish: this team member leaves, and others take over; by `shares`, by office (neither of both), or by `moves`.

    `moves` name each customer of the book, but for those who are archived, and each who is to come to it.
    """

    admin_id: UUID
    reason: str
    shares: tuple[Share, ...] = ()
    moves: tuple[Pair, ...] = ()
    idempotency_key: str | None = None

    @property
    def target_ids(self) -> tuple[UUID, ...]:
        """Those who are named, each once, in their order."""
        return tuple(dict.fromkeys([share.admin_id for share in self.shares] + [pair.admin_id for pair in self.moves]))


@dataclass(frozen=True, slots=True)
class Succession:
    """Who takes over: `successors` by customer, of those who need somebody and who were to come."""

    leaving: Leaving
    successors: Mapping[UUID, UUID]
    managers: Mapping[UUID, Manager]

    @property
    def moves(self) -> list[Move]:
        """Of the book, by the customers' IDs."""
        leaving = self.leaving
        return [
            Move(
                one, leaving.current.get(one.id), leaving.admin, self.managers.get(self.successors.get(one.id, one.id))
            )
            for one in leaving.book
        ]

    def follows(self, scheduled: ScheduledAssignment, customer: Customer) -> Manager | None:
        """Who follows instead of the leaver in what was scheduled; None where it is called off, there being no need."""
        successor = self.successors.get(customer.id)
        after = successor if customer.account_manager_id == self.leaving.admin.id else customer.account_manager_id
        return None if successor in (None, after) else self.managers[successor]


async def helpers_of(session: AsyncSession, admin_id: UUID) -> dict[UUID, list[Helper]]:
    """Who could take over by office: everybody else who can be made account manager, by the offices they work in."""
    sizes = select(Customer.account_manager_id, func.count().label("size")).group_by(Customer.account_manager_id)
    books = sizes.subquery("books")
    columns = select(Admin.id, Admin.office_id, func.coalesce(books.c.size, 0).label("size"))
    able = columns.outerjoin(books, books.c.account_manager_id == Admin.id).where(*assignable(), Admin.id != admin_id)
    found: dict[UUID, list[Helper]] = {}
    for row in await session.execute(able.order_by(Admin.id)):
        found.setdefault(row.office_id, []).append(Helper(row.id, row.size))
    return found


async def succession(
    session: AsyncSession,
    dialect: Dialect,
    viewer: AdminViewer,
    wish: HandOver,
    leaving: Leaving,
    helpers: Mapping[UUID, Sequence[Helper]],
    scope: AssignmentScope,
) -> Succession:
    """Decide who gets whom. Raises Refused (HandOverErrorCode): all or nothing."""
    unseen = sum(not may_assign(viewer, one) for one in leaving.concerned.values())
    if unseen:
        raise Refused(rules.not_in_sight(unseen))
    successors, refusals = await _successors(session, wish, leaving, helpers)
    managers = await managers_of(session, dialect, {*wish.target_ids, *successors.values()})
    refusals += _target_refusals(viewer, wish, managers)
    refusals += await _scope_refusals(session, viewer, wish, leaving, successors, managers, scope)
    if refusals:
        raise Refused(*refusals)
    return Succession(leaving, successors, managers)


async def _successors(
    session: AsyncSession, wish: HandOver, leaving: Leaving, helpers: Mapping[UUID, Sequence[Helper]]
) -> tuple[dict[UUID, UUID], list[Refusal]]:
    """Who gets whom, as far as that can be said; and why it isn't said of everybody."""
    wards, to_come = leaving.wards, leaving.to_come
    if wish.moves:
        given = {pair.customer_id: pair.admin_id for pair in wish.moves}
        return given, [*rules.moves_refusals([one.id for one in (*wards, *to_come)], given)]
    if wish.shares:
        mismatch = [
            Refusal(HandOverErrorCode.COUNT_MISMATCH, one.message, one.field, one.facts)
            for one in jobs.count_refusals(wish.shares, len(wards))
        ]
        if mismatch:
            return {}, mismatch
        # Counts are of the book; who was to come is dealt in the same proportion.
        alike = [Share(share.admin_id, weight=share.weight or share.count) for share in wish.shares]
        return _dealt(wish.shares, wards) | _dealt(alike, to_come), []
    offices = {row.id: row for row in await session.execute(select(Office.id, Office.parent_id, Office.name))}
    parents = {key: row.parent_id for key, row in offices.items()}
    dealt, left = rules.deal_by_office([Ward(one.id, one.office_id) for one in (*wards, *to_come)], parents, helpers)
    names = sorted(offices[key].name for key in left)
    return dealt, [rules.no_successor(left.total(), names)] if left else []


def _dealt(shares: Sequence[Share], customers: Sequence[Customer]) -> dict[UUID, UUID]:
    if not customers:
        return {}
    deal = jobs.deal(shares, len(customers))
    return {one.id: deal.admin_at(place) for place, one in enumerate(customers)}


def _target_refusals(viewer: AdminViewer, wish: HandOver, managers: Mapping[UUID, Manager]) -> list[Refusal]:
    def path(place: int) -> tuple[str, ...]:
        return ("to", str(place), "adminId") if wish.shares else _path(wish)

    return [
        Refusal(HandOverErrorCode(refusal.code.value), refusal.message, path(place))
        for place, admin_id in enumerate(wish.target_ids or managers)
        for refusal in manager_refusals(viewer, managers.get(admin_id), None)
    ]


def _path(wish: HandOver) -> tuple[str, ...]:
    """What says who takes over."""
    return ("moves",) if wish.moves else ("to",) if wish.shares else rules.BY_OFFICE


async def _scope_refusals(
    session: AsyncSession,
    viewer: AdminViewer,
    wish: HandOver,
    leaving: Leaving,
    successors: Mapping[UUID, UUID],
    managers: Mapping[UUID, Manager],
    scope: AssignmentScope,
) -> list[Refusal]:
    concerned = leaving.concerned
    pairs = Counter(
        (concerned[key].office_id, managers[admin_id].office.id)
        for key, admin_id in successors.items()
        if key in concerned and admin_id in managers
    )
    outside = 0
    for (office_id, theirs), customers in pairs.items():
        allowed = await allowed_offices(session, viewer, office_id, theirs, scope)
        outside += customers if allowed is not None and theirs not in allowed else 0
    return [rules.outside_scope(outside, _path(wish))] if outside else []


@dataclass(frozen=True, slots=True)
class HandOverPlan:
    """What a hand-over would change for others."""

    books: list[BookChange]
    sight_changes: list[SightChange]
    changed_viewers: int


async def look_ahead(session: AsyncSession, dialect: Dialect, wish: HandOver, done: Succession) -> HandOverPlan:
    """Books, and who gains and loses sight: the leaver loses all of the book, and signs in no more."""
    leaver = done.leaving.admin
    shifts: Counter[Shift] = Counter()
    for one in done.leaving.book:
        shifts[Shift(one.office_id, leaver.id, done.successors.get(one.id))] += 1
    accesses = await active_accesses(session)
    changes = list(sight_changes(shifts, [access for access in accesses if access.admin_id != leaver.id]))
    if shifts and any(access.admin_id == leaver.id for access in accesses):
        changes.append(SightChange(leaver.id, loses_all=shifts.total()))
    changes.sort(key=lambda one: (-one.customers, one.admin_id))
    targets = wish.target_ids or tuple(sorted(set(done.successors.values())))
    books = await book_changes(session, dialect, targets, shifts)
    return HandOverPlan(books, changes[:MOST_CHANGES], len(changes))
