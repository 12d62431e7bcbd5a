"""What a viewer sees, as disjoint sets of customers: the rule of `policies.py` in the form that SQL can seek."""

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from gql.domain.policies import Access, AccessMap


class Holder(Enum):
    """Whose customers a bucket has, from the viewer's side. Who is covered or opened is in no bucket but those of such,
    and ANYBODY, which shows them alike."""

    ANYBODY = "anybody's or nobody's"
    MINE = "the viewer's"
    NOT_MINE = "anybody else's or nobody's"
    OTHERS = "somebody else's"
    NOBODYS = "nobody's"
    COVERED = "one account manager's, whose book the viewer covers"
    OPENED = "anybody's or nobody's, opened one by one"


class Bucket(NamedTuple):
    """A set of customers who are all seen alike. The buckets of a viewer are disjoint and cover what they see.

    `offices` None means every office; `except_offices` are left out then.
    """

    holder: Holder
    offices: frozenset[UUID] | None
    except_offices: frozenset[UUID]
    access: "Access"
    manager: UUID | None = None
    """Whose, where it is a book that the viewer covers."""


def buckets_of(access: "AccessMap") -> Iterator[Bucket]:
    """The buckets of whoever sees by this map; together they say what it says of each customer."""
    special = frozenset(access.assigned.offices) | frozenset(access.unassigned.offices)
    alike: dict[tuple[Access, Access], set[UUID]] = {}
    for office in special:
        alike.setdefault((access.assigned.of(office), access.unassigned.of(office)), set()).add(office)
    holds_mine_too: set[UUID] = set()
    for (assigned, unassigned), offices in alike.items():
        if assigned.is_full and unassigned.is_full:
            holds_mine_too |= offices
        yield from _of_offices(assigned, unassigned, frozenset(offices), frozenset())
    assigned, unassigned = access.assigned.everywhere, access.unassigned.everywhere
    yield from _of_offices(assigned, unassigned, None, special)
    if not (assigned.is_full and unassigned.is_full):
        elsewhere = frozenset(holds_mine_too)
        yield Bucket(Holder.MINE, None, elsewhere, access.own_book)
        for manager, covered in access.covered.items():
            yield Bucket(Holder.COVERED, None, elsewhere, covered, manager)
        for opened in list(access.opened.values())[:1]:
            yield Bucket(Holder.OPENED, None, elsewhere, opened)


def _of_offices(
    assigned: "Access", unassigned: "Access", offices: frozenset[UUID] | None, except_offices: frozenset[UUID]
) -> Iterator[Bucket]:
    if assigned.is_full and unassigned.is_full:
        yield Bucket(Holder.ANYBODY, offices, except_offices, assigned)
    elif assigned.is_visible and unassigned.is_visible and assigned.withheld == unassigned.withheld:
        yield Bucket(Holder.NOT_MINE, offices, except_offices, assigned)
    else:
        if assigned.is_visible:
            yield Bucket(Holder.OTHERS, offices, except_offices, assigned)
        if unassigned.is_visible:
            yield Bucket(Holder.NOBODYS, offices, except_offices, unassigned)
