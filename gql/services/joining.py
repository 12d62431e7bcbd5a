"""Whether customers can join a group: what the rules ask is found out for many at once, and for one in the same way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.dialect import Dialect
from gql.db.models import (
    Group,
    GroupExclusion,
    Membership,
    Office,
    RiskCategory,
    RiskCategoryExclusion,
)
from gql.domain import memberships as rules
from gql.domain.criteria import Expression, failing
from gql.domain.criteria_json import parse
from gql.domain.criteria_text import describe, offices_named
from gql.domain.errors import Refusal
from gql.domain.memberships import Conflict, GroupFacts
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import today
from gql.domain.viewer import AdminViewer
from gql.services.criteria_facts import criteria_facts_of
from gql.services.customer_records import access_to

_memberships = Membership.__table__


@dataclass(frozen=True, slots=True)
class Joining:
    """What is between some customers and a group, by customer."""

    members: frozenset[UUID]
    """Those who belong to it."""
    failed: Mapping[UUID, str]
    """The criterion that is not met, in words."""
    conflicts: Mapping[UUID, Sequence[Conflict]]

    def refusals(self, viewer: AdminViewer, customer: Any, identifier: str) -> Iterable[Refusal]:
        """Why one of the customers can't join, of all the customers and groups that otherwise could."""
        access = access_to(viewer, customer)
        return rules.pair_refusals(
            identifier=identifier,
            already_member=customer.id in self.members,
            failed_criterion=self.failed.get(customer.id),
            names_criterion=access.is_full,
            conflicts=self.conflicts.get(customer.id, ()),
            names_conflicts=access.shows(CustomerField.GROUPS) or viewer.may(Permission.GROUP_MEMBERS_READ),
        )


def customer_refusals(customer: Any, identifier: str) -> Iterable[Refusal]:
    """Why a customer can't join any group."""
    refusal = rules.customer_status_refusal(customer.status, (identifier,))
    return () if refusal is None else (refusal,)


def facts_of(group: Group) -> GroupFacts:
    """What the rules ask about it."""
    return GroupFacts(group.status, group.member_count, group.maximum_members, group.capacity_mode)


async def joining_of(session: AsyncSession, dialect: Dialect, customers: Sequence[Any], group: Group) -> Joining:
    """Find it out, with a number of statements that doesn't depend on how many the customers are.

    Holds the group's risk category in share: who gives a group another one holds those that it excludes against this.
    A customer is a record, or a row with the columns that the rule language asks for.
    """
    ids = [customer.id for customer in customers]
    c = _memberships.c
    are_members = (c.group_id == group.id, dialect.is_one_of(c.customer_id, "ids"), c.until.is_(None))
    members = frozenset(await session.scalars(select(c.customer_id).where(*are_members), {"ids": ids}))
    failed = await _failed_criteria(session, dialect, customers, group)
    return Joining(members, failed, await _conflicts(session, dialect, ids, group))


async def _failed_criteria(
    session: AsyncSession, dialect: Dialect, customers: Sequence[Any], group: Group
) -> dict[UUID, str]:
    """For each customer who doesn't fit, the criterion of the group that they don't meet, in words."""
    if group.criteria is None:
        return {}
    expression, day = parse(group.criteria), today()
    facts = await criteria_facts_of(session, dialect, customers, expression, day)
    failed = {key: part for key, one in facts.items() if (part := failing(expression, one)) is not None}
    words = await _in_words(session, set(failed.values()))
    return {key: words[part] for key, part in failed.items()}


async def _in_words(session: AsyncSession, parts: set[Expression]) -> dict[Expression, str]:
    named = {key for part in parts for key in offices_named(part)}
    names: dict[UUID, str] = {}
    if named:
        rows = await session.execute(select(Office.id, Office.name).where(Office.id.in_(named)))
        names = {row.id: row.name for row in rows}
    return {part: describe(part, names) for part in parts}


async def _conflicts(
    session: AsyncSession, dialect: Dialect, ids: Sequence[UUID], group: Group
) -> dict[UUID, list[Conflict]]:
    """The customers' groups that are walled off from this one: by their risk categories, then by themselves."""
    c = _memberships.c
    member_of = (
        select(c.customer_id, Group.id, Group.name)
        .join_from(_memberships, Group, c.group_id == Group.id)
        .where(dialect.is_one_of(c.customer_id, "ids"), c.until.is_(None))
        .order_by(Group.name)
    )
    found: dict[UUID, list[Conflict]] = defaultdict(list)
    if group.risk_category_id is not None:
        held = select(RiskCategory.id).where(RiskCategory.id == group.risk_category_id)
        await session.execute(held.with_for_update(read=True))
        wall = RiskCategoryExclusion
        excluding = or_(
            (wall.category_id == group.risk_category_id) & (wall.other_category_id == Group.risk_category_id),
            (wall.other_category_id == group.risk_category_id) & (wall.category_id == Group.risk_category_id),
        )
        for row in await session.execute(member_of.join(wall, excluding), {"ids": [*ids]}):
            found[row.customer_id].append(Conflict(row.id, row.name))
    pair = GroupExclusion
    either = or_(
        (pair.group_id == group.id) & (pair.other_group_id == Group.id),
        (pair.other_group_id == group.id) & (pair.group_id == Group.id),
    )
    for row in await session.execute(member_of.join(pair, either), {"ids": [*ids]}):
        found[row.customer_id].append(Conflict(row.id, row.name, by_category=False))
    return found
