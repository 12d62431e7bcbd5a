"""Groups: one, lists, and what a viewer can do with one."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import orjson

from gql.context import Context
from gql.db.queries import groups as reads
from gql.db.queries.criteria_previews import CriteriaSample, CriteriaTotal
from gql.db.queries.member_lists import MembersRequest
from gql.db.rows import GroupRow, RiskCategoryRow
from gql.domain.actions import Action, group_actions
from gql.domain.criteria_json import parse
from gql.domain.group_reviews import sign_refusals
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import BY_SINCE, CUSTOMER_SORTS, GROUP_SORTS, GroupCriteria, GroupOrderField
from gql.domain.memberships import GroupFacts
from gql.domain.paging import Edge, Page
from gql.domain.roles import Permission
from gql.domain.time import now, today
from gql.domain.unused_groups import keep_refusals
from gql.resolvers.arguments import Arguments, optional_set, page_of, sample_size, search_prefix
from gql.resolvers.customer import criteria_of, member_search

_SAMPLE: Final = 25


async def group(context: Context, global_id: str) -> GroupRow | None:
    """A group by ID."""
    return await readable_group(context, parse_id_of(Kind.GROUP, global_id))


async def readable_group(context: Context, key: UUID) -> GroupRow | None:
    """A group by key; None also for a viewer who may not read groups."""
    if not context.admin.may(Permission.GROUP_READ):
        return None
    found: GroupRow | None = await context.loaders.one("group", key)
    return found


async def groups(
    context: Context, criteria: Arguments, search: str | None, order: Arguments, paging: Arguments
) -> Page[Edge[GroupRow]]:
    """A page of the groups."""
    sort = GROUP_SORTS[order["field"] if order else GroupOrderField.NAME]
    wanted = GroupCriteria(
        statuses=optional_set(criteria, "status"),
        purposes=optional_set(criteria, "purpose"),
        owner_id=None if criteria.get("owner_id") is None else parse_id_of(Kind.ADMIN, criteria["owner_id"]),
        search_prefix=search_prefix(search),
    )
    return await reads.list_groups(context.database, wanted, page_of(sort, paging, order))


def rule_of(row: GroupRow) -> bytes | None:
    """The rule that a machine checks, as a loader's key."""
    return None if row.criteria is None else orjson.dumps(row.criteria)


@dataclass(frozen=True, slots=True)
class Drift:
    """Members who don't fit any more; count and sample are read where they are asked for."""

    total: CriteriaTotal
    sample: CriteriaSample


async def drift(context: Context, global_id: str, first: int | None) -> Drift | None:
    """Of a group whose criteria a machine checks. Raises BadUserInput for a sample of another size than 1 to 100."""
    size = sample_size(first, _SAMPLE)
    row = await group(context, global_id)
    if row is None or row.criteria is None:
        return None
    expression, day = parse(row.criteria), today()
    total = CriteriaTotal(expression, day, misfits_of=row.id)
    return Drift(total, CriteriaSample(expression, day, size, misfits_of=row.id))


async def risk_categories(context: Context) -> list[RiskCategoryRow]:
    """All that groups can stand for, by name."""
    return await reads.list_risk_categories(context.database)


def actions_of(row: GroupRow, context: Context) -> list[Action]:
    """What the viewer can do with the group."""
    facts, moment = GroupFacts(row.status, row.member_count, row.maximum_members, row.capacity_mode), now()
    unused_days = context.application.settings.group_unused_days
    sign = next(sign_refusals(row.status, row.review_interval_days, row.next_review_at, moment), None)
    keep = next(keep_refusals(row.status, row.last_used_at, row.kept_until, moment, unused_days), None)
    return group_actions(context.admin.permissions, facts, sign=sign, keep=keep)


def reads_former_members(row: GroupRow, context: Context) -> bool:
    """Guard of who was in the group."""
    return reads_members(row, context) and context.admin.may(Permission.AUDIT_READ)


def members_request(arguments: Arguments) -> MembersRequest:
    """Which of a group's members. Raises BadUserInput for what can't be meant."""
    criteria, order = arguments.get("filter"), arguments.get("order_by")
    search = member_search(arguments.get("search"))
    sort = CUSTOMER_SORTS[order["field"]] if order else BY_SINCE
    paging = {name: arguments.get(name) for name in ("first", "after", "last", "before")}
    page = page_of(sort, paging, order)
    if not criteria and search is None:
        return MembersRequest(page)
    return MembersRequest(page, criteria_of(criteria or {}, search))


def reads_members(row: GroupRow, context: Context) -> bool:
    """Guard of a group's members."""
    return context.admin.may(Permission.GROUP_MEMBERS_READ)
