"""Somebody leaves, and others take over: who gets whom, and why it can't be done so."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heapify, heapreplace
from typing import Final, NamedTuple
from uuid import UUID

from gql.domain.errors import Refusal
from gql.domain.offices import up_from

MOST_CUSTOMERS: Final = 2_000
"""Of a book that is handed over at once: its customers are locked meanwhile, for some seconds."""


class HandOverErrorCode(StrEnum):
    """Why nobody took over, and the team member's account is as it was."""

    ADMIN_NOT_FOUND = "ADMIN_NOT_FOUND"
    OWN_ACCOUNT = "OWN_ACCOUNT"
    BOOK_NOT_IN_SIGHT = "BOOK_NOT_IN_SIGHT"
    BOOK_TOO_LARGE = "BOOK_TOO_LARGE"
    BOOK_CHANGED = "BOOK_CHANGED"
    NOT_IN_BOOK = "NOT_IN_BOOK"
    MOVES_INCOMPLETE = "MOVES_INCOMPLETE"
    COUNT_MISMATCH = "COUNT_MISMATCH"
    NO_SUCCESSOR = "NO_SUCCESSOR"
    ADMIN_INACTIVE = "ADMIN_INACTIVE"
    ADMIN_NOT_ELIGIBLE = "ADMIN_NOT_ELIGIBLE"
    OFFICE_INACTIVE = "OFFICE_INACTIVE"
    OUTSIDE_SCOPE = "OUTSIDE_SCOPE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    FORBIDDEN = "FORBIDDEN"


_Code = HandOverErrorCode
_ADMIN: Final = ("adminId",)
_MOVES: Final = ("moves",)
BY_OFFICE: Final = ("byOffice",)

FORBIDDEN: Final = Refusal(
    _Code.FORBIDDEN, "You may not change team members and account managers both. Ask a super admin.", _ADMIN
)
ADMIN_NOT_FOUND: Final = Refusal(_Code.ADMIN_NOT_FOUND, "There is no such team member. Pick one from the list.", _ADMIN)
OWN_ACCOUNT: Final = Refusal(
    _Code.OWN_ACCOUNT, "You can't hand over your own book and leave. Ask another super admin.", _ADMIN
)
BOOK_CHANGED: Final = Refusal(
    _Code.BOOK_CHANGED, "Customers or covers came to this book just now, again and again. Try once more.", _ADMIN
)


def too_large(size: int) -> Refusal:
    """Why a book of this size isn't handed over at once."""
    return Refusal(
        _Code.BOOK_TOO_LARGE,
        f"This book has {size:,} customers; at once {MOST_CUSTOMERS:,} can be handed over. Move most of them by "
        "`reassignBook` first.",
        _ADMIN,
        {"customers": size},
    )


def not_in_sight(customers: int) -> Refusal:
    """Why somebody who doesn't see all of it in full can't decide: `customers` they don't."""
    return Refusal(
        _Code.BOOK_NOT_IN_SIGHT,
        f"You can't reassign {_customers(customers)} whom this concerns. Ask somebody who sees all of them in full.",
        _ADMIN,
        {"customers": customers},
    )


def moves_refusals(needed: Collection[UUID], given: Collection[UUID]) -> Iterator[Refusal]:
    """Why moves that name these customers won't do for those who need somebody."""
    extra, missing = len(set(given) - set(needed)), len(set(needed) - set(given))
    if extra:
        yield Refusal(
            _Code.NOT_IN_BOOK,
            f"{_customers(extra)} named in `moves` need nobody: they are neither of this book nor to become so. "
            "Leave them out.",
            _MOVES,
            {"customers": extra},
        )
    if missing:
        yield Refusal(
            _Code.MOVES_INCOMPLETE,
            f"{_customers(missing)} of this book, or about to come to it, aren't named in `moves`. "
            "Say to whom they go.",
            _MOVES,
            {"customers": missing},
        )


def no_successor(customers: int, office_names: Sequence[str]) -> Refusal:
    """Why a book can't be handed over by offices: in these, and above them, nobody could take over."""
    return Refusal(
        _Code.NO_SUCCESSOR,
        f"Nobody could take over {_customers(customers)} of {', '.join(office_names)}. "
        "Say by `to` or `moves` who shall.",
        BY_OFFICE,
        {"customers": customers},
    )


def outside_scope(customers: int, path: tuple[str, ...]) -> Refusal:
    """Why these customers can't go to whom the wish says: the lender's setting narrows the offices to choose from."""
    advice = "Say by `moves` who shall take over." if path == BY_OFFICE else "Pick others, or hand over by office."
    return Refusal(
        _Code.OUTSIDE_SCOPE,
        f"{_customers(customers)} would go to somebody of an office that is not to be chosen for them. {advice}",
        path,
        {"customers": customers},
    )


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who could take over, with the size of the present book."""

    admin_id: UUID
    book: int


class Ward(NamedTuple):
    """A customer who needs somebody."""

    customer_id: UUID
    office_id: UUID


def deal_by_office(
    wards: Sequence[Ward], parents: Mapping[UUID, UUID | None], helpers: Mapping[UUID, Sequence[Helper]]
) -> tuple[dict[UUID, UUID], Counter[UUID]]:
    """Give each customer to somebody of their office, or of the nearest one above where somebody is.

    Those who have a book already come before who has none, and of them who has the fewest customers by then. Answers
    who gets whom, and of how many customers of which office nobody was found. The same deal each time.
    """
    queues: dict[UUID, list[tuple[int, UUID]]] = {}
    dealt: dict[UUID, UUID] = {}
    left: Counter[UUID] = Counter()
    for ward in wards:
        office = _nearest(ward.office_id, parents, helpers)
        if office is None:
            left[ward.office_id] += 1
            continue
        queue = queues.setdefault(office, _queue(helpers[office]))
        book, admin_id = queue[0]
        heapreplace(queue, (book + 1, admin_id))
        dealt[ward.customer_id] = admin_id
    return dealt, left


def _nearest(
    office_id: UUID, parents: Mapping[UUID, UUID | None], helpers: Mapping[UUID, Sequence[Helper]]
) -> UUID | None:
    return next((place for place in up_from(office_id, parents) if helpers.get(place)), None)


def _queue(helpers: Sequence[Helper]) -> list[tuple[int, UUID]]:
    with_book = [helper for helper in helpers if helper.book]
    queue = [(helper.book, helper.admin_id) for helper in with_book or helpers]
    heapify(queue)
    return queue


def _customers(count: int) -> str:
    return "1 customer" if count == 1 else f"{count:,} customers"
