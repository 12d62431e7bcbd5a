"""Groups that nobody uses: suggested for archive, unless somebody wants to keep them for another while.

Used is a group while members come and go, while it is changed, and when its members are reviewed, or taken out of the
house. What only reads it leaves no trace.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from gql.domain.enums import GroupStatus
from gql.domain.errors import Refusal
from gql.domain.group_reviews import in_words
from gql.domain.groups import GROUP_ARCHIVED, GroupErrorCode
from gql.domain.paging import Sort

BETWEEN_DIGESTS: Final = timedelta(days=30)
"""An owner is told of their unused groups no more often."""
MOST_NAMED: Final = 20
"""Groups that a digest names: of the others it tells how many they are."""
BY_LAST_USED: Final = Sort("last_used_at", datetime)


def keep_refusals(
    status: GroupStatus, last_used_at: datetime, kept_until: datetime | None, moment: datetime, days: int
) -> Iterator[Refusal]:
    """Why nobody has to decide whether to keep a group: it is suggested for archive after so many days of disuse."""
    if status is GroupStatus.ARCHIVED:
        yield GROUP_ARCHIVED
        return
    suggested_at = max(last_used_at + timedelta(days=days), kept_until or last_used_at)
    if moment < suggested_at:
        message = f"This group is not suggested for archive before {in_words(suggested_at)}. Nothing is to do."
        yield Refusal(GroupErrorCode.NOT_UNUSED, message, ("groupId",))
