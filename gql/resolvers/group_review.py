"""Reviews of groups: what is due, what a signer should look at, and the signature; and groups that nobody uses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gql.context import Context
from gql.db.group_review_rows import GroupReviewRow
from gql.db.queries.criteria_previews import CriteriaTotal
from gql.db.queries.group_reviews import ChangesTotal, DueCriteria, list_due
from gql.db.queries.unused_groups import UnusedCriteria, list_unused
from gql.db.rows import GroupRow
from gql.domain import groups as rules
from gql.domain.criteria_json import parse
from gql.domain.errors import Refusal, Refused
from gql.domain.group_reviews import BY_NEXT_REVIEW, LONGEST_NOTE, WANTED, GroupReviewStatus, due_spans, status_at
from gql.domain.groups import GroupErrorCode, GroupWarning
from gql.domain.ids import Kind, parse_id_of
from gql.domain.paging import Edge, Page
from gql.domain.time import now, today
from gql.domain.unused_groups import BY_LAST_USED
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import (
    Arguments,
    idempotency_key_of,
    optional_id,
    optional_set,
    page_of,
    required_reason_of,
    required_text,
)
from gql.resolvers.group import group, readable_group
from gql.resolvers.group_changes import GroupPayload, answer
from gql.services.group_reviews import SignGroupReview, sign_group_review
from gql.services.kept_groups import KeepGroup, keep_group

_TO_LOOK_AGAIN: Final = frozenset({GroupErrorCode.VERSION_CONFLICT, GroupErrorCode.REVIEW_NOT_DUE})


def review_of(row: GroupRow) -> GroupRow | None:
    """A group that is reviewed."""
    return None if row.next_review_at is None else row


def status_of(row: GroupRow) -> GroupReviewStatus | None:
    """Where its review stands now."""
    return None if row.next_review_at is None else status_at(now(), row.next_review_at)


async def due_reviews(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[GroupRow]]:
    """A page of the groups whose review is due, unless others are wanted."""
    statuses = optional_set(criteria, "status")
    wanted = DueCriteria(
        spans=tuple(due_spans(WANTED if statuses is None else statuses, now())),
        owner_id=optional_id(Kind.ADMIN, criteria, "owner_id"),
        purposes=optional_set(criteria, "purpose"),
    )
    return await list_due(context.database, wanted, page_of(BY_NEXT_REVIEW, paging))


async def unused_groups(context: Context, criteria: Arguments, paging: Arguments) -> Page[Edge[GroupRow]]:
    """A page of the groups that are suggested for archive."""
    moment = now()
    wanted = UnusedCriteria(
        since=moment - timedelta(days=context.application.settings.group_unused_days),
        moment=moment,
        owner_id=optional_id(Kind.ADMIN, criteria, "owner_id"),
        purposes=optional_set(criteria, "purpose"),
    )
    return await list_unused(context.database, wanted, page_of(BY_LAST_USED, paging))


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """What somebody looks at who is about to sign; each count is read where it is asked for."""

    group: GroupRow
    since: datetime | None
    joined: ChangesTotal
    left: ChangesTotal
    misfits: CriteriaTotal | None


async def review_sheet(context: Context, global_id: str) -> ReviewSheet | None:
    """Of a group that is reviewed."""
    row = await group(context, global_id)
    if row is None or row.next_review_at is None:
        return None
    since = row.reviewed_at
    misfits = None if row.criteria is None else CriteriaTotal(parse(row.criteria), today(), misfits_of=row.id)
    joined, left = (ChangesTotal(row.id, since, ended) for ended in (False, True))
    return ReviewSheet(row, since, joined, left, misfits)


@dataclass(frozen=True, slots=True)
class SignPayload:
    """The group as it is now; after a VERSION_CONFLICT, and where the review isn't due, too."""

    group: GroupRow | None = None
    review: GroupReviewRow | None = None
    changed: bool = False
    warnings: tuple[GroupWarning, ...] = ()
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def sign(context: Context, arguments: Arguments) -> SignPayload:
    """Sign that the members were looked at."""
    wish = SignGroupReview(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        note=required_text(arguments, "note", LONGEST_NOTE).strip(),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return SignPayload(user_errors=(rules.FORBIDDEN,))
    try:
        done = await sign_group_review(context.database, context.actor, context.admin, wish)
    except Refused as refused:
        present = await _present(context, wish.group_id, refused.refusals)
        return SignPayload(present, user_errors=refused.refusals)
    context.renew()
    review = await context.loaders.one("group_review", done.review_id)
    row, changed = await readable_group(context, wish.group_id), done.group
    return SignPayload(row, review, changed.changed, changed.warnings, changed.replayed)


async def _present(context: Context, group_id: UUID, refusals: tuple[Refusal, ...]) -> GroupRow | None:
    has_moved_on = not _TO_LOOK_AGAIN.isdisjoint(refusal.code for refusal in refusals)
    return await readable_group(context, group_id) if has_moved_on else None


async def keep(context: Context, arguments: Arguments) -> GroupPayload:
    """Keep a group that nobody uses."""
    wish = KeepGroup(
        group_id=parse_id_of(Kind.GROUP, arguments["group_id"]),
        reason=required_reason_of(arguments),
        expected_version=arguments.get("expected_version"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return GroupPayload(user_errors=(rules.FORBIDDEN,))
    days = context.application.settings.group_unused_days
    done = keep_group(context.database, context.actor, context.admin, wish, unused_days=days)
    return await answer(context, wish.group_id, done)
