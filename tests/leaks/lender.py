"""A lender with a canary in every column, seen from all sides, and who may see which: by the design's section 4 alone.

The customer is the manager's, of the office where all other admins work, too. Nobody's role reaches further here than
the own office, so that what tells them apart is how much they see.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import (
    Admin,
    AdminRole,
    Assignment,
    AssignmentConfirmation,
    AuditEvent,
    AuditSegment,
    BankAccount,
    Base,
    Cover,
    Credential,
    Customer,
    CustomerName,
    Document,
    DueRemoval,
    FailedCriterion,
    Group,
    GroupCheck,
    GroupReview,
    IdempotencyKey,
    Identifier,
    InstallationFact,
    Interaction,
    Job,
    JobItem,
    Loan,
    LoanInstalment,
    LoanPayment,
    LoanRequest,
    MemberExport,
    Membership,
    Notification,
    Office,
    OutboxMessage,
    OwnNotification,
    PasswordToken,
    ProposedRemoval,
    RefreshToken,
    RegisteredDocument,
    RiskCategory,
    Role,
    SavedView,
    ScheduledAssignment,
    Session,
    StatusChange,
    Throttle,
    UnusedGroupDigest,
)
from gql.domain.covers import CoverKind
from gql.domain.customer_documents import DocumentKind
from gql.domain.customer_status import StatusAction
from gql.domain.enums import (
    AdminStatus,
    CapacityMode,
    CustomerKind,
    CustomerStatus,
    GroupPurpose,
    GroupSensitivity,
    GroupStatus,
    LoanStatus,
    OfficeStatus,
    OutboxStatus,
    PasswordTokenPurpose,
    SubjectKind,
)
from gql.domain.group_reviews import GroupReviewStatus
from gql.domain.identifiers import IdentifierKind
from gql.domain.ids import new_id
from gql.domain.interactions import InteractionDirection, InteractionKind
from gql.domain.jobs import ItemOutcome, JobKind, JobStatus
from gql.domain.loan_requests import RequestStatus
from gql.domain.member_exports import ExportFormat
from gql.domain.notifications import NotificationEvent, OwnEvent
from gql.domain.proposed_removals import ProposalStatus
from gql.domain.repayment import PaymentMethod
from gql.domain.roles import Level, Permission, Scope
from gql.domain.roles import Role as DomainRole
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import now
from gql.vault.numbers import place_of
from tests.api.client import KEY
from tests.factories import World
from tests.leaks.canaries import Canaries
from tests.leaks.profile import OF_PROFILE, profile_of
from tests.vaults import VAULT

FULL: Final = ("manager", "super_admin", "compliance_officer", "portfolio_manager")
LIMITED: Final = ("group_administrator", "collections_officer", "team_member", "auditor")
SEE_NONE: Final = ("another_manager", "planner")
"""Admins who see the house and its staff: one whose customer it isn't, one without the customer module."""
CUSTOMERS: Final = ("the customer", "another customer")
SHUT_OUT: Final = ("deactivated", "anonymous")
VIEWERS: Final = (*FULL, *LIMITED, *SEE_NONE, *CUSTOMERS, *SHUT_OUT)
KINDS: Final = ("manager", "auditor", *SEE_NONE, "the customer", *SHUT_OUT)
"""One of each kind: whose customer it is, who sees some of it, who sees none of it, itself, and who is not let in."""

TOKEN_MINUTES: Final = 60
"""What these servers give tokens, too: one with a longer life is of a clock that was wrong."""

_WHO = {
    "full": {*FULL},
    "seeing": {*FULL, *LIMITED},
    "group readers": {*FULL, *LIMITED, "another_manager"},
    "admins": {*FULL, *LIMITED, *SEE_NONE},
    "group keepers": {*FULL[1:], "group_administrator"},
    "audit readers": {"super_admin", "compliance_officer", "auditor"},
    "cover readers": {*FULL, "auditor"},
    "staff readers": {"super_admin", "compliance_officer", "auditor", "manager"},
    **{viewer: {viewer} for viewer in VIEWERS},
}
SEEN: Final = """
customer           | id name number                            | seeing, the customer
customer           | search_name                               | seeing
customer           | email phone                               | full, collections_officer, the customer
customer           | version created_at updated_at manager_reviewed_at | full
profile            | first_name middle_name last_name date_of_birth children sector | full, the customer
profile            | employer_name employed_since office_email | full, the customer
profile            | income_minimum_minor income_maximum_minor | full, the customer
profile            | facebook instagram linked_in x website    | full, the customer
address            | street details city state postal_code country | full, the customer
guarantor          | id name relationship phone email address added_at | full
next of kin        | name relationship phone email address     | full, the customer
next of kin        | id added_at                               | full
relation           | id since                                   | full
note               | id text created_at                        | full
tag                | tag                                       | full
tier decision      | reason decided_at                         | full
savings account    | id number product balance_minor opened_at closed_at | full
assignment         | started_at                                | full, the customer
assignment         | id reason                                 | full
scheduled assignment | id reason effective_at created_at | full
cancelled assignment | id reason effective_at created_at decided_at cancel_reason | full
notice             | id created_at read_at                     | manager
own notice         | id created_at read_at                     | the customer
confirmation       | confirmed_at note                         | full
former assignment  | id reason started_at ended_at             | full
job                | id reason created_at                      | full, audit readers
job                | failure started_at finished_at            | audit readers
export             | rows size sha256 ready_at expires_at downloads downloaded_at | audit readers
status change      | id reason changed_at                      | full
identifier         | last_four                                 | full, the customer
identifier         | id recorded_at                            | full
bank account       | bank_name account_name last_four          | full, the customer
bank account       | id bank_code added_at verified_at         | full
document           | id name content_type size sha256 uploaded_at | full
notification       | template attempts created_at delivered_at | full
membership         | id since reason                           | seeing
former membership  | id since until reason removal_reason      | full, group_administrator, auditor
late loan          | id number product principal_minor         | full, collections_officer, the customer
late loan          | outstanding_minor disbursed_at            | full, collections_officer, the customer
late instalment    | due_minor                                 | full, collections_officer, the customer
late instalment    | due_on                                    | the customer
loan               | id number product principal_minor outstanding_minor disbursed_at | full, the customer
instalment         | due_on                                    | the customer
interaction        | id summary outcome occurred_at logged_at next_step due_at done_at next_step_outcome | full
callback           | occurred_at due_at                        | full, the customer
callback           | id summary outcome logged_at next_step    | full
late loan          | id number product principal_minor outstanding_minor disbursed_at | full, collections_officer
late instalment    | due_minor                                 | full, collections_officer
late payment       | id received_at amount_minor reference reversed_at reversal_reason | full, collections_officer
late instalment    | id due_on                                 | full, collections_officer
loan               | id number product principal_minor outstanding_minor disbursed_at | full
instalment         | id due_minor paid_minor due_on            | full
settled instalment | id due_on settled_on                      | full
payment            | id amount_minor received_at reference reversed_at reversal_reason | full
loan request       | id product amount_minor purpose submitted_at review_started_at decided_at decision_reason | full
cover              | id starts_at ends_at ended_at created_at  | cover readers
cover              | reason end_reason                         | full
group              | id name description criteria_text maximum_members version created_at updated_at | group readers
group              | next_review_at reviewed_at last_used_at kept_until kept_reason | group readers
group review       | id signed_at due_at note member_count joined removed | group readers
group              | minimum_members review_interval_days status_reason status_changed_at | group readers
group check        | checked_at                                | group readers
proposed removal   | id found_at decided_at reason kept_until  | group keepers
risk category      | id name description                       | group readers
manager            | id created_at                             | admins
manager            | name email phone                          | admins, the customer
office             | id                                        | admins
office             | name                                      | admins, the customer
role               | key name description                      | staff readers
audit event        | id at action subject_kind request_id address | audit readers
audit event        | details                                   | super_admin, compliance_officer
"""
"""What a viewer may see at most, and does see where they ask for everything. All other canaries are nobody's."""

_ROLES = {key: key for key in (*FULL[1:], *LIMITED, "planner")}
_ROLES |= {"another_manager": "account_manager", "deactivated": "super_admin"}
_SEES_NOTHING: dict[str, Any] = {
    "permissions": [],
    "assigned_level": 0,
    "unassigned_level": 0,
    "scope": Scope.OWN_OFFICE,
    "shown_when_limited": [],
    "never_holds_book": False,
    "reads_audited": False,
    "built_in": False,
}
_NO_GROUP: dict[str, Any] = {column.name: None for column in Group.__table__.columns if column.name != "criteria"}
_PLANNER = DomainRole(
    key="planner",
    name="Planner",
    description="Reads workloads, and no customer.",
    permissions=frozenset({Permission.WORKLOAD_READ}),
    assigned=Level.FULL,
    unassigned=Level.FULL,
    scope=Scope.ALL,
)


def seen_by(viewer: str) -> set[str]:
    """The names of the canaries that the viewer may see."""
    return {name for name, viewers in _table() if viewer in viewers}


def _table() -> Iterator[tuple[str, set[str]]]:
    for line in SEEN.strip().splitlines():
        label, columns, audience = (cell.strip() for cell in line.split("|"))
        viewers = set[str]().union(*(_WHO[who] for who in audience.split(", ")))
        yield from ((f"{label}.{column}", viewers) for column in columns.split())


@dataclass(frozen=True)
class Lender:
    """The records, and tokens of all who look."""

    url: str
    canaries: Canaries
    people: dict[str, Admin | Customer]
    tokens: dict[str, str]
    office: Office
    group: Group
    assignments: tuple[Assignment, ...]
    memberships: tuple[Membership, ...]
    loans: tuple[Loan, ...]
    of_profile: tuple[Base, ...]
    """What goes with the customer's profile and has an ID."""
    interactions: tuple[Interaction, ...]
    identifier: Identifier
    bank_account: BankAccount
    document: Document

    @property
    def customer(self) -> Any:
        """Whom it is about."""
        return self.people["the customer"]

    def headers(self, viewer: str) -> dict[str, str]:
        """What the viewer's requests say of who it is."""
        return {"Authorization": f"Bearer {self.tokens[viewer]}"} if viewer in self.tokens else {}


async def build(url: str) -> Lender:
    """Write the lender into an empty database."""
    database = Database(url)
    try:
        return await _build(url, database)
    finally:
        await database.close()


async def _build(url: str, database: Database) -> Lender:
    world, canaries = World(database), Canaries()
    row = canaries.row
    await world.role(_PLANNER)
    office = row(Office, "office", parent_id=None, status=OfficeStatus.ACTIVE)
    manager = row(Admin, "manager", office_id=office.id, status=AdminStatus.ACTIVE, muted=[])
    of_office = {"office_id": office.id, "account_manager_id": manager.id, "status_changed_by_id": manager.id}
    customer = row(
        Customer, "customer", kind=CustomerKind.COMPANY, status=CustomerStatus.ACTIVE, tier=None, muted=[], **of_office
    )
    role = row(Role, "role", **_SEES_NOTHING)
    await _write(database, [office, role], [manager], [customer])
    await _give_roles(database, manager, "account_manager", role.key)
    people: dict[str, Admin | Customer] = {"manager": manager, "the customer": customer}
    people["another customer"] = await world.customer(office=office)
    for viewer, key in _ROLES.items():
        status = AdminStatus.INACTIVE if viewer == "deactivated" else AdminStatus.ACTIVE
        people[viewer] = await world.admin(key, office=office, status=status)
    by = people["super_admin"]
    late_loan, loan = [
        row(Loan, label, customer_id=customer.id, status=LoanStatus.ACTIVE, currency=currency)
        for label, currency in (("late loan", "NGN"), ("loan", "USD"))
    ]
    risk = row(RiskCategory, "risk category")
    kept_for = {"status": GroupStatus.ACTIVE, "purpose": GroupPurpose.RISK, "created_by_id": by.id}
    kept_for |= {"capacity_mode": CapacityMode.WARNING, "sensitivity": GroupSensitivity.SENSITIVE}
    kept_for |= {"removal_statuses": ["ARCHIVED"], "removes_graduated": True}
    kept_for |= {"review_told": GroupReviewStatus.OVERDUE, "reviewed_by_id": by.id, "kept_by_id": by.id}
    kept_for |= {"visible_to_customers": False, "owner_id": by.id, "status_changed_by_id": by.id}
    group = row(Group, "group", criteria=None, member_count=1, risk_category_id=risk.id, **kept_for)
    await world.group("With criteria", criteria=row(Group, "criteria", **_NO_GROUP).criteria)
    spans = {"customer_id": customer.id, "admin_id": manager.id, "assigned_by_id": by.id}
    counts = {"total": 1, "done": 1, "changed": 1, "unchanged": 0, "refused": 0, "skipped": 0}
    ended_job = {"kind": JobKind.UNDO, "status": JobStatus.DONE, "requested_by_id": by.id}
    ended_job |= {"undo_of_id": None, "group_id": None, "dry_run": False}
    job = row(Job, "job", **ended_job, **counts)
    assigned = {"event": NotificationEvent.CUSTOMER_ASSIGNED, "job_id": None, "group_id": None}
    former = row(Assignment, "former assignment", job_id=job.id, **spans)
    present = row(Assignment, "assignment", ended_at=None, job_id=None, **spans)
    within = {"customer_id": customer.id, "group_id": group.id, "added_by_id": by.id, "flag": None}
    statuses = {"status_before": CustomerStatus.PENDING, "status_after": CustomerStatus.ACTIVE}
    activated = row(
        StatusChange,
        "status change",
        customer_id=customer.id,
        changed_by_id=by.id,
        action=StatusAction.ACTIVATE,
        **statuses,
    )
    identifier, account = _sealed(canaries, customer)
    of_document = {"customer_id": customer.id, "created_by_id": by.id}
    document = row(Document, "document", kind=DocumentKind.OTHER, removed_at=None, **of_document)
    removed = row(Document, "removed document", kind=DocumentKind.OTHER, **of_document)
    was_in = row(Membership, "former membership", removed_by_id=by.id, **within)
    is_in = row(Membership, "membership", until=None, removed_by_id=None, removal_reason=None, **within)
    unmet = FailedCriterion(id=new_id(), group_id=group.id, digest="", part={"status": {"in": ["BLACKLISTED"]}})
    proposed = row(
        ProposedRemoval,
        "proposed removal",
        group_id=group.id,
        membership_id=is_in.id,
        customer_id=customer.id,
        criterion_id=unmet.id,
        status=ProposalStatus.KEPT,
        decided_by_id=by.id,
        later=("kept_until",),
    )
    of_profile = profile_of(canaries, customer, people["another customer"])
    told = {**of_office, "customer_id": customer.id, "direction": InteractionDirection.INBOUND}
    del told["status_changed_by_id"]
    interaction = row(Interaction, "interaction", kind=InteractionKind.CALL, author_id=by.id, done_by_id=by.id, **told)
    still_open = {"done_at": None, "done_by_id": None, "next_step_outcome": None}
    callback = row(Interaction, "callback", kind=InteractionKind.CALLBACK_REQUEST, author_id=None, **still_open, **told)
    ended = row(Session, "session", admin_id=None, customer_id=customer.id)
    of_customer = {"admin_id": None, "customer_id": customer.id}
    card = {"method": PaymentMethod.CARD}
    decided = {f"{what}_id": by.id for what in ("reviewer", "decided_by", "submitted_by")}
    asked_for = row(
        LoanRequest,
        "loan request",
        customer_id=customer.id,
        office_id=office.id,
        account_manager_id=manager.id,
        currency="USD",
        status=RequestStatus.DECLINED,
        loan_id=loan.id,
        **decided,
    )
    to_come = {
        "customer_id": customer.id,
        "office_id": office.id,
        "account_manager_id": manager.id,
        "admin_id": manager.id,
        "scheduled_by_id": by.id,
        "refusal_codes": [],
        "assignment_id": None,
    }
    undecided = {"decided_at": None, "decided_by_id": None, "cancel_reason": None}
    await _write(
        database,
        [late_loan, loan, risk],
        [group],
        [former, present, was_in, is_in, ended, activated, interaction, callback, *of_profile],
        [identifier, account, document, removed],
        [
            unmet,
            row(FailedCriterion, "unmet criterion", group_id=group.id),
            row(GroupCheck, "group check", group_id=group.id, later=("lease_until",)),
        ],
        [
            proposed,
            row(
                DueRemoval,
                "due removal",
                group_id=group.id,
                membership_id=was_in.id,
                customer_id=customer.id,
                later=("try_at",),
            ),
        ],
        [
            row(LoanInstalment, "late instalment", loan_id=late_loan.id, sequence=1, paid_minor=0, settled_on=None),
            row(LoanInstalment, "instalment", loan_id=loan.id, sequence=2, settled_on=None, later=("due_on",)),
            row(LoanInstalment, "settled instalment", loan_id=loan.id, sequence=1, due_minor=7, paid_minor=7),
            row(LoanPayment, "late payment", loan_id=late_loan.id, recorded_by_id=by.id, reversed_by_id=by.id, **card),
            row(LoanPayment, "payment", loan_id=loan.id, recorded_by_id=by.id, reversed_by_id=by.id, **card),
            asked_for,
            row(Notification, "notice", admin_id=manager.id, customer_id=customer.id, **assigned),
            row(OwnNotification, "own notice", customer_id=customer.id, event=OwnEvent.MANAGER_ASSIGNED),
            row(GroupReview, "group review", group_id=group.id, signed_by_id=by.id),
            row(UnusedGroupDigest, "digest", admin_id=manager.id),
            row(AssignmentConfirmation, "confirmation", assignment_id=present.id, confirmed_by_id=by.id),
            row(
                ScheduledAssignment,
                "scheduled assignment",
                status=ScheduleStatus.PENDING,
                later=("effective_at",),
                **undecided,
                **to_come,
            ),
            row(
                ScheduledAssignment,
                "cancelled assignment",
                status=ScheduleStatus.CANCELLED,
                decided_by_id=by.id,
                **to_come,
            ),
            row(
                Cover,
                "cover",
                kind=CoverKind.BREAK_GLASS,
                customer_id=customer.id,
                manager_id=manager.id,
                delegate_id=people["deactivated"].id,
                granted_by_id=people["deactivated"].id,
                ended_by_id=manager.id,
                later=("ends_at",),
            ),
            job,
            row(
                MemberExport,
                "export",
                job_id=job.id,
                format=ExportFormat.CSV,
                public_keys=[],
                by_passphrase=False,
                sealed_passphrase=None,
                removed_at=None,
            ),
            JobItem(
                job_id=job.id,
                position=0,
                customer_id=customer.id,
                to_admin_id=manager.id,
                seen_assignment_id=None,
                outcome=ItemOutcome.MOVED,
                codes=["ARCHIVED"],
                assignment_id=former.id,
                previous_admin_id=manager.id,
                line=None,
                membership_id=None,
            ),
            row(OutboxMessage, "notification", subject_id=present.id, status=OutboxStatus.DELIVERED),
            row(RefreshToken, "refresh token", session_id=ended.id),
            row(Credential, "credential", **of_customer),
            row(PasswordToken, "password token", purpose=PasswordTokenPurpose.RESET, **of_customer),
            row(Throttle, "throttle"),
            row(
                AuditEvent,
                "audit event",
                actor_kind=SubjectKind.ADMIN,
                customer_id=customer.id,
                denied=True,
                later=("at",),
            ),
            row(AuditSegment, "segment", number=1, entries=b"", hash=b""),
            row(IdempotencyKey, "idempotency key"),
            row(SavedView, "saved view", admin_id=people["deactivated"].id),
            row(CustomerName, "customer name"),
            row(InstallationFact, "installation fact"),
            row(RegisteredDocument, "registered document"),
        ],
    )
    tokens = {viewer: await token_of(database, who) for viewer, who in people.items()}
    with_id = tuple(one for one in of_profile if type(one) in OF_PROFILE)
    lists = (former, present), (was_in, is_in), (late_loan, loan), with_id, (interaction, callback)
    return Lender(url, canaries, people, tokens, office, group, *lists, identifier, account, document)


def _sealed(canaries: Canaries, customer: Customer) -> tuple[Identifier, BankAccount]:
    """Records whose numbers, sealed, are canaries."""
    of_customer = {"customer_id": customer.id, "sealed": b"", "recorded_by_id": None}
    of_account = {"customer_id": customer.id, "sealed": b"", "added_by_id": None, "verified_by_id": None}
    identifier = canaries.row(Identifier, "identifier", kind=IdentifierKind.BVN, **of_customer)
    account = canaries.row(BankAccount, "bank account", currency="NGN", is_primary=True, **of_account)
    number = canaries.word("identifier.number")
    identifier.sealed = VAULT.seal(number, place_of(Identifier, identifier.id)).text
    number = canaries.word("bank account.number")
    account.sealed = VAULT.seal(number, place_of(BankAccount, account.id)).text
    return identifier, account


async def _write(database: Database, *stages: Sequence[Base]) -> None:
    """In one transaction, each stage after those that it refers to."""
    async with database.begin() as session:
        for rows in stages:
            session.add_all(rows)
            await session.flush()


async def _give_roles(database: Database, admin: Admin, *keys: str) -> None:
    async with database.begin() as session:
        for role_id in (await session.scalars(select(Role.id).where(Role.key.in_(keys)))).all():
            session.add(AdminRole(admin_id=admin.id, role_id=role_id))


async def token_of(database: Database, who: Admin | Customer) -> str:
    """An access token of a new session."""
    is_admin = isinstance(who, Admin)
    of = {"admin_id": who.id} if is_admin else {"customer_id": who.id}
    session = Session(id=new_id(), created_at=now(), expires_at=now() + timedelta(hours=1), **of)
    await _write(database, [session])
    kind = SubjectKind.ADMIN if is_admin else SubjectKind.CUSTOMER
    return AccessTokens(KEY, timedelta(minutes=TOKEN_MINUTES)).issue(kind, who.id, session.id).text
