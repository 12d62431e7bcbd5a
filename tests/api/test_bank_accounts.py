"""Bank accounts: added sealed, one of them the primary, shown masked, told in full and found like identifiers."""

import json
from typing import Any

from gql.db.models import Customer
from gql.domain.bank_accounts import MOST
from gql.domain.ids import Kind
from tests.api.client import Api, Client, gid
from tests.api.mutations import codes
from tests.api.reading import unknown
from tests.api.test_identifiers import raw_rows, reveal
from tests.factories import World
from tests.records import events, unchanged

NUBAN = "0123456789"
_LIST = """customer { bankAccounts { totalCount edges { node {
    id bankName bankCode accountName masked currency primary addedBy { name } verifiedAt verifiedBy { name }
} } } }"""
ADD = f"""mutation($input: AddBankAccountInput!) {{ addBankAccount(input: $input) {{
  {_LIST} bankAccount {{ id }} replayed userErrors {{ code message field }} }} }}"""
UPDATE = f"""mutation($input: UpdateBankAccountInput!) {{ updateBankAccount(input: $input) {{
  {_LIST} bankAccount {{ id primary }} changed replayed userErrors {{ code message field }} }} }}"""
REMOVE = f"""mutation($input: RemoveBankAccountInput!) {{ removeBankAccount(input: $input) {{
  {_LIST} replayed userErrors {{ code message field }} }} }}"""
FIND = "query($number: String!) { customers(filter: {bankAccountNumber: $number}) { edges { node { id } } } }"


async def add(client: Client, customer: Customer, number: str = NUBAN, **more: Any) -> Any:
    """The payload of `addBankAccount`."""
    given = {"customerId": gid(customer), "bankName": " First  Bank", "bankCode": "011", "accountName": "Ada Obi"}
    return (await client.data(ADD, {"input": given | {"accountNumber": number} | more}))["addBankAccount"]


async def update(client: Client, account: str, **more: Any) -> Any:
    """The payload of `updateBankAccount`."""
    return (await client.data(UPDATE, {"input": {"bankAccountId": account} | more}))["updateBankAccount"]


async def remove(client: Client, account: str, **more: Any) -> Any:
    """The payload of `removeBankAccount`."""
    given = {"bankAccountId": account, "reason": "Closed."} | more
    return (await client.data(REMOVE, {"input": given}))["removeBankAccount"]


def listed(payload: Any) -> list[tuple[str, bool]]:
    """What of each account tells it from the others, and whether it is the primary one; newest first."""
    accounts = payload["customer"]["bankAccounts"]
    assert accounts["totalCount"] == len(accounts["edges"])
    return [(edge["node"]["masked"], edge["node"]["primary"]) for edge in accounts["edges"]]


async def test_an_account_is_added_sealed_and_told_in_full_on_record(api: Api, world: World) -> None:
    client = await api.sign_in(await world.admin("super_admin", name="Ngozi"))
    customer, other = await world.customers(2)

    payload = await add(client, customer, "0123 456-789", idempotencyKey="k")

    assert codes(payload) == []
    [edge] = payload["customer"]["bankAccounts"]["edges"]
    assert edge["node"] == {
        "id": payload["bankAccount"]["id"],
        "bankName": "First Bank",
        "bankCode": "011",
        "accountName": "Ada Obi",
        "masked": "•••• 6789",
        "currency": "NGN",
        "primary": True,
        "addedBy": {"name": "Ngozi"},
        "verifiedAt": None,
        "verifiedBy": None,
    }
    again = await add(client, customer, "0123 456-789", idempotencyKey="k")
    assert (again["replayed"], again["bankAccount"]) == (True, payload["bankAccount"])
    assert codes(await add(client, customer, "9876543210", idempotencyKey="k")) == ["IDEMPOTENCY_CONFLICT"]
    assert (await reveal(client, payload["bankAccount"]["id"]))["value"] == NUBAN
    assert NUBAN not in await raw_rows(api.database)
    assert codes(await add(client, other)) == []  # people share accounts
    found = (await client.data(FIND, {"number": "0123 456 789"}))["customers"]["edges"]
    assert {edge["node"]["id"] for edge in found} == {gid(customer), gid(other)}
    [event, _] = await events(api.database, "customer.bank_account_added")
    assert (event.subject_id, event.details["after"]["last_four"]) == (customer.id, "6789")


async def test_one_of_a_customers_accounts_is_the_primary_one(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin", name="Ngozi")), await world.customer()
    first = (await add(client, customer, "0000000001"))["bankAccount"]["id"]
    second = (await add(client, customer, "0000000002"))["bankAccount"]["id"]
    third = await add(client, customer, "0000000003", primary=True)
    assert listed(third) == [("•••• 0003", True), ("•••• 0002", False), ("•••• 0001", False)]
    changed = await update(client, second, primary=True, verified=True)
    assert (changed["changed"], listed(changed)[1]) == (True, ("•••• 0002", True))
    assert changed["customer"]["bankAccounts"]["edges"][1]["node"]["verifiedBy"] == {"name": "Ngozi"}
    async with unchanged(api.database):
        assert (await update(client, second, primary=True, verified=True))["changed"] is False
        assert codes(await update(client, second, primary=False)) == ["NOT_ALLOWED"]
        assert codes(await update(client, unknown(Kind.BANK_ACCOUNT), primary=True)) == ["NOT_FOUND"]
    payload = await remove(client, second, idempotencyKey="k")
    assert listed(payload) == [("•••• 0003", True), ("•••• 0001", False)]
    assert (await remove(client, second, idempotencyKey="k"))["replayed"] is True
    assert codes(await remove(client, second)) == ["NOT_FOUND"]
    assert (await update(client, first, verified=False))["changed"] is False
    assert len(await events(api.database, "customer.bank_account_removed")) == 1


async def test_refusals_come_together_and_never_repeat_the_number(api: Api, world: World) -> None:
    client, customer = await api.sign_in(await world.admin("super_admin")), await world.customer()
    auditor = await api.sign_in(await world.admin("auditor"))
    await add(client, customer)
    async with unchanged(api.database):
        wrong = await add(
            client, customer, "123456789", bankName=" ", bankCode="1", accountName="x" * 101, currency="naira"
        )
        assert codes(wrong) == ["INVALID"] * 4
        assert [error["field"] for error in wrong["userErrors"]] == [
            ["bankName"],
            ["accountName"],
            ["bankCode"],
            ["currency"],
        ]
        short = await add(client, customer, "123456789")
        assert (codes(short), "123456789" in json.dumps(short)) == (["INVALID"], False)
        assert codes(await add(client, customer, "12345678901", currency="ngn")) == ["INVALID"]
        assert codes(await add(client, customer)) == ["NOT_ALLOWED"]
        assert codes(await add(auditor, customer)) == ["FORBIDDEN"]
        assert await client.codes(FIND, {"number": "12"}) == ["BAD_USER_INPUT"]
    assert codes(await add(client, customer, "GB33BUKB20201555555555", currency="gbp", bankCode="bukbgb22")) == []
    for number in range(MOST - 2):
        assert codes(await add(client, customer, f"{number:010}")) == []
    assert codes(await add(client, customer, "9999999999")) == ["LIMIT_REACHED"]
