"""The domain's enums as the API shows them."""

from enum import StrEnum
from typing import Final

from gql.domain.actions import CustomerActionName, GroupActionName
from gql.domain.assignments import AssignErrorCode
from gql.domain.customer_status import StatusAction, StatusEffect, StatusErrorCode
from gql.domain.enums import (
    AdminStatus,
    CustomerKind,
    CustomerStatus,
    GroupPurpose,
    GroupStatus,
    LoanStatus,
    MembershipFlag,
    OfficeStatus,
    OutboxStatus,
)
from gql.domain.invitations import InviteErrorCode
from gql.domain.listing import CustomerOrderField, GroupOrderField
from gql.domain.memberships import AddMemberErrorCode, WarningCode
from gql.domain.password_errors import PasswordErrorCode
from gql.domain.policies import AccessReason
from gql.domain.roles import Level, Permission
from gql.domain.session_errors import SessionErrorCode
from gql.domain.session_revocation import RevokeErrorCode
from gql.schema.fields import describe


class Audience(StrEnum):
    """Which door to sign in through."""

    ADMIN = "ADMIN"
    CUSTOMER = "CUSTOMER"


class OrderDirection(StrEnum):
    """Which way a list runs."""

    ASC = "ASC"
    DESC = "DESC"


_OF_A_KEY: Final = {
    "IDEMPOTENCY_CONFLICT": "The idempotency key was used for something else, or what it began is over.",
    "IDEMPOTENCY_IN_FLIGHT": "A request with this idempotency key is still being worked on.",
}

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
    GroupStatus,
    "Whether a group takes members. Show SUSPENDED and ARCHIVED as inactive where there is room for two badges only.",
    INACTIVE="Created, not yet in use.",
    ACTIVE="In use; the only status that takes members.",
    SUSPENDED="Stopped for a time.",
    ARCHIVED="Closed; kept for the record.",
)
describe(
    GroupPurpose,
    "What a group is kept for.",
    PRODUCT="Eligibility for a loan product.",
    RISK="Watching or walling off a risk.",
    GEOGRAPHY="Customers of one place.",
    SEGMENT="A business segment.",
    CAMPAIGN="A campaign's audience.",
    COLLECTIONS="Priority handling in collections.",
    OTHER="Anything else.",
)
describe(
    LoanStatus,
    "Where a loan stands.",
    ACTIVE="Being repaid.",
    CLOSED="Repaid in full.",
    WRITTEN_OFF="Given up as lost.",
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
)
describe(
    Permission,
    "What a role may do, besides seeing.",
    CUSTOMER_READ="Use the customer module.",
    CUSTOMER_WRITE="Change customers' records.",
    CUSTOMER_STATUS="Change customers' statuses.",
    CUSTOMER_ASSIGN="Assign account managers.",
    CUSTOMER_LOOKUP="Find a customer in scope by one whole email or phone, although it is withheld.",
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
    CREATED_AT="When the record was created. Leaves out customers whose `createdAt` is withheld.",
)
describe(
    GroupOrderField,
    "By what groups can be sorted.",
    NAME="The name of the group.",
    CREATED_AT="When the group was created.",
    UPDATED_AT="When the group itself was last changed.",
    MEMBER_COUNT="Number of members.",
)
describe(
    CustomerActionName,
    "Actions on a customer.",
    "CustomerActionName",
    ASSIGN_ACCOUNT_MANAGER="Assign or change the account manager: `assignAccountManager`.",
    ADD_TO_GROUP="Add to a group: `addGroupMember`.",
    ACTIVATE="Do business with them: `activateCustomer`.",
    DEACTIVATE="Let them rest: `deactivateCustomer`.",
    SUSPEND="Stop for now: `suspendCustomer`.",
    BLACKLIST="Stop for good: `blacklistCustomer`.",
    ARCHIVE="Put the record away: `archiveCustomer`.",
    REINSTATE="Take back what stopped them: `reinstateCustomer`.",
)
describe(GroupActionName, "Actions on a group.", ADD_MEMBER="Add a customer: `addGroupMember`.")
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
    StatusErrorCode,
    "Why a customer's status was not changed.",
    "CustomerStatusErrorCode",
    CUSTOMER_NOT_FOUND="No such customer for the viewer.",
    STATUS_NOT_ALLOWED="Not from the customer's present status.",
    HAS_OPEN_LOANS="Who is archived owes nothing.",
    VERSION_CONFLICT="The customer changed since `expectedVersion`; `customer` is the present state.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change this customer's status.",
)
describe(
    StatusEffect,
    "What else a change of status does.",
    "CustomerStatusEffectName",
    MEMBERSHIPS_FLAGGED="The customer's memberships of groups ask to be looked at.",
    MEMBERSHIPS_UNFLAGGED="They ask for it no more.",
    SESSIONS_ENDED="The customer's sessions in the app have ended.",
)
describe(
    MembershipFlag,
    "Why somebody should look at a membership.",
    CUSTOMER_BLACKLISTED="The customer was blacklisted while in the group.",
)
describe(
    SessionErrorCode,
    "Why a sign-in, a refresh or a sign-out did nothing.",
    INVALID_CREDENTIALS="Wrong email or password, or an account that may not sign in: which one is not told.",
    INVALID_REFRESH_TOKEN="The refresh token is unknown, used, revoked or expired. Sign in again.",  # noqa: S106
    **_OF_A_KEY,
)
describe(
    RevokeErrorCode,
    "Why a session was not ended.",
    "RevokeSessionErrorCode",
    SESSION_NOT_FOUND="The viewer has no such session, or it has ended.",
    **_OF_A_KEY,
)
describe(
    PasswordErrorCode,
    "Why a password was not set.",
    INVALID_TOKEN="The token is unknown, used, too old, or not its account's any more. Ask for a new link.",  # noqa: S106
    INVALID_PASSWORD=(  # noqa: S106
        "Too short, too long, or one that is guessed first: common, or little more than the account's own names."
    ),
    **_OF_A_KEY,
)
describe(
    InviteErrorCode,
    "Why nobody was invited.",
    "InviteAdminErrorCode",
    INVALID_EMAIL="Not an email address.",
    INVALID_NAME="Empty, too long, or with characters that can't be read.",
    EMAIL_TAKEN="A team member has this email already, and is not waiting for an invitation.",
    OFFICE_NOT_FOUND="No such office.",
    OFFICE_INACTIVE="The office is inactive.",
    NO_ROLE="No role was named.",
    ROLE_NOT_FOUND="No such role.",
    ROLE_BEYOND_OWN="A role permits more than the viewer's own roles.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer's roles don't include `admin.write`.",
)
describe(
    AssignErrorCode,
    "Why an account manager was not assigned.",
    "AssignAccountManagerErrorCode",
    CUSTOMER_NOT_FOUND="No such customer, or none that the viewer sees.",
    ADMIN_NOT_FOUND="No such admin.",
    ADMIN_INACTIVE="The admin is invited or inactive.",
    ADMIN_NOT_ELIGIBLE="A role of the admin's never holds a book.",
    OFFICE_INACTIVE="The admin's office is inactive.",
    OUTSIDE_SCOPE="The installation's setting narrows the choice of offices, and the admin's is not among them.",
    CUSTOMER_ARCHIVED="The customer is archived.",
    VERSION_CONFLICT="The customer changed since `expectedVersion`; `customer` is the present state.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change this customer's account manager.",
)
describe(
    AddMemberErrorCode,
    "Why a customer was not added to a group.",
    "AddGroupMemberErrorCode",
    CUSTOMER_NOT_FOUND="No such customer, or none that the viewer may find by that identifier.",
    GROUP_NOT_FOUND="No such group.",
    ALREADY_MEMBER="The customer already belongs to the group.",
    CUSTOMER_SUSPENDED="The customer is suspended.",
    CUSTOMER_BLACKLISTED="The customer is blacklisted.",
    CUSTOMER_ARCHIVED="The customer is archived.",
    CUSTOMER_NOT_ACTIVE="The customer is pending or inactive.",
    GROUP_NOT_ACTIVE="The group is inactive.",
    GROUP_SUSPENDED="The group is suspended.",
    GROUP_ARCHIVED="The group is archived.",
    GROUP_FULL="The group has its maximum of members: `currentMembers` and `maximumMembers`.",
    NOT_ELIGIBLE="The customer doesn't meet the group's criteria; `criterion` with full access.",
    RISK_CATEGORY_CONFLICT="The customer is in a group of an excluding risk category: `conflictingGroup`.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change groups' members.",
)
describe(
    WarningCode,
    "What is worth knowing about a change that was made all the same.",
    "AddGroupMemberWarningCode",
    GROUP_NEARLY_FULL="At least nine tenths of the group's places are taken.",
)
