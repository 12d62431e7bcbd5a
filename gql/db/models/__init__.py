"""The tables."""

from gql.db.models.access import Credential, PasswordToken, RefreshToken, Session, Throttle
from gql.db.models.assignment_confirmations import AssignmentConfirmation
from gql.db.models.audit import AuditEvent, AuditSegment, AuditWaiting
from gql.db.models.bank_details import BankAccount, Identifier
from gql.db.models.base import Base
from gql.db.models.covers import Cover
from gql.db.models.documents import Document
from gql.db.models.groups import (
    Group,
    GroupExclusion,
    GroupReview,
    Membership,
    RiskCategory,
    RiskCategoryExclusion,
    UnusedGroupDigest,
)
from gql.db.models.interactions import Interaction
from gql.db.models.jobs import Job, JobItem
from gql.db.models.loan_requests import LoanRequest
from gql.db.models.loans import Loan, LoanInstalment, LoanPayment
from gql.db.models.member_exports import MemberExport
from gql.db.models.notifications import Notification, OwnNotification
from gql.db.models.people import Admin, AdminRole, Assignment, Customer, CustomerName, Office, Role, StatusChange
from gql.db.models.profile import (
    CustomerAddress,
    CustomerNote,
    CustomerProfile,
    CustomerRelation,
    CustomerTag,
    Guarantor,
    NextOfKin,
    SavingsAccount,
    TierDecision,
)
from gql.db.models.record import (
    IdempotencyKey,
    InstallationFact,
    OutboxMessage,
    ReferenceVersion,
    RegisteredDocument,
)
from gql.db.models.removals import DueRemoval, FailedCriterion, GroupCheck, ProposedRemoval
from gql.db.models.scheduled_assignments import ScheduledAssignment
from gql.db.models.views import SavedView

__all__ = [
    "Admin",
    "AdminRole",
    "Assignment",
    "AssignmentConfirmation",
    "AuditEvent",
    "AuditSegment",
    "AuditWaiting",
    "BankAccount",
    "Base",
    "Cover",
    "Credential",
    "Customer",
    "CustomerAddress",
    "CustomerName",
    "CustomerNote",
    "CustomerProfile",
    "CustomerRelation",
    "CustomerTag",
    "Document",
    "DueRemoval",
    "FailedCriterion",
    "Group",
    "GroupCheck",
    "GroupExclusion",
    "GroupReview",
    "Guarantor",
    "IdempotencyKey",
    "Identifier",
    "InstallationFact",
    "Interaction",
    "Job",
    "JobItem",
    "Loan",
    "LoanInstalment",
    "LoanPayment",
    "LoanRequest",
    "MemberExport",
    "Membership",
    "NextOfKin",
    "Notification",
    "Office",
    "OutboxMessage",
    "OwnNotification",
    "PasswordToken",
    "ProposedRemoval",
    "ReferenceVersion",
    "RefreshToken",
    "RegisteredDocument",
    "RiskCategory",
    "RiskCategoryExclusion",
    "Role",
    "SavedView",
    "SavingsAccount",
    "ScheduledAssignment",
    "Session",
    "StatusChange",
    "Throttle",
    "TierDecision",
    "UnusedGroupDigest",
]
