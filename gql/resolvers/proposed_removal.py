"""Members who are proposed to be removed: listed, looked for, and decided upon."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from gql.context import Context
from gql.db.queries.proposed_removals import ProposalsRequest
from gql.db.removal_rows import ProposedRemovalRow
from gql.db.rows import GroupRow
from gql.domain import proposed_removals as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.groups import GroupWarning
from gql.domain.ids import Kind, parse_id_of
from gql.domain.paging import page_request
from gql.domain.proposed_removals import BY_FOUND_AT, MOST_DECIDED, READ_BY, ProposalOutcome
from gql.domain.roles import CustomerField
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.group import readable_group
from gql.services.drift_checks import CheckGroupDrift, check_group_drift
from gql.services.removal_decisions import DecideRemovals, decide_removals


@dataclass(frozen=True, slots=True)
class DriftPayload:
    """The group, and whether all of its members were looked at."""

    group: GroupRow | None = None
    finished: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def check(context: Context, arguments: Arguments) -> DriftPayload:
    """Have a group's members looked at."""
    wish = CheckGroupDrift(parse_id_of(Kind.GROUP, arguments["group_id"]), idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return DriftPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await check_group_drift(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return DriftPayload(user_errors=refused.refusals)
    context.renew()
    return DriftPayload(await readable_group(context, done.group_id), done.finished, done.replayed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one proposal."""

    proposal_id: UUID
    outcome: ProposalOutcome


@dataclass(frozen=True, slots=True)
class DecisionPayload:
    """The group with its new count, and what came of each proposal."""

    group: GroupRow | None = None
    outcomes: tuple[Outcome, ...] = ()
    changed: bool = False
    warnings: tuple[GroupWarning, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def decide(context: Context, arguments: Arguments) -> DecisionPayload:
    """Remove proposed members, or keep them."""
    wish = DecideRemovals(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        proposal_ids=_proposals_of(arguments),
        decision=arguments["decision"],
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return DecisionPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await decide_removals(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return DecisionPayload(user_errors=refused.refusals)
    context.renew()
    return DecisionPayload(
        group=await readable_group(context, done.group_id),
        outcomes=tuple(Outcome(*one) for one in done.outcomes),
        changed=done.changed,
        warnings=tuple(done.warnings),
        replayed=done.replayed,
    )


def _proposals_of(arguments: Arguments) -> tuple[UUID, ...]:
    ids = tuple(parse_id_of(Kind.PROPOSED_REMOVAL, one) for one in arguments["proposal_ids"])
    if not 1 <= len(ids) <= MOST_DECIDED:
        raise BadUserInput(f"`proposalIds` has {len(ids)} entries; between 1 and {MOST_DECIDED} are allowed.")
    if len(set(ids)) < len(ids):
        raise BadUserInput("`proposalIds` has a proposal twice. Name each once.")
    return ids


def page(arguments: Arguments) -> ProposalsRequest:
    """Which page of a group's proposals."""
    wanted = page_request(BY_FOUND_AT, *(arguments.get(name) for name in ("first", "after", "last", "before")))
    return ProposalsRequest(wanted, arguments.get("status"))


def decides(row: object, context: Context) -> bool:
    """Guard of a group's proposals: who reads them may decide on them."""
    return all(map(context.admin.may, READ_BY))


def sees_in_full(row: ProposedRemovalRow, context: Context) -> bool:
    """Guard of what a member doesn't meet, as NOT_ELIGIBLE has it."""
    return row.access.is_full


def sees_groups(row: ProposedRemovalRow, context: Context) -> bool:
    """Guard of the membership, which may be over."""
    return row.access.shows(CustomerField.GROUPS)


def rule_of(row: ProposedRemovalRow) -> bytes:
    """What the member doesn't meet, as a loader's key."""
    return orjson.dumps(row.criterion)
