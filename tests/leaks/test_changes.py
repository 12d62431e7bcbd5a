"""Changes and what is told of them: payloads, refusals, events and mails hold no more than is theirs to see."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import httpx
import orjson

from gql.domain.customer_status import StatusAction
from gql.domain.ids import Kind, to_global_id
from gql.domain.time import now
from tests.api.client import gid
from tests.api.reading import unknown
from tests.delivery.mailserver import parse
from tests.e2e.conftest import wait_until
from tests.leaks.asking import mutations, selection, subscription
from tests.leaks.conftest import Watched
from tests.leaks.group_inputs import OF_GROUPS, of_groups
from tests.leaks.lender import FULL, LIMITED, SHUT_OUT, VIEWERS, Lender, seen_by
from tests.patience import PATIENCE
from tests.transport.subscribing import socket

Watch = Callable[..., AbstractContextManager[Watched]]

STATUS = [f"{what.lower()}Customer" for what in StatusAction]
CONTACT = (
    "logInteraction",
    "completeInteraction",
    "updateMyContact",
    "requestCallback",
    "setMyNotificationPreferences",
)
SEALED = {"identifier.number", "bank account.number"}
REVEALERS = {"super_admin", "compliance_officer", "portfolio_manager"}
REQUESTS = ("submitLoanRequest", "reviewLoanRequest", "decideLoanRequest", "withdrawLoanRequest")
MONEY = ("recordPayment", "reversePayment")
PROFILE = ("updateCustomerProfile", "setCustomerTags", "setCustomerTier", "relateCustomers", "unrelateCustomers")
OF_CUSTOMERS = {
    *OF_GROUPS,
    "reassignBook",
    "handOverAndDeactivate",
    "confirmAssignment",
    "assignAccountManager",
    "unassignAccountManager",
    "cancelScheduledAssignment",
    "addGroupMember",
    "updateCustomer",
    "transferCustomer",
    "breakGlass",
    "endCover",
    "setIdentifier",
    "revealIdentifier",
    *STATUS,
    *CONTACT,
    *PROFILE,
    *REQUESTS,
    *MONEY,
}
STAY = {*FULL, *LIMITED} - {"manager"}
"""Who sees the customer before and after the account manager changes."""


def inputs(watched: Watched) -> dict[str, list[dict[str, Any]]]:
    """For each mutation, inputs that change nothing, about somebody who is there: refused, or true already."""
    lender, value = watched.lender, watched.lender.canaries.values
    customer, manager = gid(lender.customer), gid(lender.people["manager"])
    into = {"groupId": gid(lender.group), "reason": "told twice"}
    move = {"customerId": customer, "assignment": "KEEP", "reason": "nowhere"}
    request = to_global_id(Kind.LOAN_REQUEST, value["loan request.id"])
    job, deal = to_global_id(Kind.JOB, value["job.id"]), [{"adminId": manager, "weight": 1}]
    decide = {"requestId": request, "reason": "decided already"}
    soon = (now() + timedelta(days=1)).isoformat()
    new_password = {"token": value["password token.token_hash"]}
    new_customer = {"kind": "PERSON", "name": "Somebody", "officeId": gid(lender.office)}
    new_admin = {"name": "Somebody", "officeId": gid(lender.office), "roleKeys": ["account_manager"]}
    return {
        "assignAccountManager": [
            {"customerId": customer, "accountManagerId": manager},
            {"customerId": customer, "accountManagerId": manager, "expectedVersion": 1},
            {"customerId": customer, "accountManagerId": unknown(Kind.ADMIN)},
            {"customerId": customer, "accountManagerId": manager, "effectiveAt": soon},
            {"customerId": customer, "accountManagerId": manager, "effectiveAt": "1997-01-01T00:00:00Z"},
        ],
        **of_groups(lender),
        "setNotificationPreferences": [
            {"preferences": [{"event": "GLASS_BROKEN", "email": False, "inApp": True}]},
            {"preferences": [{"event": "CUSTOMER_LEFT", "email": True, "inApp": True}]},
        ],
        "setMyNotificationPreferences": [
            {"preferences": [{"event": "CONTACT_CHANGED", "email": False, "inApp": True}]},
            {"preferences": [{"event": "MANAGER_LEFT", "email": True, "inApp": True}]},
        ],
        "markRead": [{"ids": [unknown(Kind.NOTIFICATION)]}],
        "confirmAssignment": [
            {"customerId": customer, "expectedVersion": 1, "note": "stale"},
            {"customerId": unknown(Kind.CUSTOMER), "expectedVersion": 1},
        ],
        "cancelScheduledAssignment": [
            {"id": to_global_id(Kind.SCHEDULED_ASSIGNMENT, value["cancelled assignment.id"]), "reason": "told twice"},
            {"id": unknown(Kind.SCHEDULED_ASSIGNMENT), "reason": "nothing there"},
        ],
        "unassignAccountManager": [
            {"customerId": customer, "expectedVersion": 1, "reason": "stale"},
            {"customerId": unknown(Kind.CUSTOMER), "expectedVersion": 1, "reason": "nobody there"},
        ],
        "reassignBook": [
            {"customerIds": [customer], "to": deal, "reason": "looked ahead", "dryRun": True},
            {"fromAdminId": manager, "to": deal, "reason": "looked ahead", "dryRun": True},
            {"customerIds": [unknown(Kind.CUSTOMER)], "to": deal, "reason": "nobody there"},
        ],
        "cancelJob": [{"jobId": job}, {"jobId": unknown(Kind.JOB)}],
        "undoJob": [{"jobId": job, "reason": "an undo"}, {"jobId": unknown(Kind.JOB), "reason": "none"}],
        "addGroupMember": [
            {**into, "customerId": customer},
            {**into, "email": value["customer.email"]},
            {**into, "number": value["customer.number"]},
        ],
        "signIn": [
            {"email": value["manager.email"], "password": "not the password"},
            {"email": value["customer.email"], "password": "not the password", "audience": "CUSTOMER"},
        ],
        "refreshSession": [{"refreshToken": value["refresh token.token_hash"]}],
        "revokeSession": [{"sessionId": to_global_id(Kind.SESSION, value["session.id"])}],
        "requestPasswordReset": [{"email": value["customer.email"], "audience": "CUSTOMER"}],
        "resetPassword": [{**new_password, "newPassword": "a fine long password"}],
        "acceptInvitation": [{**new_password, "password": "a fine long password"}],
        "inviteAdmin": [{**new_admin, "email": value["manager.email"]}],
        "deactivateAdmin": [
            {"adminId": manager, "reason": "has a book"},
            {"adminId": unknown(Kind.ADMIN), "reason": "nobody"},
        ],
        "handOverAndDeactivate": [
            {"adminId": manager, "to": deal, "reason": "looked ahead", "dryRun": True},
            {"adminId": manager, "byOffice": True, "reason": "looked ahead", "dryRun": True},
            {"adminId": unknown(Kind.ADMIN), "byOffice": True, "reason": "nobody"},
        ],
        "activateAdmin": [{"adminId": unknown(Kind.ADMIN), "reason": "nobody"}],
        "changeAdminOffice": [
            {"adminId": manager, "officeId": unknown(Kind.OFFICE), "reason": "nowhere"},
            {"adminId": unknown(Kind.ADMIN), "officeId": gid(lender.office), "reason": "nobody"},
        ],
        "setAdminRoles": [{"adminId": manager, "roleKeys": ["auditor"], "reason": "has a book"}],
        "saveView": [{"name": "x" * 50, "filter": {"groupId": unknown(Kind.GROUP)}}],
        "deleteSavedView": [{"name": value["customer.name"]}],
        "createCustomer": [
            {**new_customer, "email": value["customer.email"], "phone": value["customer.phone"]},
            {**new_customer, "email": value["customer.email"], "phone": "none"},
        ],
        "updateCustomer": [
            {"customerId": customer, "expectedVersion": 1},
            {
                "customerId": gid(lender.people["another customer"]),
                "expectedVersion": 1,
                "phone": value["customer.phone"],
            },
        ],
        "setIdentifier": [
            {"customerId": customer, "kind": "BVN", "value": "1"},
            {"customerId": customer, "kind": "NIN", "value": "22200000001", "expectedVersion": 1},
        ],
        "removeIdentifier": [{"identifierId": unknown(Kind.IDENTIFIER), "reason": "nothing there"}],
        "addBankAccount": [
            {
                "customerId": customer,
                "bankName": "First Bank",
                "bankCode": "011",
                "accountName": "Somebody",
                "accountNumber": "1",
            }
        ],
        "updateBankAccount": [{"bankAccountId": unknown(Kind.BANK_ACCOUNT), "verified": True}],
        "removeBankAccount": [{"bankAccountId": unknown(Kind.BANK_ACCOUNT), "reason": "nothing there"}],
        "revealIdentifier": [
            {"id": to_global_id(kind, value[f"{label}.id"]), "reason": "a call"}
            for kind, label in ((Kind.IDENTIFIER, "identifier"), (Kind.BANK_ACCOUNT, "bank account"))
        ],
        "grantCover": [
            {"managerId": manager, "delegateId": manager, "endsAt": "2098-01-01T00:00:00Z", "reason": "nobody else"},
            {"managerId": manager, "delegateId": unknown(Kind.ADMIN), "endsAt": "1997-01-01T00:00:00Z", "reason": "no"},
        ],
        "breakGlass": [
            {"customerId": customer, "minutes": 0, "reason": "for no time"},
            {"number": value["customer.number"], "minutes": 0, "reason": "for no time"},
            {"customerId": unknown(Kind.CUSTOMER), "reason": "nobody there"},
        ],
        "endCover": [
            {"coverId": to_global_id(Kind.COVER, value["cover.id"]), "reason": "ended already"},
            {"coverId": unknown(Kind.COVER), "reason": "nothing there"},
        ],
        "transferCustomer": [
            {"customerId": customer, "officeId": gid(lender.office), "assignment": "END", "reason": "there already"},
            {**move, "officeId": unknown(Kind.OFFICE)},
            {**move, "officeId": gid(lender.office), "expectedVersion": 1},
        ],
        **of_profile(lender, customer),
        "logInteraction": [
            {"customerId": customer, "kind": "CALLBACK_REQUEST", "direction": "INBOUND", "summary": "told twice"},
        ],
        "completeInteraction": [
            {"interactionId": gid(one), "outcome": "told twice"} for one in lender.interactions[:1]
        ],
        "updateMyContact": [
            {"currentPassword": "not the password", "email": value["customer.email"], "phone": value["customer.phone"]},
        ],
        "requestCallback": [{"preferredTime": "2026-01-05T09:00:00Z"}],
        "submitLoanRequest": [
            {"customerId": customer, "product": "P", "purpose": "p", "amount": {"amountMinor": 0, "currency": "?"}}
        ],
        "reviewLoanRequest": [{"requestId": request}, {"requestId": request, "expectedStatus": "SUBMITTED"}],
        "decideLoanRequest": [
            {**decide, "decision": "APPROVE"},
            {**decide, "decision": "DECLINE", "expectedStatus": "UNDER_REVIEW"},
            {**decide, "requestId": unknown(Kind.LOAN_REQUEST), "decision": "APPROVE"},
        ],
        "withdrawLoanRequest": [decide, {**decide, "expectedStatus": "SUBMITTED"}],
        "recordPayment": [
            {"loanId": gid(loan), "method": "CASH", "amount": {"amountMinor": 0, "currency": "EUR"}}
            for loan in lender.loans
        ],
        "reversePayment": [
            {"paymentId": to_global_id(Kind.LOAN_PAYMENT, value[f"{label}.id"]), "reason": "again"}
            for label in ("payment", "late payment")
        ],
        **{mutation: [{"customerId": customer, "reason": "stale", "expectedVersion": 1}] for mutation in STATUS},
        "createDocumentUpload": [
            {"customerId": customer, "kind": "OTHER", "name": ""},
            {"customerId": unknown(Kind.CUSTOMER), "kind": "OTHER", "name": "a.pdf"},
        ],
        "createDocumentDownload": [{"documentId": unknown(Kind.DOCUMENT)}],
        "removeDocument": [{"documentId": unknown(Kind.DOCUMENT), "reason": "nothing there"}],
        # Last: who has signed out is told nothing.
        "revokeOtherSessions": [{}],
        "signOut": [{}],
    }


def of_profile(lender: Lender, customer: str) -> dict[str, list[dict[str, Any]]]:
    """The same, for what goes with the customer's profile."""
    value, another = lender.canaries.values, gid(lender.people["another customer"])
    one, wrong = {"customerId": customer}, {"email": "none", "phone": "none"}
    stale, link = {"expectedVersion": 1}, {"customerId": customer, "relatedCustomerId": another}
    return {
        "updateCustomerProfile": [{**one, **stale, "socials": {"website": "none"}}],
        "addGuarantor": [{**one, "name": "Somebody", **wrong}, {**one, "guarantorCustomerId": customer}],
        "removeGuarantor": [{"guarantorId": unknown(Kind.GUARANTOR)}],
        "addNextOfKin": [{**one, "name": value["next of kin.name"], **wrong}],
        "removeNextOfKin": [{"nextOfKinId": unknown(Kind.NEXT_OF_KIN)}],
        "relateCustomers": [
            {**link, "relation": "EMPLOYEE"},
            {**link, "relation": "EMPLOYEE", "idempotencyKey": "again"},
        ],
        "unrelateCustomers": [{**link, "relation": "GUARANTOR"}],
        "addCustomerNote": [{**one, "text": " "}],
        "setCustomerTags": [{**one, "tags": ["none"], **stale}],
        "setCustomerTier": [{**one, "tier": "GOLD", "reason": "stale", **stale}],
    }


def test_a_mutation_that_changes_nothing_shows_what_its_viewer_sees_and_no_more(watched: Watched) -> None:
    """Every mutation, by everybody: one that is added later needs inputs here."""
    given = inputs(watched)
    assert given.keys() == set(mutations())
    for mutation, document in ((name, selection(name)) for name in given):
        for viewer in VIEWERS:
            if mutation == "signIn" and viewer not in SHUT_OUT:
                continue  # it is the same for all, and takes long
            found = watched.found(*(watched.post(viewer, document, {"input": one}) for one in given[mutation]))
            told = SEALED & found
            revealed = mutation == "revealIdentifier" and viewer in REVEALERS
            assert told == (SEALED if revealed else set()), (mutation, viewer)
            assert found - told <= (seen_by(viewer) if mutation in OF_CUSTOMERS else set()), (mutation, viewer)
            if mutation == "assignAccountManager":
                assert ("customer.name" in found) == (viewer in ("super_admin", "portfolio_manager")), viewer
    assert watched.logged == set()


async def _told_by_events(watched: Watched, viewer: str, begun: asyncio.Barrier) -> bytes:
    """All that a subscriber is sent over HTTP, until one event has come or there are no more."""
    headers = watched.lender.headers(viewer) | {"Accept": "text/event-stream"}
    received = bytearray()
    async with (
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(base_url=watched.server.url, timeout=PATIENCE) as http,
        http.stream("POST", "/graphql", json={"query": subscription(watched.lender)}, headers=headers) as response,
    ):
        received += str(response.headers.raw).encode()
        chunks = response.aiter_bytes()
        received += await anext(chunks)
        await begun.wait()
        async for chunk in chunks:
            received += chunk
            if b"event:" in received:
                break
    return bytes(received)


async def _told_over_socket(watched: Watched, viewer: str, begun: asyncio.Barrier) -> bytes:
    """The same over a socket."""
    async with asyncio.timeout(PATIENCE), socket(watched.server) as client:
        await client.init(watched.lender.tokens.get(viewer))
        if viewer in SHUT_OUT:
            await begun.wait()
            return f"{await client.closed()} {client.connection.close_reason}".encode()
        assert await client.receive() == {"type": "connection_ack"}
        await client.subscribe({"query": subscription(watched.lender)})
        await asyncio.sleep(2)  # nothing tells that a subscription has begun
        await begun.wait()
        return orjson.dumps(await client.receive())


async def _change(watched: Watched, reason: str, begun: asyncio.Barrier) -> httpx.Response:
    """Give the customer another account manager, once all have subscribed."""
    await begun.wait()
    people = watched.lender.people
    wish = {"customerId": gid(people["the customer"]), "accountManagerId": gid(people["another_manager"])}
    document = selection("assignAccountManager")
    return await asyncio.to_thread(watched.post, "super_admin", document, {"input": {**wish, "reason": reason}})


def test_a_change_is_told_to_each_as_far_as_they_see_it(watch: Watch) -> None:
    """In its payload, by events over both transports, and by mail."""
    ways = {"events": _told_by_events, "socket": _told_over_socket}

    async def all_that_was_told(watched: Watched, reason: str) -> tuple[httpx.Response, dict[tuple[str, str], bytes]]:
        begun = asyncio.Barrier(len(ways) * len(VIEWERS) + 1)
        told = {(way, viewer): tell(watched, viewer, begun) for way, tell in ways.items() for viewer in VIEWERS}
        answer, received = await asyncio.gather(_change(watched, reason, begun), asyncio.gather(*told.values()))
        return answer, dict(zip(told, received, strict=True))

    with watch(outbox_in_server=True, outbox_poll_seconds=0.1, audit_seal_seconds=0.5) as watched:
        canaries = watched.lender.canaries
        reason = canaries.word("new reason")
        answer, told = asyncio.run(all_that_was_told(watched, reason))
        document = selection("requestPasswordReset")
        email = canaries.values["customer.email"]
        watched.post("anonymous", document, {"input": {"email": email, "audience": "CUSTOMER"}})
        wait_until(lambda: len(list((watched.folder / "mail").glob("*.eml"))) == 5, "five mails")
        mails = _mails(watched)
        logged = watched.logged

    assert watched.found(answer) <= seen_by("super_admin") | {"new reason"}
    for (way, viewer), received in told.items():
        found = canaries.found_in(received)
        if viewer in STAY:
            assert {"customer.name"} <= found <= seen_by(viewer) | ({"new reason"} if viewer in FULL else set()), way
            assert ("new reason" in found) == (viewer in FULL)
        else:
            assert found == set(), (way, viewer)
    named = {"customer.name", "manager.name"}
    assert mails == {
        "Your account manager": {*named, "customer.email", "office.name"},
        "You are now": {*named, "customer.number", "new reason"},
        "has a new account manager": {*named, "customer.number", "manager.email", "new reason"},
        "password": {"customer.name", "customer.email"},
        "nobody uses": {"group.name"},
    }
    assert logged == set()


def _mails(watched: Watched) -> dict[str, set[str]]:
    """The canaries in each mail, headers and parts, raw and decoded, by some words of its subject."""
    found = {}
    for file in (watched.folder / "mail").glob("*.eml"):
        raw = file.read_bytes()
        mail = parse(raw)
        subject = next(
            words
            for words in ("Your account manager", "You are now", "has a new account manager", "password", "nobody uses")
            if words in str(mail["Subject"])
        )
        parts = [part.get_content() for part in mail.walk() if not part.is_multipart()]
        found[subject] = watched.lender.canaries.found_in(raw, str(mail.items()), *parts)
    return found
