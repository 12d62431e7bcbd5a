"""A team member leaves, and others take over."""

from dataclasses import dataclass
from uuid import UUID

from gql.context import Context
from gql.db.job_rows import JobRow
from gql.db.rows import AdminRow
from gql.domain import hand_overs as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.job import moves_of, shares_of
from gql.services.hand_over_plans import HandOver, HandOverPlan
from gql.services.hand_overs import HandOverCounts, hand_over, plan_hand_over


@dataclass(frozen=True, slots=True)
class HandOverPayload:
    """The admin as they are now and what was done, or would be; or why nothing was."""

    admin: AdminRow | None = None
    job: JobRow | None = None
    counts: HandOverCounts | None = None
    plan: HandOverPlan | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def hand_over_and_deactivate(context: Context, arguments: Arguments) -> HandOverPayload:
    """Give all that is a team member's to others, and end the account."""
    wish = _wish(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return HandOverPayload(user_errors=(rules.FORBIDDEN,))
    scope = context.application.settings.assignment_scope
    try:
        if arguments.get("dry_run"):
            counts, plan = await plan_hand_over(context.database, context.admin, wish, scope)
            return HandOverPayload(await _admin(context, wish.admin_id), counts=counts, plan=plan)
        done = await hand_over(context.database, context.actor, context.admin, wish, scope)
    except Refused as refused:
        return HandOverPayload(user_errors=refused.refusals)
    context.renew()
    return HandOverPayload(
        admin=await _admin(context, done.admin_id),
        job=None if done.job_id is None else await context.loaders.one("job", done.job_id),
        counts=done.counts,
        changed=done.changed,
        replayed=done.replayed,
    )


async def _admin(context: Context, admin_id: UUID) -> AdminRow | None:
    found: AdminRow | None = await context.loaders.one("admin", admin_id)
    return found


def _wish(arguments: Arguments) -> HandOver:
    """What is asked for. Raises BadUserInput for what can't be meant."""
    ways = [name for name in ("to", "moves") if arguments.get(name) is not None]
    ways += ["byOffice"] if arguments.get("by_office") else []
    if len(ways) != 1:
        raise BadUserInput("Say who takes over: pass one of `to`, `moves` and `byOffice: true`.")
    wish = HandOver(
        admin_id=parse_id_of(Kind.ADMIN, arguments["admin_id"]),
        reason=required_reason_of(arguments),
        shares=shares_of(arguments),
        moves=moves_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if wish.admin_id in wish.target_ids:
        raise BadUserInput("`adminId` leaves and can't take over, too. Name others.")
    return wish
