"""The contract that clients hold us to (section 9 of the design): names and types that must not change."""

import re

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from gql.schema.assembly import build_schema

SCHEMA = build_schema()._schema
PAGE = "first: Int, after: String, last: Int, before: String"

FIELDS = f"""
Query.viewer: Viewer
Query.me: Me
Query.node(id: ID!): Node
Query.nodes(ids: [ID!]!): [Node]!
Query.customer(id: ID!): Customer
Query.customers(filter: CustomerFilter, search: String, orderBy: CustomerOrder, {PAGE}): CustomerConnection!
Query.office(id: ID!): Office
Query.offices({PAGE}): OfficeConnection!
Query.admin(id: ID!): Admin
Query.admins({PAGE}): AdminConnection!
Query.group(id: ID!): Group
Query.groups(filter: GroupFilter, search: String, orderBy: GroupOrder, {PAGE}): GroupConnection!
Query.scheduledAssignments(filter: ScheduledAssignmentFilter, {PAGE}): ScheduledAssignmentConnection!
Query.loanRequests(filter: LoanRequestFilter, {PAGE}): LoanRequestConnection!
Query.assignableManagers(officeId: ID!, search: String, {PAGE}): AdminConnection!
Query.job(id: ID!): Job
Query.jobs({PAGE}): JobConnection!
Mutation.reassignBook(input: ReassignBookInput!): ReassignBookPayload!
Mutation.cancelJob(input: CancelJobInput!): CancelJobPayload!
Mutation.undoJob(input: UndoJobInput!): UndoJobPayload!
Query.explainAccess(customerId: ID!, adminId: ID!): AccessExplanation
Query.previewCriteria(criteria: CriteriaInput!, first: Int): CriteriaPreview
Query.proposeRebalance(officeId: ID!, balanceBy: BalanceBy!, constraints: RebalanceConstraints): RebalanceProposal
Query.auditEvents(filter: AuditEventFilter, {PAGE}): AuditEventConnection!
Mutation.signIn(input: SignInInput!): SignInPayload!
Mutation.refreshSession(input: RefreshSessionInput!): RefreshSessionPayload!
Mutation.signOut: SignOutPayload!
Mutation.assignAccountManager(input: AssignAccountManagerInput!): AssignAccountManagerPayload!
Mutation.unassignAccountManager(input: UnassignAccountManagerInput!): UnassignAccountManagerPayload!
Mutation.cancelScheduledAssignment(input: CancelScheduledAssignmentInput!): CancelScheduledAssignmentPayload!
Mutation.checkGroupDrift(input: CheckGroupDriftInput!): CheckGroupDriftPayload!
Mutation.decideProposedRemovals(input: DecideProposedRemovalsInput!): DecideProposedRemovalsPayload!
Mutation.addGroupMember(input: AddGroupMemberInput!): AddGroupMemberPayload!
Mutation.submitLoanRequest(input: SubmitLoanRequestInput!): SubmitLoanRequestPayload!
Mutation.reviewLoanRequest(input: ReviewLoanRequestInput!): ReviewLoanRequestPayload!
Mutation.decideLoanRequest(input: DecideLoanRequestInput!): DecideLoanRequestPayload!
Mutation.withdrawLoanRequest(input: WithdrawLoanRequestInput!): WithdrawLoanRequestPayload!
Mutation.recordPayment(input: RecordPaymentInput!): RecordPaymentPayload!
Mutation.reversePayment(input: ReversePaymentInput!): ReversePaymentPayload!
Mutation.requestPasswordReset(input: RequestPasswordResetInput!): RequestPasswordResetPayload!
Mutation.resetPassword(input: ResetPasswordInput!): ResetPasswordPayload!
Mutation.inviteAdmin(input: InviteAdminInput!): InviteAdminPayload!
Mutation.acceptInvitation(input: AcceptInvitationInput!): AcceptInvitationPayload!
Mutation.handOverAndDeactivate(input: HandOverAndDeactivateInput!): HandOverAndDeactivatePayload!
Mutation.deactivateAdmin(input: DeactivateAdminInput!): DeactivateAdminPayload!
Mutation.activateAdmin(input: ActivateAdminInput!): ActivateAdminPayload!
Mutation.changeAdminOffice(input: ChangeAdminOfficeInput!): ChangeAdminOfficePayload!
Mutation.setAdminRoles(input: SetAdminRolesInput!): SetAdminRolesPayload!
Mutation.revokeSession(input: RevokeSessionInput!): RevokeSessionPayload!
Mutation.revokeOtherSessions: RevokeOtherSessionsPayload!
Mutation.grantCover(input: GrantCoverInput!): GrantCoverPayload!
Mutation.breakGlass(input: BreakGlassInput!): BreakGlassPayload!
Mutation.endCover(input: EndCoverInput!): EndCoverPayload!
Admin.coversHeld({PAGE}): CoverConnection
Admin.coversGiven({PAGE}): CoverConnection
Mutation.updateCustomerProfile(input: UpdateCustomerProfileInput!): UpdateCustomerProfilePayload!
Mutation.addGuarantor(input: AddGuarantorInput!): AddGuarantorPayload!
Mutation.removeGuarantor(input: RemoveGuarantorInput!): RemoveGuarantorPayload!
Mutation.addNextOfKin(input: AddNextOfKinInput!): AddNextOfKinPayload!
Mutation.removeNextOfKin(input: RemoveNextOfKinInput!): RemoveNextOfKinPayload!
Mutation.relateCustomers(input: RelateCustomersInput!): RelateCustomersPayload!
Mutation.unrelateCustomers(input: UnrelateCustomersInput!): UnrelateCustomersPayload!
Mutation.addCustomerNote(input: AddCustomerNoteInput!): AddCustomerNotePayload!
Mutation.setCustomerTags(input: SetCustomerTagsInput!): SetCustomerTagsPayload!
Mutation.setCustomerTier(input: SetCustomerTierInput!): SetCustomerTierPayload!
Viewer.sessions: [Session!]
Session.id: ID!
Session.createdAt: DateTime!
Session.lastUsedAt: DateTime!
Session.current: Boolean!
Viewer.admin: Admin
Viewer.customer: Me
Viewer.permissions: [Permission!]!
Me.status: AccountStatus!
Me.accountManager: ManagerContact
Me.loans({PAGE}): MyLoanConnection!
Me.nextPayment: NextPayment
Customer.interactions({PAGE}): InteractionConnection
Query.dueInteractions(filter: DueInteractionFilter, {PAGE}): InteractionConnection!
Mutation.logInteraction(input: LogInteractionInput!): LogInteractionPayload!
Mutation.completeInteraction(input: CompleteInteractionInput!): CompleteInteractionPayload!
Mutation.updateMyContact(input: UpdateMyContactInput!): UpdateMyContactPayload!
Mutation.requestCallback(input: RequestCallbackInput!): RequestCallbackPayload!
Customer.id: ID!
Customer.number: String!
Customer.displayName: String!
Customer.status: CustomerStatus!
Customer.email: String
Customer.phone: String
Customer.office: Office!
Customer.accountManager: Admin
Customer.loansSummary: LoansSummary
Customer.version: Int
Customer.viewerActions: [CustomerAction!]!
Customer.assignmentHistory({PAGE}): AssignmentConnection
Customer.groups({PAGE}): GroupConnection
Customer.loans({PAGE}): LoanConnection
Customer.auditTrail({PAGE}): AuditEventConnection
Customer.loanRequests({PAGE}): LoanRequestConnection
Customer.managerAsOf(at: DateTime!): Admin
Customer.scheduledAssignment: ScheduledAssignment
Customer.repaymentPerformance(since: Date!): RepaymentPerformance
Customer.access: CustomerAccess!
Customer.personal: Personal
Customer.employment: Employment
Customer.socials: Socials
Customer.guarantors: [Guarantor!]
Customer.nextOfKin: [NextOfKin!]
Customer.relatedCustomers(relation: CustomerRelation, {PAGE}): CustomerConnection
Customer.savings({PAGE}): SavingsAccountConnection
Customer.memberships({PAGE}): MembershipConnection
Customer.backOffice: BackOffice
Employment.employer: Customer
Employment.monthlyIncome: MoneyRange
BackOffice.accountManager: Admin
BackOffice.since: DateTime
BackOffice.assignedBy: Admin
BackOffice.office: Office!
BackOffice.tier: CustomerTier
BackOffice.tags: [String!]!
BackOffice.notes({PAGE}): CustomerNoteConnection!
CustomerEdge.relation: CustomerRelation
Guarantor.customer: Customer
SavingsAccount.balance: Money!
AuditEvent.id: ID!
AuditEvent.at: DateTime!
AuditEvent.actor: AuditActor!
AuditEvent.action: String!
AuditEvent.denied: Boolean!
AuditEvent.subjectKind: String!
AuditEvent.subjectId: ID
AuditEvent.customer: Customer
AuditEvent.details: [AuditDetail!]!
AuditEvent.requestId: String
AuditEvent.address: String
CustomerAccess.level: AccessLevel!
CustomerAccess.reason: AccessReason!
CustomerAccess.withheldFields: [String!]!
CustomerAction.action: CustomerActionName!
CustomerAction.allowed: Boolean!
CustomerAction.reason: String
GroupAction.action: GroupActionName!
GroupAction.allowed: Boolean!
GroupAction.reason: String
Assignment.accountManager: Admin!
Assignment.assignedBy: Admin
Assignment.reason: String
Assignment.startedAt: DateTime!
Assignment.endedAt: DateTime
Admin.id: ID!
Admin.name: String!
Admin.email: String!
Admin.office: Office!
Admin.roles: [Role!]
Admin.status: AdminStatus
Admin.book({PAGE}): CustomerConnection!
Admin.bookSize: Int
Office.id: ID!
Office.name: String!
Office.parent: Office
Office.children({PAGE}): OfficeConnection!
Office.admins({PAGE}): AdminConnection!
Office.status: OfficeStatus!
Group.id: ID!
Group.name: String!
Group.status: GroupStatus!
Group.purpose: GroupPurpose!
Group.description: String!
Group.criteriaText: String!
Group.memberCount: Int!
Group.maximumMembers: Int
Group.members({PAGE}): CustomerConnection
Group.removalRules: GroupRemovalRules!
Group.proposedRemovals(status: ProposedRemovalStatus, {PAGE}): ProposedRemovalConnection
Group.viewerActions: [GroupAction!]!
Group.createdAt: DateTime!
Group.updatedAt: DateTime!
CustomerEdge.since: DateTime
CustomerEdge.addedBy: Admin
CustomerEdge.reason: String
GroupEdge.since: DateTime
GroupEdge.until: DateTime
GroupEdge.addedBy: Admin
GroupEdge.reason: String
Money.amount: String!
Money.amountMinor: BigInt!
Money.currency: String!
SignInPayload.accessToken: String
SignInPayload.refreshToken: String
SignInPayload.expiresAt: DateTime
SignInPayload.viewer: Viewer
SignInPayload.userErrors: [SessionUserError!]!
AssignAccountManagerPayload.customer: Customer
AssignAccountManagerPayload.assignment: Assignment
AssignAccountManagerPayload.scheduled: ScheduledAssignment
AssignAccountManagerPayload.changed: Boolean!
AssignAccountManagerPayload.userErrors: [AssignAccountManagerUserError!]!
AssignAccountManagerUserError.code: AssignAccountManagerErrorCode!
AssignAccountManagerUserError.message: String!
AssignAccountManagerUserError.field: [String!]
AddGroupMemberPayload.group: Group
AddGroupMemberPayload.membership: Membership
AddGroupMemberPayload.membershipEdge: CustomerEdge
AddGroupMemberPayload.warnings: [AddGroupMemberWarning!]!
AddGroupMemberPayload.userErrors: [AddGroupMemberUserError!]!
AddGroupMemberUserError.code: AddGroupMemberErrorCode!
AddGroupMemberUserError.message: String!
AddGroupMemberUserError.field: [String!]
AddGroupMemberUserError.currentMembers: Int
AddGroupMemberUserError.maximumMembers: Int
AddGroupMemberUserError.criterion: String
AddGroupMemberUserError.conflictingGroup: Group
AddGroupMemberWarning.code: AddGroupMemberWarningCode!
AddGroupMemberWarning.message: String!
"""

INPUTS = {
    "SignInInput": "email: String!, password: String!, audience: Audience!",
    "RefreshSessionInput": "refreshToken: String!",
    "RevokeSessionInput": "sessionId: ID!",
    "RequestPasswordResetInput": "email: String!, audience: Audience!",
    "ResetPasswordInput": "token: String!, newPassword: String!",
    "InviteAdminInput": "email: String!, name: String!, officeId: ID!, roleKeys: [String!]!, idempotencyKey: String",
    "DeactivateAdminInput": "adminId: ID!, reason: String!, idempotencyKey: String",
    "ActivateAdminInput": "adminId: ID!, reason: String!, idempotencyKey: String",
    "ChangeAdminOfficeInput": (
        "adminId: ID!, officeId: ID!, reason: String!, acknowledgeWarnings: Boolean!, idempotencyKey: String"
    ),
    "SetAdminRolesInput": "adminId: ID!, roleKeys: [String!]!, reason: String!, idempotencyKey: String",
    "AcceptInvitationInput": "token: String!, password: String!",
    "AssignAccountManagerInput": (
        "customerId: ID!, accountManagerId: ID!, reason: String, effectiveAt: DateTime, expectedVersion: Int, "
        "idempotencyKey: String"
    ),
    "CancelScheduledAssignmentInput": "id: ID!, reason: String!, idempotencyKey: String",
    "ScheduledAssignmentFilter": "status: [ScheduledAssignmentStatus!], accountManagerId: ID, customerId: ID",
    "UnassignAccountManagerInput": "customerId: ID!, expectedVersion: Int!, reason: String!, idempotencyKey: String",
    "AddGroupMemberInput": (
        "groupId: ID!, customerId: ID, email: String, number: String, reason: String, idempotencyKey: String"
    ),
    "CustomerFilter": (
        "status: [CustomerStatus!], officeId: ID, includeSubtree: Boolean, accountManagerId: ID, "
        "hasAccountManager: Boolean, groupId: ID"
    ),
    "CriteriaInput": (
        "all: [CriteriaInput!], any: [CriteriaInput!], not: CriteriaInput, status: [CustomerStatus!], "
        "office: CriteriaOffice, product: [String!], daysPastDue: DayRange, outstanding: CriteriaOutstanding, "
        "tier: [CustomerTier], tag: [String!], accountAge: DayRange"
    ),
    "CriteriaOffice": "ids: [ID!]!, includeSubtree: Boolean!",
    "CriteriaOutstanding": "currency: String!, minimumMinor: BigInt, maximumMinor: BigInt",
    "GroupFilter": "status: [GroupStatus!], purpose: [GroupPurpose!]",
    "UpdateCustomerProfileInput": (
        "customerId: ID!, expectedVersion: Int!, personal: PersonalInput, employment: EmploymentInput, "
        "socials: SocialsInput, idempotencyKey: String"
    ),
    "AddGuarantorInput": (
        "customerId: ID!, guarantorCustomerId: ID, name: String, relationship: String, phone: String, email: String, "
        "address: String, idempotencyKey: String"
    ),
    "RelateCustomersInput": (
        "customerId: ID!, relatedCustomerId: ID!, relation: CustomerRelation!, idempotencyKey: String"
    ),
    "AddCustomerNoteInput": "customerId: ID!, text: String!, idempotencyKey: String",
    "SetCustomerTagsInput": "customerId: ID!, tags: [String!]!, expectedVersion: Int, idempotencyKey: String",
    "GrantCoverInput": (
        "managerId: ID!, delegateId: ID!, startsAt: DateTime, endsAt: DateTime!, reason: String!, "
        "idempotencyKey: String"
    ),
    "BreakGlassInput": "customerId: ID, number: String, minutes: Int, reason: String!, idempotencyKey: String",
    "EndCoverInput": "coverId: ID!, reason: String!, idempotencyKey: String",
    "SetCustomerTierInput": (
        "customerId: ID!, tier: CustomerTier, reason: String!, expectedVersion: Int, idempotencyKey: String"
    ),
}

ENUMS = {
    "StatisticsInterval": "DAY WEEK MONTH",
    "AccessReason": "ACCOUNT_MANAGER ROLE_ASSIGNED ROLE_UNASSIGNED COVER BREAK_GLASS",
    "CoverKind": "LEAVE BREAK_GLASS",
    "CoverStatus": "SCHEDULED ACTIVE EXPIRED ENDED",
    "Audience": "ADMIN CUSTOMER",
    "CustomerStatus": "PENDING ACTIVE INACTIVE SUSPENDED BLACKLISTED ARCHIVED",
    "AdminStatus": "INVITED ACTIVE INACTIVE",
    "GroupStatus": "INACTIVE ACTIVE SUSPENDED ARCHIVED",
    "AccessLevel": "NONE LIMITED FULL",
    "RoleScope": "OWN_OFFICE SUBTREE ALL",
    "BalanceBy": "COUNT OUTSTANDING ARREARS",
    "CustomerRelation": "EMPLOYER EMPLOYEE GUARANTOR GUARANTEED",
    "CustomerTier": "BRONZE SILVER GOLD PLATINUM",
    "CustomerOrderField": (
        "NAME NUMBER STATUS CREATED_AT UPDATED_AT EMAIL PHONE OFFICE ACCOUNT_MANAGER DAYS_PAST_DUE TIER"
    ),
    "CustomerErrorCode": (
        "CUSTOMER_NOT_FOUND CUSTOMER_ARCHIVED INVALID_NAME INVALID_EMAIL INVALID_PHONE EMAIL_TAKEN PHONE_TAKEN "
        "OFFICE_NOT_FOUND OFFICE_INACTIVE VERSION_CONFLICT IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "CustomerStatusErrorCode": (
        "CUSTOMER_NOT_FOUND STATUS_NOT_ALLOWED HAS_OPEN_LOANS VERSION_CONFLICT IDEMPOTENCY_CONFLICT "
        "IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "SessionErrorCode": "INVALID_CREDENTIALS INVALID_REFRESH_TOKEN IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT",
    "RevokeSessionErrorCode": "SESSION_NOT_FOUND IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT",
    "PasswordErrorCode": "INVALID_TOKEN INVALID_PASSWORD IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT",
    "InviteAdminErrorCode": (
        "INVALID_EMAIL INVALID_NAME EMAIL_TAKEN OFFICE_NOT_FOUND OFFICE_INACTIVE NO_ROLE ROLE_NOT_FOUND "
        "ROLE_BEYOND_OWN IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "AdminErrorCode": (
        "ADMIN_NOT_FOUND OWN_ACCOUNT HAS_BOOK HAS_SCHEDULED BOOK_OUTSIDE_OFFICE OFFICE_NOT_FOUND OFFICE_INACTIVE "
        "NO_ROLE ROLE_NOT_FOUND ROLE_BEYOND_OWN IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "HandOverErrorCode": (
        "ADMIN_NOT_FOUND OWN_ACCOUNT BOOK_NOT_IN_SIGHT BOOK_TOO_LARGE BOOK_CHANGED NOT_IN_BOOK MOVES_INCOMPLETE "
        "COUNT_MISMATCH NO_SUCCESSOR ADMIN_INACTIVE ADMIN_NOT_ELIGIBLE OFFICE_INACTIVE OUTSIDE_SCOPE "
        "IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "AssignAccountManagerErrorCode": (
        "CUSTOMER_NOT_FOUND ADMIN_NOT_FOUND ADMIN_INACTIVE ADMIN_NOT_ELIGIBLE OFFICE_INACTIVE OUTSIDE_SCOPE "
        "CUSTOMER_ARCHIVED INVALID_EFFECTIVE_AT ALREADY_SCHEDULED VERSION_CONFLICT IDEMPOTENCY_CONFLICT "
        "IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "ScheduledAssignmentStatus": "PENDING STARTED CANCELLED REFUSED",
    "ProposedRemovalStatus": "PROPOSED ACCEPTED KEPT OBSOLETE",
    "ProposedRemovalDecision": "ACCEPT KEEP",
    "ProposedRemovalOutcome": "REMOVED KEPT NOT_FOUND ALREADY_DECIDED MEMBERSHIP_ENDED FITS_AGAIN",
    "GroupDriftErrorCode": (
        "GROUP_NOT_FOUND GROUP_ARCHIVED NO_CRITERIA IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
    "AddGroupMemberErrorCode": (
        "CUSTOMER_NOT_FOUND GROUP_NOT_FOUND ALREADY_MEMBER CUSTOMER_SUSPENDED CUSTOMER_BLACKLISTED CUSTOMER_ARCHIVED "
        "CUSTOMER_NOT_ACTIVE GROUP_NOT_ACTIVE GROUP_SUSPENDED GROUP_ARCHIVED GROUP_FULL NOT_ELIGIBLE "
        "RISK_CATEGORY_CONFLICT GROUP_CONFLICT IDEMPOTENCY_CONFLICT IDEMPOTENCY_IN_FLIGHT FORBIDDEN"
    ),
}

NODES = {"AuditEvent", "Customer", "Admin", "Office", "Group", "Assignment", "Loan"}
NODES |= {"Guarantor", "NextOfKin", "CustomerNote", "SavingsAccount"}
NODES = {"Customer", "Admin", "Office", "Group", "Assignment", "Loan", "LoanPayment", "LoanRequest", "Cover"}
NODES |= {"ScheduledAssignment", "ProposedRemoval"}


def _named(text: str) -> dict[str, str]:
    """`a: X, b: Y` as a dictionary."""
    return dict(part.split(": ") for part in text.split(", ") if part)


@pytest.mark.parametrize("line", FIELDS.strip().splitlines())
def test_a_field_keeps_its_name_its_arguments_and_its_type(line: str) -> None:
    """More arguments are welcome as long as none is required."""
    parsed = re.fullmatch(r"(\w+)\.(\w+)(?:\((.*)\))?: (.+)", line)
    assert parsed is not None
    of, name, arguments, kind = parsed.groups()
    owner = SCHEMA.type_map[of]
    assert isinstance(owner, GraphQLObjectType)
    field = owner.fields[name]
    assert str(field.type) == kind
    promised = _named(arguments or "")
    assert {arg: str(field.args[arg].type) for arg in promised} == promised
    assert all(arg in promised for arg, declared in field.args.items() if is_required_argument(declared))


@pytest.mark.parametrize(("name", "fields"), INPUTS.items())
def test_an_input_keeps_its_fields_and_requires_no_more(name: str, fields: str) -> None:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLInputObjectType)
    promised = _named(fields)
    assert {field: str(kind.fields[field].type) for field in promised} == promised
    assert all(field in promised for field, declared in kind.fields.items() if is_required_input_field(declared))


def test_who_signs_in_is_an_admin_unless_said_otherwise() -> None:
    kind = SCHEMA.type_map["SignInInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    assert "= ADMIN" in build_schema().as_str().partition("input SignInInput")[2].partition("}")[0]
    assert not is_required_input_field(kind.fields["audience"])


@pytest.mark.parametrize(("name", "values"), ENUMS.items())
def test_an_enum_keeps_its_values(name: str, values: str) -> None:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLEnumType)
    assert set(values.split()) == set(kind.values)


def test_records_are_nodes() -> None:
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {kind.name for kind in SCHEMA.get_implementations(node).objects} >= NODES


def test_every_list_that_can_grow_is_a_connection_of_one_shape() -> None:
    connections = [kind for name, kind in SCHEMA.type_map.items() if name.endswith("Connection")]
    assert len(connections) >= 6
    for kind in connections:
        assert isinstance(kind, GraphQLObjectType)
        assert (str(kind.fields["pageInfo"].type), str(kind.fields["totalCount"].type)) == ("PageInfo!", "Int!")
        edge = get_named_type(kind.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)
        assert str(edge.fields["cursor"].type) == "String!"
        assert str(edge.fields["node"].type) == kind.name.removesuffix("Connection") + "!"


def test_every_mutation_answers_expected_refusals_in_user_errors() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert payload.name == f"{name[0].upper()}{name[1:]}Payload"
        error = get_named_type(payload.fields["userErrors"].type)
        assert isinstance(error, GraphQLObjectType)
        assert "UserError" in {interface.name for interface in error.interfaces}
        assert {"code", "message", "field"} <= set(error.fields)


def test_every_mutation_takes_an_idempotency_key_and_says_whether_it_is_told_again() -> None:
    assert SCHEMA.mutation_type is not None
    for name, field in SCHEMA.mutation_type.fields.items():
        taken, payload = get_named_type(field.args["input"].type), get_named_type(field.type)
        assert isinstance(taken, GraphQLInputObjectType), name
        assert isinstance(payload, GraphQLObjectType), name
        assert str(taken.fields["idempotencyKey"].type) == "String", name
        assert str(payload.fields["replayed"].type) == "Boolean!", name
