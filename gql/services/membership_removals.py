"""Take a customer out of a group."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Customer, Group, Membership
from gql.domain import membership_removals as rules
from gql.domain.errors import Refusal, Refused
from gql.domain.groups import GroupWarning, GroupWarningCode, minimum_warnings
from gql.domain.membership_removals import RemoveMemberErrorCode
from gql.domain.roles import Permission
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.group_use import used
from gql.services.idempotency import Once
from gql.services.memberships import Identifier, named_customer, visible_group


@dataclass(frozen=True, slots=True)
class RemoveGroupMember:
    """The wish: this customer, out of this group. The customer is named by one identifier, an ID or text."""

    group_id: UUID
    identifier: Identifier
    customer: UUID | str
    reason: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What came of it. `replayed`: it is the answer that was kept for the idempotency key; nothing was done now."""

    group_id: UUID
    membership_id: UUID
    warnings: list[GroupWarning]
    replayed: bool = False


async def remove_group_member(
    database: Database, actor: Actor, viewer: AdminViewer, wish: RemoveGroupMember
) -> Removed:
    """End a customer's membership, whatever the status of either: who must go can always go.

    Locks the customer, then the group, as additions do, so that the group's count stays true. Raises Refused
    (RemoveMemberErrorCode), with every reason at once, and writes nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "removeGroupMember", wish.idempotency_key, RemoveMemberErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            warnings = [GroupWarning(GroupWarningCode(w["code"]), w["message"]) for w in earlier["warnings"]]
            return Removed(wish.group_id, UUID(earlier["membership_id"]), warnings, replayed=True)
        customer = await named_customer(session, viewer, wish.identifier, wish.customer)
        group = await visible_group(session, viewer, wish.group_id)
        membership = await _open(session, customer, group) if customer is not None and group is not None else None
        refusals = [*_refusals(viewer, wish, customer, group, membership)]
        if refusals or group is None or membership is None:
            raise Refused(*refusals)
        end_membership(session, actor, group, membership, wish.reason)
        done = Removed(group.id, membership.id, minimum_warnings(group.member_count, group.minimum_members))
        answer: dict[str, Any] = {"membership_id": str(membership.id)}
        await once.keep(answer | {"warnings": [{"code": w.code, "message": w.message} for w in done.warnings]})
        return done


def end_membership(
    session: AsyncSession, actor: Actor, group: Group, membership: Membership, reason: str, **facts: str
) -> None:
    """End an open membership of a locked group, on record. `facts`: what else the event says."""
    membership.until = max(now(), membership.since)
    membership.removed_by_id, membership.removal_reason = actor.id, reason
    group.member_count -= 1
    used(group)
    audit.record(
        session,
        actor,
        "group.member_removed",
        subject_kind="group",
        subject_id=group.id,
        details={
            "customer_id": str(membership.customer_id),
            "membership_id": str(membership.id),
            **facts,
            "reason": reason,
        },
    )


async def _open(session: AsyncSession, customer: Customer, group: Group) -> Membership | None:
    is_open = (
        Membership.group_id == group.id,
        Membership.customer_id == customer.id,
        Membership.until.is_(None),
    )
    found: Membership | None = await session.scalar(select(Membership).where(*is_open))
    return found


def _refusals(
    viewer: AdminViewer,
    wish: RemoveGroupMember,
    customer: Customer | None,
    group: Group | None,
    membership: Membership | None,
) -> Iterator[Refusal]:
    """Every reason against it; to someone who may not change members, only what they see anyway."""
    if customer is None:
        yield rules.customer_not_found(wish.identifier)
    if group is None:
        yield rules.GROUP_NOT_FOUND
    if not viewer.may(Permission.GROUP_MEMBERS_WRITE):
        yield rules.FORBIDDEN
    elif customer is not None and group is not None:
        yield from rules.member_refusals(wish.identifier, is_member=membership is not None)
