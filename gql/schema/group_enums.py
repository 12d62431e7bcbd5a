"""The domain's enums of groups and memberships as the API shows them."""

from gql.domain.actions import GroupActionName
from gql.domain.enums import CapacityMode, GroupPurpose, GroupSensitivity, GroupStatus, MembershipFlag
from gql.domain.groups import GroupWarningCode
from gql.domain.listing import GroupOrderField
from gql.domain.memberships import WarningCode
from gql.schema.fields import describe

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
    CapacityMode,
    "What a group's maximum does.",
    HARD="Nobody joins a group that is full.",
    WARNING="Who adds a member beyond it is told, and nothing more.",
)
describe(
    GroupSensitivity,
    "Whether it matters in itself who is in a group.",
    NORMAL="It says no more than the group's purpose.",
    SENSITIVE="It does: such a group has to be reviewed regularly.",
)
describe(
    GroupOrderField,
    "By what groups can be sorted.",
    NAME="The name of the group.",
    CREATED_AT="When the group was created.",
    UPDATED_AT="When the group itself was last changed.",
    MEMBER_COUNT="Number of members.",
    STATUS="The status, by its name in the API, and within it by name.",
)
describe(
    GroupActionName,
    "Actions on a group.",
    ADD_MEMBER="Add a customer: `addGroupMember`.",
    REMOVE_MEMBER="Take a customer out: `removeGroupMember`.",
    UPDATE="Change what it is: `updateGroup`.",
    EXPORT_MEMBERS="Write its members to an encrypted file: `exportGroupMembers`.",
    ACTIVATE="Let it take members: `activateGroup`.",
    SUSPEND="Stop it for a time: `suspendGroup`.",
    ARCHIVE="Close it, for the record: `archiveGroup`.",
    REINSTATE="Back from a suspension or archiving: `reinstateGroup`.",
    SIGN_REVIEW="Sign that its members were looked at: `signGroupReview`.",
    KEEP="Have it not suggested for archive, although nobody uses it: `keepGroup`.",
)
describe(
    MembershipFlag,
    "Why somebody should look at a membership.",
    CUSTOMER_BLACKLISTED="The customer was blacklisted while in the group.",
)
describe(
    WarningCode,
    "What is worth knowing about a change that was made all the same.",
    "AddGroupMemberWarningCode",
    GROUP_NEARLY_FULL="At least nine tenths of the group's places are taken.",
    GROUP_OVER_MAXIMUM="It has more members now than it should have.",
)
describe(
    GroupWarningCode,
    "What is worth knowing about a change of a group that was made all the same.",
    NAME_VAGUE="The name doesn't say who is in the group.",
    OVER_MAXIMUM="It has more members than it should have.",
    BELOW_MINIMUM="It has fewer members than it should have.",
)
