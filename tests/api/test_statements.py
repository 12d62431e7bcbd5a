"""The SQL behind a read: as many statements for fifty rows as for two, and few of them."""

from dataclasses import dataclass

import pytest

from gql.db.models import Admin, Customer, Office
from gql.db.references import References
from tests.api.client import Api, Client, gid
from tests.api.reading import shared
from tests.factories import World
from tests.profiles import crowd_of_profiles
from tests.sql_counter import StatementRecorder, count_statements

MANY = 50

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
  assignmentHistory(first: 2) { totalCount edges { node {
    reason accountManager { name office { name } } assignedBy { name } notifications { status }
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
OFFICES = """
offices(first: $n) { totalCount edges { node {
  name parent { name parent { name } } children(first: 2) { totalCount edges { node { name } } }
} } }
"""
STAFF = """
offices(first: $n) { totalCount edges { node {
  admins(first: 2) { totalCount edges { node {
    name bookSize roles { name } book(first: 2) { totalCount edges { node { displayName } } }
  } } }
} } }
"""
GROUPS = """
groups(first: $n) { totalCount edges { node {
  name riskCategory viewerActions { allowed }
  members(first: 2) { totalCount edges { since addedBy { name } node {
    displayName office { name } accountManager { name } groups(first: 2) { edges { node { name } } }
  } } }
} } }
"""
MANAGERS = "assignableManagers(officeId: $office, first: $n) { totalCount edges { node { name bookSize } } }"
ADMINS = "admins(first: $n) { edges { node { name office { name parent { name } } bookSize roles { key } } } }"

READS = {
    # the query, and the statements that it takes at most besides authentication
    "the console's list of customers": (CONSOLE, 6),
    "customers with their histories": (HISTORY, 7),
    "customers with their groups": (TABS, 6),
    "customers with their loans": (LOANS, 4),
    "customers with their profiles": (PROFILES, 8),
    "customers with their back offices": (BACK_OFFICES, 9),
    "customers with those who are related": (RELATED, 8),
    "customers with their interactions": (INTERACTIONS, 6),
    "what is due": (DUE, 4),
    "customers with their numbers": (NUMBERS, 7),
    "customers with their loans' schedules and payments": (MONEY, 20),
    "the queue of loan requests": (QUEUE, 6),
    "offices and what is below them": (OFFICES, 5),
    "offices with their staff and the books": (STAFF, 8),
    "groups with their members": (GROUPS, 9),
    "assignable managers": (MANAGERS, 3),
    "admins": (ADMINS, 4),
}


@dataclass(frozen=True)
class Crowd:
    """MANY rows in each list: customers each of an office, a manager, a group and loans of their own."""

    head: Office
    super_admin: Admin
    portfolio: Admin


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
        group = await world.group(risk_category=risk)
        await world.membership(group, customer, added_by=super_admin)
        await world.membership(crowded, customer, added_by=portfolio)
        customers.append(customer)
    await crowd_of_profiles(world, customers, portfolio)
    return Crowd(head, super_admin, portfolio)


crowd, database_url = shared(_crowd)


def forget_references(api: Api) -> None:
    """As in a process that has just begun: what it keeps between requests would hide statements."""
    api.database.references = References()


async def _statements(api: Api, client: Client, query: str, rows: int, office: Office) -> StatementRecorder:
    declared = "$n: Int!, $office: ID!" if "$office" in query else "$n: Int!"
    forget_references(api)
    with count_statements(api.database) as recorder:
        data = await client.data(f"query({declared}) {{ {query} }}", {"n": rows, "office": gid(office)})
    [connection] = data.values()
    assert len(connection["edges"]) == min(rows, MANY) or "assignable" in query
    return recorder


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("viewer", ["super_admin", "portfolio"])
async def test_statements_do_not_grow_with_rows(name: str, viewer: str, api: Api, crowd: Crowd) -> None:
    client = await api.sign_in(getattr(crowd, viewer))
    query, most = READS[name]
    with count_statements(api.database) as authentication:
        await client.data("{ __typename }")
    few = await _statements(api, client, query, 2, crowd.head)
    many = await _statements(api, client, query, MANY, crowd.head)
    assert len(few) == len(many), f"{few}\n\n{many}"
    assert len(many) - len(authentication) <= most, str(many)


async def test_everything_in_one_operation_takes_no_more_than_its_parts(api: Api, crowd: Crowd) -> None:
    """Loads of one level meet in one statement."""
    forget_references(api)
    client = await api.sign_in(crowd.super_admin)
    reads = [(query, most) for query, most in READS.values() if "$o" not in query]
    for some in (reads[::2], reads[1::2]):  # an operation has at most ten root fields
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
            await client.data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": wanted})
        counts.add(len(recorder))
    assert counts == {2}
