"""What follows when something is done with a locked group: that it was used, and when it is to be reviewed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.models import Group
from gql.domain.group_reviews import next_review, told_after
from gql.domain.time import now


def used(group: Group) -> None:
    """Something was done with the group that shows that somebody needs it."""
    group.last_used_at = max(now(), group.last_used_at)


async def mark_used(session: AsyncSession, group_id: UUID) -> None:
    """The same of a group that nobody has locked; it is locked from then on."""
    moment = now()
    is_earlier = (Group.id == group_id, Group.last_used_at < moment)
    statement = update(Group).where(*is_earlier).values(last_used_at=moment)
    await session.execute(statement.execution_options(synchronize_session=False))


def reschedule(group: Group, days_before: int | None, moment: datetime) -> None:
    """Have the review due by the interval and status that the group has from now on; the interval was `days_before`."""
    group.next_review_at = next_review(
        group.status, group.review_interval_days, moment, due_at=group.next_review_at, days_before=days_before
    )
    group.review_told = told_after(group.review_told, group.next_review_at, moment)
