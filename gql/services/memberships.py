"""Add a customer to a group, or say beforehand what is in the way."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import (
    Customer,
    Group,
    GroupExclusion,
    Membership,
    Office,
    RiskCategory,
    RiskCategoryExclusion,
)
from gql.domain import memberships as rules
from gql.domain.criteria import failing
from gql.domain.criteria_json import parse
from gql.domain.criteria_text import describe, offices_named
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.memberships import AddMemberErrorCode, Conflict, GroupFacts, Warned
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now, today
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.criteria_facts import criteria_facts_of
from gql.services.customer_records import access_to, visible_where
from gql.services.idempotency import Once

Identifier = Literal["customerId", "email", "number"]


@dataclass(frozen=True, slots=True)
class AddGroupMember:
    """The wish: this customer, in this group. The customer is named by one identifier, an ID or text."""

    group_id: UUID
    identifier: Identifier
    customer: UUID | str
    reason: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What came of it. `replayed`: it is the answer that was kept for the idempotency key; nothing was done now."""

    group_id: UUID
    membership_id: UUID
    warnings: list[Warned]
    replayed: bool = False


async def add_group_member(database: Database, actor: Actor, viewer: AdminViewer, wish: AddGroupMember) -> Added:
    """Put a customer into a group.

    Locks the customer, so that walls between risk categories hold against a concurrent addition elsewhere, then the
    group, so that its count and maximum are exact. Raises Refused, with every reason at once, and writes nothing
    then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "addGroupMember", wish.idempotency_key, AddMemberErrorCode)
        request = wish
        earlier = await once.earlier_answer(database.dialect, request)
        if earlier is not None:
            warnings = [Warned(rules.WarningCode(w["code"]), w["message"]) for w in earlier["warnings"]]
            return Added(wish.group_id, UUID(earlier["membership_id"]), warnings, replayed=True)
        customer = await named_customer(session, viewer, wish.identifier, wish.customer)
        group = await visible_group(session, viewer, wish.group_id)
        refusals = [refusal async for refusal in _refusals(session, viewer, wish, customer, group)]
        if refusals or customer is None or group is None:
            raise Refused(*refusals)
        added = await _add(session, actor, wish, customer, group)
        answer: dict[str, Any] = {"membership_id": str(added.membership_id)}
        await once.keep(answer | {"warnings": [{"code": w.code, "message": w.message} for w in added.warnings]})
        return added


@dataclass(frozen=True, slots=True)
class Addable:
    """Whether a customer can join a group as things are: what is in the way, and what would be worth knowing."""

    blockers: tuple[Refusal, ...]
    warnings: list[Warned]


async def can_add_member(database: Database, viewer: AdminViewer, group_id: UUID, customer_id: UUID) -> Addable:
    """Ask every rule of `add_group_member`, by the same code; hold and write nothing."""
    wish = AddGroupMember(group_id, "customerId", customer_id)
    async with database.begin() as session:
        customer = await named_customer(session, viewer, wish.identifier, wish.customer, lock=False)
        group = await visible_group(session, viewer, group_id, lock=False)
        blockers = tuple([refusal async for refusal in _refusals(session, viewer, wish, customer, group)])
        if blockers or group is None:
            return Addable(blockers, [])
        return Addable((), rules.warnings(group.member_count + 1, group.maximum_members))


async def named_customer(
    session: AsyncSession, viewer: AdminViewer, identifier: Identifier, name: UUID | str, *, lock: bool = True
) -> Customer | None:
    """The customer, locked or not; None also where the viewer may not see them, or not by that identifier."""
    column = {"customerId": Customer.id, "email": Customer.email, "number": Customer.number}[identifier]
    customer = await visible_where(session, viewer, column == name, lock=lock)
    if customer is None:
        return None
    may_match_email = access_to(viewer, customer).shows(CustomerField.EMAIL) or viewer.may(Permission.CUSTOMER_LOOKUP)
    return None if identifier == "email" and not may_match_email else customer


async def visible_group(
    session: AsyncSession, viewer: AdminViewer, group_id: UUID, *, lock: bool = True
) -> Group | None:
    """The group, locked or not."""
    if not viewer.may(Permission.GROUP_READ):
        return None
    return await session.get(Group, group_id, with_for_update=lock or None)


async def _refusals(
    session: AsyncSession, viewer: AdminViewer, wish: AddGroupMember, customer: Customer | None, group: Group | None
) -> AsyncIterator[Refusal]:
    """Every reason against it; to someone who may not change members, only what they see anyway."""
    if customer is None:
        yield rules.customer_not_found(wish.identifier)
    if group is None:
        yield rules.GROUP_NOT_FOUND
    if not viewer.may(Permission.GROUP_MEMBERS_WRITE):
        yield rules.FORBIDDEN
        return
    if customer is not None:
        by_status = rules.customer_status_refusal(customer.status, (wish.identifier,))
        if by_status is not None:
            yield by_status
    if group is not None:
        for refusal in rules.group_refusals(facts_of(group)):
            yield refusal
    if customer is not None and group is not None:
        for refusal in await _pair_refusals(session, viewer, wish, customer, group):
            yield refusal


def facts_of(group: Group) -> GroupFacts:
    """What the rules ask about it."""
    return GroupFacts(group.status, group.member_count, group.maximum_members, group.capacity_mode)


async def _pair_refusals(
    session: AsyncSession, viewer: AdminViewer, wish: AddGroupMember, customer: Customer, group: Group
) -> Iterable[Refusal]:
    membership_id = await session.scalar(
        select(Membership.id).where(
            Membership.group_id == group.id, Membership.customer_id == customer.id, Membership.until.is_(None)
        )
    )
    access = access_to(viewer, customer)
    return rules.pair_refusals(
        identifier=wish.identifier,
        already_member=membership_id is not None,
        failed_criterion=await _failed_criterion(session, customer, group),
        names_criterion=access.is_full,
        conflicts=await _conflicts(session, customer, group),
        names_conflicts=access.shows(CustomerField.GROUPS) or viewer.may(Permission.GROUP_MEMBERS_READ),
    )


async def _failed_criterion(session: AsyncSession, customer: Customer, group: Group) -> str | None:
    """The criterion of the group that the customer does not meet, in words."""
    if group.criteria is None:
        return None
    expression = parse(group.criteria)
    failed = failing(expression, await criteria_facts_of(session, customer, expression, today()))
    if failed is None:
        return None
    named = offices_named(failed)
    if not named:
        return describe(failed, {})
    names = (await session.execute(select(Office.id, Office.name).where(Office.id.in_(named)))).all()
    return describe(failed, {row.id: row.name for row in names})


async def _conflicts(session: AsyncSession, customer: Customer, group: Group) -> Sequence[Conflict]:
    """The customer's groups that are walled off from this one: by their risk categories, then by themselves."""
    member_of = (
        select(Group.id, Group.name)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.customer_id == customer.id, Membership.until.is_(None))
        .order_by(Group.name)
    )
    found = []
    if group.risk_category_id is not None:
        # Held in share: who gives a group another category holds those that it excludes against this.
        held = select(RiskCategory.id).where(RiskCategory.id == group.risk_category_id)
        await session.execute(held.with_for_update(read=True))
        wall = RiskCategoryExclusion
        excluding = or_(
            (wall.category_id == group.risk_category_id) & (wall.other_category_id == Group.risk_category_id),
            (wall.other_category_id == group.risk_category_id) & (wall.category_id == Group.risk_category_id),
        )
        of_categories = await session.execute(member_of.join(wall, excluding))
        found += [Conflict(row.id, row.name) for row in of_categories]
    pair = GroupExclusion
    either = or_(
        (pair.group_id == group.id) & (pair.other_group_id == Group.id),
        (pair.other_group_id == group.id) & (pair.group_id == Group.id),
    )
    of_groups = await session.execute(member_of.join(pair, either))
    return found + [Conflict(row.id, row.name, by_category=False) for row in of_groups]


async def _add(session: AsyncSession, actor: Actor, wish: AddGroupMember, customer: Customer, group: Group) -> Added:
    membership = Membership(
        id=new_id(),
        group_id=group.id,
        customer_id=customer.id,
        since=now(),
        added_by_id=actor.id,
        reason=wish.reason,
    )
    session.add(membership)
    group.member_count += 1
    audit.record(
        session,
        actor,
        "group.member_added",
        subject_kind="group",
        subject_id=group.id,
        details={
            "customer_id": str(customer.id),
            "membership_id": str(membership.id),
            "found_by": wish.identifier,
            "reason": wish.reason,
        },
    )
    return Added(group.id, membership.id, rules.warnings(group.member_count, group.maximum_members))
