"""Every list of the API, long enough for two pages, in the order that it promises; and how a client pages through."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Any, NamedTuple

from sqlalchemy import update

from gql.db.models import Admin, Base, Customer, CustomerRelation, Group, Job, JobItem, Loan, Membership, Office
from gql.domain.back_office import CustomerTier
from gql.domain.jobs import ItemOutcome
from gql.domain.loan_requests import RequestStatus
from gql.domain.scheduled_assignments import ScheduleStatus
from gql.domain.time import today
from tests.api.client import Client, gid
from tests.factories import World
from tests.jobs import finished_job
from tests.profiles import employment, note, savings_account

LONG_AGO = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 12)]
LENGTH = 26
"""One more than a page holds where `first` is left out."""


class Listing(NamedTuple):
    """A connection: the query with `PAGE` for its arguments and `ROWS` for its selection, and the ID in `$id`."""

    query: str
    id: str
    """The attribute of the lender whose record `$id` is; empty where there is none."""
    rows: str
    """The key of `Lists.rows`."""
    key: Callable[[Any], Any]
    """The sort key of a row; ties are broken by ID."""
    descending: bool = False


def _name(row: Any) -> Any:
    return row.name


def _created(row: Any) -> Any:
    return row.created_at


def _submitted(row: Any) -> Any:
    return row.submitted_at


def _starts(row: Any) -> Any:
    return row.starts_at


def _tier(row: Any) -> Any:
    return -1 if row.tier is None else list(CustomerTier).index(row.tier)


def _overdue(row: Any) -> Any:
    """Since when, and today for who owes nothing that is overdue; and by name within a day."""
    return min(row.oldest_unpaid_due_on or today(), today()), row.name


def _ordered(noun: str, by: str, direction: str, key: Callable[[Any], Any]) -> Listing:
    order = f"orderBy: {{field: {by}, direction: {direction}}}"
    return Listing(f"{{ {noun}({order}, PAGE) ROWS }}", "", noun, key, direction == "DESC")


_ROWS = """{
  totalCount
  edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}"""
_ROWS_OF_JOB = _ROWS.replace("node { id }", "node { customer { id } }")
"""Of nodes that have no ID, but one customer each."""


LISTINGS: Mapping[str, Listing] = {
    "customers": Listing("{ customers(PAGE) ROWS }", "", "customers", _name),
    "customers by name, down": _ordered("customers", "NAME", "DESC", _name),
    "customers by creation": _ordered("customers", "CREATED_AT", "ASC", _created),
    "customers by creation, down": _ordered("customers", "CREATED_AT", "DESC", _created),
    "customers by email": _ordered("customers", "EMAIL", "ASC", lambda row: row.email),
    "customers by email, down": _ordered("customers", "EMAIL", "DESC", lambda row: row.email),
    "customers by phone": _ordered("customers", "PHONE", "ASC", lambda row: row.phone),
    "customers by phone, down": _ordered("customers", "PHONE", "DESC", lambda row: row.phone),
    "customers by tier": _ordered("customers", "TIER", "ASC", lambda row: (row.tier is None, _tier(row), row.name)),
    "customers by tier, down": _ordered(
        "customers", "TIER", "DESC", lambda row: (row.tier is not None, _tier(row), row.name)
    ),
    "customers by days past due, the longest first": Listing(
        "{ customers(orderBy: {field: DAYS_PAST_DUE, direction: DESC}, PAGE) ROWS }", "", "customers", _overdue
    ),
    "customers by days past due": Listing(
        "{ customers(orderBy: {field: DAYS_PAST_DUE}, PAGE) ROWS }", "", "customers", _overdue, True
    ),
    "groups": Listing("{ groups(PAGE) ROWS }", "", "groups", _name),
    "groups by name, down": _ordered("groups", "NAME", "DESC", _name),
    "groups by creation": _ordered("groups", "CREATED_AT", "ASC", _created),
    "groups by creation, down": _ordered("groups", "CREATED_AT", "DESC", _created),
    "groups by change": _ordered("groups", "UPDATED_AT", "ASC", lambda row: row.updated_at),
    "groups by change, down": _ordered("groups", "UPDATED_AT", "DESC", lambda row: row.updated_at),
    "groups by size": _ordered("groups", "MEMBER_COUNT", "ASC", lambda row: row.member_count),
    "groups by size, down": _ordered("groups", "MEMBER_COUNT", "DESC", lambda row: row.member_count),
    "reviews of groups": Listing("{ groupReviews(PAGE) ROWS }", "", "groups", lambda row: row.next_review_at),
    "groups that nobody uses": Listing("{ groupsToArchive(PAGE) ROWS }", "", "groups", lambda row: row.last_used_at),
    "offices": Listing("{ offices(PAGE) ROWS }", "", "offices", _name),
    "children": Listing("query($id: ID!) { office(id: $id) { children(PAGE) ROWS } }", "head", "children", _name),
    "admins": Listing("{ admins(PAGE) ROWS }", "", "admins", _name),
    "staff": Listing("query($id: ID!) { office(id: $id) { admins(PAGE) ROWS } }", "head", "admins", _name),
    "assignable managers": Listing(
        "query($id: ID!) { assignableManagers(officeId: $id, PAGE) ROWS }", "head", "admins", _name
    ),
    "book": Listing("query($id: ID!) { admin(id: $id) { book(PAGE) ROWS } }", "manager", "book", _name),
    "covers held": Listing(
        "query($id: ID!) { admin(id: $id) { coversHeld(PAGE) ROWS } }", "manager", "covers", _starts, True
    ),
    "covers given": Listing(
        "query($id: ID!) { admin(id: $id) { coversGiven(PAGE) ROWS } }", "covered", "covers given", _starts, True
    ),
    "jobs": Listing("{ jobs(PAGE) ROWS }", "", "jobs", _created, True),
    "customers of a job": Listing(
        f"query($id: ID!) {{ job(id: $id) {{ items(PAGE) {_ROWS_OF_JOB} }} }}",
        "job",
        "customers of a job",
        lambda row: row.id,
        True,
    ),
    "customers of a job, by outcome": Listing(
        f"query($id: ID!) {{ job(id: $id) {{ items(outcome: MOVED, PAGE) {_ROWS_OF_JOB} }} }}",
        "job",
        "moved by a job",
        lambda row: row.id,
        True,
    ),
    "members": Listing(
        "query($id: ID!) { group(id: $id) { members(PAGE) ROWS } }", "group", "members", lambda row: row.since, True
    ),
    "proposed removals": Listing(
        "query($id: ID!) { group(id: $id) { proposedRemovals(PAGE) ROWS } }",
        "group",
        "proposed removals",
        lambda row: row.found_at,
        True,
    ),
    "proposed removals, by status": Listing(
        "query($id: ID!) { group(id: $id) { proposedRemovals(status: PROPOSED, PAGE) ROWS } }",
        "group",
        "proposed removals",
        lambda row: row.found_at,
        True,
    ),
    "groups of a customer": Listing(
        "query($id: ID!) { customer(id: $id) { groups(PAGE) ROWS } }",
        "customer",
        "groups of a customer",
        lambda row: row.since,
        True,
    ),
    "loans": Listing(
        "query($id: ID!) { customer(id: $id) { loans(PAGE) ROWS } }",
        "customer",
        "loans",
        lambda row: row.disbursed_at,
        True,
    ),
    "schedule": Listing(
        "query($id: ID!) { node(id: $id) { ... on Loan { instalments(PAGE) ROWS } } }",
        "loan",
        "schedule",
        lambda row: row.sequence,
    ),
    "payments": Listing(
        "query($id: ID!) { node(id: $id) { ... on Loan { payments(PAGE) ROWS } } }",
        "loan",
        "payments",
        lambda row: row.received_at,
        True,
    ),
    "loan requests": Listing(
        "query($id: ID!) { customer(id: $id) { loanRequests(PAGE) ROWS } }",
        "customer",
        "loan requests",
        _submitted,
        True,
    ),
    "queue of loan requests": Listing("{ loanRequests(PAGE) ROWS }", "", "loan requests", _submitted),
    "queue, newest first": Listing(
        "{ loanRequests(direction: DESC, PAGE) ROWS }", "", "loan requests", _submitted, True
    ),
    "what is scheduled": Listing(
        "{ scheduledAssignments(PAGE) ROWS }", "", "what is scheduled", lambda row: row.effective_at
    ),
    "what is scheduled, latest first": Listing(
        "{ scheduledAssignments(direction: DESC, PAGE) ROWS }",
        "",
        "what is scheduled",
        lambda row: row.effective_at,
        True,
    ),
    "changes of status": Listing(
        "query($id: ID!) { customer(id: $id) { statusHistory(PAGE) ROWS } }",
        "customer",
        "changes of status",
        lambda row: row.changed_at,
        True,
    ),
    "memberships": Listing(
        "query($id: ID!) { customer(id: $id) { memberships(PAGE) ROWS } }",
        "customer",
        "memberships",
        lambda row: row.since,
        True,
    ),
    "notes": Listing(
        "query($id: ID!) { customer(id: $id) { backOffice { notes(PAGE) ROWS } } }",
        "customer",
        "notes",
        lambda row: row.created_at,
        True,
    ),
    "savings": Listing(
        "query($id: ID!) { customer(id: $id) { savings(PAGE) ROWS } }",
        "customer",
        "savings",
        lambda row: row.opened_at,
        True,
    ),
    "related customers": Listing(
        "query($id: ID!) { customer(id: $id) { relatedCustomers(PAGE) ROWS } }",
        "employer",
        "employees",
        lambda row: row.since,
        True,
    ),
    "employees": Listing(
        "query($id: ID!) { customer(id: $id) { relatedCustomers(relation: EMPLOYEE, PAGE) ROWS } }",
        "employer",
        "employees",
        lambda row: row.since,
        True,
    ),
    "interactions": Listing(
        "query($id: ID!) { customer(id: $id) { interactions(PAGE) ROWS } }",
        "customer",
        "interactions",
        lambda row: row.occurred_at,
        True,
    ),
    "what is due": Listing("{ dueInteractions(PAGE) ROWS }", "", "interactions", lambda row: row.due_at),
    "audit trail": Listing(
        "query($id: ID!) { customer(id: $id) { auditTrail(PAGE) ROWS } }",
        "customer",
        "audit events",
        lambda row: row.at,
        True,
    ),
    "audit events": Listing(
        'query($id: ID!) { auditEvents(filter: {customerId: $id, action: ["a", "b"]}, PAGE) ROWS }',
        "customer",
        "audit events",
        lambda row: row.at,
        True,
    ),
    "bank accounts": Listing(
        "query($id: ID!) { customer(id: $id) { bankAccounts(PAGE) ROWS } }",
        "customer",
        "bank accounts",
        lambda row: row.added_at,
        True,
    ),
    "documents": Listing(
        "query($id: ID!) { customer(id: $id) { documents(PAGE) ROWS } }",
        "customer",
        "documents",
        lambda row: row.uploaded_at,
        True,
    ),
    "history": Listing(
        "query($id: ID!) { customer(id: $id) { assignmentHistory(PAGE) ROWS } }",
        "customer",
        "history",
        lambda row: row.started_at,
        True,
    ),
}


@dataclass(frozen=True)
class Lists:
    """A lender with LENGTH rows in each list. The manager's customers are all in the group, and all
    employed by one more, who is nobody's."""

    head: Office
    manager: Admin
    covered: Admin
    group: Group
    customer: Customer
    employer: Customer
    loan: Loan
    job: Job
    """Its places are dealt the other way round than the customers' IDs."""
    rows: Mapping[str, list[Any]]

    def expected(self, listing: Listing) -> list[str]:
        """The IDs of the nodes, in order."""
        ordered = sorted(
            self.rows[listing.rows], key=lambda row: (listing.key(row), row.id), reverse=listing.descending
        )
        return [_id_of_node(row, listing.rows) for row in ordered]

    def variables(self, listing: Listing) -> dict[str, str]:
        """What the listing's query needs."""
        return {"id": gid(getattr(self, listing.id))} if listing.id else {}

    def page(self, listing: Listing, client: Client, **arguments: Any) -> Awaitable["Page"]:
        """One page, as the client gets it."""
        return read_page(client, listing.query, self.variables(listing), **arguments)


def _id_of_node(row: Base, rows: str) -> str:
    if isinstance(row, CustomerRelation):
        return gid(Customer(id=row.related_id))
    if isinstance(row, Membership) and rows != "memberships":
        return gid(Customer(id=row.customer_id) if rows == "members" else Group(id=row.group_id))
    return gid(row)


DAY = timedelta(days=1)
NAMES = ("Zoë", "ada", "Ọla", "Ada", "Òla", "Émile", "bola", "Ada Ada", "Ada-Ada", "Umar", "Ada")


async def build_lists(world: World) -> Lists:
    """Write the lender; names, times and counts repeat, and their orders differ from one another."""
    times = [world.moment() for _ in range(11)]
    names = [NAMES[n * 4 % 11] for n in range(LENGTH)]
    head = await world.office(f"{names[0]} 0")
    offices = [await world.office(f"{names[n - 1]} {n}", parent=head) for n in range(1, LENGTH + 1)]
    admins = [await world.admin("super_admin", office=head, name=name) for name in names]
    customers = []
    for n, name in enumerate(names):
        # The fifth gets the manager later, as the last of a history.
        manager = None if n == 5 else admins[0]
        made = await world.customer(office=offices[n % 3], manager=manager, name=name, created_at=times[n * 7 % 11])
        customers.append(made)
    customer = customers[5]
    employer = await world.customer(office=head, name="Employer", created_at=times[0])
    history = [
        await world.assignment(customer, admins[n], started_at=times[n * 5 % 11], ended_at=times[n * 5 % 11])
        for n in range(1, LENGTH)
    ]
    history.append(await world.assignment(customer, admins[0]))
    groups = [
        await world.group(f"{name} {n}", review_days=30, due_at=times[n * 7 % 11], last_used_at=LONG_AGO[n * 5 % 11])
        for n, name in enumerate(names)
    ]
    group = groups[5]
    members = [await world.membership(group, one, since=times[n * 5 % 11]) for n, one in enumerate(customers)]
    joined = [members[5]]
    for n, one in enumerate(groups):
        if one is not group:
            joined.append(await world.membership(one, customer, since=times[n * 3 % 11]))
    async with world.database.begin() as session:
        for n, one in enumerate(groups):
            # Counts that aren't true, so that they repeat in an order of their own.
            one.created_at, one.updated_at, one.member_count = times[n * 5 % 11], times[n * 3 % 11], n * 7 % 5
            facts = {"created_at": one.created_at, "updated_at": one.updated_at, "member_count": one.member_count}
            await session.execute(update(Group).where(Group.id == one.id).values(facts))
    loans = [await world.loan(customer, instalments=1, disbursed_at=times[n * 5 % 11]) for n in range(LENGTH)]
    loan = await world.loan(customers[0], principal=LENGTH * 100, instalments=LENGTH)
    over = (ScheduleStatus.CANCELLED, ScheduleStatus.REFUSED, ScheduleStatus.PENDING)
    statuses = [list(RequestStatus)[n * 3 % 5] for n in range(LENGTH)]
    async with world.database.begin() as session:
        for n, borrower in enumerate(customers):
            # Not what their loans say, so that days repeat, and some have none.
            borrower.tier = (None, *CustomerTier)[n * 3 % 5]
            borrower.oldest_unpaid_due_on = None if n % 3 == 0 else today() - timedelta(days=n * 7 % 4 * 10 - 10)
            kept = {"tier": borrower.tier, "oldest_unpaid_due_on": borrower.oldest_unpaid_due_on}
            await session.execute(update(Customer).where(Customer.id == borrower.id).values(kept))
    jobs = [await finished_job(world, admins[n % 3], customers[:1], admins[0]) for n in range(LENGTH - 1)]
    jobs.append(await finished_job(world, admins[1], [employer, *customers[::-1]], admins[0]))
    is_employer = (JobItem.job_id == jobs[-1].id, JobItem.customer_id == employer.id)
    async with world.database.begin() as session:
        await session.execute(update(JobItem).where(*is_employer).values(outcome=ItemOutcome.UNCHANGED))
    rows: dict[str, list[Any]] = {
        "customers": [*customers, employer],
        "book": customers,
        "groups": groups,
        "offices": [head, *offices],
        "children": offices,
        "admins": admins,
        "members": members,
        "proposed removals": [
            await world.proposed_removal(one, found_at=times[n * 3 % 11]) for n, one in enumerate(members)
        ],
        "groups of a customer": joined,
        "memberships": joined,
        "notes": [await note(world, customer, created_at=times[n * 5 % 11]) for n in range(LENGTH)],
        "savings": [await savings_account(world, customer, opened_at=times[n * 3 % 11]) for n in range(LENGTH)],
        "employees": [
            await employment(world, one, employer, since=times[n * 7 % 11]) for n, one in enumerate(customers)
        ],
        "loans": loans,
        "schedule": await world.schedule(loan),
        "payments": [await world.payment(loan, received_at=times[n * 5 % 11]) for n in range(LENGTH)],
        "loan requests": [
            await world.loan_request(customer, status=status, submitted_at=times[n * 5 % 11])
            for n, status in enumerate(statuses)
        ],
        "what is scheduled": [
            await world.scheduled(
                customers[n], admins[0], admins[0], effective_at=times[n * 5 % 11], status=over[n % 3]
            )
            for n in range(LENGTH)
        ],
        "history": history,
        "covers": [
            await world.cover(admins[0], customer=one, starts_at=times[n * 5 % 11], ends_at=times[10] + DAY)
            for n, one in enumerate(customers)
        ],
        "covers given": [
            await world.cover(admins[2], admins[1], customer=one, starts_at=times[n * 3 % 11], ends_at=times[10] + DAY)
            for n, one in enumerate(customers)
        ],
        "jobs": jobs,
        "customers of a job": [*customers, employer],
        "moved by a job": customers,
        "audit events": [await world.event("ab"[n % 2], about=customer, at=times[n * 5 % 11]) for n in range(LENGTH)],
        "documents": [await world.document(customer, uploaded_at=times[n * 5 % 11]) for n in range(LENGTH)],
        "bank accounts": [await world.bank_account(customer, added_at=times[n * 5 % 11]) for n in range(LENGTH)],
        "changes of status": [await world.status_change(customer, changed_at=times[n * 5 % 11]) for n in range(LENGTH)],
        "interactions": [
            await world.interaction(customer, occurred_at=times[n * 5 % 11], due_at=times[n * 3 % 11])
            for n in range(LENGTH)
        ],
    }
    return Lists(head, admins[0], admins[1], group, customer, employer, loan, jobs[-1], rows)


class Page(NamedTuple):
    """What a client gets of a connection."""

    ids: list[str]
    cursors: list[str]
    has_next: bool
    has_previous: bool
    total: int


def document(query: str, arguments: str) -> str:
    """The query with its connection's arguments and selection."""
    return query.replace("PAGE", arguments).replace("ROWS", _ROWS)


async def read_page(client: Client, query: str, variables: Mapping[str, Any], **arguments: Any) -> Page:
    """One page of the connection in a query (see `Listing`); its cursors must be those of its edges."""
    given = ", ".join(f"{name}: {dumps(value)}" for name, value in arguments.items())
    found = await client.data(document(query, given or "first: null"), variables)
    while "edges" not in found:
        [found] = found.values()
    cursors = [edge["cursor"] for edge in found["edges"]]
    info = found["pageInfo"]
    assert (info["startCursor"], info["endCursor"]) == ((cursors[0], cursors[-1]) if cursors else (None, None))
    ids = [edge["node"].get("customer", edge["node"])["id"] for edge in found["edges"]]
    return Page(ids, cursors, info["hasNextPage"], info["hasPreviousPage"], found["totalCount"])
