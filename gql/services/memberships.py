"""Add a customer to a group, or say beforehand what is in the way."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import append
from gql.db.dialect import Dialect
from gql.db.engine import Database
from gql.db.models import Customer, Group, Membership
from gql.domain import memberships as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.ids import new_id
from gql.domain.memberships import AddMemberErrorCode, Warned
from gql.domain.roles import CustomerField, Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_records import access_to, visible_where
from gql.services.group_use import used
from gql.services.idempotency import Once
from gql.services.joining import customer_refusals, facts_of, joining_of

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
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            warnings = [Warned(rules.WarningCode(w["code"]), w["message"]) for w in earlier["warnings"]]
            return Added(wish.group_id, UUID(earlier["membership_id"]), warnings, replayed=True)
        customer = await named_customer(session, viewer, wish.identifier, wish.customer)
        group = await visible_group(session, viewer, wish.group_id)
        refusals = await _refusals(session, database.dialect, viewer, wish, customer, group)
        if refusals or customer is None or group is None:
            raise Refused(*refusals)
        added = _add(session, actor, wish, customer, group)
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
        blockers = tuple(await _refusals(session, database.dialect, viewer, wish, customer, group))
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
    session: AsyncSession,
    dialect: Dialect,
    viewer: AdminViewer,
    wish: AddGroupMember,
    customer: Customer | None,
    group: Group | None,
) -> list[Refusal]:
    """Every reason against it; to someone who may not change members, only what they see anyway."""
    found = []
    if customer is None:
        found.append(rules.customer_not_found(wish.identifier))
    if group is None:
        found.append(rules.GROUP_NOT_FOUND)
    if not viewer.may(Permission.GROUP_MEMBERS_WRITE):
        return [*found, rules.FORBIDDEN]
    if customer is not None:
        found += customer_refusals(customer, wish.identifier)
    if group is not None:
        found += rules.group_refusals(facts_of(group))
    if customer is not None and group is not None:
        joining = await joining_of(session, dialect, [customer], group)
        found += joining.refusals(viewer, customer, wish.identifier)
    return found


def _add(session: AsyncSession, actor: Actor, wish: AddGroupMember, customer: Customer, group: Group) -> Added:
    membership_id = begin_membership(session, actor, group, customer.id, wish.reason, found_by=wish.identifier)
    return Added(group.id, membership_id, rules.warnings(group.member_count, group.maximum_members))


def begin_membership(
    session: AsyncSession, actor: Actor, group: Group, customer_id: UUID, reason: str | None, **facts: str
) -> UUID:
    """Begin a membership of a locked group, on record; answers its ID. `facts`: what else the event says."""
    membership_id = new_id()
    values = {"group_id": group.id, "customer_id": customer_id, "since": now(), "added_by_id": actor.id}
    append(session, Membership, {"id": membership_id, **values, "reason": reason})
    group.member_count += 1
    used(group)
    named = {"customer_id": str(customer_id), "membership_id": str(membership_id), **facts, "reason": reason}
    audit.record(session, actor, "group.member_added", subject_kind="group", subject_id=group.id, details=named)
    return membership_id
