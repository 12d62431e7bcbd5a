"""Build walls and take them down: between categories of risk, and between single groups.

Whoever crosses one at the same moment is seen: additions to a group hold its row, and its category in share, and what
is walled off here is held against both.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Group, GroupExclusion, Membership, RiskCategory, RiskCategoryExclusion
from gql.domain import walls as rules
from gql.domain.enums import GroupStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.groups import GROUP_ARCHIVED, VERSION_CONFLICT, GroupErrorCode
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.user_errors import UserErrorCode, not_found
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.group_changes import GroupChanged, kept, locked_group, replayed, touch
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class KeepCategory:
    """The wish: a category of risk like this. `category_id` None makes one; texts are stripped."""

    category_id: UUID | None
    name: str
    description: str
    excludes: frozenset[UUID]
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryKept:
    """What came of it. `replayed`: it is the answer that was kept for the idempotency key."""

    category_id: UUID
    changed: bool
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class SetGroupExclusions:
    """The wish: just these groups and this one exclude each other."""

    group_id: UUID
    excluded_ids: frozenset[UUID]
    expected_version: int
    reason: str
    idempotency_key: str | None = None


async def keep_category(database: Database, actor: Actor, viewer: AdminViewer, wish: KeepCategory) -> CategoryKept:
    """Make a category of risk, or change one. Raises Refused (UserErrorCode), and writes nothing then."""
    if not viewer.may(Permission.GROUP_WRITE):
        raise Refused(rules.MAY_NOT)
    operation = "createRiskCategory" if wish.category_id is None else "updateRiskCategory"
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, operation, wish.idempotency_key, UserErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return CategoryKept(UUID(earlier["category_id"]), earlier["changed"], replayed=True)
        own_id = wish.category_id or new_id()
        held = await _hold(session, {own_id, *wish.excludes})
        refusals = [*rules.category_refusals(wish.name, wish.description)]
        if wish.category_id is not None and own_id not in held:
            refusals.append(not_found("risk category", "id"))
        if own_id in wish.excludes:
            refusals.append(rules.ITSELF)
        if not (wish.excludes - {own_id} <= held.keys()):
            refusals.append(not_found("risk category", "excludes"))
        same = select(RiskCategory.id).where(RiskCategory.name == wish.name, RiskCategory.id != own_id)
        if await session.scalar(same) is not None:
            refusals.append(rules.CATEGORY_TAKEN)
        before = await _excluded(session, own_id)
        crossed = await _in_both_categories(session, own_id, wish.excludes - before)
        if crossed:
            refusals.append(rules.crossed_categories(crossed))
        refuse(refusals)
        changed = await _write_category(session, own_id, held.get(own_id), wish, before)
        if changed:
            _record_category(session, actor, own_id, operation, wish, before)
        await once.keep({"category_id": str(own_id), "changed": changed})
        return CategoryKept(own_id, changed)


async def set_exclusions(
    database: Database, actor: Actor, viewer: AdminViewer, wish: SetGroupExclusions
) -> GroupChanged:
    """Wall a group off from others, which are walled off from it. Raises Refused (GroupErrorCode), as others do."""
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "setGroupExclusions", wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return replayed(wish.group_id, earlier)
        if viewer.may(Permission.GROUP_WRITE):  # all in one order: two who wall off the same groups don't deadlock
            wanted = {wish.group_id, *wish.excluded_ids}
            await session.execute(select(Group.id).where(Group.id.in_(wanted)).order_by(Group.id).with_for_update())
        group = await locked_group(session, viewer, wish.group_id)
        before = await _excluded_groups(session, group.id)
        refuse([*await _exclusion_refusals(session, group, wish, before)])
        if before == wish.excluded_ids:
            return await kept(once, group, changed=False)
        pair = GroupExclusion
        either = or_(pair.group_id == group.id, pair.other_group_id == group.id)
        await session.execute(delete(pair).where(either))
        pairs = [sorted((group.id, other)) for other in wish.excluded_ids]
        if pairs:
            await session.execute(insert(pair), [{"group_id": one, "other_group_id": two} for one, two in pairs])
        touch(group)
        audit.record(
            session,
            actor,
            "group.exclusions_set",
            subject_kind="group",
            subject_id=group.id,
            details={"before": _named(before), "after": _named(wish.excluded_ids), "reason": wish.reason},
        )
        return await kept(once, group, changed=True)


async def _exclusion_refusals(
    session: AsyncSession, group: Group, wish: SetGroupExclusions, before: frozenset[UUID]
) -> list[Refusal]:
    refusals = [] if group.status is not GroupStatus.ARCHIVED else [GROUP_ARCHIVED]
    if group.version != wish.expected_version:
        refusals.append(VERSION_CONFLICT)
    if group.id in wish.excluded_ids:
        refusals.append(rules.GROUP_ITSELF)
    others = wish.excluded_ids - {group.id}
    there = await session.scalar(select(func.count()).select_from(Group).where(Group.id.in_(others)))
    if there != len(others):
        refusals.append(rules.NO_SUCH_GROUPS)
    crossed = await _in_both_groups(session, group.id, others - before)
    return [*refusals, rules.crossed_groups(crossed)] if crossed else refusals


async def _hold(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, RiskCategory]:
    wanted = select(RiskCategory).where(RiskCategory.id.in_(ids)).order_by(RiskCategory.id).with_for_update()
    return {one.id: one for one in await session.scalars(wanted)}


async def _write_category(
    session: AsyncSession, own_id: UUID, category: RiskCategory | None, wish: KeepCategory, before: frozenset[UUID]
) -> bool:
    changed = category is None or before != wish.excludes
    if category is None:
        session.add(RiskCategory(id=own_id, name=wish.name, description=wish.description))
    elif (category.name, category.description) != (wish.name, wish.description):
        category.name, category.description, changed = wish.name, wish.description, True
    try:
        await session.flush()
    except IntegrityError as error:  # somebody has taken the name at this moment
        raise Refused(rules.CATEGORY_TAKEN) from error
    if before != wish.excludes:
        wall = RiskCategoryExclusion
        await session.execute(delete(wall).where(or_(wall.category_id == own_id, wall.other_category_id == own_id)))
        pairs = [sorted((own_id, other)) for other in wish.excludes]
        if pairs:
            await session.execute(insert(wall), [{"category_id": one, "other_category_id": two} for one, two in pairs])
    return changed


async def _excluded(session: AsyncSession, own_id: UUID) -> frozenset[UUID]:
    wall = RiskCategoryExclusion
    pairs = select(wall.category_id, wall.other_category_id)
    found = await session.execute(pairs.where(or_(wall.category_id == own_id, wall.other_category_id == own_id)))
    return frozenset(_others(found.all(), own_id))


async def _excluded_groups(session: AsyncSession, own_id: UUID) -> frozenset[UUID]:
    pair = GroupExclusion
    pairs = select(pair.group_id, pair.other_group_id)
    found = await session.execute(pairs.where(or_(pair.group_id == own_id, pair.other_group_id == own_id)))
    return frozenset(_others(found.all(), own_id))


def _others(pairs: Any, own_id: UUID) -> Iterator[UUID]:
    for one, two in pairs:
        yield two if one == own_id else one


async def _in_both_categories(session: AsyncSession, own_id: UUID, others: Collection[UUID]) -> int:
    """Customers who are in a group of the category, and in one of another's."""
    own = select(Membership.customer_id).join(Group, Group.id == Membership.group_id)
    own = own.where(Group.risk_category_id == own_id, Membership.until.is_(None))
    counted = select(func.count(func.distinct(Membership.customer_id))).join(Group, Group.id == Membership.group_id)
    crossing = (Group.risk_category_id.in_(others), Membership.until.is_(None), Membership.customer_id.in_(own))
    return await session.scalar(counted.where(*crossing)) or 0 if others else 0


async def _in_both_groups(session: AsyncSession, own_id: UUID, others: Collection[UUID]) -> int:
    own = select(Membership.customer_id).where(Membership.group_id == own_id, Membership.until.is_(None))
    counted = select(func.count(func.distinct(Membership.customer_id)))
    crossing = (Membership.group_id.in_(others), Membership.until.is_(None), Membership.customer_id.in_(own))
    return await session.scalar(counted.where(*crossing)) or 0 if others else 0


def _named(ids: Collection[UUID]) -> list[str]:
    return sorted(str(key) for key in ids)


def _record_category(
    session: AsyncSession, actor: Actor, own_id: UUID, operation: str, wish: KeepCategory, before: frozenset[UUID]
) -> None:
    audit.record(
        session,
        actor,
        "risk_category.created" if operation == "createRiskCategory" else "risk_category.updated",
        subject_kind="risk_category",
        subject_id=own_id,
        details={
            "name": wish.name,
            "before": {"excludes": _named(before)},
            "after": {"excludes": _named(wish.excludes)},
        },
    )
