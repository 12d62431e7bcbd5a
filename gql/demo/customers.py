"""The customers, from the first to the latest, and who looked after them when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from math import sqrt
from typing import NamedTuple
from uuid import UUID

from gql.demo.names import company_name, key_of_name, person_name
from gql.demo.offices import DemoOffice
from gql.demo.plan import Draw, Plan, Weighted
from gql.demo.staff import DOMAIN, MANAGER_1, MANAGER_2, DemoAdmin, Staff
from gql.domain.back_office import CustomerTier
from gql.domain.enums import CustomerKind, CustomerStatus
from gql.domain.search import last_word_first

CUSTOMER_1 = f"customer1@{DOMAIN}"

_BOOK_OF_MANAGER_1 = 100
_MAIL_HOSTS = ("mail.example", "inbox.example", "post.example", "letters.example")
_PREFIXES = 10
_NUMBERS = _PREFIXES * 10_000_000
_STRIDE = 38_196_601
"""Coprime with the number of phone numbers, so that each customer gets another one; and they look mixed."""

_STATUSES = tuple(CustomerStatus)
_OF_THE_LAST_WEEKS = Weighted(_STATUSES, (58, 40, 1, 1, 0, 0))
_OF_THE_OTHERS = Weighted(_STATUSES, (1, 76, 9, 5, 3, 6))
_LENGTHS_OF_HISTORY = Weighted((1, 2, 3), (70, 22, 8))
_REASONS = {
    CustomerStatus.PENDING: ("Waiting for the identity check", "Waiting for proof of address", "New registration"),
    CustomerStatus.INACTIVE: ("No loan for more than a year", "Customer asked for a pause", "Moved abroad"),
    CustomerStatus.SUSPENDED: (
        "Bank verification number doesn't match the name",
        "Repayments disputed, under review",
        "Account reported as compromised",
    ),
    CustomerStatus.BLACKLISTED: ("Forged documents", "Fraud confirmed by the investigation", "Default without contact"),
    CustomerStatus.ARCHIVED: ("Relationship ended at the customer's wish", "Duplicate of another customer", "Deceased"),
}
_CHANGES = dict(zip(_STATUSES, (0, 1, 2, 2, 2, 3), strict=True))
"""How often the status of a customer who has it was changed; `gql.demo.statuses` makes the history."""
_FIRST_REASONS = ("First assignment", "Onboarding", None)
_LATER_REASONS = (
    "Books evened out within the branch",
    "The customer asked for another manager",
    "Covering a colleague's leave",
    "Closer to the customer's business",
    None,
)
_ONBOARDING = timedelta(days=6)
_FIRST_WEEKS = timedelta(days=10)
_LAST_WEEKS = timedelta(days=60)


class CustomerRow(NamedTuple):
    """A row of customers."""

    id: UUID
    number: str
    kind: CustomerKind
    name: str
    search_name: str
    search_name_reversed: str
    email: str
    phone: str
    status: CustomerStatus
    status_reason: str | None
    status_changed_at: datetime
    status_changed_by_id: UUID | None
    office_id: UUID
    account_manager_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime
    manager_reviewed_at: datetime
    tier: CustomerTier | None = None
    oldest_unpaid_due_on: date | None = None
    """Known once the loans are made; the database would find it by itself, but later."""


class AssignmentRow(NamedTuple):
    """A row of assignments."""

    id: UUID
    customer_id: UUID
    admin_id: UUID
    assigned_by_id: UUID
    reason: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class DemoCustomer:
    """A customer as the makers of loans and memberships need to know them, with the rows that are theirs alone.

    `kept_free` is one that demonstrations use: in no group, so that nothing but their status is in the way.
    """

    row: CustomerRow
    assignments: list[AssignmentRow]
    office: DemoOffice
    kept_free: bool

    def active_span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when the customer could borrow and join groups; empty for one who was never verified."""
        row = self.row
        if row.status is CustomerStatus.ACTIVE:
            return row.status_changed_at, now
        return row.created_at, row.status_changed_at

    @property
    def is_customer_1(self) -> bool:
        """The one who can sign in."""
        return self.row.email == CUSTOMER_1


class CustomerMaker:
    """Makes the customers of any range of the whole, given the lender that they are of."""

    def __init__(self, plan: Plan, offices: Mapping[str, DemoOffice], staff: Staff) -> None:
        self._plan, self._staff = plan, staff
        self._offices = Weighted(list(offices.values()), [office.customers for office in offices.values()])
        self._first, self._second = staff.by_email[MANAGER_1], staff.by_email[MANAGER_2]
        self._desk = offices[self._first.office]
        share = self._desk.customers / self._offices.total
        self._of_manager_1 = min(0.4, _BOOK_OF_MANAGER_1 / (plan.customers * share * 0.6))
        drawn = [manager for manager in staff.all_managers if manager is not self._first]
        self._own = {key: [manager for manager in drawn if manager.office == key] for key in offices}
        self._strangers = {key: [manager for manager in drawn if manager.office != key] for key in offices}
        self._number_width = max(6, len(str(plan.customers)))
        self._recent = plan.now - _LAST_WEEKS
        self._lifetime = (plan.now - plan.opened).total_seconds()
        self._staged = self._stage()

    def _stage(self) -> dict[int, tuple[CustomerStatus, DemoAdmin | None]]:
        """By index: of each status, one in manager1's book, one in manager2's and one who is nobody's."""
        wanted = list(product(_STATUSES, (self._first, self._second, None)))
        step = self._plan.customers // (len(wanted) + 1)
        return {number * step: case for number, case in enumerate(wanted, start=1)}

    def make(self, draw: Draw, index: int) -> DemoCustomer:
        """The customer of that index, from 0; a higher one came later."""
        plan = self._plan
        since = self._lifetime * sqrt((index + draw.random()) / plan.customers)
        created = plan.opened + timedelta(seconds=int(since))
        office, status, manager = self._situation(draw, index, created)
        kind = CustomerKind.COMPANY if index and draw.chance(0.12) else CustomerKind.PERSON
        name = self._name(draw, index, kind)
        key = key_of_name(name)
        email = CUSTOMER_1 if index == 0 else _email(draw, key, index, kind)
        changed, reason, judge = self._status_change(draw, office, status, created)
        identity = draw.id_at(created)
        assignments = self._assignments(draw, identity, office, manager, created) if manager else []
        row = CustomerRow(
            identity,
            f"LD-{index + 1:0{self._number_width}d}",
            kind,
            name,
            key,
            last_word_first(key),
            email,
            _phone(index),
            status,
            reason,
            changed,
            judge.id if judge else None,
            office.id,
            manager.id if manager else None,
            1 + len(assignments) + _CHANGES[status],
            created,
            max(changed, assignments[-1].started_at) if assignments else changed,
            assignments[-1].started_at if assignments else created,
        )
        return DemoCustomer(row, assignments, office, kept_free=index in self._staged)

    def _situation(
        self, draw: Draw, index: int, created: datetime
    ) -> tuple[DemoOffice, CustomerStatus, DemoAdmin | None]:
        if index == 0:
            return self._desk, CustomerStatus.ACTIVE, self._first
        if index in self._staged:
            return self._desk, *self._staged[index]
        office = draw.weighted(self._offices)
        status = draw.weighted(_OF_THE_LAST_WEEKS if created > self._recent else _OF_THE_OTHERS)
        return office, status, self._manager(draw, office) if draw.chance(0.6) else None

    def _manager(self, draw: Draw, office: DemoOffice) -> DemoAdmin:
        """One of the office's own managers, or now and then, and where it has none, another office's."""
        if office.key == self._desk.key and draw.chance(self._of_manager_1):
            return self._first
        own = self._own[office.key]
        if own and not draw.chance(0.04):
            return draw.pick(own)
        return draw.pick(self._strangers[office.key])

    def _name(self, draw: Draw, index: int, kind: CustomerKind) -> str:
        if index == 0:
            return "Adaeze Okafor"
        return company_name(draw) if kind is CustomerKind.COMPANY else person_name(draw)

    def _status_change(
        self, draw: Draw, office: DemoOffice, status: CustomerStatus, created: datetime
    ) -> tuple[datetime, str | None, DemoAdmin | None]:
        """When the present status began, why, and who set it: nobody, while a customer is as registered."""
        if status is CustomerStatus.PENDING:
            return created, draw.pick(_REASONS[status]), None
        judge = self._staff.judge(draw, office)
        if status is CustomerStatus.ACTIVE:
            return draw.moment(created, min(created + _ONBOARDING, self._plan.now)), None, judge
        began = draw.moment(created + (self._plan.now - created) / 3, self._plan.now)
        return began, draw.pick(_REASONS[status]), judge

    def _assignments(
        self, draw: Draw, customer: UUID, office: DemoOffice, manager: DemoAdmin, created: datetime
    ) -> list[AssignmentRow]:
        """Spans without gaps, the last of them open and the present manager's."""
        holders = self._holders(draw, office, manager, draw.weighted(_LENGTHS_OF_HISTORY))
        begin = draw.moment(created, min(created + _FIRST_WEEKS, self._plan.now))
        starts = sorted({begin, *(draw.moment(begin, self._plan.now) for _ in holders[1:])})
        ends: list[datetime | None] = [*(end for _, end in pairwise(starts)), None]
        return [
            AssignmentRow(
                draw.id_at(start),
                customer,
                holder.id,
                self._staff.assigner(draw, office).id,
                draw.pick(_LATER_REASONS if number else _FIRST_REASONS),
                start,
                end,
            )
            for number, (holder, start, end) in enumerate(zip(holders[-len(starts) :], starts, ends, strict=True))
        ]

    def _holders(self, draw: Draw, office: DemoOffice, last: DemoAdmin, count: int) -> list[DemoAdmin]:
        """Who held the customer, in order; nobody follows themselves."""
        backwards = [last]
        for _ in range(count - 1):
            of_office, of_all = self._staff.managers[office.key], self._staff.all_managers
            others = [one for one in of_office if one is not backwards[-1]]
            backwards.append(draw.pick(others or [one for one in of_all if one is not backwards[-1]]))
        return backwards[::-1]


def _email(draw: Draw, key: str, index: int, kind: CustomerKind) -> str:
    """An address at a domain that can't exist, told apart from all others by the index."""
    words = key.split()
    if kind is CustomerKind.COMPANY:
        return f"accounts@{words[0]}-{words[1]}{index + 1}.example"
    return f"{words[0]}.{words[-1]}{index + 1}@{draw.pick(_MAIL_HOSTS)}"


def _phone(index: int) -> str:
    """A number of the right length in ranges that no network has been given: nobody's phone rings."""
    mixed = (index * _STRIDE + 4_217_033) % _NUMBERS
    return f"+23484{mixed:08d}"
