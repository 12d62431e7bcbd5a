"""The codes of refusals, one enum for the mutations of a noun."""

from typing import Final

from gql.domain.admin_changes import AdminErrorCode
from gql.domain.assignments import AssignErrorCode
from gql.domain.customer_record import CustomerErrorCode
from gql.domain.customer_status import StatusErrorCode
from gql.domain.groups import GroupErrorCode
from gql.domain.hand_overs import HandOverErrorCode
from gql.domain.invitations import InviteErrorCode
from gql.domain.jobs import ReassignErrorCode
from gql.domain.member_exports import ExportErrorCode
from gql.domain.member_jobs import MemberJobErrorCode
from gql.domain.membership_removals import RemoveMemberErrorCode
from gql.domain.memberships import AddMemberErrorCode
from gql.domain.password_errors import PasswordErrorCode
from gql.domain.proposed_removals import DriftErrorCode
from gql.domain.session_errors import SessionErrorCode
from gql.domain.session_revocation import RevokeErrorCode
from gql.domain.user_errors import UserErrorCode
from gql.schema.fields import describe

_OF_A_KEY: Final = {
    "IDEMPOTENCY_CONFLICT": "The idempotency key was used for something else, or what it began is over.",
    "IDEMPOTENCY_IN_FLIGHT": "A request with this idempotency key is still being worked on.",
}

describe(
    UserErrorCode,
    "Why a change that has no reasons of its own did nothing.",
    CUSTOMER_NOT_FOUND="No such customer for the viewer.",
    NOT_FOUND="No such record for the viewer: `field` says which.",
    CUSTOMER_ARCHIVED="The customer is archived.",
    INVALID="A value can't be taken: `field` says which, `message` what would do.",
    NOT_ALLOWED="The record's present state rules it out.",
    LIMIT_REACHED="There are as many as there can be.",
    IDENTIFIER_TAKEN="Another customer has this identifier.",
    VERSION_CONFLICT="The record changed since `expectedVersion`; the payload has the present state.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not do this.",
)
describe(
    CustomerErrorCode,
    "Why a customer's record was not made or changed.",
    CUSTOMER_NOT_FOUND="No such customer for the viewer.",
    CUSTOMER_ARCHIVED="The customer is archived.",
    INVALID_NAME="Empty, too long, or with characters that no name has.",
    INVALID_EMAIL="What was given is no email address.",
    INVALID_PHONE="What was given is no phone number.",
    EMAIL_TAKEN="Another customer has it, whether or not the viewer sees that one.",
    PHONE_TAKEN="Another customer has it, whether or not the viewer sees that one.",
    OFFICE_NOT_FOUND="There is no such office.",
    OFFICE_INACTIVE="The office is not active.",
    VERSION_CONFLICT="The customer changed since `expectedVersion`; `customer` is the present state.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change this customer, or register any at this office.",
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
    AdminErrorCode,
    "Why a team member's account was not changed.",
    ADMIN_NOT_FOUND="No such admin.",
    OWN_ACCOUNT="It is the viewer's own.",
    HAS_BOOK="They are account manager of `bookSize` customers.",
    HAS_SCHEDULED="`scheduled` assignments are to begin that are to them, or by them.",
    BOOK_OUTSIDE_OFFICE="`customersOutside` customers of their book would be outside the new office: a warning first.",
    OFFICE_NOT_FOUND="No such office.",
    OFFICE_INACTIVE="The office is inactive.",
    NO_ROLE="No role was named.",
    ROLE_NOT_FOUND="No such role.",
    ROLE_BEYOND_OWN="Their roles, or the new ones, permit more than the viewer's own roles.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer's roles don't include `admin.write`, or not any more.",
)
describe(
    HandOverErrorCode,
    "Why nobody took over, and the team member's account is as it was.",
    ADMIN_NOT_FOUND="No such admin: who leaves, or who shall take over.",
    OWN_ACCOUNT="It is the viewer's own.",
    BOOK_NOT_IN_SIGHT="`customers` whom it concerns are not the viewer's to reassign.",
    BOOK_TOO_LARGE="The book has `customers`, which is too many at once: `reassignBook` comes first.",
    BOOK_CHANGED="Customers came to the book meanwhile, again and again. Try once more.",
    NOT_IN_BOOK="`moves` name `customers` who need nobody.",
    MOVES_INCOMPLETE="`moves` leave out `customers`.",
    COUNT_MISMATCH="The counts are `counted` together, and the customers `selected`.",
    NO_SUCCESSOR="By office nobody was found for `customers`.",
    ADMIN_INACTIVE="Who shall take over is invited or inactive.",
    ADMIN_NOT_ELIGIBLE="A role of theirs never holds a book.",
    OFFICE_INACTIVE="Their office is inactive.",
    OUTSIDE_SCOPE="The lender's setting keeps `customers` from going to somebody of that office.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer's roles don't include both `admin.write` and `customer.assign`, or not any more.",
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
    INVALID_EFFECTIVE_AT="`effectiveAt` has passed, or is more than a year ahead.",
    ALREADY_SCHEDULED="Another one is scheduled for the customer: `scheduled` is that one.",
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
    GROUP_CONFLICT="The customer is in a group that excludes this one: `conflictingGroup`.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change groups' members.",
)
describe(
    RemoveMemberErrorCode,
    "Why a customer was not removed from a group.",
    "RemoveGroupMemberErrorCode",
    CUSTOMER_NOT_FOUND="No such customer, or none that the viewer may find by that identifier.",
    GROUP_NOT_FOUND="No such group.",
    NOT_A_MEMBER="The customer is not, or no more, in the group.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change groups' members.",
)
describe(
    DriftErrorCode,
    "Why a group's members were not looked at, or nothing was decided about any of them.",
    "GroupDriftErrorCode",
    GROUP_NOT_FOUND="No such group.",
    GROUP_ARCHIVED="The group is archived.",
    NO_CRITERIA="The group has no rule that a machine checks.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change groups' members.",
)
describe(
    GroupErrorCode,
    "Why a group was not made or changed.",
    GROUP_NOT_FOUND="No such group.",
    GROUP_ARCHIVED="The group is archived.",
    STATUS_NOT_ALLOWED="Not from the group's present status.",
    INVALID="A value can't be taken: `field` says which, `message` what would do.",
    NAME_TAKEN="Another group has the name, or one that differs in case alone.",
    OWNER_NOT_ELIGIBLE="Who shall answer for it is no active team member.",
    RISK_CATEGORY_NOT_FOUND="No such risk category.",
    RISK_CATEGORY_CONFLICT="Members are in groups whose category excludes the new one: `currentMembers` of them.",
    MAXIMUM_EXCEEDED="The group has more members than that: `currentMembers`.",
    GROUP_NOT_ACTIVE="The group was not activated yet.",
    NOT_REVIEWED="The group has no interval after which it is reviewed.",
    REVIEW_NOT_DUE="The review is not due yet, or somebody has just signed it: `group` is the present state.",
    NOT_UNUSED="The group is not suggested for archive: somebody has used it, or it is kept already.",
    MEMBERS_IN_BOTH="Customers are in both of two groups that would exclude each other: `currentMembers` of them.",
    VERSION_CONFLICT="The group changed since `expectedVersion`; `group` is the present state.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not make or change groups.",
)
describe(
    ReassignErrorCode,
    "Why no job was begun. Of single customers, the job's items tell.",
    CUSTOMER_NOT_FOUND="Some of the customers who are named aren't there for the viewer.",
    NOT_IN_BOOK="Some of the customers who are named are not of the book of `fromAdminId`.",
    NO_CUSTOMERS="No customer whom the viewer sees in full is meant.",
    COUNT_MISMATCH="The counts are more or fewer than the customers.",
    ADMIN_NOT_FOUND="There is no such admin.",
    ADMIN_INACTIVE="The admin is not active.",
    ADMIN_NOT_ELIGIBLE="The admin has a role that never holds a book.",
    OFFICE_INACTIVE="The admin's office is not active.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change account managers.",
)
describe(
    MemberJobErrorCode,
    "Why no job was begun that adds customers to a group. Of single customers, the job's items tell.",
    GROUP_NOT_FOUND="There is no such group for the viewer: `field` says which.",
    GROUP_NOT_ACTIVE="The group was not activated yet.",
    GROUP_SUSPENDED="The group is suspended.",
    GROUP_ARCHIVED="The group is archived.",
    GROUP_FULL="The group has as many members as it can have.",
    SAME_GROUP="The group whose members are to be added is the group itself.",
    CUSTOMER_NOT_FOUND="Some of the customers who are named aren't there for the viewer.",
    NO_CUSTOMERS="No customer whom the viewer sees is meant.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not change the members of groups.",
)
describe(
    ExportErrorCode,
    "Why members are not exported, or an export can't be fetched.",
    GROUP_NOT_FOUND="There is no such group for the viewer.",
    EXPORT_NOT_FOUND="The viewer has no such export.",
    NOT_READY="The job has made no file, or none yet.",
    EXPIRED="The file is too old, and gone.",
    INVALID="A key or the passphrase can't be taken: `field` says which, `message` what would do.",
    **_OF_A_KEY,
    FORBIDDEN="The viewer may not export the members of groups.",
)
