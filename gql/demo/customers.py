"""The customers, from the first to the latest, and who looked after them when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise, product
from math import sqrt
from uuid import UUID

from gql.demo.names import company_name, person_name
from gql.demo.offices import DemoOffice
from gql.demo.plan import Draw, Plan, Row
from gql.demo.staff import DOMAIN, MANAGER_1, MANAGER_2, DemoAdmin, Staff
from gql.domain.enums import CustomerKind, CustomerStatus
from gql.domain.search import reversed_search_key, search_key

CUSTOMER_1 = f"customer1@{DOMAIN}"

_BOOK_OF_MANAGER_1 = 100
_MAIL_HOSTS = ("mail.example", "inbox.example", "post.example", "letters.example")
_PREFIXES = 10
_NUMBERS = _PREFIXES * 10_000_000
_STRIDE = 38_196_601
"""Coprime with the number of phone numbers, so that each customer gets another one; and they look mixed."""

_STATUSES = tuple(CustomerStatus)
_OF_THE_LAST_WEEKS = (58, 40, 1, 1, 0, 0)
_OF_THE_OTHERS = (1, 76, 9, 5, 3, 6)
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
_FIRST_REASONS = ("First assignment", "Onboarding", None)
_LATER_REASONS = (
    "Books evened out within the branch",
    "The customer asked for another manager",
    "Covering a colleague's leave",
    "Closer to the customer's business",
    None,
)


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    """A customer as the makers of loans and memberships need to know them, with the rows that are theirs alone.

    `kept_free` is one that demonstrations use: in no group, so that nothing but their status is in the way.
    """

    id: UUID
    index: int
    email: str
    kind: CustomerKind
    status: CustomerStatus
    office: DemoOffice
    created_at: datetime
    status_changed_at: datetime
    kept_free: bool
    row: Row
    assignments: list[Row]

    def active_span(self, now: datetime) -> tuple[datetime, datetime]:
        """From when to when the customer could borrow and join groups; empty for one who was never verified."""
        if self.status is CustomerStatus.ACTIVE:
            return self.status_changed_at, now
        return self.created_at, self.status_changed_at

    @property
    def is_customer_1(self) -> bool:
        """The one who can sign in."""
        return self.email == CUSTOMER_1


class CustomerMaker:
    """Makes the customers of any range of the whole, given the lender that they are of."""

    def __init__(self, plan: Plan, offices: Mapping[str, DemoOffice], staff: Staff) -> None:
        self._plan, self._staff = plan, staff
        self._offices = list(offices.values())
        self._office_shares = list(accumulate(office.customers for office in self._offices))
        self._first, self._second = staff.by_email[MANAGER_1], staff.by_email[MANAGER_2]
        self._desk = offices[self._first.office]
        share = self._desk.customers / self._office_shares[-1]
        self._of_manager_1 = min(0.4, _BOOK_OF_MANAGER_1 / (plan.customers * share * 0.6))
        self._number_width = max(6, len(str(plan.customers)))
        self._staged = self._stage()

    def _stage(self) -> dict[int, tuple[CustomerStatus, DemoAdmin | None]]:
        """By index: of each status, one in manager1's book, one in manager2's and one who is nobody's."""
        wanted = list(product(_STATUSES, (self._first, self._second, None)))
        step = self._plan.customers // (len(wanted) + 1)
        return {number * step: case for number, case in enumerate(wanted, start=1)}

    def make(self, draw: Draw, index: int) -> DemoCustomer:
        """The customer of that index, from 0; a higher one came later."""
        plan = self._plan
        since = (plan.now - plan.opened) * sqrt((index + draw.random()) / plan.customers)
        created = plan.opened + timedelta(seconds=int(since.total_seconds()))
        office, status, manager = self._situation(draw, index, created)
        kind = CustomerKind.COMPANY if index and draw.chance(0.12) else CustomerKind.PERSON
        name = self._name(draw, index, kind)
        email = CUSTOMER_1 if index == 0 else _email(draw, name, index, kind)
        changed, reason, judge = self._status_change(draw, office, status, created)
        key = draw.id_at(created)
        assignments = self._assignments(draw, key, office, manager, created) if manager else []
        row = {
            "id": key,
            "number": f"LD-{index + 1:0{self._number_width}d}",
            "kind": kind,
            "name": name,
            "search_name": search_key(name),
            "search_name_reversed": reversed_search_key(name),
            "email": email,
            "phone": _phone(index),
            "status": status,
            "status_reason": reason,
            "status_changed_at": changed,
            "status_changed_by_id": judge.id if judge else None,
            "office_id": office.id,
            "account_manager_id": manager.id if manager else None,
            "version": 1 + len(assignments) + (judge is not None),
            "created_at": created,
            "updated_at": max(changed, assignments[-1]["started_at"]) if assignments else changed,
        }
        return DemoCustomer(
            key, index, email, kind, status, office, created, changed, index in self._staged, row, assignments
        )

    def _situation(
        self, draw: Draw, index: int, created: datetime
    ) -> tuple[DemoOffice, CustomerStatus, DemoAdmin | None]:
        if index == 0:
            return self._desk, CustomerStatus.ACTIVE, self._first
        if index in self._staged:
            return self._desk, *self._staged[index]
        office = draw.choices(self._offices, cum_weights=self._office_shares)[0]
        recent = created > self._plan.now - timedelta(days=60)
        status = draw.choices(_STATUSES, _OF_THE_LAST_WEEKS if recent else _OF_THE_OTHERS)[0]
        return office, status, self._manager(draw, office) if draw.chance(0.6) else None

    def _manager(self, draw: Draw, office: DemoOffice) -> DemoAdmin:
        """One of the office's own managers, or now and then, and where it has none, another office's."""
        if office.key == self._desk.key and draw.chance(self._of_manager_1):
            return self._first
        own = [manager for manager in self._staff.managers[office.key] if manager is not self._first]
        if own and not draw.chance(0.04):
            return draw.choice(own)
        strangers = [manager for manager in self._staff.all_managers if manager.office != office.key]
        return draw.choice([manager for manager in strangers if manager is not self._first])

    def _name(self, draw: Draw, index: int, kind: CustomerKind) -> str:
        if index == 0:
            return "Adaeze Okafor"
        return company_name(draw) if kind is CustomerKind.COMPANY else person_name(draw)

    def _status_change(
        self, draw: Draw, office: DemoOffice, status: CustomerStatus, created: datetime
    ) -> tuple[datetime, str | None, DemoAdmin | None]:
        """When the present status began, why, and who set it: nobody, while a customer is as registered."""
        if status is CustomerStatus.PENDING:
            return created, draw.choice(_REASONS[status]), None
        judge = self._staff.judge(draw, office)
        if status is CustomerStatus.ACTIVE:
            return draw.moment(created, min(created + timedelta(days=6), self._plan.now)), None, judge
        began = draw.moment(created + (self._plan.now - created) / 3, self._plan.now)
        return began, draw.choice(_REASONS[status]), judge

    def _assignments(
        self, draw: Draw, customer: UUID, office: DemoOffice, manager: DemoAdmin, created: datetime
    ) -> list[Row]:
        """Spans without gaps, the last of them open and the present manager's."""
        count = draw.choices((1, 2, 3), (70, 22, 8))[0]
        holders = self._holders(draw, office, manager, count)
        begin = draw.moment(created, min(created + timedelta(days=10), self._plan.now))
        starts = sorted({begin, *(draw.moment(begin, self._plan.now) for _ in holders[1:])})
        ends: list[datetime | None] = [*(end for _, end in pairwise(starts)), None]
        return [
            {
                "id": draw.id_at(start),
                "customer_id": customer,
                "admin_id": holder.id,
                "assigned_by_id": self._staff.assigner(draw, office).id,
                "reason": draw.choice(_LATER_REASONS if number else _FIRST_REASONS),
                "started_at": start,
                "ended_at": end,
            }
            for number, (holder, start, end) in enumerate(zip(holders[-len(starts) :], starts, ends, strict=True))
        ]

    def _holders(self, draw: Draw, office: DemoOffice, last: DemoAdmin, count: int) -> list[DemoAdmin]:
        """Who held the customer, in order; nobody follows themselves."""
        backwards = [last]
        for _ in range(count - 1):
            of_office, of_all = self._staff.managers[office.key], self._staff.all_managers
            others = [one for one in of_office if one is not backwards[-1]]
            backwards.append(draw.choice(others or [one for one in of_all if one is not backwards[-1]]))
        return backwards[::-1]


def _email(draw: Draw, name: str, index: int, kind: CustomerKind) -> str:
    """An address at a domain that can't exist, told apart from all others by the index."""
    words = search_key(name).split()
    if kind is CustomerKind.COMPANY:
        return f"accounts@{words[0]}-{words[1]}{index + 1}.example"
    return f"{words[0]}.{words[-1]}{index + 1}@{draw.choice(_MAIL_HOSTS)}"


def _phone(index: int) -> str:
    """A number of the right length in ranges that no network has been given: nobody's phone rings."""
    mixed = (index * _STRIDE + 4_217_033) % _NUMBERS
    return f"+23484{mixed:08d}"
