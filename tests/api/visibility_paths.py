"""Every way that leads to a customer: how to walk it, and to whom it should lead.

A walk goes for all customers of the lender, those too whom its client must not see, and answers whom it met: the level
of access by the customer's name, in the order in which they came.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.api.client import Client, gid
from tests.api.visibility_world import COVERED, MADE, NOBODY, REACH, SOMEONE, VIEWER, Lender, Sight, Subject, may
from tests.vaults import number_of

Walk = Callable[[Client, Lender, str], Awaitable[dict[str, str]]]
Leads = Callable[[str, Subject, Sight], bool]

_SEEN = "fragment Seen on Customer { displayName access { level } }"
_PAGE = "{ totalCount edges { node { ...Seen } } }"
_FIELDS_AT_ONCE = 8


@dataclass(frozen=True)
class Path:
    """A walk, and to which of the customers whom a viewer sees it should lead that viewer."""

    walk: Walk
    leads: Leads = lambda viewer, subject, sight: True


async def each(client: Client, field: str, values: Sequence[str], variable_type: str = "ID!") -> list[Any]:
    """What a root field answers for each value, which stands as `$value` in the field; several in one operation."""
    answers: list[Any] = []
    for start in range(0, len(values), _FIELDS_AT_ONCE):
        some = values[start : start + _FIELDS_AT_ONCE]
        declared = ", ".join(f"$v{i}: {variable_type}" for i in range(len(some)))
        asked = " ".join(f"a{i}: " + field.replace("$value", f"$v{i}") for i in range(len(some)))
        fragment = _SEEN if "...Seen" in field else ""
        data = await client.data(
            f"query({declared}) {{ {asked} }} {fragment}", {f"v{i}": v for i, v in enumerate(some)}
        )
        answers += [data[f"a{i}"] for i in range(len(some))]
    return answers


def _met(customers: Sequence[Any]) -> dict[str, str]:
    """Those who are not null, each at most once."""
    found = [(customer["displayName"], customer["access"]["level"]) for customer in customers if customer is not None]
    assert len(dict(found)) == len(found), "a customer came twice"
    return dict(found)


def _of_page(page: Any) -> list[Any]:
    """The customers of a connection that is one whole page; its count must be theirs."""
    customers = [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(customers)
    return customers


def by_value(field: str, value: Callable[[Subject], str], variable_type: str = "ID!") -> Walk:
    """Ask a root field for each customer. Answers of another record of the customer's count for the customer."""

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        answers = await each(client, field, [value(subject) for subject in lender.subjects], variable_type)
        for subject, customer in zip(lender.subjects, answers, strict=True):
            assert customer is None or customer["displayName"] == subject.name
        return _met(answers)

    return walk


_KEPT_SAFE = ("Identifier", "BankAccount", "Document")


_OF_RECORDS = ("Membership", "Assignment", "StatusChange", "Interaction", "AuditEvent", "LoanRequest", *_KEPT_SAFE)


def by_record(record: Callable[[Subject], Any], kinds: Sequence[str] = _OF_RECORDS) -> Walk:
    """Ask `node` for a record of each customer, and go on to the customer."""
    field = f"node(id: $value) {{ {' '.join(f'... on {kind} {{ customer {{ ...Seen }} }}' for kind in kinds)} }}"

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        answers = await each(client, field, [gid(record(subject)) for subject in lender.subjects])
        return _met([answer["customer"] for answer in answers if answer is not None])

    return walk


def by_its_own(record: Callable[[Subject], Any]) -> Walk:
    """Ask `node` for a record of each customer that leads nowhere, then for the customers of those that it knows."""

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        loans = await each(client, "node(id: $value) { id }", [gid(record(subject)) for subject in lender.subjects])
        owners = [subject for subject, loan in zip(lender.subjects, loans, strict=True) if loan is not None]
        return _met(await each(client, "node(id: $value) { ...Seen }", [gid(owner.customer) for owner in owners]))

    return walk


def searched(term: Callable[[Subject], str], by: str = "search: $value") -> Walk:
    """Search for each customer, whom the term means alone."""
    field = f"customers({by}, first: 2) {_PAGE}"

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        pages = await each(client, field, [term(subject) for subject in lender.subjects], "String!")
        for subject, page in zip(lender.subjects, pages, strict=True):
            assert {customer["displayName"] for customer in _of_page(page)} <= {subject.name}
        return _met([customer for page in pages for customer in _of_page(page)])

    return walk


def listed(arguments: Callable[[Lender, str], str] = lambda lender, viewer: "") -> Walk:
    """The list of customers with further arguments, as one page."""

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        query = f"{{ customers(first: 100, {arguments(lender, viewer)}) {_PAGE} }} {_SEEN}"
        return _met(_of_page((await client.data(query))["customers"]))

    return walk


def paged(size: str, cursor: str, info: str) -> Walk:
    """The list of customers by pages of four, one way or the other; met in the order of the list."""
    query = (
        f"query($cursor: String) {{ customers({size}: 4, {cursor}: $cursor) "
        f"{{ totalCount edges {{ node {{ ...Seen }} }} pageInfo {{ {info} startCursor endCursor }} }} }} {_SEEN}"
    )
    forwards = size == "first"

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        customers: list[Any] = []
        place = None
        while True:
            page = (await client.data(query, {"cursor": place}))["customers"]
            nodes = [edge["node"] for edge in page["edges"]]
            customers = customers + nodes if forwards else nodes + customers
            if not page["pageInfo"][info]:
                assert page["totalCount"] == len(customers)
                return _met(customers)
            place = page["pageInfo"]["endCursor" if forwards else "startCursor"]

    return walk


def due(filtered: Callable[[Lender], str] = lambda lender: "") -> Walk:
    """What is due, as one page; each customer has something."""

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        page = "totalCount edges { node { customer { ...Seen } } }"
        query = f"{{ dueInteractions(first: 100, filter: {{ {filtered(lender)} }}) {{ {page} }} }} {_SEEN}"
        listed = (await client.data(query))["dueInteractions"]
        customers = [edge["node"]["customer"] for edge in listed["edges"]]
        assert listed["totalCount"] == len(customers)
        return _met(customers)

    return walk


async def _at_once(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Seen }} }} {_SEEN}"
    nodes = (await client.data(query, {"ids": [gid(subject.customer) for subject in lender.subjects]}))["nodes"]
    for subject, node in zip(lender.subjects, nodes, strict=True):
        assert node is None or node["displayName"] == subject.name
    return _met(nodes)


async def _queue(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    return await _of_queue(client, "")


async def _own_queue(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    return await _of_queue(client, ", filter: { mine: true }")


async def _of_queue(client: Client, arguments: str) -> dict[str, str]:
    queue = "totalCount edges { node { customer { ...Seen } } }"
    found = (await client.data(f"{{ loanRequests(first: 100{arguments}) {{ {queue} }} }} {_SEEN}"))["loanRequests"]
    assert found["totalCount"] == len(found["edges"])
    return _met([edge["node"]["customer"] for edge in found["edges"]])


async def _scheduled(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    return await _of_scheduled(client, ", filter: { status: [PENDING] }")


async def _to_follow(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    return await _of_scheduled(client, f', filter: {{ accountManagerId: "{gid(lender.someone)}", status: [PENDING] }}')


async def _of_scheduled(client: Client, arguments: str) -> dict[str, str]:
    page = "totalCount edges { node { customer { ...Seen } } }"
    document = f"{{ scheduledAssignments(first: 100{arguments}) {{ {page} }} }} {_SEEN}"
    found = (await client.data(document))["scheduledAssignments"]
    assert found["totalCount"] == len(found["edges"])
    return _met([edge["node"]["customer"] for edge in found["edges"]])


async def _reviews(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """Nobody has looked at any of them for a day."""
    page = "totalCount edges { node { customer { ...Seen } } }"
    document = f"{{ assignmentReviews(first: 100, filter: {{ unreviewedForDays: 1 }}) {{ {page} }} }} {_SEEN}"
    found = (await client.data(document))["assignmentReviews"]
    assert found["totalCount"] == len(found["edges"])
    return _met([edge["node"]["customer"] for edge in found["edges"]])


async def _members(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    figures = 'statistics(since: "2026-01-01") { figures { members counted } }'
    field = f"node(id: $value) {{ ... on Group {{ memberCount {figures} members(first: 100) {_PAGE} }} }}"
    [group] = await each(client, field, [gid(lender.group)])
    page, counted = _of_page(group["members"]), group["statistics"]["figures"]
    assert (counted["members"], counted["counted"]) == (
        len(page),
        sum(one["access"]["level"] == "FULL" for one in page),
    )
    assert group["memberCount"] == len(lender.subjects), "the count of members is the true one"
    return _met(page)


async def _former_members(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    page = "{ totalCount edges { node { customer { ...Seen } } } }"
    query = f"query($value: ID!) {{ group(id: $value) {{ formerMembers(first: 100) {page} }} }} {_SEEN}"
    former = (await client.data(query, {"value": gid(lender.former_group)}))["group"]["formerMembers"]
    if former is None:
        return {}
    return _met([node["customer"] for node in _of_page(former)])


async def _to_be_signed(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """What is counted for who signs a review: of whom they see, or may be told."""
    sheet = "query($value: ID!) { groupReviewSheet(groupId: $value) { joined left misfits } }"
    of_all = (await client.data(sheet, {"value": gid(lender.group)}))["groupReviewSheet"]
    of_former = (await client.data(sheet, {"value": gid(lender.former_group)}))["groupReviewSheet"]
    members = await _members(client, lender, viewer)
    assert (of_all["joined"], of_all["left"], of_former["joined"]) == (len(members), 0, 0)
    assert (of_all["misfits"], of_former["misfits"]) == (len(await _drifted(client, lender, viewer)), None)
    assert of_former["left"] == len(members), "whoever is in the one has been in the other"
    return members


async def _drifted(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """Of a group whose rule nobody fits, by what everybody may know."""
    query = f"query($value: ID!) {{ groupDrift(groupId: $value, first: 100) {{ count sample {{ ...Seen }} }} }} {_SEEN}"
    drift = (await client.data(query, {"value": gid(lender.group)}))["groupDrift"]
    assert drift["count"] == len(drift["sample"])
    return _met(drift["sample"])


async def _proposed(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    page = "{ totalCount edges { node { customer { ...Seen } } } }"
    query = f"query($value: ID!) {{ group(id: $value) {{ proposedRemovals(first: 100) {page} }} }} {_SEEN}"
    found = (await client.data(query, {"value": gid(lender.group)}))["group"]["proposedRemovals"]
    return {} if found is None else _met([node["customer"] for node in _of_page(found)])


def _decides(viewer: str, subject: Subject, sight: Sight) -> bool:
    return may(viewer, "group.members.write")


async def _members_of_own_customers_group(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    own = next(subject for subject in lender.subjects if subject.holder == VIEWER)
    field = f"customer(id: $value) {{ groups {{ edges {{ node {{ members(first: 100) {_PAGE} }} }} }} }}"
    [customer] = await each(client, field, [gid(own.customer)])
    [group] = [edge["node"] for edge in customer["groups"]["edges"]]
    return _met(_of_page(group["members"]))


async def _books(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    field = f"admin(id: $value) {{ bookSize book(first: 100) {_PAGE} }}"
    holders = {VIEWER: lender.viewer, SOMEONE: lender.someone, COVERED: lender.covered}
    admins = await each(client, field, [gid(holder) for holder in holders.values()])
    for holder, admin in zip(holders, admins, strict=True):
        true_size = sum(subject.holder == holder for subject in lender.subjects)
        knows = holder == VIEWER or may(viewer, "workload.read")
        assert admin["bookSize"] == (true_size if knows else None)
    return _met([customer for admin in admins for customer in _of_page(admin["book"])])


async def _books_of_an_office(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    field = f"office(id: $value) {{ admins(first: 30) {{ edges {{ node {{ book(first: 50) {_PAGE} }} }} }} }}"
    [office] = await each(client, field, [gid(lender.offices["own"])])
    books = [edge["node"]["book"] for edge in office["admins"]["edges"]]
    return _met([customer for book in books for customer in _of_page(book)])


def _of_profile(kind: str) -> Path:
    return Path(by_its_own(lambda s: s.of_profile[kind]), lambda v, s, sight: sight.level == "FULL")


def _is_hub(subject: Subject) -> bool:
    return subject.holder == VIEWER and subject.office == "own"


async def _employees(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """With their count, which must be of those whom the viewer sees; the same where all relations are listed."""
    field = (
        f"customer(id: $value) {{ relatedCustomers(relation: EMPLOYEE, first: 100) {_PAGE} "
        f"all: relatedCustomers(first: 100) {_PAGE} }}"
    )
    [hub] = await each(client, field, [gid(lender.hub.customer)])
    employees = _of_page(hub["relatedCustomers"])
    assert len(_of_page(hub["all"])) == 2 * len(employees), "each is an employee and a guarantor"
    return _met(employees)


async def _guarantors(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    [hub] = await each(
        client, "customer(id: $value) { guarantors { customer { ...Seen } } }", [gid(lender.hub.customer)]
    )
    return _met([guarantor["customer"] for guarantor in hub["guarantors"]])


async def _employers(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """From all who show their employer, of whom there is at least the viewer's other customer."""
    ids = [gid(subject.customer) for subject in lender.subjects]
    customers = await each(client, "customer(id: $value) { employment { employer { ...Seen } } }", ids)
    found = [c["employment"]["employer"] for c in customers if c is not None and c["employment"] is not None]
    return _met([next(employer for employer in found if employer is not None)])


def _filtered(name: str) -> Callable[[Lender, str], str]:
    return lambda lender, viewer: f'filter: {{ officeId: "{gid(lender.offices[name])}" }}'


def _shows(field: str) -> Leads:
    return lambda viewer, subject, sight: sight.shows(field)


def _shows_or_looks_up(field: str) -> Leads:
    return lambda viewer, subject, sight: sight.shows(field) or may(viewer, "customer.lookup")


def _sorted_by(field: str, direction: str = "ASC") -> Walk:
    return listed(lambda lender, viewer: f"orderBy: {{ field: {field}, direction: {direction} }}")


async def _audit_events(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
    """The list of all that is about customers, for who may read it."""
    if not may(viewer, "audit.read"):
        assert await client.codes("{ auditEvents { totalCount } }") == ["FORBIDDEN"]
        return {}
    listed = f'auditEvents(first: 100, filter: {{ action: ["{MADE}"] }})'
    page = await client.data(f"{{ {listed} {{ totalCount edges {{ node {{ customer {{ ...Seen }} }} }} }} }} {_SEEN}")
    return _met([event["customer"] for event in _of_page(page["auditEvents"])])


def _previewed(criteria: str) -> Walk:
    """A preview of a rule that all of the customers fit, for who may ask for one."""

    async def walk(client: Client, lender: Lender, viewer: str) -> dict[str, str]:
        query = f"{{ previewCriteria(first: 100, criteria: {criteria}) {{ count sample {{ ...Seen }} }} }} {_SEEN}"
        if not may(viewer, "group.members.write"):
            assert await client.codes(query) == ["FORBIDDEN"]
            return {}
        preview = (await client.data(query))["previewCriteria"]
        assert preview["count"] == len(preview["sample"])
        return _met(preview["sample"])

    return walk


def _may_preview(shows: Leads) -> Leads:
    return lambda viewer, subject, sight: may(viewer, "group.members.write") and shows(viewer, subject, sight)


PATHS: dict[str, Path] = {
    "customer": Path(by_value("customer(id: $value) { ...Seen }", lambda s: gid(s.customer))),
    "node": Path(by_value("node(id: $value) { ...Seen }", lambda s: gid(s.customer))),
    "nodes": Path(_at_once),
    "an open membership": Path(by_record(lambda s: s.membership)),
    "a membership that has ended": Path(
        by_record(lambda s: s.former_membership),
        lambda v, s, sight: may(v, "audit.read") or _shows("groups")(v, s, sight),
    ),
    "an assignment": Path(by_record(lambda s: s.assignment), _shows("assignmentHistory")),
    "a change of status": Path(by_record(lambda s: s.status_change), _shows("statusHistory")),
    "an audit event": Path(by_record(lambda s: s.audit_event), lambda v, s, sight: may(v, "audit.read")),
    "audit events": Path(_audit_events, lambda v, s, sight: may(v, "audit.read")),
    "an identifier": Path(by_record(lambda s: s.identifier), _shows("identifiers")),
    "a bank account": Path(by_record(lambda s: s.bank_account), _shows("bankAccounts")),
    "a document": Path(by_record(lambda s: s.document), _shows("documents")),
    "a loan in arrears": Path(by_its_own(lambda s: s.overdue_loan), _shows("loans")),
    "a punctual loan": Path(by_its_own(lambda s: s.punctual_loan), lambda v, s, sight: sight.level == "FULL"),
    **{f"a {kind}": _of_profile(kind) for kind in ("guarantor", "next of kin", "note", "savings account")},
    "employees": Path(_employees, lambda v, s, sight: not _is_hub(s)),
    "guarantors who are customers": Path(_guarantors, lambda v, s, sight: not _is_hub(s)),
    "employers": Path(_employers, lambda v, s, sight: _is_hub(s)),
    "an interaction": Path(by_record(lambda s: s.interaction), _shows("interactions")),
    "what is due": Path(due(), _shows("interactions")),
    "what is due of the own book": Path(
        due(lambda lender: "mine: true"), lambda v, s, sight: sight.level == "FULL" and s.holder == VIEWER
    ),
    "what is due of someone's book": Path(
        due(lambda lender: f'accountManagerId: "{gid(lender.someone)}"'),
        lambda v, s, sight: sight.level == "FULL" and s.holder == SOMEONE,
    ),
    "what is due of an office": Path(
        due(lambda lender: f'officeId: "{gid(lender.offices["own"])}"'),
        lambda v, s, sight: sight.level == "FULL" and s.office == "own",
    ),
    "a loan request": Path(by_record(lambda s: s.loan_request), _shows("loanRequests")),
    "the queue of loan requests": Path(_queue, _shows("loanRequests")),
    "assignment reviews": Path(_reviews, _shows("assignmentHistory")),
    "the own queue of loan requests": Path(_own_queue, lambda v, s, sight: s.holder == VIEWER),
    "a scheduled assignment": Path(by_its_own(lambda s: s.scheduled), _shows("scheduledAssignment")),
    "what is scheduled": Path(_scheduled, _shows("scheduledAssignment")),
    "what is scheduled for somebody": Path(_to_follow, _shows("scheduledAssignment")),
    "a payment": Path(by_its_own(lambda s: s.payment), lambda v, s, sight: sight.level == "FULL"),
    "members of a group": Path(_members),
    "counts for who signs a review": Path(_to_be_signed),
    "former members of a group": Path(_former_members, lambda v, s, sight: may(v, "audit.read")),
    "members who drifted": Path(_drifted),
    "members who are proposed to be removed": Path(_proposed, _decides),
    "a proposed removal": Path(by_record(lambda s: s.proposed, ["ProposedRemoval"]), _decides),
    "members of a customer's group": Path(_members_of_own_customers_group),
    "books": Path(_books, lambda v, s, sight: s.holder != NOBODY),
    "books of an office": Path(_books_of_an_office, lambda v, s, sight: s.holder != NOBODY),
    # In the order of names, since by relevance others come whose names are similar.
    "search by name": Path(searched(lambda s: s.name, "search: $value, orderBy: { field: NAME }")),
    "search by number": Path(searched(lambda s: s.customer.number)),
    "search by email": Path(searched(lambda s: s.customer.email), _shows_or_looks_up("email")),
    "search by phone": Path(searched(lambda s: s.customer.phone), _shows_or_looks_up("phone")),
    "by identifier": Path(
        searched(lambda s: number_of(s.identifier), "filter: { identifier: { kind: BVN, value: $value } }"),
        _shows_or_looks_up("identifiers"),
    ),
    "by account number": Path(
        searched(lambda s: number_of(s.bank_account), "filter: { bankAccountNumber: $value }"),
        _shows_or_looks_up("bankAccounts"),
    ),
    "customers": Path(listed()),
    "pages forwards": Path(paged("first", "after", "hasNextPage")),
    "pages backwards": Path(paged("last", "before", "hasPreviousPage")),
    "by name": Path(_sorted_by("NAME")),
    "by name, descending": Path(_sorted_by("NAME", "DESC")),
    "by creation": Path(_sorted_by("CREATED_AT"), _shows("createdAt")),
    "by creation, descending": Path(_sorted_by("CREATED_AT", "DESC"), _shows("createdAt")),
    "of a status": Path(
        listed(lambda lender, v: "filter: { status: [INACTIVE, PENDING] }"),
        lambda v, s, sight: s.customer.status == "INACTIVE",
    ),
    **{
        f"of the office {name}": Path(listed(_filtered(name)), lambda v, s, sight, name=name: s.office == name)  # type: ignore[misc]
        for name in ("own", "beneath", "elsewhere")
    },
    "of the office and beneath": Path(
        listed(lambda lender, v: _filtered("own")(lender, v).replace(" }", ", includeSubtree: true }")),
        lambda v, s, sight: s.office in REACH["subtree"],
    ),
    "of someone's book": Path(
        listed(lambda lender, v: f'filter: {{ accountManagerId: "{gid(lender.someone)}" }}'),
        lambda v, s, sight: s.holder == SOMEONE,
    ),
    "of the own book": Path(
        listed(lambda lender, v: f'filter: {{ accountManagerId: "{gid(lender.viewer)}" }}'),
        lambda v, s, sight: s.holder == VIEWER,
    ),
    "anybody's": Path(
        listed(lambda lender, v: "filter: { hasAccountManager: true }"), lambda v, s, sight: s.holder != NOBODY
    ),
    "nobody's": Path(
        listed(lambda lender, v: "filter: { hasAccountManager: false }"), lambda v, s, sight: s.holder == NOBODY
    ),
    "a preview by status": Path(
        _previewed("{ not: { status: [BLACKLISTED] } }"), _may_preview(lambda v, s, sight: True)
    ),
    "a preview by tier": Path(
        _previewed("{ tier: [null, GOLD, SILVER, BRONZE, PLATINUM] }"), _may_preview(_shows("backOffice"))
    ),
    "a preview by what they owe": Path(
        _previewed('{ outstanding: { currency: "EUR", maximumMinor: 0 } }'),
        _may_preview(lambda v, s, sight: sight.level == "FULL"),
    ),
    "of a group": Path(listed(lambda lender, v: f'filter: {{ groupId: "{gid(lender.group)}" }}'), _shows("groups")),
}
