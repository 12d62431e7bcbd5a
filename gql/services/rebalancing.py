"""Propose who should hand which customers to whom. Reads only; `reassignBook` does it.

A load by COUNT is the whole book, as `bookSize` is. By money it is what those owe whom the viewer sees in full: what
others owe is not theirs to know, and they are told how many customers were counted.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from gql.db.engine import AnyRow, Database
from gql.db.queries.customers import book_sizes
from gql.db.queries.loans import balances_of
from gql.db.queries.office_tree import office_parents
from gql.db.queries.rebalancing import assignable_of, books_in_full
from gql.db.rows import BalanceRow
from gql.domain import rebalancing as rules
from gql.domain.enums import CustomerStatus
from gql.domain.errors import BadUserInput
from gql.domain.rebalancing import BalanceBy, Band, Holder, Limits, Movable, Plan
from gql.domain.rebalancing_bounds import fewest_moves
from gql.domain.rebalancing_moves import plan_moves
from gql.domain.viewer import AdminViewer
from gql.services.assignments import AssignmentScope


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRebalance:
    """The question. `admin_ids` None: all account managers of the office."""

    office_id: UUID
    balance_by: BalanceBy
    include_subtree: bool = False
    admin_ids: frozenset[UUID] | None = None
    do_not_move: frozenset[UUID] = frozenset()
    do_not_move_tags: frozenset[str] = field(default=frozenset({rules.DO_NOT_MOVE}))
    maximum_customers: int | None = None
    maximum_moves: int = rules.MOST_MOVES
    tolerance_percent: int = rules.USUAL_TOLERANCE
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The answer: loads are of customers, or of minor units of `currency`."""

    balance_by: BalanceBy
    currency: str | None
    band: Band
    holders: tuple[Holder, ...]
    plan: Plan
    lower_bound: int
    seen: Counter[UUID]
    """Of each manager, how many customers the viewer sees in full."""
    movable: Counter[UUID]
    maximum_moves: int
    most_customers: int | None


async def propose_rebalance(
    database: Database, viewer: AdminViewer, wish: ProposeRebalance, scope: AssignmentScope
) -> Proposal | None:
    """Work it out; None where there is no such office. Raises BadUserInput where nothing can be worked out.

    The working out is done in a thread: nobody else waits for it.
    """
    parents = await office_parents(database)
    if wish.office_id not in parents:
        return None
    offices = _beneath(wish.office_id, parents) if wish.include_subtree else frozenset({wish.office_id})
    managers = await _managers(database, viewer, wish, offices, scope)
    sizes = await book_sizes(database, list(managers))
    if sum(sizes) > rules.MOST_CUSTOMERS:
        raise BadUserInput(
            f"These account managers have {sum(sizes):,} customers; at most {rules.MOST_CUSTOMERS:,} can be balanced "
            "at once. Name fewer of them in `adminIds`, or a smaller office."
        )
    rows = await books_in_full(database, viewer.access, list(managers), wish.do_not_move_tags)
    weights, currency = await _weights(database, rows, wish)
    counted = Counter[UUID]()
    for row in rows:
        counted[row.account_manager_id] += weights[row.id]
    holders = tuple(
        Holder(
            key, size if wish.balance_by is BalanceBy.COUNT else counted[key], size, _takes_from(office, parents, scope)
        )
        for (key, office), size in zip(managers.items(), sizes, strict=True)
    )
    movable = [
        Movable(row.id, row.account_manager_id, row.office_id, weights[row.id])
        for row in rows
        if _may_move(row, wish, offices)
    ]
    return await asyncio.to_thread(_work_out, wish, currency, holders, movable, Counter(row[2] for row in rows))


def _work_out(
    wish: ProposeRebalance,
    currency: str | None,
    holders: tuple[Holder, ...],
    movable: Sequence[Movable],
    seen: Counter[UUID],
) -> Proposal:
    band = rules.band_round_mean([one.load for one in holders], wish.tolerance_percent)
    most = wish.maximum_customers
    if most is not None and wish.balance_by is BalanceBy.COUNT:
        band = Band(min(band.lowest, most), min(band.highest, most))
        limits = Limits(wish.maximum_moves)  # the band is the cap
    else:
        limits = Limits(wish.maximum_moves, most)
    plan = plan_moves(holders, movable, band, limits)
    return Proposal(
        balance_by=wish.balance_by,
        currency=currency,
        band=band,
        holders=holders,
        plan=plan,
        lower_bound=fewest_moves(holders, movable, band, limits, plan.after),
        seen=seen,
        movable=Counter(customer.admin_id for customer in movable),
        maximum_moves=wish.maximum_moves,
        most_customers=most,
    )


async def _managers(
    database: Database,
    viewer: AdminViewer,
    wish: ProposeRebalance,
    offices: frozenset[UUID],
    scope: AssignmentScope,
) -> dict[UUID, UUID]:
    """Who takes part, and where each works: whom `assignAccountManager` would take now."""
    found = await assignable_of(database, offices)
    if scope == "assigner":
        found = {key: office for key, office in found.items() if viewer.access.unassigned.of(office).is_full}
    if wish.admin_ids is not None:
        if not wish.admin_ids <= found.keys():
            raise BadUserInput(
                "`adminIds` names somebody who can't be account manager here. Pick from `assignableManagers` of the "
                "office; for offices beneath it, set `includeSubtree`."
            )
        found = {key: office for key, office in found.items() if key in wish.admin_ids}
    if len(found) < 2:
        raise BadUserInput("There are no two account managers to balance between. Name another office.")
    if len(found) > rules.MOST_MANAGERS:
        raise BadUserInput(
            f"There are {len(found):,} account managers; at most {rules.MOST_MANAGERS} can be balanced at once. "
            "Name some in `adminIds`, or a smaller office."
        )
    return found


async def _weights(
    database: Database, rows: Sequence[AnyRow], wish: ProposeRebalance
) -> tuple[dict[UUID, int], str | None]:
    """What each customer weighs, as `loansSummary` says; and in which currency."""
    if wish.balance_by is BalanceBy.COUNT:
        return {row.id: 1 for row in rows}, None
    found = await balances_of(database, [row.id for row in rows])
    currency = wish.currency or _only_currency(found)
    weights = {row.id: 0 for row in rows}
    for balance in (balance for balances in found for balance in balances if balance.currency == currency):
        is_of_arrears = wish.balance_by is BalanceBy.ARREARS
        weights[balance.customer_id] = balance.arrears_minor if is_of_arrears else balance.outstanding_minor
    return weights, currency


def _only_currency(found: Iterable[Iterable[BalanceRow]]) -> str | None:
    currencies = sorted({balance.currency for balances in found for balance in balances})
    if len(currencies) > 1:
        raise BadUserInput(f"Loans are in {', '.join(currencies)}, which are never added. Name one as `currency`.")
    return currencies[0] if currencies else None


def _may_move(row: AnyRow, wish: ProposeRebalance, offices: frozenset[UUID]) -> bool:
    if row.is_kept or row.id in wish.do_not_move:
        return False
    return row.office_id in offices and row.status is not CustomerStatus.ARCHIVED


def _takes_from(office_id: UUID, parents: dict[UUID, UUID | None], scope: AssignmentScope) -> frozenset[UUID] | None:
    """Of which offices' customers somebody of an office may become account manager: `allowed_offices`, turned round."""
    if scope == "office":
        return frozenset({office_id})
    if scope == "ancestors":
        return _beneath(office_id, parents)
    return None


def _beneath(office_id: UUID, parents: dict[UUID, UUID | None]) -> frozenset[UUID]:
    """An office and all beneath it. Each is looked at once: some fault may have made the tree a ring."""
    found, waiting = {office_id}, [office_id]
    while waiting:
        above = waiting.pop()
        below = [key for key, parent in parents.items() if parent == above and key not in found]
        found.update(below)
        waiting += below
    return frozenset(found)
