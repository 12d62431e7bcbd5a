"""Walls between categories of risk, and between single groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gql.context import Context
from gql.db.rows import RiskCategoryRow
from gql.domain import groups as of_groups
from gql.domain import walls as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.ids import Kind, parse_id_of
from gql.domain.texts import LONGEST_PROSE
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, required_reason_of
from gql.resolvers.group_changes import GroupPayload, answer
from gql.services.walls import KeepCategory, SetGroupExclusions, keep_category, set_exclusions


@dataclass(frozen=True, slots=True)
class CategoryPayload:
    """The category as it is now; None where nothing was done."""

    category: RiskCategoryRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def keep(context: Context, arguments: Arguments) -> CategoryPayload:
    """Make a category of risk, or change the one that is named."""
    wish = KeepCategory(
        category_id=parse_id_of(Kind.RISK_CATEGORY, arguments["id"]) if "id" in arguments else None,
        name=_text(arguments, "name"),
        description=_text(arguments, "description"),
        excludes=_ids(arguments["excludes"], "excludes", Kind.RISK_CATEGORY),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return CategoryPayload(user_errors=(rules.MAY_NOT,))
    try:
        done = await keep_category(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        return CategoryPayload(user_errors=refused.refusals)
    context.renew()
    category: Any = await context.loaders.one("risk_category", done.category_id)
    return CategoryPayload(category, done.changed, done.replayed)


async def exclude(context: Context, arguments: Arguments) -> GroupPayload:
    """Wall a group off from just these."""
    wish = SetGroupExclusions(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        excluded_ids=_ids(arguments["excluded_group_ids"], "excludedGroupIds", Kind.GROUP),
        expected_version=arguments["expected_version"],
        reason=required_reason_of(arguments),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return GroupPayload(user_errors=(of_groups.FORBIDDEN,))
    doing = set_exclusions(context.database, context.actor, context.admin, wish)
    return await answer(context, wish.group_id, doing)


def _text(arguments: Arguments, name: str) -> str:
    value: str = arguments[name]
    if len(value) > LONGEST_PROSE:
        raise BadUserInput(f"`{name}` has {len(value)} characters; at most 4,000 are allowed.")
    return value.strip()


def _ids(given: Sequence[str], name: str, kind: Kind) -> frozenset[UUID]:
    if len(given) > rules.MOST_EXCLUDED:
        raise BadUserInput(f"`{name}` has {len(given)} entries; at most {rules.MOST_EXCLUDED} are allowed.")
    return frozenset(parse_id_of(kind, one) for one in given)
