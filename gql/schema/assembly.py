"""The schema, put together from its nouns."""

import functools

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from gql.schema import cover_enums as cover_enums
from gql.schema import enums as enums
from gql.schema import error_codes as error_codes
from gql.schema import group_enums as group_enums
from gql.schema import profile_enums as profile_enums
from gql.schema.access_explanation import AccessExplanationQueries
from gql.schema.admin import Admin, AdminQueries
from gql.schema.admin_mutations import AdminMutations
from gql.schema.assignment import Assignment
from gql.schema.assignment_mutations import AssignmentMutations
from gql.schema.assignment_review import AssignmentReviewMutations, AssignmentReviewQueries
from gql.schema.assignment_subscriptions import AssignmentSubscriptions
from gql.schema.audit import AuditEvent, AuditQueries
from gql.schema.back_office_mutations import BackOfficeMutations
from gql.schema.bank_details import BankAccount, Identifier
from gql.schema.bank_details_mutations import BankDetailsMutations
from gql.schema.cover import Cover
from gql.schema.cover_mutations import CoverMutations
from gql.schema.criteria import CriteriaQueries
from gql.schema.customer import Customer, CustomerQueries
from gql.schema.customer_document_mutations import CustomerDocumentMutations
from gql.schema.customer_documents import Document
from gql.schema.customer_mutations import CustomerMutations
from gql.schema.customer_status import StatusChange
from gql.schema.customer_status_mutations import CustomerStatusMutations
from gql.schema.customer_transfer_mutations import CustomerTransferMutations
from gql.schema.group import Group, GroupQueries
from gql.schema.group_drift import GroupDriftQueries
from gql.schema.group_mutations import GroupMutations
from gql.schema.group_reviews import GroupReviewMutations, GroupReviewQueries
from gql.schema.hand_over_mutations import HandOverMutations
from gql.schema.interaction import Interaction, InteractionQueries
from gql.schema.interaction_mutations import InteractionMutations
from gql.schema.invitation_mutations import InvitationMutations
from gql.schema.job import Job, JobQueries
from gql.schema.job_mutations import JobMutations
from gql.schema.job_subscriptions import JobSubscriptions
from gql.schema.loan import Loan
from gql.schema.loan_payment_mutations import LoanPaymentMutations
from gql.schema.loan_request import LoanRequest, LoanRequestQueries
from gql.schema.loan_request_mutations import LoanRequestMutations
from gql.schema.me_mutations import MeMutations
from gql.schema.member_export_mutations import MemberExportMutations
from gql.schema.member_job_mutations import MemberJobMutations
from gql.schema.membership import Membership
from gql.schema.membership_check import MembershipCheckQueries
from gql.schema.membership_mutations import MembershipMutations
from gql.schema.my_notification_mutations import MyNotificationMutations, MyNotificationSubscriptions
from gql.schema.node import NodeQueries
from gql.schema.note import CustomerNote
from gql.schema.notification import Notification, NotificationMutations, NotificationQueries, NotificationSubscriptions
from gql.schema.notification_preference import NotificationPreferenceMutations, NotificationPreferenceQueries
from gql.schema.office import Office, OfficeQueries
from gql.schema.password_mutations import PasswordMutations
from gql.schema.people import Guarantor, NextOfKin
from gql.schema.people_mutations import PeopleMutations
from gql.schema.profile_mutations import CustomerProfileMutations
from gql.schema.proposed_removal import ProposedRemoval
from gql.schema.proposed_removal_mutations import ProposedRemovalMutations
from gql.schema.rebalancing import RebalanceQueries
from gql.schema.repayment import LoanInstalment, LoanPayment
from gql.schema.risk_category import RiskCategory, RiskCategoryQueries
from gql.schema.saved_view import SavedViewMutations
from gql.schema.savings import SavingsAccount
from gql.schema.scalars import BIG_INT, BigInt
from gql.schema.scheduled_assignment import ScheduledAssignment, ScheduledAssignmentQueries
from gql.schema.scheduled_assignment_mutations import ScheduledAssignmentMutations
from gql.schema.session import SessionListMutations
from gql.schema.session_mutations import SessionMutations
from gql.schema.unused_groups import UnusedGroupMutations, UnusedGroupQueries
from gql.schema.viewer import ViewerQueries
from gql.schema.wall_mutations import WallMutations


@strawberry.type(description="What can be read. Everything but signing in takes a session.")
class Query(
    ViewerQueries,
    NodeQueries,
    CustomerQueries,
    OfficeQueries,
    AdminQueries,
    GroupQueries,
    GroupDriftQueries,
    GroupReviewQueries,
    UnusedGroupQueries,
    RiskCategoryQueries,
    MembershipCheckQueries,
    CriteriaQueries,
    InteractionQueries,
    AssignmentReviewQueries,
    AuditQueries,
    LoanRequestQueries,
    ScheduledAssignmentQueries,
    AccessExplanationQueries,
    JobQueries,
    RebalanceQueries,
    NotificationQueries,
    NotificationPreferenceQueries,
):
    """All root fields that read."""


@strawberry.type(description="What can be done. Expected refusals are in each payload's `userErrors`.")
class Mutation(
    SessionMutations,
    SessionListMutations,
    PasswordMutations,
    InvitationMutations,
    AdminMutations,
    HandOverMutations,
    AssignmentReviewMutations,
    AssignmentMutations,
    ScheduledAssignmentMutations,
    CoverMutations,
    GroupMutations,
    GroupReviewMutations,
    UnusedGroupMutations,
    WallMutations,
    MembershipMutations,
    MemberJobMutations,
    MemberExportMutations,
    ProposedRemovalMutations,
    CustomerMutations,
    CustomerStatusMutations,
    CustomerProfileMutations,
    PeopleMutations,
    BackOfficeMutations,
    BankDetailsMutations,
    CustomerDocumentMutations,
    CustomerTransferMutations,
    InteractionMutations,
    MeMutations,
    SavedViewMutations,
    LoanRequestMutations,
    LoanPaymentMutations,
    JobMutations,
    NotificationMutations,
    NotificationPreferenceMutations,
    MyNotificationMutations,
):
    """All root fields that write."""


@strawberry.type(description="What one can be told of as it happens, over a WebSocket or as server-sent events.")
class Subscription(AssignmentSubscriptions, JobSubscriptions, NotificationSubscriptions, MyNotificationSubscriptions):
    """All root fields that go on."""


@functools.cache
def build_schema() -> strawberry.Schema:
    """The executable schema: one for the process, since two can't share their Node types."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[
            Admin,
            Assignment,
            AuditEvent,
            BankAccount,
            Cover,
            Customer,
            CustomerNote,
            Document,
            Group,
            Guarantor,
            Interaction,
            Identifier,
            Job,
            Loan,
            Membership,
            NextOfKin,
            Notification,
            Office,
            ProposedRemoval,
            RiskCategory,
            SavingsAccount,
            StatusChange,
            LoanInstalment,
            LoanPayment,
            LoanRequest,
            ScheduledAssignment,
        ],
        config=StrawberryConfig(auto_camel_case=True, scalar_map={BigInt: BIG_INT}),
    )
    _declare_one_of(schema._schema)
    return schema


def _declare_one_of(schema: GraphQLSchema) -> None:
    """Tell graphql-core of which inputs exactly one field is given, which Strawberry only prints.

    Validation and the coercion of variables then refuse others, before a resolver is called.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            definition = (kind.extensions or {}).get("strawberry-definition")
            kind.is_one_of = bool(definition and definition.is_one_of)
