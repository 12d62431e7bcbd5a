"""Sign that a group's members were looked at."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.engine import Database
from gql.db.models import Admin, Group, GroupReview, Membership
from gql.domain import group_reviews as rules
from gql.domain.errors import Refusal
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.groups import VERSION_CONFLICT, GroupErrorCode
from gql.domain.ids import new_id
from gql.domain.time import now
from gql.domain.viewer import AdminViewer
from gql.services import audit
from gql.services.audit import Actor
from gql.services.customer_changes import refuse
from gql.services.group_changes import GroupChanged, kept, locked_group, replayed
from gql.services.group_use import used
from gql.services.idempotency import Once


@dataclass(frozen=True, slots=True)
class SignGroupReview:
    """The wish. `expected_version` is the version of the group that the signer saw."""

    group_id: UUID
    note: str
    expected_version: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class GroupReviewSigned:
    """What came of it."""

    group: GroupChanged
    review_id: UUID


async def sign_group_review(
    database: Database, actor: Actor, viewer: AdminViewer, wish: SignGroupReview
) -> GroupReviewSigned:
    """Put on record that the viewer has looked at the members, and have the group reviewed again an interval later.

    The group's version stays: nothing about it has changed. Of two who sign at once the group's lock lets one be first,
    and the other hears that it isn't due. Raises Refused (GroupErrorCode), with every reason at once, and writes
    nothing then.
    """
    async with database.begin() as session:
        once = Once(session, viewer.admin_id, "signGroupReview", wish.idempotency_key, GroupErrorCode)
        earlier = await once.earlier_answer(database.dialect, wish)
        if earlier is not None:
            return GroupReviewSigned(replayed(wish.group_id, earlier), UUID(earlier["review_id"]))
        group = await locked_group(session, viewer, wish.group_id)
        refuse(await _refusals(session, group, wish))
        review_id = await _sign(session, actor, viewer, group, wish.note)
        return GroupReviewSigned(await kept(once, group, changed=True, review_id=str(review_id)), review_id)


async def _refusals(session: AsyncSession, group: Group, wish: SignGroupReview) -> list[Refusal]:
    signer = None if group.reviewed_by_id is None else await session.get(Admin, group.reviewed_by_id)
    facts = (group.status, group.review_interval_days, group.next_review_at)
    found = [*rules.sign_refusals(*facts, now(), signed_by=None if signer is None else signer.name)]
    if wish.expected_version is not None and wish.expected_version != group.version:
        found.append(VERSION_CONFLICT)
    return found


async def _sign(session: AsyncSession, actor: Actor, viewer: AdminViewer, group: Group, note: str) -> UUID:
    due_at, days, before = group.next_review_at, group.review_interval_days, group.reviewed_at
    if due_at is None or days is None:
        raise RuntimeError(f"group {group.id} is not reviewed")  # refused before
    review = GroupReview(
        id=new_id(),
        group_id=group.id,
        signed_by_id=viewer.admin_id,
        signed_at=now() if before is None else max(now(), before),
        due_at=due_at,
        note=note,
        member_count=group.member_count,
        joined=await _count(session, group, Membership.until.is_(None), Membership.since, before),
        removed=await _count(session, group, Membership.until.is_not(None), Membership.until, before),
    )
    session.add(review)
    group.reviewed_at, group.reviewed_by_id = review.signed_at, viewer.admin_id
    group.next_review_at = review.signed_at + timedelta(days=days)
    group.review_told = GroupReviewStatus.NOT_DUE
    used(group)
    counts = {"members": review.member_count, "joined": review.joined, "removed": review.removed}
    audit.record(
        session,
        actor,
        "group.review_signed",
        subject_kind="group",
        subject_id=group.id,
        details={"review_id": str(review.id), "due_at": due_at.isoformat(), "note": note, **counts},
    )
    return review.id


async def _count(session: AsyncSession, group: Group, are_those: Any, key: Any, before: Any) -> int:
    """Of the group's memberships that are open, or over, those that became so since the signature before."""
    counting = select(func.count()).select_from(Membership).where(Membership.group_id == group.id, are_those)
    return await session.scalar(counting if before is None else counting.where(key > before)) or 0
