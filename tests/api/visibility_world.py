"""A lender seen from every side: one viewer, to whom tests give roles, and customers in every relation to the viewer.

What a viewer should see is worked out here from the design's table, word for word, and never from the product's rules.
A customer's name says whose they are and of which office: "someone's, beneath". Offices are named as the viewer, who
works in "own", sees them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import NamedTuple

from sqlalchemy import delete, select

from gql.db.engine import Database
from gql.db.models import (
    Admin,
    AdminRole,
    Assignment,
    AuditEvent,
    BankAccount,
    Base,
    Cover,
    Customer,
    Document,
    Group,
    Identifier,
    Interaction,
    Loan,
    LoanPayment,
    LoanRequest,
    Membership,
    Office,
    ProposedRemoval,
    ScheduledAssignment,
    StatusChange,
)
from gql.db.models import Role as RoleRow
from gql.domain.enums import CustomerStatus, GroupStatus
from gql.domain.roles import Level, Permission, Role, Scope
from gql.domain.scheduled_assignments import ScheduleStatus
from tests.api.client import Api, Client
from tests.factories import World
from tests.profiles import employment, guarantor, next_of_kin, note, profile, savings_account, tags

TABLE = """
role                | assigned to someone else | nobody's            | shown besides when LIMITED
super_admin         | FULL, everywhere         | FULL, everywhere    |
compliance_officer  | FULL, everywhere         | FULL, everywhere    |
portfolio_manager   | FULL, subtree            | FULL, subtree       |
group_administrator | LIMITED, subtree         | LIMITED, subtree    | groups, memberships
account_manager     | NONE                     | LIMITED, own office |
collections_officer | LIMITED, subtree         | LIMITED, subtree    | phone, email, loans
team_member         | LIMITED, own office      | FULL, own office    |
auditor             | LIMITED, everywhere      | LIMITED, everywhere |
"""
"""The loans that a collections officer is shown are those in arrears."""

OFFICES = ("own", "beneath", "two beneath", "above", "elsewhere")
REACH = {
    "own office": {"own"},
    "subtree": {"own", "beneath", "two beneath"},
    "everywhere": set(OFFICES),
}

WITHHELD_WHEN_LIMITED = {
    "assignmentHistory",
    "backOffice",
    "auditTrail",
    "bankAccounts",
    "documents",
    "createdAt",
    "email",
    "employment",
    "groups",
    "guarantors",
    "interactions",
    "identifiers",
    "kind",
    "loans",
    "loansSummary",
    "memberships",
    "nextOfKin",
    "personal",
    "phone",
    "relatedCustomers",
    "savings",
    "socials",
    "statusHistory",
    "loanRequests",
    "repaymentPerformance",
    "managerAsOf",
    "scheduledAssignment",
    "updatedAt",
    "version",
}

ROLES = tuple(line.split("|")[0].strip() for line in TABLE.strip().splitlines()[1:])
PERMISSIONS = {
    "audit.read": {"super_admin", "compliance_officer", "auditor"},
    "customer.assign": {"super_admin", "portfolio_manager"},
    "customer.reveal": {"super_admin", "compliance_officer", "portfolio_manager"},
    "customer.lookup": {
        "super_admin",
        "compliance_officer",
        "portfolio_manager",
        "group_administrator",
        "collections_officer",
    },
    "group.members.write": {"super_admin", "compliance_officer", "portfolio_manager", "group_administrator"},
    "workload.read": {"super_admin", "compliance_officer", "portfolio_manager", "auditor"},
}
ROLE_SETS = (
    "account_manager + auditor",
    "team_member + group_administrator",
    "collections_officer + account_manager",
    "portfolio_manager + auditor",
)
GROUP_READER = Role(
    key="group_reader",
    name="Group reader",
    description="Reads groups and their members. Without the customer module its line of the table has no say.",
    permissions=frozenset({Permission.GROUP_READ, Permission.GROUP_MEMBERS_READ}),
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)
COVERS = "covers"
"""Not a role: the viewer covers a book and has opened a customer, so far as their roles let that count."""
COVERING = (f"team_member + {COVERS}", f"collections_officer + {COVERS}", f"auditor + {COVERS}")
LET_COVER = {"super_admin", "portfolio_manager", "group_administrator", "account_manager", "collections_officer"}
LET_COVER |= {"team_member"}
LET_OPEN = {"super_admin", "compliance_officer", "portfolio_manager", "collections_officer"}
VIEWERS = (*ROLES, *ROLE_SETS, *COVERING, GROUP_READER.key)
VIEWER, SOMEONE, COVERED, NOBODY = "the viewer", "someone", "the covered", "nobody"
OPENED = (SOMEONE, "own")
"""Of which holder and office the customer is whom the viewer opens."""

BEFORE = datetime(2025, 6, 1, tzinfo=UTC)
"""Earlier than anything of the world's clock."""

MADE = "world.made"
"""The action of each customer's first audit event."""

_LEVELS = ("NONE", "LIMITED", "FULL")


class Sight(NamedTuple):
    """How much of a customer somebody should see, why, and the fields that should be null."""

    level: str
    reason: str
    withheld: frozenset[str]

    def shows(self, field: str) -> bool:
        """Whether the field has its value."""
        return self.level != "NONE" and field not in self.withheld


@dataclass(frozen=True)
class Subject:
    """A customer, and a record of each kind that goes with one."""

    customer: Customer
    holder: str
    office: str
    overdue_loan: Loan
    punctual_loan: Loan
    membership: Membership
    former_membership: Membership
    proposed: ProposedRemoval
    """That they should leave the group."""
    assignment: Assignment
    status_change: StatusChange
    of_profile: dict[str, Base]
    """A record of each kind that goes with the profile, by kind."""
    interaction: Interaction
    past_interaction: Interaction
    """After which nothing is due."""
    audit_event: AuditEvent
    identifier: Identifier
    bank_account: BankAccount
    document: Document
    loan_request: LoanRequest
    scheduled: ScheduledAssignment
    cancelled: ScheduledAssignment
    payment: LoanPayment

    @property
    def name(self) -> str:
        """What the customer is called."""
        return self.customer.name


@dataclass(frozen=True)
class Lender:
    """The records, made in a database of their own; tests leave them as they are, but for the viewer's roles."""

    url: str
    offices: dict[str, Office]
    viewer: Admin
    someone: Admin
    covered: Admin
    subjects: tuple[Subject, ...]
    group: Group
    """Has every customer as a member; none meets its rule any more."""
    former_group: Group
    """All of them were in it."""
    suspended_group: Group
    hub: Subject
    """The viewer's own, who employs all others, and for whom all others answer."""

    async def sign_in(self, api: Api, viewer: str) -> Client:
        """Sign in as the viewer with that set of roles, and with covers or without."""
        keys = viewer.split(" + ")
        async with api.database.begin() as session:
            await session.execute(delete(AdminRole).where(AdminRole.admin_id == self.viewer.id))
            for role_id in (await session.scalars(select(RoleRow.id).where(RoleRow.key.in_(keys)))).all():
                session.add(AdminRole(admin_id=self.viewer.id, role_id=role_id))
            await session.execute(delete(Cover).where(Cover.delegate_id == self.viewer.id))
        if COVERS in keys:
            world = World(api.database)
            opened = next(subject for subject in self.subjects if (subject.holder, subject.office) == OPENED)
            await world.cover(self.viewer, self.covered)
            await world.cover(self.viewer, customer=opened.customer)
        return await api.sign_in(self.viewer)

    def sights(self, viewer: str) -> dict[str, Sight]:
        """How the viewer should see each customer, by the customer's name."""
        return {subject.name: sight(viewer, subject) for subject in self.subjects}

    def seen(self, viewer: str) -> dict[str, str]:
        """The levels of the customers whom the viewer should see, by name."""
        return {name: sight.level for name, sight in self.sights(viewer).items() if sight.level != "NONE"}

    def one_unseen_of_each_holder(self, viewer: str) -> list[Subject]:
        """Whom the viewer must not see: a customer of somebody else's and one of nobody's."""
        seen = self.seen(viewer)
        unseen = [subject for subject in self.subjects if subject.name not in seen]
        return [next(subject for subject in unseen if subject.holder == holder) for holder in (SOMEONE, NOBODY)]


def sight(viewer: str, subject: Subject) -> Sight:
    """What the table says: whoever holds the customer has FULL; otherwise the highest of the roles' answers wins.

    Whoever covers the holder, or has opened the customer, has FULL as well.
    """
    closed = frozenset[str]() if may(viewer, "audit.read") else {"auditTrail"}
    if subject.holder == VIEWER:
        return Sight("FULL", "ACCOUNT_MANAGER", frozenset(closed))
    held = set(viewer.split(" + "))
    if COVERS in held and subject.holder == COVERED and held & LET_COVER:
        return Sight("FULL", "COVER", frozenset(closed))
    if COVERS in held and (subject.holder, subject.office) == OPENED and held & LET_OPEN:
        return Sight("FULL", "BREAK_GLASS", frozenset(closed))
    reason = "ROLE_UNASSIGNED" if subject.holder == NOBODY else "ROLE_ASSIGNED"
    answers = list(_answers(viewer, subject))
    level = max((level for level, _ in answers), key=_LEVELS.index, default="NONE")
    shown = {field for answer, fields in answers if answer == level for field in fields}
    withheld = {
        "FULL": frozenset(closed),
        "LIMITED": frozenset(WITHHELD_WHEN_LIMITED - shown),
        "NONE": frozenset(WITHHELD_WHEN_LIMITED),
    }
    return Sight(level, reason, withheld[level])


def _answers(viewer: str, subject: Subject) -> Iterator[tuple[str, set[str]]]:
    for line in TABLE.strip().splitlines()[1:]:
        role, assigned, nobodys, besides = (cell.strip() for cell in line.split("|"))
        if role in viewer.split(" + "):
            level, _, scope = (nobodys if subject.holder == NOBODY else assigned).partition(", ")
            if scope and subject.office in REACH[scope]:
                yield level, set(besides.split(", "))


def may(viewer: str, permission: str) -> bool:
    """Whether one of the viewer's roles has the permission."""
    return not PERMISSIONS[permission].isdisjoint(viewer.split(" + "))


async def build(url: str) -> Lender:
    """Write the lender into an empty database."""
    database = Database(url)
    try:
        return await _build(url, World(database))
    finally:
        await database.close()


async def _build(url: str, world: World) -> Lender:
    offices = {"above": await world.office("above")}
    for name, parent in (("elsewhere", "above"), ("own", "above"), ("beneath", "own"), ("two beneath", "beneath")):
        offices[name] = await world.office(name, parent=offices[parent])
    await world.role(GROUP_READER)
    viewer = await world.admin(office=offices["own"], name="The Viewer")
    someone = await world.admin("account_manager", office=offices["own"], name="Someone Else")
    covered = await world.admin("account_manager", office=offices["own"], name="The Covered")
    holders = {VIEWER: viewer, SOMEONE: someone, COVERED: covered, NOBODY: None}
    rule = {"status": {"in": ["BLACKLISTED"]}}
    group, former = [
        await world.group(name, criteria=rule if name == "Everyone" else None, review_days=30)
        for name in ("Everyone", "Former")
    ]
    # Not in the order of their names, so that a list in one order can't pass for one in the other.
    subjects = [
        await _subject(world, holder, manager, offices[office], status, (group, former, someone))
        for holder, manager in reversed(holders.items())
        for office, status in zip(OFFICES, cycle((CustomerStatus.ACTIVE, CustomerStatus.INACTIVE)), strict=False)
        if holder not in (VIEWER, COVERED) or office in ("own", "elsewhere")
    ]
    suspended = await world.group("Suspended", status=GroupStatus.SUSPENDED)
    hub = next(subject for subject in subjects if subject.holder == VIEWER)
    for subject in subjects:
        if subject is not hub:
            await employment(world, subject.customer, hub.customer)
            await guarantor(world, hub.customer, as_customer=subject.customer)
    return Lender(url, offices, viewer, someone, covered, tuple(subjects), group, former, suspended, hub)


async def _subject(
    world: World,
    holder: str,
    manager: Admin | None,
    office: Office,
    status: CustomerStatus,
    past: tuple[Group, Group, Admin],
) -> Subject:
    group, former, former_manager = past
    customer = await world.customer(office=office, manager=manager, status=status, name=f"{holder}'s, {office.name}")
    began, ended = BEFORE, BEFORE + timedelta(days=1)
    membership = await world.membership(group, customer)
    return Subject(
        customer=customer,
        holder=holder,
        office=office.name,
        overdue_loan=await world.loan(customer, overdue_days=9),
        punctual_loan=(punctual := await world.loan(customer, paid=1)),
        membership=membership,
        proposed=await world.proposed_removal(membership),
        former_membership=await world.membership(former, customer, since=began, until=ended),
        assignment=await world.assignment(customer, former_manager, started_at=began, ended_at=ended),
        status_change=await world.status_change(customer, reason=f"Of {customer.name}"),
        of_profile=await _of_profile(world, customer),
        interaction=await world.interaction(customer, due_at=BEFORE),
        past_interaction=await world.interaction(customer, occurred_at=BEFORE),
        audit_event=await world.event(MADE, about=customer, request_id=f"Of {customer.name}", at=BEFORE),
        identifier=await world.identifier(customer),
        bank_account=await world.bank_account(customer),
        document=await world.document(customer, name=f"{customer.name}.pdf"),
        loan_request=await world.loan_request(customer, loan=punctual),
        scheduled=await world.scheduled(customer, former_manager, former_manager, reason=f"Of {customer.name}"),
        cancelled=await world.scheduled(customer, former_manager, former_manager, status=ScheduleStatus.CANCELLED),
        payment=await world.payment_on(punctual),
    )


async def _of_profile(world: World, customer: Customer) -> dict[str, Base]:
    await profile(world, customer)
    await tags(world, customer, "vip")
    return {
        "guarantor": await guarantor(world, customer, name=f"Guarantor of {customer.name}"),
        "next of kin": await next_of_kin(world, customer, f"Mother of {customer.name}"),
        "note": await note(world, customer, f"About {customer.name}"),
        "savings account": await savings_account(world, customer),
    }
