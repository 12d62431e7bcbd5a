"""Payments on loans, recorded and reversed: exact, once, and by whom it may be; all of it or nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gql.db.models import Loan
from gql.domain.enums import CustomerStatus, LoanStatus
from gql.domain.ids import Kind
from gql.domain.time import now
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.factories import World
from tests.records import current, events, unchanged

FIELDS = """
customer { id version }
payment {
  id amount { amountMinor } method reference receivedAt recordedBy { name }
  reversedAt reversedBy { name } reversalReason
  loan {
    status outstanding { amountMinor } arrears { amountMinor } daysPastDue nextDue { dueOn amount { amountMinor } }
    instalments { edges { node { number paid { amountMinor } outstanding { amountMinor } status paidOn } } }
    payments { totalCount edges { node { reversedAt } } }
  }
}
replayed userErrors { code message field }
"""
RECORD = f"mutation($input: RecordPaymentInput!) {{ recordPayment(input: $input) {{ {FIELDS} }} }}"
REVERSE = f"mutation($input: ReversePaymentInput!) {{ reversePayment(input: $input) {{ {FIELDS} }} }}"


async def record(client: Client, loan: Loan | str, minor: int, currency: str = "NGN", **given: Any) -> dict[str, Any]:
    """The payload of recording a payment."""
    key = loan if isinstance(loan, str) else gid(loan)
    usual = {"loanId": key, "amount": {"amountMinor": minor, "currency": currency}, "method": "CASH"}
    payload: dict[str, Any] = (await client.data(RECORD, {"input": usual | given}))["recordPayment"]
    return payload


async def reverse(client: Client, payment_id: str, **given: Any) -> dict[str, Any]:
    """The payload of reversing one."""
    usual = {"paymentId": payment_id, "reason": "The bank took it back"}
    payload: dict[str, Any] = (await client.data(REVERSE, {"input": usual | given}))["reversePayment"]
    return payload


def standing(payload: dict[str, Any]) -> tuple[str, int, list[int]]:
    """The loan's status, what is outstanding, and what is paid of each instalment."""
    loan = payload["payment"]["loan"]
    paid = [edge["node"]["paid"]["amountMinor"] for edge in loan["instalments"]["edges"]]
    return loan["status"], loan["outstanding"]["amountMinor"], paid


async def test_payments_pay_the_oldest_first_close_the_loan_and_a_reversal_opens_it_again(
    api: Api, world: World
) -> None:
    """Three instalments of 100 kobo, the first 40 days late, the second 10."""
    ada = await world.admin("account_manager", name="Ada")
    customer = await world.customer(manager=ada)
    loan = await world.loan(customer, principal=300, instalments=3, overdue_days=40)
    client, today = await api.sign_in(ada), now().date()

    one = await record(client, loan, 130, method="CARD", reference=" TRF-1 ")
    assert (codes(one), one["replayed"], one["customer"]) == ([], False, {"id": gid(customer), "version": 1})
    assert standing(one) == ("ACTIVE", 170, [100, 30, 0])
    payment = one["payment"]
    assert (payment["amount"], payment["method"], payment["reference"]) == ({"amountMinor": 130}, "CARD", "TRF-1")
    assert (payment["recordedBy"], payment["reversedAt"]) == ({"name": "Ada"}, None)
    of_loan = payment["loan"]
    assert (of_loan["arrears"]["amountMinor"], of_loan["daysPastDue"]) == (70, 10)
    assert of_loan["nextDue"] == {"dueOn": str(today + timedelta(days=20)), "amount": {"amountMinor": 100}}
    nodes = [edge["node"] for edge in of_loan["instalments"]["edges"]]
    assert [node["status"] for node in nodes] == ["PAID", "OVERDUE", "PENDING"]
    assert [node["paidOn"] for node in nodes] == [str(today), None, None]

    earlier = (now() - timedelta(days=3)).replace(microsecond=0)
    two = await record(client, loan, 170, receivedAt=earlier.isoformat())
    assert standing(two) == ("CLOSED", 0, [100, 100, 100])
    assert two["payment"]["loan"]["nextDue"] is None
    days = [edge["node"]["paidOn"] for edge in two["payment"]["loan"]["instalments"]["edges"]]
    assert days == [str(earlier.date()), str(today), str(today)], "in the order in which money came, not was recorded"
    async with unchanged(api.database):
        assert codes(await record(client, loan, 1)) == ["NOT_ALLOWED"]

    back = await reverse(client, two["payment"]["id"])
    assert (codes(back), standing(back)) == ([], ("ACTIVE", 170, [100, 30, 0]))
    reversed_one = back["payment"]
    assert reversed_one["reversedAt"] is not None
    assert (reversed_one["reversedBy"], reversed_one["reversalReason"]) == ({"name": "Ada"}, "The bank took it back")
    assert reversed_one["loan"]["payments"]["totalCount"] == 2, "it stays on record"
    async with unchanged(api.database):
        assert codes(await reverse(client, two["payment"]["id"])) == ["NOT_ALLOWED"]

    [recorded, closing] = await events(api.database, "loan.payment_recorded")
    [taken_back] = await events(api.database, "loan.payment_reversed")
    assert (recorded.subject_id, recorded.details["amount_minor"]) == (customer.id, 130)
    assert closing.details["after"] == {"status": "CLOSED", "outstanding_minor": 0}
    assert taken_back.details["after"] == {"status": "ACTIVE", "outstanding_minor": 170}
    assert taken_back.details["reason"] == "The bank took it back"


async def test_what_can_not_be_a_payment_is_refused_with_every_reason(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    loan = await world.loan(await world.customer(), principal=300, instalments=3)
    archived = await world.loan(await world.customer(status=CustomerStatus.ARCHIVED), principal=300, instalments=3)
    await record(client, loan, 10, reference="R")
    tomorrow, long_ago = (now() + timedelta(days=1)).isoformat(), datetime(2000, 1, 1, tzinfo=UTC).isoformat()
    async with unchanged(api.database):
        for minor, more, expected in (
            (291, {}, [("INVALID", ["amount"])]),
            (0, {}, [("INVALID", ["amount", "amountMinor"])]),
            (-5, {}, [("INVALID", ["amount", "amountMinor"])]),
            (10, {"currency": "USD"}, [("INVALID", ["amount", "currency"])]),
            (10, {"receivedAt": tomorrow}, [("INVALID", ["receivedAt"])]),
            (10, {"receivedAt": long_ago}, [("INVALID", ["receivedAt"])]),
            (10, {"reference": "R"}, [("NOT_ALLOWED", ["reference"])]),
            (
                291,
                {"receivedAt": tomorrow, "reference": "R"},
                [("INVALID", ["amount"]), ("INVALID", ["receivedAt"]), ("NOT_ALLOWED", ["reference"])],
            ),
        ):
            payload = await record(client, loan, minor, **more)
            assert [(error["code"], error["field"]) for error in payload["userErrors"]] == expected
        assert codes(await record(client, archived, 10)) == ["CUSTOMER_ARCHIVED"]
        assert codes(await record(client, unknown(Kind.LOAN), 10)) == ["NOT_FOUND"]
        assert codes(await reverse(client, unknown(Kind.LOAN_PAYMENT))) == ["NOT_FOUND"]
        naive = {"loanId": gid(loan), "amount": {"amountMinor": 1, "currency": "NGN"}, "method": "CASH"}
        assert await client.codes(RECORD, {"input": naive | {"receivedAt": "2026-01-31T12:00:00"}}) == [
            "BAD_USER_INPUT"
        ]


async def test_a_payment_sent_twice_is_one(api: Api, world: World) -> None:
    """By the same key; and by the same reference, until that payment is reversed."""
    client = await api.sign_in(await world.admin("super_admin"))
    loan = await world.loan(await world.customer(), principal=300, instalments=3)
    first = await record(client, loan, 100, idempotencyKey="k", reference="TRF-7")
    again = await record(client, loan, 100, idempotencyKey="k", reference="TRF-7")
    assert (again["replayed"], again["payment"]["id"], standing(again)[1]) == (True, first["payment"]["id"], 200)
    assert codes(await record(client, loan, 101, idempotencyKey="k", reference="TRF-7")) == ["IDEMPOTENCY_CONFLICT"]
    assert codes(await record(client, loan, 100, reference="TRF-7")) == ["NOT_ALLOWED"]

    for replayed in (False, True):
        back = await reverse(client, first["payment"]["id"], idempotencyKey="r")
        assert (back["replayed"], standing(back)) == (replayed, ("ACTIVE", 300, [0, 0, 0]))
    assert standing(await record(client, loan, 100, reference="TRF-7"))[1] == 200


async def test_what_was_written_off_stays_so_whatever_comes(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin"))
    loan = await world.loan(
        await world.customer(), principal=300, instalments=3, overdue_days=300, status=LoanStatus.WRITTEN_OFF
    )
    paid = await record(client, loan, 300)
    assert (standing(paid), paid["payment"]["loan"]["nextDue"]) == (("WRITTEN_OFF", 0, [100, 100, 100]), None)
    assert standing(await reverse(client, paid["payment"]["id"]))[:2] == ("WRITTEN_OFF", 300)


async def test_who_may_change_a_customer_may_record_payments_and_nobody_else(api: Api, world: World) -> None:
    """A loan that the viewer doesn't see is not told from one that isn't there."""
    office = await world.office()
    ada = await world.admin("account_manager", office=office)
    customer = await world.customer(office=office, manager=ada)
    late = await world.loan(customer, principal=300, instalments=3, overdue_days=5)
    punctual = await world.loan(customer, principal=300, instalments=3, paid=1)
    payment = gid(await world.payment_on(punctual))
    hidden = ["NOT_FOUND", "FORBIDDEN"]
    for role, of_late, of_punctual in (
        ("compliance_officer", ["FORBIDDEN"], ["FORBIDDEN"]),
        ("collections_officer", ["FORBIDDEN"], hidden),
        ("auditor", hidden, hidden),
        ("account_manager", hidden, hidden),
        ("team_member", ["NOT_FOUND"], ["NOT_FOUND"]),
    ):
        client = await api.sign_in(await world.admin(role, office=office))
        async with unchanged(api.database):
            assert codes(await record(client, late, 10)) == of_late, role
            assert codes(await record(client, punctual, 10)) == of_punctual, role
            assert codes(await reverse(client, payment)) == of_punctual, role
    themselves = await api.sign_in(customer)
    async with unchanged(api.database):
        assert codes(await record(themselves, late, 10)) == ["FORBIDDEN"]
    for who in (ada, await world.admin("portfolio_manager", office=office)):
        assert codes(await record(await api.sign_in(who), late, 10)) == []
    assert (await current(api.database, late)).outstanding_minor == 280
