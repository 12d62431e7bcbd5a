"""All that can be asked of a lender: each root field, with values for its arguments, by each way that leads on."""

from collections.abc import Iterator, Sequence

from graphql import GraphQLField, GraphQLInputObjectType, get_named_type, is_required_argument

from gql.domain.ids import Kind, to_global_id
from gql.schema.assembly import build_schema
from tests.api.client import gid
from tests.leaks.documents import Arguments, Documents
from tests.leaks.lender import Lender

_SCHEMA = build_schema()._schema
_DOCUMENTS = Documents(_SCHEMA)
_NEAR = 3
"""Levels: from a connection to its edges' nodes and their leaves."""
_PAGE = {"first": ["2"], "last": ["2"], "after": ['"zz"'], "before": ['"zz"']}


def wholes(lender: Lender, *names: str) -> list[str]:
    """All that each root field leads to, or those of these names."""
    return [
        _DOCUMENTS.whole("query", name, root, _asked(lender, name, root)[0])
        for name, root in _query_fields().items()
        if name in (names or _query_fields().keys() - {"node"})  # `nodes` leads to the same
    ]


def nears(lender: Lender) -> list[str]:
    """What is near each root field, for each value of its arguments."""
    found = []
    for name, root in _query_fields().items():
        required, *others = _asked(lender, name, root)
        near = others if name != "node" else [required, *others]
        levels = 1 if name == "node" else _NEAR
        found += [_DOCUMENTS.whole("query", name, root, arguments, levels=levels) for arguments in near]
    return found


def ends(lender: Lender) -> list[str]:
    """A customer at the end of each way that leads to one."""
    found: list[str] = []
    for name, root in _query_fields().items():
        if name != "node":  # `nodes` leads to the same
            required = _asked(lender, name, root)[0]
            found += _DOCUMENTS.ends("query", name, root, required, _DOCUMENTS.ways_to("Customer", root))
    return found


def paths(lender: Lender) -> Iterator[str]:
    """A document for each way from any root field to any type. There are thousands."""
    for name, root in _query_fields().items():
        required, *others = _asked(lender, name, root)
        for arguments in (required, *others) if name == "node" else (required,):
            yield from _DOCUMENTS.paths("query", name, root, arguments)


def subscription(lender: Lender) -> str:
    """All that the subscription to a customer can tell."""
    assert _SCHEMA.subscription_type is not None
    name = "accountManagerChanged"
    root = _SCHEMA.subscription_type.fields[name]
    return _DOCUMENTS.whole("subscription", name, root, {"customerId": _literal(gid(lender.customer))})


def selection(mutation: str) -> str:
    """An operation that asks for all of a mutation's payload; its input, if it takes one, is `$input`."""
    assert _SCHEMA.mutation_type is not None
    root = _SCHEMA.mutation_type.fields[mutation]
    text = _DOCUMENTS.whole("mutation", mutation, root, {name: f"${name}" for name in root.args})
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in root.args.items())
    return text.replace("mutation Whole", f"mutation Whole({declared})" if declared else "mutation Whole")


def mutations() -> Sequence[str]:
    """The names of all."""
    assert _SCHEMA.mutation_type is not None
    return list(_SCHEMA.mutation_type.fields)


def _query_fields() -> dict[str, GraphQLField]:
    assert _SCHEMA.query_type is not None
    return dict(_SCHEMA.query_type.fields)


def _asked(lender: Lender, name: str, root: GraphQLField) -> list[Arguments]:
    """The required arguments alone, and with them each other one; every value is tried."""
    values = _values(lender)
    tried = {argument: values.get(f"{name}.{argument}") or _PAGE.get(argument) for argument in root.args}
    for argument, literals in tried.items():
        assert literals, f"say what to try for {name}({argument}:)"
    required = {argument: tried[argument] for argument, of in root.args.items() if is_required_argument(of)}
    base = {argument: literals[0] for argument, literals in required.items() if literals}
    found: list[Arguments] = [base]
    for argument, literals in tried.items():
        found += [{**base, argument: literal} for literal in literals or () if base.get(argument) != literal]
        _assert_whole(name, argument, root, literals or ())
    return found


def _assert_whole(name: str, argument: str, root: GraphQLField, literals: Sequence[str]) -> None:
    """Every field of an input object is tried."""
    kind = get_named_type(root.args[argument].type)
    if isinstance(kind, GraphQLInputObjectType):
        missing = [field for field in kind.fields if not any(f"{field}:" in literal for literal in literals)]
        assert not missing, f"say what to try for {missing} of {name}({argument}:)"


def _values(lender: Lender) -> dict[str, list[str]]:
    """What to try for each argument; no value is looked for in vain by those who see all."""
    value, people = lender.canaries.values, lender.people
    nodes = [gid(lender.customer), *map(gid, (*lender.assignments, *lender.memberships, *lender.loans))]
    nodes += map(gid, lender.of_profile)
    nodes += map(gid, lender.interactions)
    nodes += [gid(lender.identifier), gid(lender.bank_account), gid(lender.document)]
    nodes += [gid(lender.group), gid(lender.office), gid(people["manager"])]
    nodes.append(to_global_id(Kind.SESSION, value["session.id"]))
    nodes.append(to_global_id(Kind.AUDIT_EVENT, value["audit event.id"]))
    nodes += [
        to_global_id(kind, value[f"{label}.id"])
        for kind, labels in {
            Kind.LOAN_INSTALMENT: ("late instalment", "instalment", "settled instalment"),
            Kind.LOAN_PAYMENT: ("late payment", "payment"),
            Kind.LOAN_REQUEST: ("loan request",),
            Kind.SCHEDULED_ASSIGNMENT: ("scheduled assignment", "cancelled assignment"),
            Kind.COVER: ("cover",),
            Kind.JOB: ("job",),
            Kind.NOTIFICATION: ("notice",),
            Kind.PROPOSED_REMOVAL: ("proposed removal",),
        }.items()
        for label in labels
    ]
    office, group, manager = _literal(gid(lender.office)), _literal(gid(lender.group)), _literal(gid(people["manager"]))
    searches = {
        "customers": ["customer.number", "customer.email", "customer.phone", "customer.search_name"],
        "admins": ["manager.search_name", "manager.email"],
        "assignableManagers": ["manager.search_name"],
        "offices": ["office.search_name"],
        "groups": ["group.search_name"],
    }
    return {
        "customer.id": [_literal(gid(lender.customer))],
        "job.id": [_literal(to_global_id(Kind.JOB, value["job.id"]))],
        "explainAccess.customerId": [_literal(gid(lender.customer))],
        "explainAccess.adminId": [manager],
        "proposeRebalance.officeId": [office],
        "proposeRebalance.balanceBy": ["OUTSTANDING", "COUNT"],
        "proposeRebalance.constraints": [
            '{ includeSubtree: true, tolerancePercent: 0, maximumMoves: 1000, currency: "NGN" }',
            f"{{ adminIds: [{manager}], doNotMove: [{_literal(gid(lender.customer))}] }}",
            f"{{ doNotMoveTags: [{_literal(value['tag.tag'])}], maximumCustomers: 20000 }}",
        ],
        "previewCriteria.criteria": [
            f"{{ all: [{{ status: [ACTIVE] }}, {{ office: {{ ids: [{office}], includeSubtree: true }} }}] }}",
            "{ not: { tier: [SILVER, null] } }",
            # No words of canaries: the rule is told in words to who has written it.
            '{ any: [{ tag: ["vip"] }, { daysPastDue: { min: 0 } }] }',
            '{ outstanding: { currency: "NGN", minimumMinor: 0 } }',
            '{ not: { product: ["no such"] } }',
            "{ accountAge: { min: 0 } }",
        ],
        "groupDrift.groupId": [group],
        "groupReviewSheet.groupId": [group],
        "groupReviews.filter": [
            "{ status: [NOT_DUE, OVERDUE], purpose: [RISK] }",
            f"{{ ownerId: {_literal(gid(people['super_admin']))} }}",
        ],
        "groupsToArchive.filter": [f"{{ ownerId: {_literal(gid(people['super_admin']))}, purpose: [RISK] }}"],
        "canAddMember.groupId": [group],
        "canAddMember.customerId": [_literal(gid(lender.customer))],
        "office.id": [office],
        "admin.id": [manager],
        "group.id": [group],
        "node.id": [_literal(node) for node in nodes],
        "nodes.ids": ["[" + ", ".join(map(_literal, nodes)) + "]"],
        "assignableManagers.officeId": [office],
        **{f"{name}.search": [_literal(value[term]) for term in terms] for name, terms in searches.items()},
        "dueInteractions.filter": [
            "{ mine: true }",
            f"{{ accountManagerId: {manager}, officeId: {office} }}",
            '{ dueBefore: "2098-01-01T00:00:00Z" }',
        ],
        "customers.filter": [
            f"{{ officeId: {office}, includeSubtree: true, status: [ACTIVE], hasAccountManager: true }}",
            f"{{ accountManagerId: {manager} }}",
            f"{{ groupId: {group} }}",
            '{ created: { from: "1990-01-01T00:00:00Z" }, daysPastDue: { min: 0 } }',
            "{ tier: [GOLD] }",
            f"{{ tag: {_literal(value['tag.tag'])} }}",
            '{ identifier: { kind: BVN, value: "22200000001" } }',
            '{ bankAccountNumber: "0000000001" }',
        ],
        "auditEvents.filter": [
            f"{{ customerId: {_literal(gid(lender.customer))}, action: [{_literal(value['audit event.action'])}] }}",
            '{ from: "1997-01-01T00:00:00Z", to: "2098-01-01T00:00:00Z", deniedOnly: true }',
            f"{{ actorId: {_literal(to_global_id(Kind.ADMIN, value['audit event.actor_id']))} }}",
            f"{{ subjectId: {_literal(to_global_id(Kind.LOAN, value['audit event.subject_id']))} }}",
        ],
        "customers.orderBy": ["{ field: CREATED_AT, direction: DESC }", "{ field: NAME }"],
        "loanRequests.filter": [
            f"{{ officeId: {office}, status: [DECLINED], mine: false }}",
            f"{{ accountManagerId: {manager} }}",
            "{ mine: true }",
        ],
        "loanRequests.direction": ["DESC"],
        "scheduledAssignments.filter": [
            f"{{ accountManagerId: {manager}, status: [PENDING, CANCELLED] }}",
            f"{{ customerId: {_literal(gid(lender.customer))} }}",
        ],
        "assignmentReviews.filter": [
            f"{{ accountManagerId: {manager}, officeId: {office}, reasons: [UNREVIEWED, OUTSIDE_OFFICE] }}",
            "{ reasons: [INACTIVE_MANAGER], unreviewedForDays: 1 }",
        ],
        "notifications.filter": ["{ unreadOnly: false }", "{ event: CUSTOMER_ASSIGNED }"],
        "scheduledAssignments.direction": ["DESC"],
        "offices.filter": [f"{{ parentId: {office} }}", "{ status: [ACTIVE] }"],
        "admins.filter": [f"{{ officeId: {office} }}", "{ status: [ACTIVE] }"],
        "groups.filter": [
            "{ status: [ACTIVE], purpose: [RISK] }",
            f"{{ ownerId: {_literal(gid(people['super_admin']))} }}",
        ],
        "groups.orderBy": ["{ field: MEMBER_COUNT, direction: DESC }"],
    }


def _literal(text: str) -> str:
    return f'"{text}"'
