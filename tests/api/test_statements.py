"""The SQL behind a read: as many statements for fifty rows as for two, and few of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
    parse,
    visit,
)

from gql.db.models import Admin, Customer, Office
from gql.db.references import References
from gql.domain.roles import BUILT_IN_ROLES
from gql.schema.assembly import build_schema
from tests.api.client import Api, Client, gid
from tests.api.reading import shared
from tests.api.test_propose_rebalance import PROPOSE
from tests.factories import World
from tests.jobs import finished_job
from tests.profiles import crowd_of_profiles
from tests.sql_counter import StatementRecorder, count_statements

MANY = 50
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

CONSOLE = """
customers(first: $n) { edges { node {
  displayName access { level } viewerActions { action allowed }
  office { name } accountManager { name office { name } }
  groups(first: 3) { edges { node { name } } }
  loansSummary { loansInArrears balances { outstanding { amount } } }
} } }
"""
HISTORY = """
customers(first: $n) { totalCount edges { node {
  managerAsOf(at: "2026-01-05T08:00:00Z") { name office { name } }
  scheduledAssignment { effectiveAt refusalCodes accountManager { name office { name } } assignment { reason } }
  assignmentHistory(first: 2) { totalCount edges { node {
    reason accountManager { name office { name } } assignedBy { name } notifications { status }
    confirmations { note confirmedBy { name } }
  } } }
} } }
"""
TABS = """
customers(first: $n) { totalCount edges { node {
  groups(first: 2) { totalCount edges { since addedBy { name } node { name memberCount riskCategory } } }
} } }
"""
LOANS = """
customers(first: $n) { totalCount edges { node {
  loans(first: 2) { totalCount edges { node { number outstanding { amount } arrears { amount } } } }
} } }
"""
PROFILES = """
customers(first: $n) { edges { node {
  personal { firstName addresses { city } } employment { sector employer { displayName } } socials { website }
  guarantors { name customer { displayName } addedBy { name } } nextOfKin { name }
} } }
"""
BACK_OFFICES = """
customers(first: $n) { edges { node {
  backOffice { tier tags since accountManager { name } assignedBy { name } notes(first: 2) { totalCount edges { node {
    text author { name } } } } }
  savings(first: 2) { totalCount edges { node { balance { amount } } } }
} } }
"""
RELATED = """
customers(first: $n) { edges { node {
  relatedCustomers(first: 2) { totalCount edges { relation addedBy { name } node { displayName } } }
  memberships(first: 2) { totalCount edges { node { since addedBy { name } group { name } } } }
} } }
"""
INTERACTIONS = """
customers(first: $n) { totalCount edges { node {
  interactions(first: 2) { totalCount edges { node { summary author { name } doneBy { name } customer { number } } } }
} } }
"""
DUE = """
dueInteractions(first: $n) { totalCount edges { node {
  nextStep dueAt author { name } customer { displayName phone accountManager { name } }
} } }
"""
NUMBERS = """
customers(first: $n) { totalCount edges { node {
  identifiers { kind masked recordedBy { name } }
  documents(first: 2) { totalCount edges { node { name uploadedBy { name } } } }
  bankAccounts(first: 2) { totalCount edges { node { masked addedBy { name } } } }
} } }
"""
MONEY = """
customers(first: $n) { edges { node {
  repaymentPerformance(since: "2026-01-01") { currencies { expected { amount } onTimeRate } }
  loansSummary { balances { nextDue { dueOn } portfolioAtRisk { daysPastDue par30 { ratio } } } }
  loanRequests(first: 2) { totalCount edges { node { status loan { number } viewerActions { allowed } } } }
  loans(first: 2) { edges { node {
    daysPastDue nextDue { dueOn } loanRequest { purpose }
    instalments(first: 2) { totalCount edges { node { status paidOn } } }
    payments(first: 2) { totalCount edges { node { method recordedBy { name } loan { number } } } }
  } } }
} } }
"""
QUEUE = """
loanRequests(first: $n) { totalCount edges { node {
  amount { amount } viewerActions { action allowed } submittedBy { name } reviewer { name }
  customer { displayName accountManager { name } office { name } }
} } }
"""
SCHEDULED = """
scheduledAssignments(first: $n) { totalCount edges { node {
  effectiveAt refusalCodes accountManager { name office { name } } scheduledBy { name } cancelledBy { name }
  customer { displayName } assignment { reason }
} } }
"""
NOTIFICATIONS = """
notifications(first: $n) { totalCount unreadCount edges { node {
  event customer { displayName } job { reason } group { name }
} } }
"""
REVIEWS = """
assignmentReviews(first: $n) { totalCount edges { node { reasons customer { displayName accountManager { name } } } } }
"""
OFFICES = """
offices(first: $n) { totalCount edges { node {
  name parent { name parent { name } } children(first: 2) { totalCount edges { node { name } } }
} } }
"""
STAFF = """
offices(first: $n) { totalCount edges { node {
  admins(first: 2) { totalCount edges { node {
    name bookSize roles { name } bookStatistics(since: "2026-01-01") {
      counted portfolio { daysPastDue } repaymentPerformance { since } handovers { day before { since } }
    } book(first: 2) { totalCount edges { node { displayName } } }
  } } }
} } }
"""
GROUPS = """
groups(first: $n) { totalCount edges { node {
  name riskCategory criteria viewerActions { allowed }
  formerMembers(first: 2) { totalCount edges { node { removalReason removedBy { name } customer { displayName } } } }
  membersCheckedAt removalRules { statuses onLoanGraduation }
  proposedRemovals(first: 2) { totalCount edges { node { criterion decidedBy { name } customer { displayName }
    membership { removalReason } } } }
  statusChangedBy { name } owner { name } excludes { name }
  statistics(since: "2026-01-01") {
    changes { joined } figures { currencies { currency } } offices { office { name } figures { counted } }
    accountManagers { accountManager { name } figures { currencies { portfolio { par60 { ratio } } } } }
  }
  members(first: 2) { totalCount edges { since addedBy { name } node {
    displayName office { name } accountManager { name } groups(first: 2) { edges { node { name } } }
  } } }
} } }
"""
GROUP_REVIEWS = """
groupReviews(first: $n) { totalCount edges { node {
  name owner { name } review { status dueAt lastSignedBy { name } } viewerActions { allowed }
  reviews(first: 2) { totalCount edges { node { note signedBy { name } } } }
} } }
"""
UNUSED = """
groupsToArchive(first: $n) { totalCount edges { node { name owner { name } lastUsedAt keptUntil keptBy { name } } } }
"""
PREVIEW = """
previewCriteria(criteria: { all: [{ not: { status: [ARCHIVED] } }, { accountAge: { min: 0 } }] }, first: $n) {
  count description sample { displayName office { name } accountManager { name } }
}
"""
MANAGERS = "assignableManagers(officeId: $office, first: $n) { totalCount edges { node { name bookSize } } }"
COVERS = """
admins(first: $n) { totalCount edges { node {
  coversHeld(first: 2) { totalCount edges { node { status reason manager { name } customer { displayName } } } }
  coversGiven(first: 2) { totalCount edges { node { delegate { name } grantedBy { name } endedBy { name } } } }
} } }
"""
ADMINS = """
admins(first: $n) { edges { node { name office { name parent { name } } bookSize roles { key permissions } } } }
"""
TRAILS = """
customers(first: $n) { edges { node {
  access { withheldFields }
  auditTrail(first: 2) { totalCount edges { node { action details { field } actor { admin { name } } } } }
  statusHistory(first: 2) { totalCount edges { node { reason changedBy { name } } } }
} } }
"""
EVENTS = """
auditEvents(first: $n) { totalCount edges { node {
  details { field after } actor { admin { name office { name } } } customer { displayName accountManager { name } }
} } }
"""
JOBS = """
jobs(first: $n) { totalCount edges { node {
  requestedBy { name office { name } } undoOf { id } undoneBy { id }
  items(first: 2) { totalCount edges { node {
    codes customer { displayName accountManager { name } } to { name } previousAccountManager { name }
    assignment { reason batch { kind requestedBy { name } } }
  } } }
} } }
"""
EXPLAINED = """
query($customer: ID!, $admin: ID!) { explainAccess(customerId: $customer, adminId: $admin) {
  customer { displayName accountManager { name } office { name } } admin { name office { name } roles { key } }
  rules { role { permissions } shownWhenLimited why } fields { because } mayChange { because }
} }
"""
DRIFTED = "query($group: ID!) { groupDrift(groupId: $group) { count sample { displayName office { name } } } }"
CHECKED = """
query($group: ID!, $customer: ID!) { canAddMember(groupId: $group, customerId: $customer) {
  allowed blockers { code remedy conflictingGroup { name } } warnings { code }
} }
"""
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
OWN = """{
  viewer { permissions sessions { id } savedViews { name filter { status tier } } }
  notificationPreferences { event email }
  riskCategories { name excludes { name } }
}"""
MINE = """query($n: Int!) { me {
  loans(first: $n) { totalCount edges { node { number } } }
  nextOfKin { name } identifiers { masked } bankAccounts { masked } notificationPreferences { event }
  notifications(first: $n) { totalCount unreadCount edges { node { event } } }
  groups(first: $n) { totalCount edges { node { name } } }
} }"""

READS = {
    # the query, and the statements that it takes at most besides authentication
    "the console's list of customers": (CONSOLE, 6),
    "customers with their histories": (HISTORY, 10),
    "customers with their groups": (TABS, 6),
    "customers with their loans": (LOANS, 4),
    "customers with their profiles": (PROFILES, 8),
    "customers with their back offices": (BACK_OFFICES, 9),
    "customers with those who are related": (RELATED, 8),
    "customers with their interactions": (INTERACTIONS, 6),
    "what is due": (DUE, 4),
    "notifications": (NOTIFICATIONS, 7),
    "reviews of who looks after whom": (REVIEWS, 6),
    "customers with their numbers": (NUMBERS, 7),
    "customers with their loans' schedules and payments": (MONEY, 20),
    "the queue of loan requests": (QUEUE, 6),
    "what is scheduled": (SCHEDULED, 6),
    "offices and what is below them": (OFFICES, 5),
    "offices with their staff and the books": (STAFF, 15),
    "groups with their members and figures": (GROUPS, 22),
    "reviews of groups": (GROUP_REVIEWS, 6),
    "groups that nobody uses": (UNUSED, 4),
    "a preview of a group's rule": (PREVIEW, 4),
    "assignable managers": (MANAGERS, 3),
    "admins": (ADMINS, 4),
    "admins with their covers": (COVERS, 8),
    "jobs with their customers": (JOBS, 9),
    "customers with their audit trails and changes of status": (TRAILS, 8),
}
OF_AUDITORS = {"audit events": (EVENTS, 6)}


@dataclass(frozen=True)
class Crowd:
    """MANY rows in each list: customers each of an office, a manager, a group and loans of their own."""

    head: Office
    super_admin: Admin
    portfolio: Admin
    of_all_roles: Admin
    customer: Customer


async def _crowd(world: World) -> Crowd:
    head = await world.office("Head")
    super_admin = await world.admin("super_admin", office=head)
    portfolio = await world.admin("portfolio_manager", office=head)
    risk = await world.risk_category()
    crowded = await world.group("A")
    customers: list[Customer] = []
    for number in range(MANY):
        # Each third row has its own below it, so that no list has as many rows below as above.
        office = await world.office(f"Office {number:02}", parent=head)
        where = office if number % 3 else head
        manager = await world.admin("account_manager", office=where)
        customer = await world.customer(office=office, manager=manager)
        await world.loan(customer, instalments=1)
        await world.interaction(customer, author=manager, due_at=world.moment())
        await world.identifier(customer)
        await world.bank_account(customer)
        await world.document(customer)
        loan = await world.loan(customer, instalments=2, paid=1)
        await world.loan_request(customer, loan=loan, submitted_by=super_admin)
        group = await world.group(
            risk_category=risk, owner=manager, review_days=30, due_at=world.moment(), last_used_at=LONG_AGO
        )
        await world.group_review(group, manager)
        await world.membership(group, customer, added_by=super_admin)
        await world.proposed_removal(await world.membership(crowded, customer, added_by=portfolio))
        await world.membership(crowded, customer, since=world.moment(), until=world.moment())
        await world.event(about=customer, actor=manager, details={"before": {"name": "A"}, "after": {"name": "B"}})
        await world.event(about=customer, actor=super_admin)
        await world.status_change(customer)
        await world.scheduled(customer, manager, super_admin)
        begin, end = world.moment(), world.moment()
        await world.cover(super_admin, manager, customer=customer, starts_at=begin, ends_at=end)
        await world.cover(manager, customer=customer, starts_at=begin, ends_at=end)
        customers.append(customer)
        await finished_job(world, portfolio, customers[-1 - number % 3 :], manager)
    await crowd_of_profiles(world, customers, portfolio)
    for number, viewer in enumerate((super_admin, portfolio) * MANY):
        await world.notification(viewer, customer=customers[number % MANY])
    for _ in range(2):
        await world.own_notification(customers[0])
    of_all_roles = await world.admin(*BUILT_IN_ROLES, office=head)
    return Crowd(head, super_admin, portfolio, of_all_roles, customers[0])


crowd, database_url = shared(_crowd)


def forget_references(api: Api) -> None:
    """As in a process that has just begun: what it keeps between requests would hide statements."""
    api.database.references = References()


async def _statements(api: Api, client: Client, query: str, rows: int, office: Office) -> StatementRecorder:
    declared = "$n: Int!, $office: ID!" if "$office" in query else "$n: Int!"
    forget_references(api)
    with count_statements(api.database) as recorder:
        data = await client.data(f"query({declared}) {{ {query} }}", {"n": rows, "office": gid(office)})
    [found] = data.values()
    assert len(found["edges"] if "edges" in found else found["sample"]) == min(rows, MANY) or "assignable" in query
    return recorder


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("viewer", ["super_admin", "portfolio"])
async def test_statements_do_not_grow_with_rows(name: str, viewer: str, api: Api, crowd: Crowd) -> None:
    await _assert_constant(api, await api.sign_in(getattr(crowd, viewer)), *READS[name], crowd.head)


@pytest.mark.parametrize("name", OF_AUDITORS)
async def test_statements_of_an_auditors_lists_do_not_grow_either(name: str, api: Api, crowd: Crowd) -> None:
    await _assert_constant(api, await api.sign_in(crowd.super_admin), *OF_AUDITORS[name], crowd.head)


async def _assert_constant(api: Api, client: Client, query: str, most: int, office: Office) -> None:
    with count_statements(api.database) as authentication:
        await client.data("{ __typename }")
    few = await _statements(api, client, query, 2, office)
    many = await _statements(api, client, query, MANY, office)
    assert len(few) == len(many), f"{few}\n\n{many}"
    assert len(many) - len(authentication) <= most, str(many)


async def test_everything_in_one_operation_takes_no_more_than_its_parts(api: Api, crowd: Crowd) -> None:
    """Loads of one level meet in one statement."""
    forget_references(api)
    client = await api.sign_in(crowd.super_admin)
    reads = [(query, most) for query, most in (READS | OF_AUDITORS).values() if "$o" not in query]
    for some in (reads[::3], reads[1::3], reads[2::3]):  # an operation has at most ten root fields
        together = " ".join(f"_{number}: {query}" for number, (query, _) in enumerate(some))
        with count_statements(api.database) as recorder:
            await client.data(f"query($n: Int!) {{ {together} }}", {"n": MANY})
        assert len(recorder) <= sum(most for _, most in some) + 1, str(recorder)


async def test_knowing_the_viewer_takes_one_statement(api: Api, crowd: Crowd) -> None:
    """For a role over an office's subtree, too."""
    for viewer in (crowd.super_admin, crowd.portfolio):
        client = await api.sign_in(viewer)
        with count_statements(api.database) as recorder:
            await client.data("{ __typename }")
        assert len(recorder) == 1, str(recorder)
    with count_statements(api.database) as recorder:
        await api.anonymous.data("{ __typename }")
    assert len(recorder) == 0


async def test_what_is_not_selected_is_not_read(api: Api, crowd: Crowd) -> None:
    """The count of a list costs a statement of its own where it is asked for, and none where it isn't."""
    client = await api.sign_in(crowd.super_admin)
    with count_statements(api.database) as recorder:
        await client.data("{ customers { edges { node { displayName } } } }")
    assert len(recorder) == 2, str(recorder)
    with count_statements(api.database) as recorder:
        await client.data("{ customers { totalCount edges { node { displayName } } } }")
    assert len(recorder) == 3, str(recorder)


async def test_nodes_of_one_type_are_read_together(api: Api, crowd: Crowd) -> None:
    client = await api.sign_in(crowd.super_admin)
    listed = await client.data("{ customers(first: 50) { edges { node { id } } } }")
    ids = [edge["node"]["id"] for edge in listed["customers"]["edges"]]
    counts = set()
    for wanted in (ids[:2], ids):
        with count_statements(api.database) as recorder:
            await client.data(NODES, {"ids": wanted})
        counts.add(len(recorder))
    assert counts == {2}


async def test_what_is_ones_own_takes_no_more_statements_however_much_it_is(api: Api, crowd: Crowd) -> None:
    """An admin's sessions and saved views; a customer's loans and notifications in their app."""
    admin, customer = await api.sign_in(crowd.portfolio), await api.sign_in(crowd.customer)
    save = "mutation($input: SaveViewInput!) { saveView(input: $input) { userErrors { code } } }"
    counts = []
    for views in (1, 10):
        for number in range(views):
            await api.sign_in(crowd.portfolio)
            given = {"name": f"{views} {number}", "filter": {"status": ["ACTIVE"], "tier": ["GOLD"]}}
            await admin.data(save, {"input": given})
        forget_references(api)
        with count_statements(api.database) as recorder:
            await admin.data(OWN)
        counts.append(len(recorder))
    assert counts[0] == counts[1] <= 7, counts
    counts = []
    for size in (1, 2):
        with count_statements(api.database) as recorder:
            me = (await customer.data(MINE, {"n": size}))["me"]
        assert [len(me[name]["edges"]) for name in ("loans", "notifications")] == [size, size]
        counts.append(len(recorder))
    assert counts[0] == counts[1] <= 12, counts


async def test_an_explanation_takes_no_more_statements_however_many_rules_there_are(api: Api, crowd: Crowd) -> None:
    """One role or all of them, over an office or a tree of fifty; the customer, the facts, and who is named."""
    client = await api.sign_in(crowd.super_admin)
    for admin, rules in zip((crowd.portfolio, crowd.of_all_roles), (1, len(BUILT_IN_ROLES)), strict=True):
        forget_references(api)
        with count_statements(api.database) as recorder:
            data = await client.data(EXPLAINED, {"customer": gid(crowd.customer), "admin": gid(admin)})
        assert len(data["explainAccess"]["rules"]) == rules + 1
        assert len(recorder) <= 9, str(recorder)  # admins are named in one read or in two


def test_every_list_of_the_schema_has_a_count_of_its_statements() -> None:
    """Lists and connections of all that a query reaches. A new one needs a place in a query above."""
    schema = build_schema()._schema
    of_lists = [query for query, _ in (READS | OF_AUDITORS).values()]
    documents = [f"query($n: Int!, $office: ID!) {{ {query} }}" for query in of_lists]
    counted = set().union(
        *(
            _fields_of(schema, document)
            for document in (*documents, NODES, OWN, MINE, EXPLAINED, PROPOSE, CHECKED, DRIFTED)
        )
    )
    uncounted = sorted(".".join(field) for field in _lists_of(schema) - counted)
    assert uncounted == []


def _lists_of(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """The fields from which a list is read, or a connection, whose own list of edges is the same."""
    assert schema.query_type is not None
    found, reached, waiting = set(), {schema.query_type.name}, [schema.query_type.name]
    while waiting:
        kind = schema.type_map[waiting.pop()]
        below = [one.name for one in schema.get_possible_types(kind)] if is_abstract_type(kind) else []
        if is_object_type(kind):
            for name, field in kind.fields.items():
                target = get_named_type(field.type).name
                is_list = is_list_type(get_nullable_type(field.type)) or target.endswith("Connection")
                if is_list and not kind.name.endswith("Connection"):
                    found.add((kind.name, name))
                below.append(target)
        waiting += set(below) - reached
        reached |= set(below)
    return found


def _fields_of(schema: GraphQLSchema, document: str) -> set[tuple[str, str]]:
    """Each field that the document selects, with the type that has it."""
    types, found = TypeInfo(schema), set()

    class Fields(Visitor):
        """Collects them."""

        def enter_field(self, node: FieldNode, *_: Any) -> None:
            """One."""
            parent = types.get_parent_type()
            assert parent is not None
            found.add((parent.name, node.name.value))

    visit(parse(document), TypeInfoVisitor(types, Fields()))
    return found
