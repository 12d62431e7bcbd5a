"""Permissions, and roles as data: a set of permissions plus a visibility rule (DESIGN section 4).

The built-in roles are seeded into the `roles` table by a migration; a lender can define more there. Nothing else
in the code names a role: everything is decided by what a role's row says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Permission(StrEnum):
    """What a role may do, besides seeing."""

    CUSTOMER_READ = "customer.read"
    CUSTOMER_WRITE = "customer.write"
    CUSTOMER_STATUS = "customer.status"
    CUSTOMER_ASSIGN = "customer.assign"
    CUSTOMER_LOOKUP = "customer.lookup"
    CUSTOMER_REVEAL = "customer.reveal"
    CUSTOMER_BREAK_GLASS = "customer.breakGlass"
    GROUP_READ = "group.read"
    GROUP_WRITE = "group.write"
    GROUP_MEMBERS_READ = "group.members.read"
    GROUP_MEMBERS_WRITE = "group.members.write"
    GROUP_EXPORT = "group.export"
    WORKLOAD_READ = "workload.read"
    AUDIT_READ = "audit.read"
    OFFICE_WRITE = "office.write"
    ADMIN_WRITE = "admin.write"
    ROLE_WRITE = "role.write"


BOOK_PERMISSIONS = frozenset({Permission.CUSTOMER_WRITE})
"""What holding the open assignment grants on that one customer, whatever the holder's roles."""


class Level(IntEnum):
    """How much of a customer a viewer sees; ordered, so that the highest answer wins."""

    NONE = 0
    LIMITED = 1
    FULL = 2


class Scope(StrEnum):
    """Which customers' offices a role's rule speaks of."""

    OWN_OFFICE = "OWN_OFFICE"
    SUBTREE = "SUBTREE"
    ALL = "ALL"


class CustomerField(StrEnum):
    """The parts of a customer that a LIMITED view withholds, unless the role shows them besides.

    Everything not named here (ID, number, display name, status, office, account manager's name) is shown to
    whoever sees the customer at all.
    """

    EMAIL = "email"
    PHONE = "phone"
    KIND = "kind"
    CREATED_AT = "createdAt"
    UPDATED_AT = "updatedAt"
    VERSION = "version"
    GROUPS = "groups"
    LOANS = "loans"
    LOANS_SUMMARY = "loansSummary"
    ASSIGNMENT_HISTORY = "assignmentHistory"
    STATUS_HISTORY = "statusHistory"
    INTERACTIONS = "interactions"
    AUDIT_TRAIL = "auditTrail"
    IDENTIFIERS = "identifiers"
    BANK_ACCOUNTS = "bankAccounts"
    DOCUMENTS = "documents"
    LOAN_REQUESTS = "loanRequests"
    REPAYMENT_PERFORMANCE = "repaymentPerformance"
    MANAGER_AS_OF = "managerAsOf"
    SCHEDULED_ASSIGNMENT = "scheduledAssignment"
    ARREARS = "loansInArrears"
    MEMBERSHIPS = "memberships"
    PERSONAL = "personal"
    EMPLOYMENT = "employment"
    SOCIALS = "socials"
    GUARANTORS = "guarantors"
    NEXT_OF_KIN = "nextOfKin"
    RELATED_CUSTOMERS = "relatedCustomers"
    SAVINGS = "savings"
    BACK_OFFICE = "backOffice"


@dataclass(frozen=True, slots=True)
class Role:
    """One role's row: its permissions and its line of the visibility table."""

    key: str
    name: str
    description: str
    permissions: frozenset[Permission]
    assigned: Level
    """Sight of customers assigned to someone else."""
    unassigned: Level
    """Sight of customers who are nobody's."""
    scope: Scope
    shown_when_limited: frozenset[CustomerField] = frozenset()
    never_holds_book: bool = False
    """Whoever has such a role can't become an account manager."""
    reads_audited: bool = False


_READ = frozenset({Permission.CUSTOMER_READ, Permission.GROUP_READ, Permission.GROUP_MEMBERS_READ})
_GROUPS = frozenset({Permission.GROUP_WRITE, Permission.GROUP_MEMBERS_WRITE, Permission.GROUP_EXPORT})

SUPER_ADMIN = Role(
    key="super_admin",
    name="Super admin",
    description="Sees and does everything, everywhere.",
    permissions=frozenset(Permission),
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)
COMPLIANCE_OFFICER = Role(
    key="compliance_officer",
    name="Compliance officer",
    description="Sees every customer, with reads audited; changes statuses and groups; never holds a book.",
    permissions=_READ
    | _GROUPS
    | {
        Permission.CUSTOMER_STATUS,
        Permission.CUSTOMER_LOOKUP,
        Permission.CUSTOMER_REVEAL,
        Permission.WORKLOAD_READ,
        Permission.AUDIT_READ,
    },
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
    never_holds_book=True,
    reads_audited=True,
)
PORTFOLIO_MANAGER = Role(
    key="portfolio_manager",
    name="Portfolio manager",
    description="Runs the portfolio of an office and those beneath it: assigns account managers, keeps groups.",
    permissions=_READ
    | _GROUPS
    | {
        Permission.CUSTOMER_WRITE,
        Permission.CUSTOMER_STATUS,
        Permission.CUSTOMER_ASSIGN,
        Permission.CUSTOMER_LOOKUP,
        Permission.CUSTOMER_REVEAL,
        Permission.CUSTOMER_BREAK_GLASS,
        Permission.WORKLOAD_READ,
    },
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.SUBTREE,
)
GROUP_ADMINISTRATOR = Role(
    key="group_administrator",
    name="Group administrator",
    description="Keeps the groups of an office and those beneath it.",
    permissions=_READ | _GROUPS | {Permission.CUSTOMER_LOOKUP},
    assigned=Level.LIMITED,
    unassigned=Level.LIMITED,
    scope=Scope.SUBTREE,
    shown_when_limited=frozenset({CustomerField.GROUPS}),
)
ACCOUNT_MANAGER = Role(
    key="account_manager",
    name="Account manager",
    description="Looks after a book of customers; of the others, sees only who in the office is nobody's.",
    permissions=_READ,
    assigned=Level.NONE,
    unassigned=Level.LIMITED,
    scope=Scope.OWN_OFFICE,
)
COLLECTIONS_OFFICER = Role(
    key="collections_officer",
    name="Collections officer",
    description="Follows up on arrears in an office and those beneath it.",
    permissions=_READ | {Permission.CUSTOMER_LOOKUP, Permission.CUSTOMER_BREAK_GLASS},
    assigned=Level.LIMITED,
    unassigned=Level.LIMITED,
    scope=Scope.SUBTREE,
    shown_when_limited=frozenset({CustomerField.PHONE, CustomerField.EMAIL, CustomerField.ARREARS}),
)
TEAM_MEMBER = Role(
    key="team_member",
    name="Team member",
    description="Serves the customers of an office whom nobody manages yet.",
    permissions=_READ | {Permission.CUSTOMER_WRITE},
    assigned=Level.LIMITED,
    unassigned=Level.FULL,
    scope=Scope.OWN_OFFICE,
)
AUDITOR = Role(
    key="auditor",
    name="Auditor",
    description="Reads audit events and workloads everywhere; of customers, sees the outline; never holds a book.",
    permissions=_READ | {Permission.WORKLOAD_READ, Permission.AUDIT_READ},
    assigned=Level.LIMITED,
    unassigned=Level.LIMITED,
    scope=Scope.ALL,
    never_holds_book=True,
)

BUILT_IN_ROLES: Mapping[str, Role] = {
    role.key: role
    for role in (
        SUPER_ADMIN,
        COMPLIANCE_OFFICER,
        PORTFOLIO_MANAGER,
        GROUP_ADMINISTRATOR,
        ACCOUNT_MANAGER,
        COLLECTIONS_OFFICER,
        TEAM_MEMBER,
        AUDITOR,
    )
}
