"""A customer whom the viewer may not see is answered, byte for byte, like one who doesn't exist."""

from collections.abc import Mapping
from typing import Any

import pytest

from gql.domain.ids import Kind, new_id, to_global_id
from tests.api.client import Api, Client, gid
from tests.api.visibility_world import VIEWERS, Lender, Subject
from tests.vaults import number_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

_ASSIGN = """
    assignAccountManager(input: { customerId: $customer, accountManagerId: $manager, expectedVersion: 9 }) {
        customer { id } assignment { id } changed userErrors { code message field }
    }
"""
_SCHEDULE = """
    assignAccountManager(
        input: { customerId: $customer, accountManagerId: $manager, effectiveAt: "2026-01-05T08:00:00Z" }
    ) { customer { id } scheduled { id } changed userErrors { code message field } }
"""
_SUSPEND = """
    suspendCustomer(input: { customerId: $customer, reason: "Never.", expectedVersion: 9 }) {
        customer { id } changed effects { count } userErrors { code message field }
    }
"""
_UPDATE = """
    updateCustomer(input: { customerId: $customer, name: "Never", expectedVersion: 9 }) {
        customer { id } changed userErrors { code message field }
    }
"""
_UNASSIGN = """
    unassignAccountManager(input: { customerId: $customer, expectedVersion: 9, reason: "Never." }) {
        customer { id } assignment { id } changed userErrors { code message field }
    }
"""
_LOG = """
    logInteraction(input: { customerId: $customer, kind: CALLBACK_REQUEST, direction: OUTBOUND, summary: "Never." }) {
        customer { id } interaction { id } userErrors { code message field }
    }
"""
_COMPLETE = """
    completeInteraction(input: { interactionId: $past, outcome: "Never." }) {
        customer { id } interaction { id } changed userErrors { code message field }
    }
"""
_ADD = """
    addGroupMember(input: { groupId: $group, %s, idempotencyKey: "the same for both" }) {
        group { id memberCount } membership { id } membershipEdge { cursor }
        warnings { code } userErrors { code message field currentMembers criterion conflictingGroup { id } }
    }
"""
_HAS_BVN = "{ identifier: { kind: BVN, value: $bvn } }"
_RECORD = """
    setIdentifier(input: { customerId: $customer, kind: NIN, value: "71999999999", expectedVersion: 9 }) {
        customer { id } identifier { id } changed userErrors { code message field }
    }
"""
_NOT_PRIMARY = """
    updateBankAccount(input: { bankAccountId: $account, primary: false }) {
        customer { id } bankAccount { id } changed userErrors { code message field }
    }
"""
_FETCH = """
    createDocumentDownload(input: { documentId: $document }) {
        link { documentId } customer { id } userErrors { code message field }
    }
"""
_REVEAL = """
    revealIdentifier(input: { id: $identifier, reason: "A call." }) {
        value customer { id } userErrors { code message field }
    }
"""
_PAGE = "{ totalCount pageInfo { hasNextPage startCursor endCursor } edges { cursor node { id displayName } } }"

OPERATIONS = {
    "customer": "query($customer: ID!) { customer(id: $customer) { id displayName } }",
    "node": "query($customer: ID!) { node(id: $customer) { __typename id } }",
    "nodes": "query($customer: ID!, $manager: ID!) { nodes(ids: [$customer, $manager, $customer]) { __typename id } }",
    "explain": "query($customer: ID!, $manager: ID!) "
    "{ explainAccess(customerId: $customer, adminId: $manager) { level customer { id } } }",
    "assignment": "query($assignment: ID!) { node(id: $assignment) { __typename id } }",
    "scheduled": "query($scheduled: ID!) { node(id: $scheduled) { __typename id } }",
    "what is scheduled": "query($customer: ID!) "
    "{ scheduledAssignments(filter: { customerId: $customer }) { totalCount edges { cursor node { id } } } }",
    "schedule": f"mutation($customer: ID!, $manager: ID!) {{ {_SCHEDULE} }}",
    "cancel": 'mutation($over: ID!) { cancelScheduledAssignment(input: { id: $over, reason: "Never." }) '
    "{ scheduledAssignment { id } userErrors { code message field } } }",
    "change of status": "query($change: ID!) { node(id: $change) { __typename id } }",
    "update": f"mutation($customer: ID!) {{ {_UPDATE} }}",
    "suspend": f"mutation($customer: ID!) {{ {_SUSPEND} }}",
    "unassign": f"mutation($customer: ID!) {{ {_UNASSIGN} }}",
    "interaction": "query($interaction: ID!) { node(id: $interaction) { __typename id } }",
    "log": f"mutation($customer: ID!) {{ {_LOG} }}",
    "complete": f"mutation($past: ID!) {{ {_COMPLETE} }}",
    "identifier": "query($identifier: ID!) { node(id: $identifier) { __typename id } }",
    "bank account": "query($account: ID!) { node(id: $account) { __typename id } }",
    "by identifier": f"query($bvn: String!) {{ customers(filter: {_HAS_BVN}) {_PAGE} }}",
    "document": "query($document: ID!) { node(id: $document) { __typename id } }",
    "fetch a document": f"mutation($document: ID!) {{ {_FETCH} }}",
    "record an identifier": f"mutation($customer: ID!) {{ {_RECORD} }}",
    "change an account": f"mutation($account: ID!) {{ {_NOT_PRIMARY} }}",
    "reveal": f"mutation($identifier: ID!) {{ {_REVEAL} }}",
    "membership": "query($membership: ID!) { node(id: $membership) { __typename id } }",
    "former membership": "query($former: ID!) { node(id: $former) { __typename id } }",
    "proposed removal": "query($proposed: ID!) { node(id: $proposed) { __typename id } }",
    "decide": "mutation($proposed: ID!, $group: ID!) { decideProposedRemovals(input: { groupId: $group, "
    'proposalIds: [$proposed], decision: KEEP, reason: "Drifted." }) { group { id memberCount } '
    "outcomes { outcome message proposal { id } } userErrors { code message field } } }",
    "loan": "query($loan: ID!) { node(id: $loan) { __typename id } }",
    **{
        kind: f"query(${kind.split()[0]}: ID!) {{ node(id: ${kind.split()[0]}) {{ __typename id }} }}"
        for kind in ("guarantor", "next of kin", "note", "savings account")
    },
    "relate": "mutation($customer: ID!, $mine: ID!) { relateCustomers(input: { customerId: $mine, "
    "relatedCustomerId: $customer, relation: EMPLOYEE }) { changed userErrors { code message field } } }",
    "remove guarantor": "mutation($guarantor: ID!) { removeGuarantor(input: { guarantorId: $guarantor }) { "
    "customer { id } changed userErrors { code message field } } }",
    "another type's field": "query($customer: ID!) { admin(id: $customer) { id } }",
    "search by number": f"query($number: String!) {{ customers(search: $number) {_PAGE} }}",
    "search by email": f"query($email: String!) {{ customers(search: $email) {_PAGE} }}",
    "search by phone": f"query($phone: String!) {{ customers(search: $phone) {_PAGE} }}",
    # By relevance, similar names come too, of those whom the viewer sees: tests/db/test_indistinguishable.py has that.
    "search by name": f"query($name: String!) {{ customers(search: $name, orderBy: {{ field: NAME }}) {_PAGE} }}",
    "assign": f"mutation($customer: ID!, $manager: ID!) {{ {_ASSIGN} }}",
    "add by ID": f"mutation($customer: ID!, $group: ID!) {{ {_ADD % 'customerId: $customer'} }}",
    "add by email": f"mutation($email: String!, $group: ID!) {{ {_ADD % 'email: $email'} }}",
    "add by number": f"mutation($number: String!, $group: ID!) {{ {_ADD % 'number: $number'} }}",
}


def identifiers(lender: Lender, subject: Subject) -> dict[str, str]:
    return {
        "customer": gid(subject.customer),
        "assignment": gid(subject.assignment),
        "scheduled": gid(subject.scheduled),
        "over": gid(subject.cancelled),
        "change": gid(subject.status_change),
        "interaction": gid(subject.interaction),
        "past": gid(subject.past_interaction),
        "identifier": gid(subject.identifier),
        "account": gid(subject.bank_account),
        "document": gid(subject.document),
        "membership": gid(subject.membership),
        "former": gid(subject.former_membership),
        "proposed": gid(subject.proposed),
        "loan": gid(subject.overdue_loan),
        **{kind.split()[0]: gid(record) for kind, record in subject.of_profile.items()},
        "mine": gid(lender.hub.customer),
        "number": subject.customer.number,
        "bvn": number_of(subject.identifier),
        "email": subject.customer.email,
        "phone": subject.customer.phone,
        "name": subject.name,
        "manager": gid(lender.someone),
        "group": gid(lender.group),
    }


def of_nobody_there(lender: Lender) -> dict[str, str]:
    kinds = {
        "customer": Kind.CUSTOMER,
        "assignment": Kind.ASSIGNMENT,
        "scheduled": Kind.SCHEDULED_ASSIGNMENT,
        "over": Kind.SCHEDULED_ASSIGNMENT,
        "change": Kind.STATUS_CHANGE,
        "interaction": Kind.INTERACTION,
        "past": Kind.INTERACTION,
        "membership": Kind.MEMBERSHIP,
        "former": Kind.MEMBERSHIP,
        "proposed": Kind.PROPOSED_REMOVAL,
        "loan": Kind.LOAN,
        "guarantor": Kind.GUARANTOR,
        "next": Kind.NEXT_OF_KIN,
        "note": Kind.CUSTOMER_NOTE,
        "savings": Kind.SAVINGS_ACCOUNT,
        "identifier": Kind.IDENTIFIER,
        "account": Kind.BANK_ACCOUNT,
        "document": Kind.DOCUMENT,
    }
    made_up = {name: to_global_id(kind, new_id()) for name, kind in kinds.items()}
    contact = {
        "number": "C999999",
        "email": "customer9999@customers.example",
        "phone": "+2348039999999",
        "name": "Zzzzzzz",
    }
    return (
        made_up
        | contact
        | {"bvn": "22299999999"}
        | {"mine": gid(lender.hub.customer), "manager": gid(lender.someone), "group": gid(lender.group)}
    )


async def _answer(client: Client, operation: str, variables: Mapping[str, str]) -> tuple[Any, ...]:
    """All of the HTTP response but the ID that the request got."""
    response = await client.post(operation, variables)
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, headers, response.content


async def _told_apart(
    client: Client, lender: Lender, subjects: list[Subject], operations: Mapping[str, str] = OPERATIONS
) -> list[tuple[str, str]]:
    """The operations that answer for one of the customers otherwise than for nobody."""
    nobody = of_nobody_there(lender)
    told = []
    for name, operation in operations.items():
        expected = await _answer(client, operation, nobody)
        told += [
            (name, subject.name)
            for subject in subjects
            if await _answer(client, operation, identifiers(lender, subject)) != expected
        ]
    return told


SOME_UNSEEN = [
    viewer for viewer in VIEWERS if viewer not in ("super_admin", "compliance_officer") and "auditor" not in viewer
]


@pytest.mark.parametrize("viewer", SOME_UNSEEN)
async def test_who_is_not_visible_is_answered_like_who_does_not_exist(
    viewer: str, lender: Lender, lender_api: Api
) -> None:
    client = await lender.sign_in(lender_api, viewer)
    assert await _told_apart(client, lender, lender.one_unseen_of_each_holder(viewer)) == []


async def test_a_borrower_cannot_tell_who_exists_not_even_themselves(lender: Lender, lender_api: Api) -> None:
    """The console's fields are closed to customers."""
    own, other = lender.subjects[:2]
    client = await lender_api.sign_in(own.customer)
    assert await _told_apart(client, lender, [own, other]) == []
    for operation in OPERATIONS.values():
        if operation.startswith("query"):
            assert await client.codes(operation, identifiers(lender, other)) == ["FORBIDDEN"]
        else:
            [payload] = (await client.data(operation, identifiers(lender, other))).values()
            assert [error["code"] for error in payload["userErrors"]] == ["FORBIDDEN"]


async def test_nobody_can_tell_who_exists(lender: Lender, lender_api: Api) -> None:
    assert await _told_apart(lender_api.anonymous, lender, list(lender.subjects[:2])) == []
    for operation in OPERATIONS.values():
        codes = await lender_api.anonymous.codes(operation, identifiers(lender, lender.subjects[0]))
        assert codes == ["UNAUTHENTICATED"]


async def test_the_comparison_tells_visible_customers_from_nobody(lender: Lender, lender_api: Api) -> None:
    """Or the tests above would prove nothing: to who sees the customer, each operation answers otherwise.

    But for removing a guarantor, whom other tests of this lender look for. Who is kept in a group stays there.
    """
    client = await lender.sign_in(lender_api, "super_admin")
    harmless = {name: operation for name, operation in OPERATIONS.items() if name != "remove guarantor"}
    told = {name for name, _ in await _told_apart(client, lender, [lender.subjects[0]], harmless)}
    assert told == harmless.keys() - {"another type's field"}
