"""Walls: which categories of risk, and which groups, no customer may be in at once."""

from collections.abc import Iterator
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.groups import GroupErrorCode
from gql.domain.texts import is_line, is_prose
from gql.domain.user_errors import UserErrorCode, invalid, not_allowed

MOST_EXCLUDED: Final = 50
"""Of one group, or one category."""
LONGEST_NAME: Final = 100

MAY_NOT: Final = Refusal(
    UserErrorCode.FORBIDDEN,
    "You may not change categories of risk. Ask a group administrator, compliance officer or portfolio manager.",
    ("name",),
)
CATEGORY_TAKEN: Final = not_allowed("Another category has this name. Choose another, or change that one.", "name")
ITSELF: Final = invalid("A category can't exclude itself: its groups would have no members.", "excludes")


def category_refusals(name: str, description: str) -> Iterator[Refusal]:
    """Why a category of risk can't be called or described so; both are stripped."""
    if not (name and is_line(name, LONGEST_NAME)):
        yield invalid(f"Give the category a name of one line, with at most {LONGEST_NAME} characters.", "name")
    if not is_prose(description):
        yield invalid("Write which risk it is, in at most 4,000 characters.", "description")


def crossed_categories(customers: int) -> Refusal:
    """Customers are in groups of both already."""
    return not_allowed(
        f"Customers who are in groups of both categories: {customers}. Remove them from the groups of one first.",
        "excludes",
    )


GROUP_ITSELF: Final = Refusal(
    GroupErrorCode.INVALID, "A group can't exclude itself. Leave it out.", ("excludedGroupIds",)
)
NO_SUCH_GROUPS: Final = Refusal(
    GroupErrorCode.INVALID,
    "Some of the groups to exclude aren't there. Pick them from the list of groups.",
    ("excludedGroupIds",),
)


def crossed_groups(customers: int) -> Refusal:
    """The same of two groups."""
    message = (
        f"Customers who are in this group and in one that it would exclude: {customers}. Remove them from one of the "
        "two first."
    )
    return Refusal(GroupErrorCode.MEMBERS_IN_BOTH, message, ("excludedGroupIds",), {"current_members": customers})
