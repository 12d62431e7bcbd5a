"""What only the back office knows of a customer: tier, tags, notes. Nothing of it is ever the customer's to read."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final

from gql.domain.errors import Refusal
from gql.domain.search import search_key
from gql.domain.texts import LONGEST_PROSE, is_prose
from gql.domain.user_errors import UserErrorCode, invalid

MOST_TAGS: Final = 20
LONGEST_TAG: Final = 40


class CustomerTier(StrEnum):
    """How a customer is served. What a lender calls the four is for its console to say."""

    BRONZE = "BRONZE"
    SILVER = "SILVER"
    GOLD = "GOLD"
    PLATINUM = "PLATINUM"


class SavingsStatus(StrEnum):
    """Where a savings account stands."""

    ACTIVE = "ACTIVE"
    DORMANT = "DORMANT"
    CLOSED = "CLOSED"


def normal_tag(text: str) -> str:
    """A tag in the one form in which it is stored and compared: " VIP, Lagos " is "vip lagos"."""
    return search_key(text)


def tags_refusals(tags: Sequence[str]) -> Iterator[Refusal]:
    """Why these can't be all of a customer's tags."""
    for place, tag in enumerate(tags):
        if not 1 <= len(normal_tag(tag)) <= LONGEST_TAG or not tag.strip().isprintable():
            yield invalid(f"Write a tag of 1 to {LONGEST_TAG} letters and digits.", "tags", str(place))
    if len({normal_tag(tag) for tag in tags}) > MOST_TAGS:
        yield Refusal(
            UserErrorCode.LIMIT_REACHED, f"A customer has at most {MOST_TAGS} tags. Leave some out.", ("tags",)
        )


def note_refusals(text: str) -> Iterator[Refusal]:
    """Why it can't be a note."""
    if not is_prose(text):
        yield invalid(f"Write a note of 1 to {LONGEST_PROSE} characters.", "text")
