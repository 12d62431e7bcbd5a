"""What a customer's token reaches, field by field: whatever is not listed here fails until somebody has judged it.

The walk goes from every root field that a customer may use through all types that it leads to. Every other root field
is asked with the customer's token, and must be FORBIDDEN, with nothing beside it.
"""

from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)

from gql.domain.ids import Kind
from gql.schema.assembly import build_schema
from tests.api.client import Api, Client, gid
from tests.api.reading import Branch, build_branch, shared, unknown

branch, database_url = shared(build_branch)

SCHEMA = build_schema()._schema
FOR_CUSTOMERS = {
    "query": "viewer me",
    "mutation": (
        "signIn refreshSession signOut revokeSession revokeOtherSessions requestPasswordReset resetPassword "
        "acceptInvitation updateMyContact requestCallback setMyNotificationPreferences markRead"
    ),
    "subscription": "myNotificationReceived",
}
"""The root fields that a customer may use; `acceptInvitation` and the like take a token of a mail, whoever sends it."""

REACHED = """
Viewer: admin customer permissions savedViews sessions
Session: id createdAt lastUsedAt current
Me: id number kind displayName email phone status statusMessage personal employment socials nextOfKin identifiers \
bankAccounts accountManager loans nextPayment callback groups notifications notificationPreferences
Personal: firstName middleName lastName gender dateOfBirth maritalStatus children residenceType addresses
Address: kind street details city state postalCode country
MyEmployment: educationLevel status sector employerName payrollCycle employedSince officeEmail monthlyIncome
MoneyRange: minimum maximum
Socials: facebook instagram linkedIn x website
MyNextOfKin: name relationship phone email address
MyIdentifier: kind masked
MyBankAccount: bankName accountName masked currency primary
ManagerContact: name initials email phone office since
MyLoanConnection: edges pageInfo totalCount
MyLoanEdge: node cursor
MyLoan: id number product status principal outstanding arrears nextPayment disbursedAt
NextPayment: loanNumber dueOn amount overdue
Money: amount amountMinor currency
MyCallback: requestedAt dueAt
MyGroupConnection: edges pageInfo totalCount
MyGroupEdge: node cursor
MyGroup: name since
MyNotificationConnection: edges pageInfo totalCount unreadCount
MyNotificationEdge: node cursor
MyNotification: id event createdAt readAt
MyNotificationPreference: event email inApp emailMayChange
PageInfo: hasNextPage hasPreviousPage startCursor endCursor
SignInPayload: accessToken refreshToken expiresAt viewer replayed userErrors
RefreshSessionPayload: accessToken refreshToken expiresAt viewer replayed userErrors
SignOutPayload: signedOut replayed userErrors
RevokeSessionPayload: revoked replayed userErrors
RevokeOtherSessionsPayload: revokedSessions replayed userErrors
RequestPasswordResetPayload: accepted replayed userErrors
ResetPasswordPayload: changed replayed userErrors
AcceptInvitationPayload: accessToken refreshToken expiresAt viewer replayed userErrors
UpdateMyContactPayload: me changed replayed userErrors
RequestCallbackPayload: callback changed replayed userErrors
SetMyNotificationPreferencesPayload: me changed replayed userErrors
MarkReadPayload: marked unreadCount changed replayed userErrors
SessionUserError: code message field
RevokeSessionUserError: code message field
PasswordUserError: code message field
PlainUserError: code message field
"""
ENUMS = {
    "AccountStatus",
    "AddressKind",
    "CustomerKind",
    "EducationLevel",
    "EmploymentStatus",
    "Gender",
    "IdentifierKind",
    "MaritalStatus",
    "MyLoanStatus",
    "MyNotificationEvent",
    "PayrollCycle",
    "ResidenceType",
    "PasswordErrorCode",
    "Permission",
    "RevokeSessionErrorCode",
    "SessionErrorCode",
    "UserErrorCode",
}
CLOSED = {("Viewer", "admin"), ("Viewer", "permissions"), ("Viewer", "savedViews")}
"""Of the viewer who is an admin: null and empty for a customer, which the last test asks for."""

IDS = {
    "accountManagerId": Kind.ADMIN,
    "managerId": Kind.ADMIN,
    "delegateId": Kind.ADMIN,
    "fromAdminId": Kind.ADMIN,
    "relatedCustomerId": Kind.CUSTOMER,
}
"""What the IDs of inputs are of, where their names don't say it."""
BESIDES = {
    "AddGroupMemberInput": {"customerId"},
    "AddGroupMembersInput": {"customerIds"},
    "RemoveGroupMemberInput": {"customerId"},
    "BreakGlassInput": {"customerId"},
    "AddGuarantorInput": {"name"},
    "HandOverAndDeactivateInput": {"byOffice"},
    "ReassignBookInput": {"fromAdminId", "to"},
    "ReassignTarget": {"weight"},
    "SetCustomerTierInput": {"tier"},
}
"""What inputs take that isn't required by their types, and yet by what they are for."""


def roots(operation: str) -> dict[str, GraphQLField]:
    """All root fields of the schema."""
    root: GraphQLObjectType | None = getattr(SCHEMA, f"{operation}_type")
    return {} if root is None else dict(root.fields)


def reached() -> tuple[dict[str, set[str]], set[str]]:
    """The object types that a customer's token leads to, with their fields; and the enums."""
    waiting: list[GraphQLNamedType] = [
        get_named_type(roots(operation)[name].type)
        for operation, names in FOR_CUSTOMERS.items()
        for name in names.split()
    ]
    types: dict[str, set[str]] = {}
    enums = set()
    while waiting:
        kind = waiting.pop()
        if is_abstract_type(kind):
            waiting += SCHEMA.get_possible_types(kind)
        elif isinstance(kind, GraphQLEnumType):
            enums.add(kind.name)
        elif isinstance(kind, GraphQLObjectType) and kind.name not in types:
            types[kind.name] = set(kind.fields)
            fields = ((name, field) for name, field in kind.fields.items() if (kind.name, name) not in CLOSED)
            waiting += [get_named_type(field.type) for _, field in fields]
    return types, enums


def test_a_customer_reaches_what_is_listed_here_and_nothing_else() -> None:
    listed = {name: set(fields.split()) for name, fields in (line.split(": ") for line in REACHED.strip().splitlines())}
    types, enums = reached()
    assert types == listed
    assert enums == ENUMS - {"Permission"}


def test_nothing_of_the_back_office_is_among_it() -> None:
    """Or the list above could be wrong in one stroke."""
    types, enums = reached()
    internal = {
        "Customer",
        "Admin",
        "Office",
        "Group",
        "Loan",
        "Membership",
        "Assignment",
        "Interaction",
        "StatusChange",
        "BackOffice",
        "BankAccount",
        "Employment",
        "Guarantor",
        "Identifier",
        "NextOfKin",
    }
    words = ("tag", "note", "tier", "group", "reason", "version", "history", "interaction")
    assert not types.keys() & internal
    assert not enums & {"CustomerStatus", "LoanStatus", "MembershipFlag"}
    assert {
        f"{kind}.{field}"
        for kind, fields in types.items()
        for field in fields
        if any(w in field.lower() for w in words)
    } == {"Socials.instagram", "Me.groups"}


async def test_every_other_root_field_is_forbidden_to_a_customer(api: Api, branch: Branch) -> None:
    """Also those that are added later: asked for with IDs of the customer's own records, as far as there are."""
    client = await api.sign_in(branch.adaeze)
    for operation in ("query", "mutation"):
        for name, field in roots(operation).items():
            if name not in FOR_CUSTOMERS[operation].split():
                await _assert_forbidden(client, branch, operation, name, field)
    of_staff = set(roots("subscription")) - set(FOR_CUSTOMERS["subscription"].split())
    assert of_staff == {"accountManagerChanged", "jobProgress", "notificationReceived"}, (
        "ask for it in tests/transport, then name it here"
    )


async def _assert_forbidden(client: Client, branch: Branch, operation: str, name: str, field: GraphQLField) -> None:
    required = {key: of for key, of in field.args.items() if is_non_null_type(of.type)}
    document = _document(operation, name, field)
    for ids in _ids(branch):
        variables = {key: _value(key, of.type, ids) for key, of in required.items()}
        answer = await client.answer(document, variables)
        found = [error["extensions"]["code"] for error in answer.get("errors", ())]
        if found != ["BAD_USER_INPUT"]:
            break
    assert found in ([], ["FORBIDDEN"]), f"say in IDS what {name} takes: {answer}"
    if found:
        assert not (answer["data"] or {}).get(name), name
        return
    payload = answer["data"][name]
    assert [error["code"] for error in payload.pop("userErrors")] == ["FORBIDDEN"], name
    assert not any(payload.values()), f"{name}: {payload}"


def _document(operation: str, name: str, field: GraphQLField) -> str:
    """The whole first level of what it answers."""
    declared = [f"${key}: {of.type}" for key, of in field.args.items() if is_non_null_type(of.type)]
    given = [f"{key}: ${key}" for key, of in field.args.items() if is_non_null_type(of.type)]
    head = f"{operation}({', '.join(declared)})" if declared else operation
    call = f"{name}({', '.join(given)})" if given else name
    kind = get_named_type(field.type)
    if operation == "query" or not isinstance(kind, GraphQLObjectType):
        return f"{head} {{ {call} {{ __typename }} }}"
    below = [
        key if not isinstance(get_named_type(of.type), GraphQLObjectType) else f"{key} {{ __typename }}"
        for key, of in kind.fields.items()
        if key != "userErrors"
    ]
    return f"{head} {{ {call} {{ {' '.join(below)} userErrors {{ code }} }} }}"


def _ids(branch: Branch) -> Iterator[dict[str, str]]:
    """IDs by the names of arguments: the right kind for each, and for the others one kind after another."""
    own = {"customerId": gid(branch.adaeze), "groupId": gid(branch.sme), "officeId": gid(branch.lagos)}
    named = {f"{kind.type_name[0].lower()}{kind.type_name[1:]}Id": unknown(kind) for kind in Kind}
    named |= {name: unknown(kind) for name, kind in IDS.items()} | own
    yield named | {"": gid(branch.adaeze)}
    for kind in Kind:
        yield named | {"": unknown(kind)}


def _value(name: str, kind: GraphQLInputType, ids: dict[str, str]) -> Any:
    """Something that the type takes."""
    if is_non_null_type(kind):
        return _value(name, kind.of_type, ids)
    if is_list_type(kind):
        return [_value(name.removesuffix("s"), kind.of_type, ids)]
    if isinstance(kind, GraphQLInputObjectType):
        besides = BESIDES.get(kind.name, ())
        wanted = {key: of for key, of in kind.fields.items() if is_required_input_field(of) or key in besides}
        if kind.is_one_of:
            wanted = {name: kind.fields[name] for name in ("status", "passphrase") if name in kind.fields}
        return {key: _value(key, of.type, ids) for key, of in wanted.items()}
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    by_scalar = {
        "ID": ids.get(name) or ids[""],
        "Int": 1,
        "BigInt": 1,
        "Float": 1.0,
        "Boolean": True,
        "Date": "2026-01-05",
        "DateTime": "2026-01-05T09:00:00Z",
    }
    return by_scalar.get(get_named_type(kind).name, "text")


async def test_of_the_viewer_a_customer_has_themselves_and_their_sessions(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.adaeze)
    document = (
        "{ viewer { admin { __typename } permissions savedViews { name } customer { id } sessions { current } } }"
    )
    assert (await client.data(document))["viewer"] == {
        "admin": None,
        "permissions": [],
        "savedViews": None,
        "customer": {"id": gid(branch.adaeze)},
        "sessions": ANY,
    }
