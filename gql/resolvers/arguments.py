"""From what clients send to what the domain takes. Every malformed argument is a BadUserInput with a sentence."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.paging import LARGEST_PAGE, PageRequest, Sort, page_request
from gql.domain.search import search_key

MOST_DAYS = 36_500
LONGEST_REASON = 500
LONGEST_KEY = 200
LONGEST_SEARCH = 254  # the longest an email address can be

AnyEnum = TypeVar("AnyEnum", bound=StrEnum)
Arguments = Mapping[str, Any]


def page_of(sort: Sort, paging: Arguments, order: Arguments | None = None) -> PageRequest:
    """The page that `first`, `after`, `last` and `before` ask for, in the order's direction."""
    if order:
        sort = sort._replace(descending=order["direction"] == "DESC")
    return page_request(sort, paging["first"], paging["after"], paging["last"], paging["before"])


def optional_id(kind: Kind, arguments: Arguments, name: str) -> UUID | None:
    """The key behind an ID argument that may be left out."""
    value = arguments.get(name)
    return None if value is None else parse_id_of(kind, value)


def optional_set(arguments: Arguments, name: str) -> frozenset[Any] | None:
    """A list argument as a set; None where it was left out."""
    values = arguments.get(name)
    return None if values is None else frozenset(values)


def days_of(arguments: Arguments, name: str) -> tuple[int | None, int | None]:
    """The ends of a range of days that may be left out."""
    given = arguments.get(name) or {}
    least, most = given.get("min"), given.get("max")
    for days in (least, most):
        if days is not None and not 0 <= days <= MOST_DAYS:
            raise BadUserInput(f"Days are between 0 and {MOST_DAYS:,}.")
    if least is not None and most is not None and least > most:
        raise BadUserInput("`min` is more than `max`.")
    return least, most


def text(value: str | None, name: str, longest: int, advice: str = "Leave it out, or write something.") -> str | None:
    """A text that was given: not blank, not too long, and such as a database can hold. None where left out.

    `advice` is what to do about a blank one.
    """
    if value is None:
        return None
    if not value.strip():
        raise BadUserInput(f"`{name}` is empty. {advice}")
    if len(value) > longest:
        raise BadUserInput(f"`{name}` has {len(value)} characters; at most {longest} are allowed.")
    if "\x00" in value or not _encodable(value):
        raise BadUserInput(f"`{name}` holds characters that are no text.")
    return value


def required_text(arguments: Arguments, name: str, longest: int) -> str:
    """A text that must be given, of one word's name."""
    return cast("str", text(arguments[name], name, longest, "Write something."))


def moment_of(arguments: Arguments, name: str) -> datetime | None:
    """A time, in UTC; None where it was left out. One without an offset could be any of a day's."""
    given: datetime | None = arguments.get(name)
    if given is None:
        return None
    word, *more = name.split("_")
    shown = word + "".join(map(str.capitalize, more))
    if given.utcoffset() is None:
        raise BadUserInput(f"`{shown}` has no offset from UTC. Write a time such as 2026-01-31T09:00:00Z.")
    try:
        return given.astimezone(UTC)
    except OverflowError:
        raise BadUserInput(f"`{shown}` is no time that can be stored.") from None


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def search_prefix(value: str | None) -> str | None:
    """A search by the beginning of a name."""
    term = text(value, "search", LONGEST_SEARCH)
    if term is None:
        return None
    key = search_key(term)
    if not key:
        raise BadUserInput("`search` needs a letter or a digit.")
    return key


def sample_size(first: int | None, usual: int) -> int:
    """How many records a sample has. Raises BadUserInput."""
    size = usual if first is None else first
    if not 1 <= size <= LARGEST_PAGE:
        raise BadUserInput(f"`first` must be between 1 and {LARGEST_PAGE}.")
    return size


def reason_of(arguments: Arguments) -> str | None:
    """The `reason` of a change."""
    return text(arguments.get("reason"), "reason", LONGEST_REASON)


def required_reason_of(arguments: Arguments) -> str:
    """The `reason` of a change that takes one."""
    return cast("str", text(arguments["reason"], "reason", LONGEST_REASON, "Say why."))


def idempotency_key_of(arguments: Arguments) -> str | None:
    """The `idempotencyKey` of a mutation."""
    return text(arguments.get("idempotency_key"), "idempotencyKey", LONGEST_KEY)
