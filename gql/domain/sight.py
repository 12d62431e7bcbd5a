"""Who gains and who loses sight of customers when their account managers change: by the policy itself, in numbers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from gql.domain.policies import AccessMap
from gql.domain.roles import Level

MOST_CHANGES: Final = 100
_ANY: Final = UUID(int=0)
"""Stands for any customer alike: a glass that is broken for one of them closes within hours, and isn't counted."""


class Shift(NamedTuple):
    """Customers of an office who had this account manager, and shall have that one; None is nobody."""

    office_id: UUID
    before: UUID | None
    after: UUID | None


@dataclass(slots=True)
class SightChange:
    """How many customers an admin sees otherwise than before."""

    admin_id: UUID
    gains_full: int = 0
    gains_limited: int = 0
    loses_full: int = 0
    loses_all: int = 0

    @property
    def customers(self) -> int:
        """All of them."""
        return self.gains_full + self.gains_limited + self.loses_full + self.loses_all

    def count(self, before: Level, after: Level, customers: int) -> None:
        """Count customers who were seen so, and are seen so now."""
        if after is before:
            return
        if after is Level.FULL:
            self.gains_full += customers
        elif after is Level.NONE:
            self.loses_all += customers
        elif before is Level.NONE:
            self.gains_limited += customers
        else:
            self.loses_full += customers


class _Kind(NamedTuple):
    """All that decides for who is neither the old account manager nor the new one, and covers neither's book."""

    office_id: UUID
    was_nobodys: bool
    is_nobodys: bool


def sight_changes(shifts: Mapping[Shift, int], viewers: Iterable[AccessMap]) -> Iterator[SightChange]:
    """What changes for each of the viewers for whom anything does.

    Takes as long as there are shifts, and for each viewer as there are offices: never viewers times customers.
    """
    kinds: Counter[_Kind] = Counter()
    of_manager: dict[UUID, dict[Shift, int]] = defaultdict(dict)
    for shift, customers in shifts.items():
        if shift.before == shift.after:
            continue
        kinds[_kind(shift)] += customers
        for admin_id in {shift.before, shift.after} - {None}:
            of_manager[admin_id][shift] = customers  # type: ignore[index]
    for access in viewers:
        own: dict[Shift, int] = {}
        for manager_id in (access.admin_id, *access.covered):
            own |= of_manager.get(manager_id, {})
        change = _change(access, kinds, own)
        if change.customers:
            yield change


def _kind(shift: Shift) -> _Kind:
    return _Kind(shift.office_id, shift.before is None, shift.after is None)


def _change(access: AccessMap, kinds: Counter[_Kind], own: Mapping[Shift, int]) -> SightChange:
    change = SightChange(access.admin_id)
    of_others = kinds
    if own:
        of_others = kinds.copy()
        for shift, customers in own.items():
            of_others[_kind(shift)] -= customers
            before, after = (access.to(_ANY, who, shift.office_id).level for who in (shift.before, shift.after))
            change.count(before, after, customers)
    for kind, customers in of_others.items():
        if customers:
            before, after = (_level(access, kind.office_id, nobodys) for nobodys in (kind.was_nobodys, kind.is_nobodys))
            change.count(before, after, customers)
    return change


def _level(access: AccessMap, office_id: UUID, nobodys: bool) -> Level:
    return (access.unassigned if nobodys else access.assigned).of(office_id).level
