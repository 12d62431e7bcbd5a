"""Who should hand which customers to whom, as a question of a client and as an answer to it."""

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from gql.context import Context
from gql.domain import rebalancing as rules
from gql.domain.back_office import normal_tag
from gql.domain.errors import BadUserInput, Forbidden
from gql.domain.ids import Kind, parse_id_of
from gql.domain.money import Money
from gql.domain.rebalancing import BalanceBy, Move, imbalance
from gql.domain.roles import Permission
from gql.resolvers.arguments import Arguments
from gql.services.rebalancing import Proposal, ProposeRebalance, propose_rebalance

_MOST_TAGS = 20
_CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Load:
    """How much it is: customers, money, or both."""

    customers: int | None
    amount: Money | None


@dataclass(frozen=True, slots=True)
class ManagerLoad:
    """An account manager's book, now and then."""

    admin_id: UUID
    before: Load
    after: Load
    seen_customers: int
    movable_customers: int
    in_band: bool


@dataclass(frozen=True, slots=True)
class ProposedMove:
    """One move, with what people call the customer; None where the viewer has lost sight of them meanwhile."""

    move: Move
    number: str | None
    display_name: str | None
    amount: Money | None


@dataclass(frozen=True, slots=True)
class RebalanceProposal:
    """The answer."""

    proposal: Proposal
    moves: list[ProposedMove]
    loads: list[ManagerLoad]
    lowest: Load
    highest: Load
    imbalance_before: Load
    imbalance_after: Load

    @property
    def is_balanced(self) -> bool:
        """Whether everybody would be in the band."""
        return all(one.in_band for one in self.loads)

    @property
    def limit_reached(self) -> bool:
        """Whether more moves might have helped than were asked for."""
        return not self.is_balanced and len(self.moves) >= self.proposal.maximum_moves

    @property
    def is_proven_fewest(self) -> bool:
        """Whether no plan does as well with fewer."""
        return len(self.moves) == self.proposal.lower_bound


async def propose(
    context: Context, office_id: str, balance_by: BalanceBy, given: Arguments
) -> RebalanceProposal | None:
    """Work a proposal out. Raises Forbidden and BadUserInput; None where there is no such office."""
    if not context.admin.may(Permission.WORKLOAD_READ):
        raise Forbidden(f"Your roles don't include the permission {Permission.WORKLOAD_READ.value}.")
    wish = _wish(parse_id_of(Kind.OFFICE, office_id), balance_by, given)
    scope = context.application.settings.assignment_scope
    found = await propose_rebalance(context.database, context.admin, wish, scope)
    return None if found is None else await _answer(context, found)


def _wish(office_id: UUID, balance_by: BalanceBy, given: Arguments) -> ProposeRebalance:
    if given.get("currency") is not None and balance_by is BalanceBy.COUNT:
        raise BadUserInput("`currency` is for money. Leave it out, or balance by OUTSTANDING or ARREARS.")
    optional: dict[str, Any] = {
        "include_subtree": given.get("include_subtree"),
        "admin_ids": _ids(Kind.ADMIN, given, "admin_ids", "adminIds", rules.MOST_MANAGERS),
        "do_not_move": _ids(Kind.CUSTOMER, given, "do_not_move", "doNotMove", rules.MOST_MOVES),
        "do_not_move_tags": _tags(given),
        "maximum_customers": _number(given, "maximum_customers", "maximumCustomers", 1, rules.MOST_CUSTOMERS),
        "maximum_moves": _number(given, "maximum_moves", "maximumMoves", 1, rules.MOST_MOVES),
        "tolerance_percent": _number(given, "tolerance_percent", "tolerancePercent", 0, 100),
        "currency": _currency(given),
    }
    asked = {name: value for name, value in optional.items() if value is not None}
    return ProposeRebalance(office_id=office_id, balance_by=balance_by, **asked)


def _ids(kind: Kind, given: Arguments, name: str, shown: str, most: int) -> frozenset[UUID] | None:
    ids = given.get(name)
    if ids is None:
        return None
    if len(ids) > most:
        raise BadUserInput(f"`{shown}` has {len(ids):,} entries; at most {most:,} are allowed.")
    return frozenset(parse_id_of(kind, one) for one in ids)


def _tags(given: Arguments) -> frozenset[str] | None:
    tags = given.get("do_not_move_tags")
    if tags is None:
        return None
    if len(tags) > _MOST_TAGS:
        raise BadUserInput(f"`doNotMoveTags` has {len(tags)} entries; at most {_MOST_TAGS} are allowed.")
    return frozenset(normal_tag(tag) for tag in tags)


def _number(given: Arguments, name: str, shown: str, least: int, most: int) -> int | None:
    number: int | None = given.get(name)
    if number is not None and not least <= number <= most:
        raise BadUserInput(f"`{shown}` is between {least:,} and {most:,}.")
    return number


def _currency(given: Arguments) -> str | None:
    currency: str | None = given.get("currency")
    if currency is not None and not (len(currency) == _CURRENCY_LETTERS and currency.isascii() and currency.isupper()):
        raise BadUserInput("`currency` is an ISO 4217 code of three capital letters, such as NGN.")
    return currency


async def _answer(context: Context, found: Proposal) -> RebalanceProposal:
    rows = await context.loaders.batch("customer", None, [move.customer_id for move in found.plan.moves])
    money = partial(_money, found)
    load = partial(_load, found)
    return RebalanceProposal(
        proposal=found,
        moves=[
            ProposedMove(move, row and row.number, row and row.name, money(move.weight))
            for move, row in zip(found.plan.moves, rows, strict=True)
        ],
        loads=[
            ManagerLoad(
                admin_id=one.admin_id,
                before=Load(one.customers, money(one.load)),
                after=Load(after.customers, money(after.load)),
                seen_customers=found.seen[one.admin_id],
                movable_customers=found.movable[one.admin_id],
                in_band=not found.band.outside(after.load)
                and (found.most_customers is None or after.customers <= found.most_customers),
            )
            for one in found.holders
            for after in (found.plan.after[one.admin_id],)
        ],
        lowest=load(found.band.lowest),
        highest=load(found.band.highest),
        imbalance_before=load(imbalance((one.load for one in found.holders), found.band)),
        imbalance_after=load(imbalance((one.load for one in found.plan.after.values()), found.band)),
    )


def _money(found: Proposal, minor: int) -> Money | None:
    return None if found.currency is None else Money(minor, found.currency)


def _load(found: Proposal, number: int) -> Load:
    """A number by which is balanced."""
    return Load(number if found.balance_by is BalanceBy.COUNT else None, _money(found, number))
