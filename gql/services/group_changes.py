"""Make groups, change what they are, and change their status."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, Group, Membership, Office, RiskCategory, RiskCategoryExclusion
from gql.domain import groups as rules
from gql.domain.criteria import may_be_told
from gql.domain.criteria_json import parse
from gql.domain.criteria_text import offices_named
from gql.domain.enums import AdminStatus, GroupStatus
from gql.domain.errors import Refusal, Refused
from gql.domain.groups import GroupAction, GroupErrorCode, GroupTerms, GroupWarning, GroupWarningCode
from gql.domain.ids import new_id
from gql.domain.roles import Permission
from gql.domain.search import search_key
from gql.domain.time import now, today
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.group_checks import RULES, look_anew
from gql.services.group_use import reschedule, used
from gql.services.idempotency import Once
from gql.services.removal_rules import removal_rule_refusals


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """The wish: an INACTIVE group without members."""

    terms: GroupTerms
    owner_id: UUID | None
    risk_category_id: UUID | None
    criteria: dict[str, Any] | None = None
    """As `gql.domain.criteria_json` has it."""
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateGroup:
    """The wish. `changes` has what is new, by the names of a group's columns; None clears where that can be."""

    group_id: UUID
    expected_version: int
    changes: Mapping[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeGroupStatus:
    """The wish. `expected_version` is the version that the wisher saw."""

    action: GroupAction
    group_id: UUID
    reason: str
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """What came of it. `replayed`: it is the answer that was kept for the idempotency key; nothing was done now."""

    group_id: UUID
    changed: bool
    warnings: tuple[GroupWarning, ...] = ()
    replayed: bool = False


_TERMS = tuple(GroupTerms.__dataclass_fields__)


async def create_group(database: Database, actor: Actor, viewer: AdminViewer, wish: CreateGroup) -> GroupChanged:
    """Raises Refused (GroupErrorCode), with every reason at once, and writes nothing then."""
    if not viewer.may(Permission.GROUP_WRITE):
        raise Refused(rules.FORBIDDEN)
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "createGroup", wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return replayed(UUID(earlier["group_id"]), earlier)
        refusals = [*rules.terms_refusals(wish.terms), *_rule_refusals(viewer, wish.criteria)]
        refusals += removal_rule_refusals(viewer, wish.terms)
        refusals += [one async for one in _taken(session, wish.terms.name, None)]
        refusals += [one async for one in _unknown(session, wish.owner_id, wish.risk_category_id, wish.criteria)]
        refuse(refusals)
        moment = now()
        group = Group(
            id=new_id(),
            **asdict(wish.terms),
            search_name=search_key(wish.terms.name),
            status=GroupStatus.INACTIVE,
            owner_id=wish.owner_id,
            criteria=wish.criteria,
            risk_category_id=wish.risk_category_id,
            created_by_id=actor.id,
            created_at=moment,
            updated_at=moment,
            last_used_at=moment,
        )
        session.add(group)
        await _flush(session)
        _record(session, actor, "group.created", group, {"after": _facts(group)})
        return await kept(once, group, changed=True)


async def update_group(database: Database, actor: Actor, viewer: AdminViewer, wish: UpdateGroup) -> GroupChanged:
    """Change some of what a group is.

    A new risk category is checked against every member, behind a lock on all categories that it has to do with, which
    additions to their groups hold in share. Raises Refused (GroupErrorCode), with every reason at once, and writes
    nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "updateGroup", wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return replayed(wish.group_id, earlier)
        group = await locked_group(session, viewer, wish.group_id)
        terms = GroupTerms(**{name: wish.changes.get(name, getattr(group, name)) for name in _TERMS})
        refusals = [*rules.terms_refusals(terms, group.member_count)]
        if wish.changes.get("criteria", group.criteria) != group.criteria:
            refusals += _rule_refusals(viewer, wish.changes["criteria"])
        refusals += removal_rule_refusals(viewer, terms, group)
        if group.status is GroupStatus.ARCHIVED:
            refusals.append(rules.GROUP_ARCHIVED)
        if group.version != wish.expected_version:
            refusals.append(rules.VERSION_CONFLICT)
        refusals += [one async for one in _taken(session, terms.name, group.id)]
        owner_id = wish.changes.get("owner_id")
        category_id = wish.changes.get("risk_category_id")
        criteria = wish.changes.get("criteria")
        refusals += [one async for one in _unknown(session, owner_id, category_id, criteria)]
        if category_id is not None and category_id != group.risk_category_id:
            refusals += [one async for one in _walled(session, group, category_id)]
        refuse(refusals)
        before = _facts(group)
        for name, value in {**asdict(terms), **wish.changes}.items():
            if getattr(group, name) != value:
                setattr(group, name, value)
        after = _facts(group)
        new = {name: value for name, value in after.items() if value != before[name]}
        if new:
            group.search_name = search_key(group.name)
            if not RULES.isdisjoint(new):
                await look_anew(session, group.id)
            touch(group)
            reschedule(group, before["review_interval_days"], group.updated_at)
            await _flush(session)
            _record(
                session, actor, "group.updated", group, {"before": {name: before[name] for name in new}, "after": new}
            )
        return await kept(once, group, changed=bool(new))


async def change_group_status(
    database: Database, actor: Actor, viewer: AdminViewer, wish: ChangeGroupStatus
) -> GroupChanged:
    """Change a group's status; its members stay, whatever it is. Raises Refused (GroupErrorCode), as above."""
    async with database.begin() as session:
        operation = f"{wish.action.lower()}Group"
        once = Once(session, viewer.admin_id, operation, wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return replayed(wish.group_id, earlier)
        group = await locked_group(session, viewer, wish.group_id)
        refusals = [*rules.status_refusals(wish.action, group.status)]
        if wish.expected_version is not None and wish.expected_version != group.version:
            refusals.append(rules.VERSION_CONFLICT)
        refuse(refusals)
        before, after = group.status, rules.after(wish.action, group.status)
        if after is None or after is before:
            return await kept(once, group, changed=False)
        touch(group)
        group.status, group.status_reason = after, wish.reason
        group.status_changed_at, group.status_changed_by_id = group.updated_at, actor.id
        reschedule(group, group.review_interval_days, group.updated_at)
        details = {"before": {"status": before.value}, "after": {"status": after.value}, "reason": wish.reason}
        _record(session, actor, "group.status_changed", group, details)
        return await kept(once, group, changed=True)


def touch(group: Group) -> None:
    """A locked group has changed."""
    group.version += 1
    group.updated_at = max(now(), group.updated_at)
    used(group)


async def kept(once: Once, group: Group, *, changed: bool, **facts: str) -> GroupChanged:
    """The answer, which the idempotency key keeps. `facts`: what else an operation tells again."""
    terms = GroupTerms(**{name: getattr(group, name) for name in _TERMS})
    warnings = tuple(rules.terms_warnings(terms, group.member_count, today()))
    kept = {"group_id": str(group.id), "changed": changed, **facts}
    await once.keep(kept | {"warnings": [{"code": w.code.value, "message": w.message} for w in warnings]})
    return GroupChanged(group.id, changed, warnings)


def replayed(group_id: UUID, earlier: Mapping[str, Any]) -> GroupChanged:
    """The answer that was kept."""
    warnings = tuple(GroupWarning(GroupWarningCode(w["code"]), w["message"]) for w in earlier["warnings"])
    return GroupChanged(group_id, earlier["changed"], warnings, replayed=True)


async def locked_group(session: AsyncSession, viewer: AdminViewer, group_id: UUID) -> Group:
    """The group, for who may change it. Raises Refused."""
    group = await session.get(Group, group_id, with_for_update=True) if viewer.may(Permission.GROUP_READ) else None
    refusals = [] if group is not None else [rules.GROUP_NOT_FOUND]
    if not viewer.may(Permission.GROUP_WRITE):
        refusals.append(rules.FORBIDDEN)
    if group is None or refusals:
        raise Refused(*refusals)
    return group


def _rule_refusals(viewer: AdminViewer, criteria: dict[str, Any] | None) -> Iterator[Refusal]:
    """A rule asks nothing that is withheld from who makes it, of anybody whom they see.

    Whoever adds members hears who doesn't fit. Who could choose what is asked would learn by a few rules what a
    customer owes.
    """
    if criteria is None:
        return
    expression = parse(criteria)
    if not all(may_be_told(expression, bucket.access) for bucket in viewer.access.buckets):
        yield rules.RULE_WITHHELD


async def _flush(session: AsyncSession) -> None:
    """Raises Refused where somebody else has taken the name at this moment."""
    try:
        await session.flush()
    except IntegrityError as error:
        if "uq_groups_name" in str(error.orig) or "groups.name" in str(error.orig):
            raise Refused(rules.NAME_TAKEN) from error
        raise


async def _taken(session: AsyncSession, name: str, own_id: UUID | None) -> AsyncIterator[Refusal]:
    """Names that differ in case or accents alone are one name to who reads them."""
    same = select(Group.id).where(Group.search_name == search_key(name))
    found = await session.scalars(same if own_id is None else same.where(Group.id != own_id))
    if found.first() is not None:
        yield rules.NAME_TAKEN


async def _unknown(
    session: AsyncSession, owner_id: UUID | None, risk_category_id: UUID | None, criteria: dict[str, Any] | None
) -> AsyncIterator[Refusal]:
    """Whom and what was named and isn't there."""
    if owner_id is not None:
        owner = await session.get(Admin, owner_id, with_for_update={"read": True})
        if owner is None or owner.status is not AdminStatus.ACTIVE:
            yield rules.OWNER_NOT_ELIGIBLE
    if risk_category_id is not None and await session.get(RiskCategory, risk_category_id) is None:
        yield rules.RISK_CATEGORY_NOT_FOUND
    offices = offices_named(parse(criteria)) if criteria is not None else frozenset()
    there = await session.scalar(select(func.count()).select_from(Office).where(Office.id.in_(offices)))
    if there != len(offices):
        yield rules.OFFICES_NOT_FOUND


async def _walled(session: AsyncSession, group: Group, category_id: UUID) -> AsyncIterator[Refusal]:
    """Members who are in a group of a category that excludes the one that the group is to stand for."""
    wall = RiskCategoryExclusion
    pairs = select(wall.category_id, wall.other_category_id).where(
        or_(wall.category_id == category_id, wall.other_category_id == category_id)
    )
    excluded = {key for pair in (await session.execute(pairs)).all() for key in pair} - {category_id}
    held = select(RiskCategory.id).where(RiskCategory.id.in_({*excluded, category_id})).order_by(RiskCategory.id)
    await session.execute(held.with_for_update())
    own = select(Membership.customer_id).where(Membership.group_id == group.id, Membership.until.is_(None))
    elsewhere = (
        select(func.count(func.distinct(Membership.customer_id)))
        .join(Group, Group.id == Membership.group_id)
        .where(Group.risk_category_id.in_(excluded), Membership.until.is_(None), Membership.customer_id.in_(own))
    )
    count = await session.scalar(elsewhere) if excluded else 0
    if count:
        yield rules.wall_refusal(count)


def _facts(group: Group) -> dict[str, Any]:
    """What the audit trail tells of a group."""
    facts = {name: getattr(group, name) for name in (*_TERMS, "owner_id", "risk_category_id", "criteria")}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in facts.items()}


def _record(session: AsyncSession, actor: Actor, action: str, group: Group, details: dict[str, Any]) -> None:
    audit.record(session, actor, action, subject_kind="group", subject_id=group.id, details=details)
