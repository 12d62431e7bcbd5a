"""Decide about members who are proposed to be removed: `decideProposedRemovals`.

Locks are taken in the order customers (by ID) → group, as everywhere; who holds the group has its proposals to himself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import many_appended
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer, Group, Membership, ProposedRemoval
from gql.domain import proposed_removals as rules
from gql.domain.criteria_json import parse
from gql.domain.errors import Refused
from gql.domain.groups import GroupWarning, GroupWarningCode, minimum_warnings
from gql.domain.proposed_removals import DECIDED, KEPT_FOR, Decision, DriftErrorCode, ProposalOutcome, ProposalStatus
from gql.domain.roles import Permission
from gql.domain.time import now, today
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.criteria_facts import criteria_facts_of
from gql.services.customer_records import access_to
from gql.services.idempotency import Once
from gql.services.membership_removals import end_membership
from gql.services.memberships import visible_group

_p: Any = ProposedRemoval.__table__.c
_c: Any = Customer.__table__.c


@dataclass(frozen=True, slots=True)
class DecideRemovals:
    """The wish: these proposals of a group, all alike."""

    group_id: UUID
    proposal_ids: tuple[UUID, ...]
    decision: Decision
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of each proposal, in the order in which they were named."""

    group_id: UUID
    outcomes: Sequence[tuple[UUID, ProposalOutcome]]
    warnings: Sequence[GroupWarning] = ()
    replayed: bool = False

    @property
    def changed(self) -> bool:
        """Whether anything was decided."""
        return any(outcome in DECIDED for _, outcome in self.outcomes)


class _Held(NamedTuple):
    """A customer as far as the rules ask."""

    id: UUID
    status: Any
    office_id: UUID
    account_manager_id: UUID | None
    tier: Any
    oldest_unpaid_due_on: Any
    created_at: Any


_HELD = select(*(_c[name] for name in _Held._fields)).order_by(_c.id)


@dataclass(slots=True)
class _Case:
    """What is at hand once all is held."""

    session: AsyncSession
    actor: Actor
    wish: DecideRemovals
    group: Group
    proposals: Mapping[UUID, ProposedRemoval]
    memberships: Mapping[UUID, Membership]
    fitting: frozenset[UUID] = field(default_factory=frozenset)
    """Customers who meet the group's rule now."""


async def decide_removals(database: Database, actor: Actor, viewer: AdminViewer, wish: DecideRemovals) -> Decided:
    """Remove the members, or keep them for a reason; each by itself, as far as there is still something to decide.

    Raises Refused (DriftErrorCode) where nothing at all can be decided, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "decideProposedRemovals", wish.idempotency_key, DriftErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            told = [(UUID(key), ProposalOutcome(outcome)) for key, outcome in earlier["outcomes"]]
            warnings = [GroupWarning(GroupWarningCode(w["code"]), w["message"]) for w in earlier["warnings"]]
            return Decided(wish.group_id, told, warnings, replayed=True)
        may_decide = viewer.may(Permission.GROUP_MEMBERS_WRITE)
        customers = await _held(session, database.dialect, viewer, wish) if may_decide else {}
        group = await visible_group(session, viewer, wish.group_id)
        refusals = [] if group is not None else [rules.GROUP_NOT_FOUND]
        if not may_decide:
            refusals.append(rules.FORBIDDEN)
        if refusals or group is None:
            raise Refused(*refusals)
        case = await _case(session, database.dialect, actor, wish, group, customers)
        async with many_appended(session, database.dialect):
            outcomes = [(key, _decide(case, key)) for key in wish.proposal_ids]
            await session.flush()
        warnings = minimum_warnings(group.member_count, group.minimum_members)
        answer: dict[str, Any] = {"outcomes": [[str(key), outcome.value] for key, outcome in outcomes]}
        await once.keep(answer | {"warnings": [{"code": w.code, "message": w.message} for w in warnings]})
        return Decided(group.id, outcomes, warnings)


async def _held(
    session: AsyncSession, dialect: Dialect, viewer: AdminViewer, wish: DecideRemovals
) -> dict[UUID, _Held]:
    """The customers whom it is about and whom the viewer sees, locked: who isn't visible is not waited for."""
    of_group = (dialect.is_one_of(_p.id, "ids"), _p.group_id == wish.group_id)
    whose = select(_c.id, _c.account_manager_id, _c.office_id).join_from(
        Customer, ProposedRemoval, _p.customer_id == _c.id
    )
    rows = await session.execute(whose.where(*of_group), {"ids": list(wish.proposal_ids)})
    seen = sorted({row.id for row in rows if access_to(viewer, row).is_visible})
    held = _HELD.where(dialect.is_one_of(_c.id, "ids")).with_for_update()
    found = (_Held._make(row) for row in await session.execute(held, {"ids": seen}))
    return {one.id: one for one in found if access_to(viewer, one).is_visible}


async def _case(
    session: AsyncSession,
    dialect: Dialect,
    actor: Actor,
    wish: DecideRemovals,
    group: Group,
    customers: Mapping[UUID, _Held],
) -> _Case:
    """What the proposals about these customers are worth now. A number of statements that doesn't depend on them."""
    theirs = (dialect.is_one_of(_p.id, "ids"), _p.group_id == group.id)
    found = await session.scalars(select(ProposedRemoval).where(*theirs), {"ids": list(wish.proposal_ids)})
    proposals = {one.id: one for one in found if one.customer_id in customers}
    in_group = dialect.is_one_of(Membership.__table__.c.id, "ids")
    ids = [one.membership_id for one in proposals.values()]
    memberships = {one.id: one for one in await session.scalars(select(Membership).where(in_group), {"ids": ids})}
    if group.criteria is None:
        fitting = frozenset(customers)
    else:
        expression = parse(group.criteria)
        facts = await criteria_facts_of(session, dialect, [*customers.values()], expression, today())
        fitting = frozenset(key for key, one in facts.items() if expression.holds(one))
    return _Case(session, actor, wish, group, proposals, memberships, fitting)


def _decide(case: _Case, proposal_id: UUID) -> ProposalOutcome:
    proposal = case.proposals.get(proposal_id)
    if proposal is None:
        return ProposalOutcome.NOT_FOUND
    membership = case.memberships[proposal.membership_id]
    if proposal.status is ProposalStatus.OBSOLETE:
        return ProposalOutcome.FITS_AGAIN if membership.until is None else ProposalOutcome.MEMBERSHIP_ENDED
    if proposal.status is not ProposalStatus.PROPOSED:
        return ProposalOutcome.ALREADY_DECIDED
    moment = max(now(), proposal.found_at)
    if proposal.customer_id in case.fitting:
        proposal.status, proposal.decided_at = ProposalStatus.OBSOLETE, moment
        return ProposalOutcome.FITS_AGAIN
    proposal.decided_at, proposal.decided_by_id, proposal.reason = moment, case.actor.id, case.wish.reason
    if case.wish.decision is Decision.KEEP:
        proposal.status, proposal.kept_until = ProposalStatus.KEPT, moment + KEPT_FOR
        _record_kept(case, proposal)
        return ProposalOutcome.KEPT
    proposal.status = ProposalStatus.ACCEPTED
    end_membership(case.session, case.actor, case.group, membership, case.wish.reason, proposal_id=str(proposal.id))
    return ProposalOutcome.REMOVED


def _record_kept(case: _Case, proposal: ProposedRemoval) -> None:
    audit.record(
        case.session,
        case.actor,
        "group.member_kept",
        subject_kind="group",
        subject_id=case.group.id,
        details={
            "customer_id": str(proposal.customer_id),
            "membership_id": str(proposal.membership_id),
            "proposal_id": str(proposal.id),
            "reason": case.wish.reason,
        },
    )
