"""An admin's saved views: which there can be."""

from typing import Final

from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode

MOST_VIEWS: Final = 50
LONGEST_NAME: Final = 100

TOO_MANY: Final = Refusal(
    UserErrorCode.LIMIT_REACHED,
    f"You have {MOST_VIEWS} saved views, and can't have more. Delete one, or save under the name of one.",
    ("name",),
)
ONLY_ADMINS: Final = Refusal(UserErrorCode.FORBIDDEN, "Only team members have saved views.", None)
