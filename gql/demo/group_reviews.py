"""Reviews of the groups that the demo watches: one signed in time, one due, one overdue; and what was told of them."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from gql.demo.plan import Draw, Plan, Row, Rows
from gql.domain.group_reviews import GroupReviewStatus, status_at
from gql.domain.notifications import NotificationEvent

INTERVAL_DAYS: Final = 30
_LAST_SIGNED_DAYS: Final = {"High risk watch": 12, "Prime borrowers": 32, "Manual Review Hold": 50}
"""By the groups' names; the others of the same purpose are not in use."""
_SIGNATURES: Final = 6
_NOTES: Final = (
    "Looked at each of them; all still belong in it.",
    "Who has paid three times on time was taken out.",
    "Two to be asked about at the next visit; nothing else.",
    "Compared with the list of the branches: no difference.",
)
_EVENTS: Final = {
    GroupReviewStatus.DUE: NotificationEvent.GROUP_REVIEW_DUE,
    GroupReviewStatus.OVERDUE: NotificationEvent.GROUP_REVIEW_OVERDUE,
}


class GroupReviews:
    """One group's signed reviews, whose counts follow each membership that is made."""

    def __init__(self, draw: Draw, plan: Plan, group_id: UUID, name: str, created_at: datetime) -> None:
        self._plan, self._group_id = plan, group_id
        last = plan.now - timedelta(days=_LAST_SIGNED_DAYS[name])
        moments = [last - timedelta(days=INTERVAL_DAYS * number) for number in reversed(range(_SIGNATURES))]
        self.signed_at = [moment for moment in moments if moment > created_at]
        self._rows: list[Row] = [
            {
                "id": draw.id_at(moment),
                "group_id": group_id,
                "signed_at": moment,
                "due_at": moment - timedelta(hours=draw.randint(1, 30)),
                "note": draw.pick(_NOTES),
                "member_count": 0,
                "joined": 0,
                "removed": 0,
            }
            for moment in self.signed_at
        ]

    def count(self, since: datetime, until: datetime | None) -> None:
        """Somebody was in the group from then till then."""
        before = None
        for row in self._rows:
            moment = row["signed_at"]
            is_in = since <= moment and (until is None or until > moment)
            row["member_count"] += is_in
            row["joined"] += is_in and (before is None or since > before)
            row["removed"] += until is not None and until <= moment and (before is None or until > before)
            before = moment

    def state(self, signer_id: UUID) -> Row:
        """What the group's row says of its review; all that is to be told of it was told."""
        due_at = self.signed_at[-1] + timedelta(days=INTERVAL_DAYS)
        told = {"review_told": status_at(self._plan.now, due_at), "next_review_at": due_at}
        return told | {"reviewed_at": self.signed_at[-1], "reviewed_by_id": signer_id}

    def rows(self, draw: Draw, owner_id: UUID) -> Rows:
        """The signatures, and what the owner was told of what is due now."""
        due_at = self.signed_at[-1] + timedelta(days=INTERVAL_DAYS)
        since = {GroupReviewStatus.DUE: due_at, GroupReviewStatus.OVERDUE: due_at + timedelta(days=7)}
        told = [
            notice(draw, at, _EVENTS[status], owner_id, self._group_id)
            for status, at in since.items()
            if at <= self._plan.now
        ]
        return {"group_reviews": [row | {"signed_by_id": owner_id} for row in self._rows], "notifications": told}


def is_reviewed(name: str) -> bool:
    """Whether the demo has signatures of a group."""
    return name in _LAST_SIGNED_DAYS


def notice(draw: Draw, at: datetime, event: NotificationEvent, owner_id: UUID, group_id: UUID | None) -> Row:
    """A notification that wasn't read yet."""
    about = {"customer_id": None, "job_id": None, "group_id": group_id}
    return {"id": draw.id_at(at), "admin_id": owner_id, "event": event, "created_at": at, "read_at": None, **about}
