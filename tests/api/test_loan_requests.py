"""Loan requests: put in, reviewed, decided and withdrawn, by whom it may be; all of it or nothing."""

import asyncio
from typing import Any

from gql.db.models import Customer, LoanRequest
from gql.domain.enums import CustomerStatus
from gql.domain.ids import Kind
from gql.domain.loan_requests import RequestStatus
from tests.api.client import Api, Client, gid
from tests.api.mutations import assign, codes
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, unchanged

FIELDS = """
customer { id version }
loanRequest {
  id status product purpose amount { amount currency } customer { id } submittedBy { name }
  reviewer { name } decidedBy { name } decisionReason viewerActions { action allowed reason }
}
replayed userErrors { code message field }
"""


async def ask(client: Client, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload of one of the mutations."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {FIELDS} }} }}"
    payload: dict[str, Any] = (await client.data(query, {"input": given}))[mutation]
    return payload


async def submit(client: Client, customer: Customer | str, **given: Any) -> dict[str, Any]:
    """Put in a request of a customer."""
    usual = {
        "customerId": customer if isinstance(customer, str) else gid(customer),
        "product": "Market Trader Loan",
        "amount": {"amountMinor": 250_000_00, "currency": "NGN"},
        "purpose": "Stock for the season",
    }
    return await ask(client, "submitLoanRequest", **usual | given)


async def decide(client: Client, request: LoanRequest | str, decision: str = "APPROVE", **given: Any) -> dict[str, Any]:
    """Decide a request."""
    key = request if isinstance(request, str) else gid(request)
    usual = {"requestId": key, "decision": decision, "reason": "Salary covers it"}
    return await ask(client, "decideLoanRequest", **usual | given)


def allowed(payload: dict[str, Any]) -> set[str]:
    """What the menu of the payload's request offers."""
    for action in payload["loanRequest"]["viewerActions"]:
        assert action["allowed"] is (action["reason"] is None)
    return {action["action"] for action in payload["loanRequest"]["viewerActions"] if action["allowed"]}


async def test_a_request_goes_its_way_through_two_pairs_of_hands(api: Api, world: World) -> None:
    """The account manager puts it in, the portfolio manager reviews and approves it; each step is on record."""
    office = await world.office()
    ada = await world.admin("account_manager", office=office, name="Ada")
    boss = await world.admin("portfolio_manager", office=office, name="Ife")
    customer = await world.customer(office=office, manager=ada)
    ada_s, boss_s = await api.sign_in(ada), await api.sign_in(boss)

    made = await submit(ada_s, customer, product="  Market Trader Loan ")
    request = made["loanRequest"]
    assert (codes(made), made["replayed"], made["customer"]["version"]) == ([], False, 1)
    assert (request["status"], request["product"], request["purpose"]) == (
        "SUBMITTED",
        "Market Trader Loan",
        "Stock for the season",
    )
    assert request["amount"] == {"amount": "250000.00", "currency": "NGN"}
    assert (request["customer"], request["submittedBy"]) == ({"id": gid(customer)}, {"name": "Ada"})
    assert allowed(made) == {"WITHDRAW"}, "who submitted it decides nothing"

    async with unchanged(api.database):
        assert codes(await decide(boss_s, request["id"])) == ["NOT_ALLOWED"], "not before it is under review"
        assert codes(await ask(ada_s, "reviewLoanRequest", requestId=request["id"])) == ["FORBIDDEN"]
    reviewed = await ask(boss_s, "reviewLoanRequest", requestId=request["id"], expectedStatus="SUBMITTED")
    assert (reviewed["loanRequest"]["status"], reviewed["loanRequest"]["reviewer"]) == ("UNDER_REVIEW", {"name": "Ife"})
    assert allowed(reviewed) == {"APPROVE", "DECLINE", "WITHDRAW"}

    async with unchanged(api.database):
        assert codes(await decide(ada_s, request["id"])) == ["FORBIDDEN"]
        stale = await decide(boss_s, request["id"], "DECLINE", expectedStatus="SUBMITTED")
        errors = [error["code"] for error in stale["userErrors"]]
        assert (errors, stale["loanRequest"]["status"]) == (["VERSION_CONFLICT"], "UNDER_REVIEW")
    done = (await decide(boss_s, request["id"]))["loanRequest"]
    assert (done["status"], done["decidedBy"], done["decisionReason"]) == (
        "APPROVED",
        {"name": "Ife"},
        "Salary covers it",
    )
    async with unchanged(api.database):
        for again in ("APPROVE", "DECLINE"):
            assert codes(await decide(boss_s, request["id"], again)) == ["NOT_ALLOWED"]
        withdrawing = await ask(ada_s, "withdrawLoanRequest", requestId=request["id"], reason="No more")
        assert codes(withdrawing) == ["NOT_ALLOWED"]

    recorded = {}
    for name in ("submitted", "under_review", "approved"):
        [event] = await events(api.database, f"loan_request.{name}")
        assert event.subject_id == customer.id
        recorded[name] = event.details.get("before"), event.details["after"]["status"]
    assert recorded == {
        "submitted": (None, "SUBMITTED"),
        "under_review": ({"status": "SUBMITTED"}, "UNDER_REVIEW"),
        "approved": ({"status": "UNDER_REVIEW"}, "APPROVED"),
    }


async def test_what_is_asked_for_must_make_sense_and_all_that_does_not_is_told_at_once(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    active = await world.customer()
    blacklisted = await world.customer(status=CustomerStatus.BLACKLISTED)
    archived = await world.customer(status=CustomerStatus.ARCHIVED)
    nothing = {"amountMinor": 0, "currency": "naira"}
    async with unchanged(api.database):
        payload = await submit(client, blacklisted, amount=nothing)
        assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
            ("NOT_ALLOWED", ["customerId"]),
            ("INVALID", ["amount", "amountMinor"]),
            ("INVALID", ["amount", "currency"]),
        ]
        assert codes(await submit(client, archived)) == ["CUSTOMER_ARCHIVED"]
        assert codes(await submit(client, active, amount={"amountMinor": 10**15 + 1, "currency": "NGN"})) == ["INVALID"]
        query = "mutation($input: SubmitLoanRequestInput!) { submitLoanRequest(input: $input) { replayed } }"
        given = {"customerId": gid(active), "product": "P", "purpose": "p"}
        for minor in (12.5, "12", True, 2**63):  # a fraction must not be cut off
            wrong = {**given, "amount": {"amountMinor": minor, "currency": "NGN"}}
            assert (await client.post(query, {"input": wrong})).json().get("errors"), minor
        for blank in ({"product": " "}, {"purpose": ""}, {"product": "P" * 101}):
            usual = {**given, "amount": {"amountMinor": 1, "currency": "NGN"}}
            assert await client.codes(query, {"input": usual | blank}) == ["BAD_USER_INPUT"]


async def test_who_may_change_a_customer_may_change_their_requests_and_nobody_else(api: Api, world: World) -> None:
    """Also: who doesn't see the customer's requests is told that there are none, whether or not there are."""
    office = await world.office()
    ada = await world.admin("account_manager", office=office)
    customer = await world.customer(office=office, manager=ada)
    request = await world.loan_request(customer, status=RequestStatus.UNDER_REVIEW)
    seen = {"super_admin": [], "portfolio_manager": [], "compliance_officer": ["FORBIDDEN"]}
    unseen = {
        "group_administrator": ["NOT_FOUND", "FORBIDDEN"],
        "collections_officer": ["NOT_FOUND", "FORBIDDEN"],
        "auditor": ["NOT_FOUND", "FORBIDDEN"],
        "account_manager": ["NOT_FOUND", "FORBIDDEN"],
        "team_member": ["NOT_FOUND"],
    }
    for role, expected in (seen | unseen).items():
        client = await api.sign_in(await world.admin(role, office=office))
        if role in unseen:
            async with unchanged(api.database):
                assert codes(await decide(client, request)) == expected, role
                assert codes(await decide(client, unknown(Kind.LOAN_REQUEST))) == expected, role
        elif expected:
            async with unchanged(api.database):
                assert codes(await decide(client, request)) == expected, role
        else:
            one = await world.loan_request(customer, status=RequestStatus.UNDER_REVIEW)
            assert codes(await decide(client, one, "DECLINE")) == [], role
            assert (await current(api.database, one)).status == "DECLINED"
    themselves = await api.sign_in(customer)
    async with unchanged(api.database):
        assert codes(await submit(themselves, customer)) == ["FORBIDDEN"]
    assert codes(await decide(await api.sign_in(ada), request)) == [], "the own book grants it"


async def test_a_request_can_be_withdrawn_until_it_is_decided(api: Api, world: World) -> None:
    """By whoever submitted it, too; and of a customer who was stopped meanwhile it can be declined, not approved."""
    ada = await world.admin("account_manager")
    client, boss = await api.sign_in(ada), await api.sign_in(await world.admin("super_admin"))
    customer = await world.customer(manager=ada)
    for status in (RequestStatus.SUBMITTED, RequestStatus.UNDER_REVIEW):
        request = await world.loan_request(customer, status=status, submitted_by=ada)
        payload = await ask(client, "withdrawLoanRequest", requestId=gid(request), reason="Found it elsewhere")
        assert (codes(payload), payload["loanRequest"]["status"]) == ([], "WITHDRAWN")
        assert payload["loanRequest"]["decisionReason"] == "Found it elsewhere"
    stopped = await world.customer(status=CustomerStatus.SUSPENDED)
    request = await world.loan_request(stopped, status=RequestStatus.UNDER_REVIEW)
    assert codes(await decide(boss, request)) == ["NOT_ALLOWED"]
    assert codes(await decide(boss, request, "DECLINE")) == []


async def test_one_key_is_one_request_and_of_two_decisions_at_once_one_stands(api: Api, world: World) -> None:
    boss, other = [await api.sign_in(await world.admin("super_admin")) for _ in range(2)]
    customer = await world.customer()
    first = await submit(boss, customer, idempotencyKey="k")
    again = await submit(boss, customer, idempotencyKey="k")
    assert (again["replayed"], again["loanRequest"]["id"]) == (True, first["loanRequest"]["id"])
    assert codes(await submit(boss, customer, idempotencyKey="k", purpose="Another")) == ["IDEMPOTENCY_CONFLICT"]
    assert len(await events(api.database, "loan_request.submitted")) == 1

    request = await world.loan_request(customer, status=RequestStatus.UNDER_REVIEW)
    answers = await asyncio.gather(decide(boss, request, "APPROVE"), decide(other, request, "DECLINE"))
    assert sorted(map(codes, answers)) == [[], ["NOT_ALLOWED"]]
    replay = await asyncio.gather(*(decide(boss, first["loanRequest"]["id"], idempotencyKey="d") for _ in range(2)))
    assert [codes(one) for one in replay] == [["NOT_ALLOWED", "FORBIDDEN"]] * 2


QUEUE = """
query($filter: LoanRequestFilter) {
  loanRequests(filter: $filter) { totalCount edges { node { id customer { accountManager { name } } } } }
}
"""


async def queue(client: Client, **given: Any) -> list[str]:
    """The IDs in the queue, and as many as it counts."""
    found = (await client.data(QUEUE, {"filter": given}))["loanRequests"]
    ids = [edge["node"]["id"] for edge in found["edges"]]
    assert len(ids) == found["totalCount"]
    return ids


async def test_the_queue_is_oldest_first_by_status_book_and_office_and_follows_the_customer(
    api: Api, world: World
) -> None:
    """A request goes with its customer to another account manager or office in the same moment."""
    lagos, kano = await world.office("Lagos"), await world.office("Kano")
    ada, bola = [await world.admin("account_manager", office=lagos) for _ in range(2)]
    boss = await world.admin("super_admin", office=lagos)
    of_ada, of_bola, of_kano = (
        await world.customer(office=lagos, manager=ada),
        await world.customer(office=lagos, manager=bola),
        await world.customer(office=kano),
    )
    newer = await world.loan_request(of_ada, submitted_at=(late := world.moment()))
    older = await world.loan_request(of_ada, submitted_at=late.replace(year=2025), status=RequestStatus.UNDER_REVIEW)
    of_b = await world.loan_request(of_bola, submitted_at=late.replace(year=2024))
    of_k = await world.loan_request(of_kano, status=RequestStatus.DECLINED, submitted_at=late.replace(year=2023))
    ada_s, bola_s, boss_s = [await api.sign_in(one) for one in (ada, bola, boss)]
    all_of_them = [gid(one) for one in (of_k, of_b, older, newer)]

    assert await queue(boss_s) == all_of_them
    assert await queue(boss_s, status=["SUBMITTED", "UNDER_REVIEW"]) == all_of_them[1:]
    assert await queue(boss_s, status=["DECLINED"]) == all_of_them[:1]
    assert await queue(boss_s, status=[]) == []
    assert await queue(boss_s, officeId=gid(kano)) == all_of_them[:1]
    assert await queue(boss_s, accountManagerId=gid(ada), status=["SUBMITTED"]) == all_of_them[3:]
    assert await queue(boss_s, mine=True) == []
    assert await queue(ada_s) == await queue(ada_s, mine=True) == all_of_them[2:]
    assert await queue(ada_s, accountManagerId=gid(bola)) == []
    both = {"filter": {"mine": True, "accountManagerId": gid(ada)}}
    assert await ada_s.codes(QUEUE, both) == ["BAD_USER_INPUT"]
    assert await (await api.sign_in(of_ada)).codes(QUEUE, {}) == ["FORBIDDEN"]

    await assign(boss_s, of_ada, bola)
    assert await queue(ada_s) == []
    assert await queue(bola_s) == all_of_them[1:]
    move = "mutation($input: TransferCustomerInput!) { transferCustomer(input: $input) { changed } }"
    where = {"customerId": gid(of_ada), "officeId": gid(kano), "assignment": "END", "reason": "Moved"}
    await boss_s.data(move, {"input": where})
    assert await queue(bola_s) == all_of_them[1:2]
    assert await queue(boss_s, officeId=gid(kano)) == [all_of_them[0], *all_of_them[2:]]


async def test_whoever_reads_the_queue_under_an_audited_role_has_read_its_customers(api: Api, world: World) -> None:
    customer = await world.customer()
    await world.loan_request(customer)
    client = await api.sign_in(await world.admin("compliance_officer"))
    await client.data("{ loanRequests { edges { node { purpose } } } }")
    await api.app.state.reads.flush()
    assert [event.subject_id for event in await events(api.database, "customer.read")] == [customer.id]
