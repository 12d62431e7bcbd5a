"""The domain's enums as the API shows them."""

from enum import StrEnum

from gql.domain.actions import CustomerActionName
from gql.domain.customer_documents import DocumentKind
from gql.domain.customer_status import StatusAction, StatusEffect
from gql.domain.customer_transfer import AssignmentChoice
from gql.domain.enums import (
    AdminStatus,
    CustomerKind,
    CustomerStatus,
    LoanStatus,
    OfficeStatus,
    OutboxStatus,
)
from gql.domain.identifiers import IdentifierKind
from gql.domain.listing import CustomerOrderField
from gql.domain.loan_requests import RequestAction, RequestDecision, RequestStatus
from gql.domain.policies import AccessReason
from gql.domain.repayment import InstalmentStatus, PaymentMethod
from gql.domain.roles import Level, Permission
from gql.schema.fields import describe


class Audience(StrEnum):
    """Which door to sign in through."""

    ADMIN = "ADMIN"
    CUSTOMER = "CUSTOMER"


class OrderDirection(StrEnum):
    """Which way a list runs."""

    ASC = "ASC"
    DESC = "DESC"


describe(
    Audience,
    "Which door to sign in through.",
    ADMIN="The back office, for team members.",
    CUSTOMER="The web and mobile app, for borrowers.",
)
describe(
    OrderDirection,
    "Which way a list runs.",
    ASC="From the smallest or earliest on.",
    DESC="From the largest or latest on.",
)
describe(
    CustomerStatus,
    "Where a customer stands in their life with the lender.",
    PENDING="Signed up, not yet checked.",
    ACTIVE="In good standing; the only status that can join groups.",
    INACTIVE="Not in use, of their own or the lender's accord.",
    SUSPENDED="Stopped for a time.",
    BLACKLISTED="Stopped for cause by compliance.",
    ARCHIVED="Closed; kept for the record.",
)
describe(CustomerKind, "What a customer is.", PERSON="A private person.", COMPANY="A company with a contact.")
describe(
    AdminStatus,
    "Whether a team member can sign in.",
    INVITED="Invited, has not signed in yet.",
    ACTIVE="Can sign in and hold a book.",
    INACTIVE="Can't sign in; sessions have ended.",
)
describe(
    OfficeStatus,
    "Whether a branch works.",
    ACTIVE="Open; its staff can get new customers.",
    INACTIVE="Closed; its staff get no new customers.",
)
describe(
    LoanStatus,
    "Where a loan stands.",
    ACTIVE="Being repaid.",
    CLOSED="Repaid in full.",
    WRITTEN_OFF="Given up as lost.",
)
describe(
    DocumentKind,
    "What a document is kept for.",
    IDENTITY="To show who the customer is: a passport, a driver's licence.",
    ADDRESS="To show where they live or work: a utility bill, a lease.",
    INCOME="To show what they earn: payslips, tax returns.",
    BANK_STATEMENT="A bank's statement of an account.",
    AGREEMENT="What was signed: a loan agreement, a guarantee.",
    PHOTO="A picture of the customer, or of what they own.",
    OTHER="Anything else.",
)
describe(
    IdentifierKind,
    "What kind of number identifies a customer.",
    BVN="Bank Verification Number: 11 digits.",
    NIN="National Identification Number: 11 digits.",
    PASSPORT="An international passport's number: 6 to 12 letters and digits.",
    TAX_ID="A tax identification number: 8 to 14 digits.",
)
describe(
    InstalmentStatus,
    "How far an instalment has come.",
    PENDING="Due today or later.",
    OVERDUE="It was due before today, and something of it has not come.",
    PAID="All of it has come.",
)
describe(
    PaymentMethod,
    "How money came.",
    CASH="In cash, at the till.",
    BANK_TRANSFER="By a transfer of the customer's.",
    DIRECT_DEBIT="Drawn from the customer's account.",
    CARD="By a debit or credit card.",
    MOBILE_MONEY="From a mobile wallet.",
    CHEQUE="By a cheque that was paid in.",
    OTHER="Another way, or one that was not kept.",
)
describe(
    RequestStatus,
    "Where a loan request stands.",
    "LoanRequestStatus",
    SUBMITTED="Waits for somebody to look at it.",
    UNDER_REVIEW="Somebody looks at it.",
    APPROVED="The loan can be paid out.",
    DECLINED="The lender won't lend.",
    WITHDRAWN="The customer doesn't want it any more.",
)
describe(
    RequestAction,
    "What can be done to a loan request.",
    "LoanRequestActionName",
    REVIEW="Take it under review: `reviewLoanRequest`.",
    APPROVE="Say yes: `decideLoanRequest`.",
    DECLINE="Say no: `decideLoanRequest`.",
    WITHDRAW="Take it back for the customer: `withdrawLoanRequest`.",
)
describe(
    RequestDecision,
    "How a loan request is decided.",
    "LoanRequestDecision",
    APPROVE="The loan can be paid out.",
    DECLINE="The lender won't lend.",
)
describe(
    OutboxStatus,
    "How far a mail has come.",
    PENDING="Waiting for its next attempt.",
    DELIVERED="Taken by the mail server.",
    DEAD="Refused for good, or given up.",
)
describe(
    Level,
    "How much of a customer the viewer sees.",
    "AccessLevel",
    NONE="Nothing: the customer doesn't exist for the viewer.",
    LIMITED="The outline; other fields are null and named in `withheldFields`.",
    FULL="Everything.",
)
describe(
    AccessReason,
    "Why the viewer sees a customer as they do.",
    ACCOUNT_MANAGER="The viewer is the customer's account manager.",
    ROLE_ASSIGNED="A role of the viewer shows customers who are assigned to someone else.",
    ROLE_UNASSIGNED="A role of the viewer shows customers who have no account manager.",
    COVER="The viewer covers the account manager's book for a while: `grantCover`. Reads are on record.",
    BREAK_GLASS="The viewer has opened the customer for a few hours: `breakGlass`. Reads are on record.",
)
describe(
    Permission,
    "What a role may do, besides seeing.",
    CUSTOMER_READ="Use the customer module.",
    CUSTOMER_WRITE="Change customers' records.",
    CUSTOMER_STATUS="Change customers' statuses.",
    CUSTOMER_ASSIGN="Assign account managers.",
    CUSTOMER_LOOKUP="Find a customer in scope by one whole email or phone, although it is withheld.",
    CUSTOMER_REVEAL="Read a customer's identifiers and account numbers in full, one at a time and on record.",
    CUSTOMER_BREAK_GLASS="Open one customer for a few hours, whoever's they are, with a reason and on record.",
    GROUP_READ="See groups.",
    GROUP_WRITE="Change groups.",
    GROUP_MEMBERS_READ="See groups' members, as far as the customers may be seen.",
    GROUP_MEMBERS_WRITE="Add and remove groups' members.",
    GROUP_EXPORT="Export groups' members.",
    WORKLOAD_READ="See the sizes of other admins' books.",
    AUDIT_READ="Read audit events.",
    OFFICE_WRITE="Change offices.",
    ADMIN_WRITE="Change admins.",
    ROLE_WRITE="Change roles.",
)
describe(
    CustomerOrderField,
    "By what customers can be sorted.",
    NAME="Display name.",
    NUMBER="Customer number.",
    STATUS="Status, by the alphabet, and within one by name.",
    CREATED_AT="When the record was created. Leaves out customers whose `createdAt` is withheld.",
    UPDATED_AT="When the record was last changed. Leaves out customers whose `updatedAt` is withheld.",
    EMAIL="Email. Leaves out customers whose `email` is withheld.",
    PHONE="Phone number. Leaves out customers whose `phone` is withheld.",
    OFFICE="The name of the office, and within one by the customer's name.",
    ACCOUNT_MANAGER=(
        "The name of the account manager, and within one by the customer's name. Those who have none come last, "
        "whichever way the list runs, by their names."
    ),
    DAYS_PAST_DUE=(
        "Days since the oldest unpaid instalment was due; 0 for who owes nothing that is overdue. DESC is who is "
        "longest overdue first, and within a day by name; ASC is the same list from its end. Leaves out customers "
        "whose loans in arrears are withheld."
    ),
    TIER=(
        "Tier, from BRONZE to PLATINUM, and within one by name. Those who have none come last, whichever way the list "
        "runs, by their names. Leaves out customers whose `backOffice` is withheld."
    ),
)
describe(
    CustomerActionName,
    "Actions on a customer.",
    "CustomerActionName",
    ASSIGN_ACCOUNT_MANAGER="Assign or change the account manager: `assignAccountManager`.",
    UNASSIGN_ACCOUNT_MANAGER="Leave without an account manager: `unassignAccountManager`.",
    ADD_TO_GROUP="Add to a group: `addGroupMember`.",
    UPDATE="Change the record and what goes with it: `updateCustomer`, `updateCustomerProfile`, `addCustomerNote` …",
    TRANSFER="Move to another office: `transferCustomer`.",
    LOG_INTERACTION="Put a call, visit, message or complaint on record: `logInteraction`.",
    ACTIVATE="Do business with them: `activateCustomer`.",
    DEACTIVATE="Let them rest: `deactivateCustomer`.",
    SUSPEND="Stop for now: `suspendCustomer`.",
    BLACKLIST="Stop for good: `blacklistCustomer`.",
    ARCHIVE="Put the record away: `archiveCustomer`.",
    REINSTATE="Take back what stopped them: `reinstateCustomer`.",
    SUBMIT_LOAN_REQUEST="Ask for a loan on their behalf: `submitLoanRequest`.",
)
describe(
    AssignmentChoice,
    "What becomes of the account manager when a customer moves to another office.",
    KEEP="The account manager stays.",
    END="The assignment ends: the customer is nobody's until one is assigned.",
)
describe(
    StatusAction,
    "What is done to a customer's status.",
    ACTIVATE="From pending or inactive to active.",
    DEACTIVATE="From active to inactive.",
    SUSPEND="Stopped for now.",
    BLACKLIST="Stopped for good.",
    ARCHIVE="The record was put away.",
    REINSTATE="Back from a suspension, blacklisting or archiving.",
)
describe(
    StatusEffect,
    "What else a change of status does.",
    "CustomerStatusEffectName",
    MEMBERSHIPS_FLAGGED="The customer's memberships of groups ask to be looked at.",
    MEMBERSHIPS_UNFLAGGED="They ask for it no more.",
    SESSIONS_ENDED="The customer's sessions in the app have ended.",
)
